"""Scores: points, streaks, ranks, and what a regrade changes; against sums of the test's own."""

from __future__ import annotations

from fractions import Fraction

import pytest

from server.game import commands as do
from server.game.errors import BadRequest, WrongPhase
from server.game.settings import Settings
from tests.builders import BANK, a_game, join, play, question, questions, respond, room_at, scores, step

T = 20_000


def worth(after_ms: int, credit: Fraction | int = 1, points: int = 1_000, limit: int = T) -> int:
    """Return what the design's formula gives under the policy `speed`, half a point up."""
    exact = credit * points * (1 - Fraction(0 if after_ms < 500 else after_ms, limit) / 2)
    return int(exact + Fraction(1, 2))


def ask(room, **responses):
    """Play one question from before it to its reveal; a response is (option ids, ms after it opened)."""
    while room.phase != "answering":
        step(room)
    for player, (picked, after_ms) in sorted(responses.items(), key=lambda item: item[1][1]):
        respond(room, player, list(picked), after_ms)
    step(room)


def streaks(room):
    return {player.id: player.streak for player in room.players.values()}


@pytest.mark.parametrize(
    ("kind", "picked", "credit"),
    [
        ("choice", "b", 1),
        ("choice", "a", 0),
        ("truefalse", "a", 1),
        ("truefalse", "b", 0),
        ("multi", "ac", 1),
        ("multi", "a", Fraction(1, 2)),
        ("multi", "ab", 0),
        ("multi", "abc", Fraction(1, 2)),
    ],
)
@pytest.mark.parametrize("points", [0, 1_000, 2_000])
@pytest.mark.parametrize("after_ms", [0, 499, 500, 777, 13_333, 20_000])
def test_points_by_speed_are_those_of_the_formula(kind, picked, credit, points, after_ms):
    room = a_game([question(kind, points=points)], players=["ada", "bea"])
    ask(room, ada=(picked, after_ms))
    earned = worth(after_ms, Fraction(credit), points)
    assert scores(room) == {"ada": earned, "bea": 0}
    result = room.played[0].results["ada"]
    assert (result.credit, result.points, result.response_ms) == (float(credit), earned, after_ms)
    assert result.is_correct == (credit == 1)
    nothing = room.played[0].results["bea"]
    assert (nothing.credit, nothing.points, nothing.response_ms, nothing.is_correct) == (0.0, 0, None, False)


def test_points_by_accuracy_do_not_look_at_the_clock():
    room = a_game([question("multi", points=2_000)], Settings(scoring="accuracy"), players=["ada", "bea"])
    ask(room, ada=("ac", 19_999), bea=("a", 1))
    assert scores(room) == {"ada": 2_000, "bea": 1_000}


# --- streaks --------------------------------------------------------------------------------------------


def test_a_streak_counts_full_credit_and_ends_with_less_or_with_nothing():
    room = a_game(questions(5, type="multi"), players=["ada", "bea"])
    ask(room, ada=("ac", 1), bea=("ac", 1))
    ask(room, ada=("ac", 1), bea=("ac", 1))
    assert streaks(room) == {"ada": 2, "bea": 2}
    ask(room, ada=("a", 1))
    assert streaks(room) == {"ada": 0, "bea": 0}
    ask(room, ada=("ac", 1), bea=("b", 1))
    assert streaks(room) == {"ada": 1, "bea": 0}


def test_a_question_without_points_leaves_the_streak_alone():
    room = a_game([question(), question(points=0), question(points=0), question()], players=["ada", "bea"])
    ask(room, ada=("b", 1), bea=("b", 1))
    ask(room, ada=("b", 1), bea=("c", 1))
    ask(room)
    assert streaks(room) == {"ada": 1, "bea": 1}
    ask(room, ada=("b", 1), bea=("b", 1))
    assert streaks(room) == {"ada": 2, "bea": 2}


def test_a_streak_pays_only_where_the_settings_say_so():
    for is_paid, total in ((False, 8_000), (True, 8_000 + 100 + 200 + 300 + 400 + 500 + 500 + 500)):
        room = a_game(questions(8), Settings(streak_bonus=is_paid), players=["ada"])
        for _ in range(8):
            ask(room, ada=("b", 0))
        assert scores(room) == {"ada": total}
        assert streaks(room) == {"ada": 8}


