"""Time: deadlines, early close, grace, pause, more time, a clock of one's own, auto-advance, restart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.game import commands as do
from server.game.errors import WrongPhase
from server.game.room import GRACE_MS, LEAD_MS
from server.game.settings import Settings
from tests.builders import a_game, drop, join, play, question, questions, respond, room_at, step

T = 20_000


def due_ms(room):
    """Return the room's deadline from the opening of the question."""
    deadline = room.deadline()
    return None if deadline is None else deadline - room.opens_at


def at(room, after_ms):
    return room.opens_at + after_ms


# --- deadlines ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["lobby", "reveal", "leaderboard", "podium", "closed"])
def test_where_no_clock_runs_there_is_no_deadline(phase):
    assert room_at(phase).deadline() is None


def test_reading_ends_a_lead_before_the_question_opens():
    assert due_ms(room_at("reading")) == -LEAD_MS == -500


def test_a_timer_that_is_on_time_keeps_the_announced_instant():
    for late_ms in (0, 100, 250):
        room = room_at("reading")
        announced = room.opens_at
        play(room, do.DeadlineReached(), now=room.deadline() + late_ms)
        assert room.opens_at == announced


def test_a_timer_that_is_late_still_gives_the_phones_their_lead():
    for late_ms in (251, 500, 60_000):
        room = room_at("reading")
        now = room.deadline() + late_ms
        play(room, do.DeadlineReached(), now=now)
        assert room.opens_at == now + LEAD_MS
        assert room.played[0].closes_at == room.opens_at + T


@pytest.mark.parametrize("phase", ["lobby", "reading", "answering", "reveal", "leaderboard", "podium"])
def test_a_stale_deadline_is_ignored(phase):
    room = room_at(phase)
    before = room.snapshot()
    now = room.touched_at if room.deadline() is None else room.deadline() - 1
    assert room.handle(do.DeadlineReached(), now) == []
    assert room.snapshot() == before


def test_a_deadline_of_before_the_pause_is_ignored():
    room = room_at("answering")
    armed = room.deadline()
    play(room, do.Pause(), now=at(room, 5_000))
    assert room.handle(do.DeadlineReached(), armed) == []
    play(room, do.Resume(), now=at(room, 12_000))
    assert room.handle(do.DeadlineReached(), armed) == []
    assert room.deadline() == armed + 7_000


def test_a_question_closes_at_the_bell_plus_grace():
    room = room_at("answering")
    assert GRACE_MS == 400
    assert due_ms(room) == T + 400
    assert room.handle(do.DeadlineReached(), at(room, T + 399)) == []
    play(room, do.DeadlineReached(), now=at(room, T + 400))
    assert room.phase == "reveal"


def test_the_rooms_time_factor_stretches_the_question():
    room = room_at("answering", settings=Settings(time_factor=1.5))
    assert room.played[0].closes_at == at(room, 30_000)


# --- early close ----------------------------------------------------------------------------------------


def test_a_question_closes_once_every_connected_player_has_responded():
    room = room_at("answering", players=["ada", "bea"])
    respond(room, "ada", ["b"])
    assert due_ms(room) == T + GRACE_MS
    respond(room, "bea", ["c"], after_ms=3_000)
    assert room.deadline() <= at(room, 3_000)
    play(room, do.DeadlineReached(), now=at(room, 3_000))
    assert room.phase == "reveal"


def test_one_who_dropped_less_than_ten_seconds_ago_still_counts():
    room = room_at("answering")
    drop(room, "bea", after_ms=1_000)
    respond(room, "ada", ["b"], after_ms=2_000)
    assert due_ms(room) == 11_000
    assert room.handle(do.DeadlineReached(), at(room, 10_999)) == []
    play(room, do.DeadlineReached(), now=at(room, 11_000))
    assert room.phase == "reveal"


def test_one_who_dropped_longer_ago_is_not_waited_for():
    room = room_at("answering")
    drop(room, "bea", after_ms=1_000)
    respond(room, "ada", ["b"], after_ms=11_000)
    assert room.deadline() <= at(room, 11_000)


