"""Who stands where: equal scores share a rank (1, 2, 2, 4)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise


def rank_by_score(scores: Iterable[int]) -> dict[int, int]:
    """Return the rank of each score that occurs; a rank is one more than the number of better players.

    0 always has a rank, so that a player who joins now has one without counting anew.
    """
    ranks: dict[int, int] = {}
    better = 0
    for better, score in enumerate(sorted(scores, reverse=True)):
        ranks.setdefault(score, better + 1)
    return ranks if 0 in ranks else {**ranks, 0: better + 2 if ranks else 1}


def next_better(ranks: dict[int, int]) -> dict[int, int]:
    """Return for each score but the best the next better one; `ranks` are those of `rank_by_score`."""
    return {score: better for better, score in pairwise(ranks)}