def test_a_bonus_is_not_doubled_and_not_paid_for_a_question_without_points():
    asked = [question(), question(points=2_000), question(points=0)]
    room = a_game(asked, Settings(streak_bonus=True), players=["ada"])
    for _ in asked:
        ask(room, ada=("b", 0))
    assert scores(room) == {"ada": 1_000 + 2_000 + 100}


# --- ranks ----------------------------------------------------------------------------------------------


def test_equal_scores_share_a_rank_and_the_next_is_left_out():
    room = a_game(players=["ada", "bea", "cem", "dan"])
    ask(room, dan=("b", 1_000), bea=("b", 2_000), ada=("b", 2_000), cem=("b", 9_000))
    assert {p.id: room.rank_of(p) for p in room.standings()} == {"dan": 1, "ada": 2, "bea": 2, "cem": 4}
    assert [p.id for p in room.standings()] == ["dan", "ada", "bea", "cem"]


def test_before_the_first_question_all_share_the_first_rank():
    room = a_game(players=["ada", "bea"])
    assert {room.rank_of(player) for player in room.players.values()} == {1}


def test_a_late_joiner_ranks_behind_those_with_points():
    room = a_game(players=["ada", "bea"])
    ask(room, ada=("b", 1))
    join(room, "cem")
    assert [room.rank_of(room.players[p]) for p in ("ada", "bea", "cem")] == [1, 2, 2]


def test_the_previous_rank_is_that_before_the_last_question_with_points():
    room = a_game([question(), question(points=0), question(), question()], players=["ada", "bea"])
    ask(room, ada=("b", 1))
    assert {p.id: p.previous_rank for p in room.standings()} == {"ada": None, "bea": None}
    ask(room, bea=("b", 1))
    assert {p.id: p.previous_rank for p in room.standings()} == {"ada": None, "bea": None}
    ask(room, bea=("b", 1))
    assert {p.id: p.previous_rank for p in room.standings()} == {"ada": 1, "bea": 2}
    assert {p.id: room.rank_of(p) for p in room.standings()} == {"ada": 1, "bea": 1}
    ask(room, bea=("b", 1))
    assert {p.id: p.previous_rank for p in room.standings()} == {"ada": 1, "bea": 1}
    assert {p.id: room.rank_of(p) for p in room.standings()} == {"ada": 2, "bea": 1}


def test_what_was_gained_is_that_of_the_last_question_with_points():
    room = a_game([question(), question(points=0), question()], players=["ada"])
    ask(room, ada=("b", 0))
    assert room.players["ada"].gained == 1_000
    ask(room, ada=("b", 0))
    assert room.players["ada"].gained == 1_000
    ask(room)
    assert room.players["ada"].gained == 0


# --- regrade --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "picked", "accept", "before", "after"),
    [
        ("choice", "c", "c", 0, 1),
        ("choice", "c", ["c"], 0, 1),
        ("choice", "c", ["d"], 0, 0),
        ("choice", "b", ["c"], 1, 1),
        ("truefalse", "b", ["b"], 0, 1),
        ("multi", "ab", ["a", "b"], 0, 1),
        ("multi", "ab", ["b", "a"], 0, 1),
        ("multi", "a", ["a", "b"], Fraction(1, 2), Fraction(1, 2)),
        ("multi", "b", ["a", "b"], 0, Fraction(1, 2)),
        ("multi", "abcd", ["a", "b", "c", "d"], 0, 1),
    ],
)
def test_an_accepted_response_is_paid_by_its_own_time(kind, picked, accept, before, after):
    room = a_game([question(kind)], players=["ada"])
    ask(room, ada=(picked, 4_321))
    assert scores(room) == {"ada": worth(4_321, Fraction(before))}
    play(room, do.Regrade(0, accept=(accept,)))
    assert scores(room) == {"ada": worth(4_321, Fraction(after))}
    result = room.played[0].results["ada"]
    assert (result.credit, result.response_ms) == (float(after), 4_321)
    assert streaks(room) == {"ada": int(after == 1)}


def test_accepted_responses_add_up():
    room = a_game(players=["ada", "bea"])
    ask(room, ada=("c", 1), bea=("d", 1))
    play(room, do.Regrade(0, accept=("c",)))
    assert scores(room) == {"ada": 1_000, "bea": 0}
    play(room, do.Regrade(0, accept=("d", "c")))
    assert scores(room) == {"ada": 1_000, "bea": 1_000}
    assert room.played[0].accepted == (("c",), ("d",))