def test_one_who_dropped_before_the_question_counts_from_then_on():
    room = room_at("reading")
    play(room, do.Disconnect("bea", last_heard=room.touched_at))
    dropped_at = room.touched_at
    step(room)
    respond(room, "ada", ["b"], after_ms=600)
    assert room.deadline() == dropped_at + 10_000


def test_one_who_came_back_is_waited_for():
    room = room_at("answering")
    drop(room, "bea", after_ms=1_000)
    respond(room, "ada", ["b"], after_ms=2_000)
    play(room, do.Connect("bea"), now=at(room, 9_000))
    assert due_ms(room) == T + GRACE_MS
    respond(room, "bea", ["b"], after_ms=9_500)
    assert room.deadline() <= at(room, 9_500)


def test_one_who_responded_and_dropped_is_not_waited_for():
    room = room_at("answering")
    respond(room, "ada", ["b"])
    drop(room, "ada", after_ms=1_500)
    respond(room, "bea", ["b"], after_ms=2_000)
    assert room.deadline() <= at(room, 2_000)
    play(room, do.Connect("ada"), now=at(room, 2_000))
    assert room.deadline() <= at(room, 2_000)


@pytest.mark.parametrize("gone", [do.Leave("bea"), do.Kick("bea")])
def test_one_who_left_or_was_kicked_does_not_count(gone):
    room = room_at("answering")
    respond(room, "ada", ["b"])
    play(room, gone, now=at(room, 2_000))
    assert room.deadline() <= at(room, 2_000)


def test_a_late_joiner_is_waited_for():
    room = room_at("answering", players=["ada", "bea"])
    respond(room, "ada", ["b"])
    join(room, "cem")
    respond(room, "bea", ["b"], after_ms=2_000)
    assert due_ms(room) == T + GRACE_MS


def test_with_nobody_there_the_clock_runs():
    assert due_ms(room_at("answering", players=[])) == T + GRACE_MS


def test_with_nobody_connected_the_clock_runs():
    room = room_at("answering")
    for player in ("ada", "bea"):
        drop(room, player)
    assert due_ms(room) == T + GRACE_MS


def test_with_nobody_connected_any_more_the_clock_runs_though_one_has_responded():
    room = room_at("answering")
    respond(room, "ada", ["b"])
    drop(room, "ada", after_ms=2_000)
    drop(room, "bea", after_ms=2_000)
    assert due_ms(room) == T + GRACE_MS


def test_everyone_leaving_lets_the_clock_run():
    room = room_at("answering")
    respond(room, "ada", ["b"])
    for player in ("ada", "bea"):
        play(room, do.Leave(player), now=at(room, 2_000))
    assert due_ms(room) == T + GRACE_MS


# --- pause ----------------------------------------------------------------------------------------------


@given(
    before=st.integers(0, 19_000),
    pauses=st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 300)), max_size=4),
)
def test_pauses_keep_what_has_elapsed_and_move_all_times(before, pauses):
    room = room_at("answering")
    respond(room, "ada", ["b"], after_ms=before)
    opens_at, elapsed, moved = room.opens_at, before, 0
    for paused_ms, running_ms in pauses:
        play(room, do.Pause(), now=at(room, elapsed))
        assert room.deadline() is None
        play(room, do.Resume(), now=room.touched_at + paused_ms)
        moved += paused_ms
        assert room.touched_at - room.opens_at == elapsed
        elapsed += running_ms
    assert room.opens_at == room.played[0].opens_at == opens_at + moved
    assert room.played[0].closes_at == opens_at + moved + T
    assert room.acknowledged_at("ada", 0, 1) == opens_at + moved + before
    assert due_ms(room) == T + GRACE_MS
    respond(room, "bea", ["b"], after_ms=elapsed)
    step(room)
    assert [room.played[0].results[p].response_ms for p in ("ada", "bea")] == [before, elapsed]


def test_a_pause_in_the_reading_keeps_what_remains_of_it():
    room = room_at("reading")
    opens_at = room.opens_at
    play(room, do.Pause(), now=room.touched_at + 700)
    assert room.is_paused
    assert room.deadline() is None
    play(room, do.Resume(), now=room.touched_at + 60_000)
    assert not room.is_paused
    assert room.opens_at == opens_at + 60_000
    assert due_ms(room) == -LEAD_MS


