"""Responses: when one counts, what time it gets, and what happens to the second one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.game import commands as do
from server.game import events as ev
from server.game.errors import BadRequest, TooLate, WrongPhase
from tests.builders import drop, play, questions, respond, room_at, step


def chosen_at(room, claimed_ms, arrival_ms, round_trip_ms, player="ada"):
    """Return the accepted event of a response, all times from the opening of the question."""
    command = do.Respond(
        player, room.index, ["b"], at=room.opens_at + claimed_ms, round_trip_ms=round_trip_ms
    )
    (event,) = room.handle(command, room.opens_at + arrival_ms)
    assert isinstance(event, ev.ResponseAccepted)
    return event


def test_a_response_after_the_reveal_changes_nothing():
    """A late response is refused and leaves the room as it was."""
    room = room_at("reveal", question=3)
    before = room.snapshot()

    with pytest.raises(TooLate):
        room.handle(do.Respond("ada", question=3, response=["b"], at=20_100), now=room.touched_at)

    assert room.snapshot() == before


@pytest.mark.parametrize("early_ms", [1, 499, 500])
def test_a_response_before_the_question_opens_is_refused(early_ms):
    room = room_at("answering")
    before = room.snapshot()
    with pytest.raises(WrongPhase):
        room.handle(do.Respond("ada", 0, ["b"], at=room.opens_at), now=room.opens_at - early_ms)
    assert room.snapshot() == before
    respond(room, "ada", ["b"], after_ms=0)


@pytest.mark.parametrize(
    ("phase", "error"),
    [
        ("lobby", WrongPhase),
        ("reading", WrongPhase),
        ("reveal", TooLate),
        ("leaderboard", TooLate),
        ("podium", TooLate),
    ],
)
def test_no_phase_but_answering_takes_a_response(phase, error):
    room = room_at(phase)
    with pytest.raises(error):
        room.handle(do.Respond("ada", 0, ["b"], at=room.touched_at), now=room.touched_at)


@pytest.mark.parametrize(
    ("index", "error"), [(0, TooLate), (2, WrongPhase), (5, BadRequest), (-1, BadRequest)]
)
def test_a_response_to_another_question_is_refused(index, error):
    room = room_at("answering", question=1)
    before = room.snapshot()
    with pytest.raises(error):
        respond(room, "ada", ["b"], question=index)
    assert room.snapshot() == before


@pytest.mark.parametrize("round_", [0, 2, -1])
def test_a_response_in_another_round_is_refused(round_):
    room = room_at("answering")
    command = do.Respond("ada", 0, ["b"], at=room.opens_at, round=round_)
    with pytest.raises(WrongPhase):
        room.handle(command, room.opens_at + 10)
    respond(room, "ada", ["b"])
    with pytest.raises(WrongPhase):
        room.handle(command, room.opens_at + 2_000)


def test_a_wrong_shape_is_refused_and_the_right_one_may_follow():
    room = room_at("answering")
    before = room.snapshot()
    for raw in (None, [], ["z"], "b", ["a", "b"], {"a": 1}):
        with pytest.raises(BadRequest):
            respond(room, "ada", raw)
    assert room.snapshot() == before
    respond(room, "ada", ["b"], after_ms=2_000)
    assert room.acknowledged_at("ada", 0, 1) == room.opens_at + 2_000


# --- the time that counts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "arrival", "round_trip", "at"),
    [
        (1_000, 1_300, None, 1_000),  # unknown: 400 ms explain it
        (500, 1_300, None, 900),
        (1_000, 1_050, 100, 1_000),
        (900, 1_050, 100, 950),
        (1_000, 1_300, 0, 1_300),
        (500, 3_000, 900, 2_600),  # a slow network explains 400 ms at most
        (5_000, 1_300, 100, 1_300),  # a claim from the future
        (-10_000, 200, None, 0),  # before it opened
        (-10_000, 200, 50, 150),
        (10**12, 0, None, 0),
        (-(10**12), 0, 0, 0),
    ],
)
def test_the_claim_is_taken_as_far_as_the_network_explains_it(claimed, arrival, round_trip, at):
    room = room_at("answering")
    event = chosen_at(room, claimed, arrival, round_trip)
    assert event.at - room.opens_at == at
    assert not event.is_recovered
    assert (event.claimed - room.opens_at, event.arrival - room.opens_at) == (claimed, arrival)
    assert event.round_trip_ms == round_trip


@given(
    claimed=st.integers(-30_000, 60_000),
    arrival=st.integers(0, 20_000),
    round_trip=st.none() | st.integers(0, 2_000),
    away=st.none() | st.integers(-30_000, 20_000),
)
def test_the_time_that_counts_is_that_of_the_design(claimed, arrival, round_trip, away):
    """`away` is when the server last heard from a seat that was lost and returned, None for others."""
    room = room_at("answering")
    if away is not None:
        heard = min(away, arrival)
        room.apply(ev.PlayerDisconnected(now=room.opens_at, player="ada", last_heard=room.opens_at + heard))
        play(room, do.Connect("ada"))

    compensation = 400 if round_trip is None else min(round_trip, 400)
    earliest = arrival - compensation
    if away is not None:
        earliest = min(earliest, max(heard, arrival - 5_000))
    expected = max(0, min(max(claimed, earliest), arrival))

    event = chosen_at(room, claimed, arrival, round_trip)
    assert event.at - room.opens_at == expected
    assert event.is_recovered == (expected < arrival - compensation)


@pytest.mark.parametrize(
    ("heard", "claimed", "arrival", "at", "is_recovered"),
    [
        (2_000, 2_500, 6_500, 2_500, True),  # chosen while the connection was lost
        (2_000, 1_000, 6_500, 2_000, True),  # no further back than the last sign of the seat
        (500, 600, 8_000, 3_000, True),  # nor than 5 s before arrival
        (2_000, 6_400, 6_500, 6_400, False),  # what the round trip explains needs no more
        (2_000, 9_000, 6_500, 6_500, False),
        (-3_000, -1_000, 300, 0, False),  # gone before it opened, back in time
    ],
)
def test_a_lost_connection_explains_more_up_to_five_seconds(heard, claimed, arrival, at, is_recovered):
    room = room_at("answering")
    drop(room, "ada", after_ms=max(heard, 0), heard_ms=heard)
    play(room, do.Connect("ada"), now=room.opens_at + arrival - 100)
    event = chosen_at(room, claimed, arrival, None)
    assert (event.at - room.opens_at, event.is_recovered) == (at, is_recovered)


def test_a_connection_lost_before_the_question_opened_counts_as_lost_while_open():
    room = room_at("reading")
    play(room, do.Disconnect("ada", last_heard=room.touched_at))
    step(room)
    play(room, do.Connect("ada"), now=room.opens_at + 3_000)
    event = chosen_at(room, 500, 3_500, 100)
    assert (event.at - room.opens_at, event.is_recovered) == (500, True)


def test_a_connection_lost_in_an_earlier_question_explains_nothing():
    room = room_at("answering")
    drop(room, "ada")
    play(room, do.Connect("ada"), now=room.opens_at + 2_000)
    while (room.phase, room.index) != ("answering", 1):
        step(room)
    event = chosen_at(room, 500, 3_500, 100)
    assert (event.at - room.opens_at, event.is_recovered) == (3_400, False)


def test_a_late_joiner_was_not_disconnected():
    room = room_at("answering")
    play(room, do.Join("cem", "Cem", "x"), now=room.opens_at + 3_000)
    assert chosen_at(room, 100, 3_500, 0, player="cem").at - room.opens_at == 3_500


# --- the bell -------------------------------------------------------------------------------------------


def test_a_response_chosen_at_the_bell_counts_and_a_moment_later_does_not():
    room = room_at("answering")
    assert chosen_at(room, 20_000, 20_400, None).at - room.opens_at == 20_000
    before = room.snapshot()
    for claimed, arrival, round_trip in ((20_001, 20_100, None), (19_000, 20_401, None), (19_000, 20_001, 0)):
        with pytest.raises(TooLate):
            chosen_at(room, claimed, arrival, round_trip)
    assert room.snapshot() == before


def test_a_recovered_response_counts_within_the_grace():
    room = room_at("answering")
    drop(room, "ada", after_ms=18_000, heard_ms=17_500)
    play(room, do.Connect("ada"), now=room.opens_at + 20_200)
    assert chosen_at(room, 17_900, 20_300, 10).at - room.opens_at == 17_900


# --- the same again -------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [["b"], ["c"], None, "nonsense", ["z", "z"]])
def test_a_duplicate_gets_the_first_time_again_and_changes_nothing(again):
    room = room_at("answering")
    respond(room, "ada", ["b"], after_ms=1_234)
    at = room.acknowledged_at("ada", 0, 1)
    assert at == room.opens_at + 1_234
    before = room.snapshot()
    for now in (room.opens_at + 1_234, room.opens_at + 9_000, room.opens_at + 60_000):
        assert room.handle(do.Respond("ada", 0, again, at=now), now) == []
        assert room.acknowledged_at("ada", 0, 1) == at
    assert room.snapshot() == before


@pytest.mark.parametrize("phase", ["reveal", "leaderboard", "reading", "answering", "podium"])
def test_a_duplicate_is_known_in_every_later_phase(phase):
    room = room_at("answering", questions=questions(2))
    respond(room, "ada", ["b"], after_ms=1_234)
    at = room.acknowledged_at("ada", 0, 1)
    while step(room) and room.phase != phase:
        pass
    before = room.snapshot()
    assert room.handle(do.Respond("ada", 0, ["c"], at=0), room.touched_at) == []
    assert room.acknowledged_at("ada", 0, 1) == at
    assert room.snapshot() == before


def test_a_duplicate_while_paused_is_known_and_a_first_response_is_refused():
    room = room_at("answering")
    respond(room, "ada", ["b"])
    play(room, do.Pause(), now=room.opens_at + 2_000)
    assert room.handle(do.Respond("ada", 0, ["c"], at=0), room.touched_at) == []
    with pytest.raises(WrongPhase):
        room.handle(do.Respond("bea", 0, ["b"], at=room.touched_at), room.touched_at)


def test_nothing_is_acknowledged_that_was_not_accepted():
    room = room_at("answering")
    assert room.acknowledged_at("ada", 0, 1) is None
    respond(room, "ada", ["b"])
    assert room.acknowledged_at("bea", 0, 1) is None
    assert room.acknowledged_at("ada", 0, 2) is None
    assert room.acknowledged_at("ada", 1, 1) is None
    assert room.acknowledged_at("ada", 99, 1) is None


def test_responses_that_arrive_out_of_order_keep_their_own_times():
    room = room_at("answering", players=["ada", "bea", "cem"])
    late = do.Respond("bea", 0, ["b"], at=room.opens_at + 1_000, round_trip_ms=400)
    play(
        room, do.Respond("ada", 0, ["b"], at=room.opens_at + 1_200, round_trip_ms=400), room.opens_at + 1_250
    )
    play(room, late, room.opens_at + 1_300)
    assert room.acknowledged_at("ada", 0, 1) == room.opens_at + 1_200
    assert room.acknowledged_at("bea", 0, 1) == room.opens_at + 1_000


def test_a_returned_player_sends_the_same_response_again_and_loses_nothing():
    room = room_at("answering")
    respond(room, "ada", ["b"], after_ms=700)
    drop(room, "ada", after_ms=800)
    play(room, do.Connect("ada"), now=room.opens_at + 4_000)
    assert respond(room, "ada", ["b"], after_ms=4_100) == []
    assert room.acknowledged_at("ada", 0, 1) == room.opens_at + 700