@pytest.mark.parametrize("kind", ["choice", "truefalse", "multi"])
def test_a_void_question_is_worth_nothing_until_it_is_restored(kind):
    room = a_game(questions(3, type=kind), Settings(streak_bonus=True), players=["ada", "bea"])
    right = question(kind).key()
    ask(room, ada=(right, 1_000))
    ask(room, ada=(right, 2_000), bea=(right, 3_000))
    ask(room, ada=(right, 4_000))
    before = room.snapshot()
    assert scores(room) == {
        "ada": worth(1_000) + worth(2_000) + 100 + worth(4_000) + 200,
        "bea": worth(3_000),
    }

    play(room, do.Regrade(1, void=True))
    assert scores(room) == {"ada": worth(1_000) + worth(4_000) + 100, "bea": 0}
    assert streaks(room) == {"ada": 2, "bea": 0}
    assert {r.points for r in room.played[1].results.values()} == {0}

    play(room, do.Regrade(1, void=False))
    after = room.snapshot()
    assert after.pop("seq") == before.pop("seq") + 2
    assert after == before


def test_a_void_question_leaves_the_streak_alone_as_one_without_points_does():
    room = a_game(questions(2), players=["ada"])
    ask(room, ada=("b", 1))
    ask(room, ada=("c", 1))
    assert streaks(room) == {"ada": 0}
    play(room, do.Regrade(1, void=True))
    assert streaks(room) == {"ada": 1}


def test_a_regrade_mends_the_streaks_and_bonuses_after_it():
    room = a_game(questions(4), Settings(streak_bonus=True), players=["ada"])
    for picked in "bcbb":
        ask(room, ada=(picked, 0))
    assert scores(room) == {"ada": 1_000 + 0 + 1_000 + 1_100}
    play(room, do.Regrade(1, accept=("c",)))
    assert scores(room) == {"ada": 1_000 + 1_100 + 1_200 + 1_300}
    assert streaks(room) == {"ada": 4}
    assert [room.played[n].results["ada"].points for n in range(4)] == [1_000, 1_100, 1_200, 1_300]


def test_a_regrade_moves_ranks_and_gains_at_once():
    room = a_game(questions(2), players=["ada", "bea"])
    ask(room, ada=("b", 1))
    ask(room, bea=("c", 1))
    play(room, do.Regrade(1, accept=("c",)))
    bea = room.players["bea"]
    assert (bea.gained, bea.previous_rank, room.rank_of(bea)) == (1_000, 2, 1)


def test_a_question_can_be_regraded_while_a_later_one_is_open():
    room = a_game(questions(2), players=["ada", "bea"])
    ask(room, ada=("c", 1))
    step(room), step(room), step(room)
    assert (room.phase, room.index) == ("answering", 1)
    respond(room, "ada", ["b"], 600)
    due = room.deadline()
    play(room, do.Regrade(0, accept=("c",)))
    assert scores(room) == {"ada": 1_000, "bea": 0}
    assert (room.phase, room.deadline()) == ("answering", due)
    step(room)
    assert scores(room) == {"ada": 1_000 + worth(600), "bea": 0}


@pytest.mark.parametrize("index", [0, 1, 7, -1])
def test_only_a_revealed_question_can_be_regraded(index):
    room = room_at("answering")
    before = room.snapshot()
    with pytest.raises(WrongPhase):
        room.handle(do.Regrade(index, void=True), room.touched_at)
    assert room.snapshot() == before


@pytest.mark.parametrize("accept", ["z", "", ["a", "b"], [], None, 3, {"a": "b"}])
def test_what_is_no_response_cannot_be_accepted(accept):
    room = room_at("reveal")
    before = room.snapshot()
    with pytest.raises(BadRequest):
        room.handle(do.Regrade(0, accept=("c", accept)), room.touched_at)
    assert room.snapshot() == before


def test_a_new_game_has_nothing_to_regrade():
    room = room_at("podium")
    play(room, do.Again(BANK, questions(2), Settings()))
    with pytest.raises(WrongPhase):
        room.handle(do.Regrade(0, void=True), room.touched_at)


def test_a_regrade_without_effect_changes_no_score_rank_or_movement():
    room = a_game(questions(3), players=["ada", "bea"])
    ask(room, ada=("b", 1))
    ask(room, bea=("b", 9))
    join(room, "cem")
    before = room.snapshot()["players"]
    play(room, do.Regrade(0))
    assert room.snapshot()["players"] == before