def test_a_pause_in_the_lead_keeps_the_lead():
    room = room_at("answering")
    play(room, do.Pause(), now=at(room, -300))
    play(room, do.Resume(), now=room.touched_at + 10_000)
    assert room.opens_at - room.touched_at == 300
    with pytest.raises(WrongPhase):
        respond(room, "ada", ["b"], after_ms=-1)


def test_what_was_seen_of_a_seat_before_the_pause_moves_with_the_clock():
    room = room_at("answering")
    drop(room, "ada", after_ms=3_000, heard_ms=2_500)
    play(room, do.Pause(), now=at(room, 4_000))
    play(room, do.Connect("ada"), now=at(room, 30_000))
    play(room, do.Resume(), now=at(room, 64_000))
    command = do.Respond("ada", 0, ["b"], at=room.opens_at, round_trip_ms=100)
    (event,) = room.handle(command, at(room, 4_600))
    assert event.at - room.opens_at == 2_500


def test_a_phone_lost_at_the_pause_gets_its_ten_seconds_after_it():
    room = room_at("answering")
    drop(room, "bea", after_ms=4_000)
    play(room, do.Pause(), now=at(room, 5_000))
    play(room, do.Resume(), now=at(room, 300_000))
    respond(room, "ada", ["b"], after_ms=5_100)
    assert due_ms(room) == 14_000


# --- more time ------------------------------------------------------------------------------------------


def test_more_time_moves_the_bell_and_the_limit():
    room = room_at("answering")
    respond(room, "ada", ["b"], after_ms=10_000)
    play(room, do.Extend(20), now=at(room, 12_000))
    assert room.played[0].closes_at == at(room, 40_000)
    assert room.bell_for(room.players["bea"]) == at(room, 40_000)
    respond(room, "bea", ["b"], after_ms=30_000)
    step(room)
    assert room.players["ada"].score == 875  # 10 of 40 s
    assert room.players["bea"].score == 625  # 30 of 40 s


def test_more_time_adds_up_and_can_be_given_while_paused():
    room = room_at("answering")
    play(room, do.Extend(5), now=at(room, 1_000))
    play(room, do.Pause(), now=at(room, 2_000))
    play(room, do.Extend(7), now=at(room, 3_000))
    play(room, do.Resume(), now=at(room, 4_000))
    assert due_ms(room) == T + 12_000 + GRACE_MS


def test_more_time_is_for_one_question_only():
    room = room_at("answering")
    play(room, do.Extend(30), now=at(room, 1_000))
    while (room.phase, room.index) != ("answering", 1):
        step(room)
    assert due_ms(room) == T + GRACE_MS


# --- a clock of one's own -------------------------------------------------------------------------------


def test_an_accommodated_player_has_a_bell_of_their_own_and_the_room_waits():
    room = a_game(players=["ada", "bea", "cem"])
    play(room, do.Accommodate("ada", 2.0))
    step(room), step(room)
    assert room.played[0].closes_at == at(room, T)
    assert room.bell_for(room.players["ada"]) == at(room, 2 * T)
    assert room.bell_for(room.players["bea"]) == at(room, T)
    assert due_ms(room) == 2 * T + GRACE_MS
    respond(room, "ada", ["b"], after_ms=30_000)
    step(room)
    assert room.players["ada"].score == 625  # 30 of 40 s


def test_the_room_does_not_wait_for_who_has_responded():
    room = a_game(players=["ada", "bea"])
    play(room, do.Accommodate("ada", 2.0))
    step(room), step(room)
    respond(room, "ada", ["b"])
    assert due_ms(room) == T + GRACE_MS


def test_while_the_room_waits_the_others_bells_have_rung():
    room = a_game(players=["ada", "bea"])
    play(room, do.Accommodate("ada", 2.0))
    step(room), step(room)
    with pytest.raises(Exception) as refusal:
        respond(room, "bea", ["b"], after_ms=T + 1)
    assert refusal.value.code == "too_late"
    respond(room, "ada", ["b"], after_ms=2 * T)


def test_the_factors_of_room_and_player_multiply():
    room = a_game(settings=Settings(time_factor=1.5), players=["ada"])
    play(room, do.Accommodate("ada", 2.0))
    step(room), step(room)
    assert room.bell_for(room.players["ada"]) == at(room, 60_000)
    play(room, do.Extend(10), now=at(room, 1_000))
    assert room.bell_for(room.players["ada"]) == at(room, 70_000)


