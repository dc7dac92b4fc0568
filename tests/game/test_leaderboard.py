"""Ranks: equal scores share one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.game.leaderboard import rank_by_score


def test_equal_scores_share_a_rank_and_the_next_one_is_left_out():
    ranks = rank_by_score([500, 900, 700, 700])
    assert [ranks[score] for score in (900, 700, 700, 500)] == [1, 2, 2, 4]


@given(st.lists(st.integers(0, 6)))
def test_a_rank_is_one_more_than_the_number_of_better_players(scores):
    ranks = rank_by_score(scores)
    for score in {*scores, 0}:
        assert ranks[score] == 1 + sum(other > score for other in scores)