def test_a_player_without_a_clock_has_no_bell_and_scores_by_accuracy():
    room = a_game(players=["ada", "bea"])
    play(room, do.Accommodate("ada", None))
    step(room), step(room)
    assert room.bell_for(room.players["ada"]) is None
    assert room.deadline() is None
    respond(room, "ada", ["b"], after_ms=500_000)
    assert due_ms(room) == T + GRACE_MS
    step(room)
    assert room.players["ada"].score == 1_000


@pytest.mark.parametrize("time_factor", [2.0, None])
def test_the_room_stops_waiting_for_an_accommodated_player_who_is_gone(time_factor):
    for gone in (do.Leave("ada"), do.Kick("ada"), do.Accommodate("ada", 1.0)):
        room = a_game(players=["ada", "bea"])
        play(room, do.Accommodate("ada", time_factor))
        step(room), step(room)
        play(room, gone, now=at(room, 1_000))
        assert due_ms(room) == T + GRACE_MS


@pytest.mark.parametrize("time_factor", [2.0, None])
def test_an_accommodated_player_who_dropped_is_waited_for_ten_seconds(time_factor):
    room = a_game(players=["ada", "bea"])
    play(room, do.Accommodate("ada", time_factor))
    step(room), step(room)
    drop(room, "ada", after_ms=15_000)
    assert due_ms(room) == 25_000 + GRACE_MS
    play(room, do.Connect("ada"), now=at(room, 16_000))
    assert due_ms(room) == (None if time_factor is None else 2 * T + GRACE_MS)


def test_an_accommodation_in_the_middle_of_a_question_counts_at_once():
    room = room_at("answering")
    play(room, do.Accommodate("ada", 3.0), now=at(room, 1_000))
    assert due_ms(room) == 3 * T + GRACE_MS


def test_a_response_is_scored_with_the_clock_it_was_given_under():
    room = room_at("answering")
    respond(room, "ada", ["b"], after_ms=10_000)
    play(room, do.Accommodate("ada", 4.0))
    step(room)
    play(room, do.Regrade(0))
    assert room.players["ada"].score == 750


def test_a_factor_that_does_not_divide_evenly_is_rounded_to_a_millisecond():
    room = a_game([question(time=7)], Settings(time_factor=1.1), players=["ada"])
    play(room, do.Accommodate("ada", 1.3))
    step(room), step(room)
    assert room.bell_for(room.players["ada"]) == at(room, 10_010)


# --- auto-advance ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phase", "then"), [("reveal", "leaderboard"), ("leaderboard", "reading")])
def test_auto_advance_goes_on_after_its_seconds(phase, then):
    room = room_at(phase, settings=Settings(auto_advance=2.5))
    since = room.touched_at
    assert room.deadline() == since + 2_500
    assert room.handle(do.DeadlineReached(), since + 2_499) == []
    play(room, do.DeadlineReached(), now=since + 2_500)
    assert room.phase == then


@pytest.mark.parametrize("phase", ["lobby", "podium"])
def test_auto_advance_neither_starts_nor_closes_a_room(phase):
    assert room_at(phase, settings=Settings(auto_advance=1)).deadline() is None


def test_by_its_deadlines_alone_a_game_runs_to_the_podium():
    room = room_at("reading", questions=questions(3), settings=Settings(auto_advance=5))
    while (deadline := room.deadline()) is not None:
        assert play(room, do.DeadlineReached(), now=deadline)
    assert (room.phase, room.index) == ("podium", 2)


def test_a_regrade_does_not_start_the_seconds_of_auto_advance_again():
    room = room_at("reveal", settings=Settings(auto_advance=5))
    due = room.deadline()
    play(room, do.Regrade(0, void=True), now=room.touched_at + 3_000)
    assert room.deadline() == due


# --- restart --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["reading", "answering"])
def test_a_restart_pauses_where_a_clock_ran_with_what_remained(phase):
    room = room_at(phase)
    remained = room.opens_at - (room.touched_at + 200)
    play(room, do.Restore(stopped_at=room.touched_at + 200), now=room.touched_at + 50_000)
    assert (room.phase, room.is_paused, room.deadline()) == (phase, True, None)
    assert not any(player.is_connected for player in room.players.values())
    play(room, do.Resume(), now=room.touched_at + 8_000)
    assert room.opens_at - room.touched_at == remained


@pytest.mark.parametrize("phase", ["lobby", "reveal", "leaderboard", "podium"])
def test_a_restart_elsewhere_leaves_the_room_as_it_was(phase):
    room = room_at(phase)
    play(room, do.Restore(stopped_at=room.touched_at), now=room.touched_at + 50_000)
    assert (room.phase, room.is_paused, room.deadline()) == (phase, False, None)
    step(room)
    assert room.phase != phase


def test_a_restart_in_a_pause_keeps_the_pause():
    room = room_at("answering")
    play(room, do.Pause(), now=at(room, 5_000))
    play(room, do.Restore(stopped_at=at(room, 9_000)), now=at(room, 60_000))
    play(room, do.Resume(), now=at(room, 90_000))
    assert room.touched_at - room.opens_at == 5_000


def test_back_at_the_reveal_the_seconds_of_auto_advance_count_anew():
    room = room_at("leaderboard", settings=Settings(auto_advance=5))
    play(room, do.Show(reveal=True), now=room.touched_at + 3_000)
    assert room.deadline() == room.touched_at + 5_000


def test_a_restart_stops_the_clock_of_auto_advance_too():
    room = room_at("reveal", settings=Settings(auto_advance=5))
    since = room.touched_at
    play(room, do.Restore(stopped_at=since + 2_000), now=since + 60_000)
    assert room.deadline() == since + 63_000


def test_a_restart_never_takes_the_server_to_have_stopped_in_the_future():
    room = room_at("answering")
    now = at(room, 4_000)
    play(room, do.Restore(stopped_at=now + 10**6), now=now)
    assert room.paused_at == now


def test_after_a_restart_the_question_waits_for_phones_that_are_not_back_yet():
    room = room_at("answering")
    respond(room, "ada", ["b"])
    play(room, do.Restore(stopped_at=at(room, 5_000)), now=at(room, 40_000))
    play(room, do.Resume(), now=at(room, 41_000))
    assert due_ms(room) == T + GRACE_MS
    play(room, do.Connect("ada"))
    assert due_ms(room) == 15_000
    play(room, do.Connect("bea"), now=at(room, 9_000))
    assert due_ms(room) == T + GRACE_MS


@pytest.mark.parametrize("phase", ["lobby", "reveal", "leaderboard"])
def test_after_a_restart_the_next_question_waits_for_phones_that_are_not_back_yet(phase):
    """Their ten seconds begin when the server is back, however long nothing had happened before it died."""
    room = room_at(phase, settings=Settings(reading_time="off"))
    back = room.touched_at + 300_000
    play(room, do.Restore(stopped_at=room.touched_at), now=back)
    play(room, do.Connect("ada"), now=back + 1_000)
    while room.phase != "answering":
        step(room)
    respond(room, "ada", ["b"], after_ms=600)
    assert room.deadline() == back + 10_000


def test_the_ten_seconds_of_a_lost_phone_stand_still_while_the_server_is_gone():
    room = room_at("reveal", settings=Settings(reading_time="off", leaderboard=False))
    lost = room.touched_at
    play(room, do.Disconnect("bea", last_heard=lost))
    back = lost + 60_000
    play(room, do.Restore(stopped_at=lost + 4_000), now=back)
    play(room, do.Connect("ada"))
    step(room)
    respond(room, "ada", ["b"], after_ms=600)
    assert room.deadline() == back + 6_000


def test_after_a_restart_a_response_made_just_before_it_still_counts():
    room = room_at("answering")
    play(room, do.Restore(stopped_at=at(room, 5_000)), now=at(room, 40_000))
    play(room, do.Connect("ada"))
    play(room, do.Resume(), now=at(room, 41_000))
    command = do.Respond("ada", 0, ["b"], at=at(room, 5_050), round_trip_ms=20)
    (event,) = room.handle(command, at(room, 5_100))
    assert event.at - room.opens_at in range(5_000, 5_101)
