"""Who comes in, who is taken out and kept out, and when the host is told that too many came at once."""

from __future__ import annotations

import pytest

from server.game import commands as do
from server.game import events as ev
from server.game.errors import BadToken, Locked, NotJoined
from server.game.room import BURST_IN_A_GAME, BURST_IN_A_LOBBY, BURST_MS, BURST_SHOWN_MS, UNDO_MS
from server.game.views import host_view, player_view
from tests.builders import OPENED_AT, a_game, join, play, respond, room_at

PHASES = ["lobby", "reading", "answering", "reveal", "leaderboard", "podium"]


@pytest.mark.parametrize("phase", PHASES)
def test_a_kicked_seat_s_token_is_refused_for_good(phase):
    """By which the same phone would come back, under another name too."""
    room = room_at(phase)
    play(room, do.Kick("ada"))
    before = room.snapshot()
    with pytest.raises(BadToken):
        room.handle(do.Join("ann", "Ann", "digest of ada"), room.touched_at)
    assert room.snapshot() == before
    play(room, do.Join("ann", "Ada", "another digest"))


def test_the_token_that_a_seat_had_before_it_was_given_back_is_refused():
    """Else whoever was kicked after that would come back by the older one."""
    room = a_game(players=["ada"])
    play(room, do.Reseat("ada", "digest anew"))
    with pytest.raises(BadToken):
        room.handle(do.Join("ann", "Ann", "digest of ada"), room.touched_at)


def test_who_was_kept_out_is_kept_out_of_the_next_game_too():
    room = room_at("podium")
    play(room, do.Kick("ada"))
    play(room, do.Again(room.bank, room.questions, room.settings))
    with pytest.raises(BadToken):
        room.handle(do.Join("ann", "Ann", "digest of ada"), room.touched_at)


def test_a_seat_whose_phone_never_heard_of_it_can_be_asked_for_again():
    room = a_game(players=["ada"])
    play(room, do.Withdraw("ada"))
    play(room, do.Join("ann", "Ada", "digest of ada"))
    assert list(room.players) == ["ann"]
    with pytest.raises(NotJoined):
        room.handle(do.Withdraw("ada"), room.touched_at)


@pytest.mark.parametrize("phase", PHASES)
def test_a_kick_can_lock_the_room_with_it(phase):
    room = room_at(phase)
    _, locked = play(room, do.Kick("ada", lock=True))
    assert isinstance(locked, ev.RoomLocked)
    with pytest.raises(Locked):
        join(room, "eve")
    assert len(play(room, do.Kick("bea", lock=True))) == 1  # it is locked already


@pytest.mark.parametrize("phase", PHASES)
def test_all_joins_since_a_moment_are_undone_at_once(phase):
    """Seats first taken then or later, and their tokens; whoever came back to an older seat stays."""
    room = room_at(phase)
    since = room.touched_at + 1
    play(room, do.Disconnect("bea", since), now=since)
    for name in ("bot", "bat"):
        join(room, name, now=since)
    play(room, do.Connect("bea"), now=since + 5)
    if phase == "answering":
        respond(room, "bot", ["b"])

    assert play(room, do.UndoJoins(since)) == [ev.JoinsUndone(now=room.touched_at, players=("bot", "bat"))]
    assert list(room.players) == ["ada", "bea"]
    assert not room.awaited & {"bot", "bat"}
    assert all(not {"bot", "bat"} & {*played.given, *played.results} for played in room.played.values())
    for name in ("bot", "bat"):
        with pytest.raises(BadToken):
            join(room, name)
    assert play(room, do.UndoJoins(since)) == []
    assert len(play(room, do.UndoJoins(since, lock=True))) == 1
    assert room.is_locked


def burst(room, count, apart_ms=100, prefix="bot"):
    """Have so many join, one every `apart_ms`."""
    for n in range(count):
        join(room, f"{prefix}{n}", now=room.touched_at + apart_ms)


def shown(room, after_ms=0):
    return host_view(room, "en", room.touched_at + after_ms).get("burst")


def test_latecomers_by_ones_and_twos_are_no_burst():
    room = room_at("answering")
    burst(room, 60, apart_ms=BURST_MS // (BURST_IN_A_GAME - 1) + 1)
    assert shown(room) is None


@pytest.mark.parametrize(("size", "apart_ms"), [(30, 250), (60, 150), (300, 400)])
def test_a_class_that_comes_into_the_lobby_is_no_burst(size, apart_ms):
    room = a_game()
    burst(room, size, apart_ms)
    assert shown(room) is None


def test_a_burst_in_a_game_tells_the_host_what_undoing_it_takes():
    """The minute before it was noticed, and all that came since; no phone is told."""
    room = room_at("reveal")
    burst(room, BURST_IN_A_GAME - 1)
    assert shown(room) is None
    join(room, "last", now=room.touched_at + 100)
    noticed = room.touched_at
    assert shown(room) == {"since": noticed - UNDO_MS, "joined": len(room.players)}
    assert "burst" not in player_view(room, "en", noticed)
    burst(room, 20, prefix="more")
    assert shown(room)["since"] == noticed - UNDO_MS
    assert shown(room, BURST_SHOWN_MS)
    assert shown(room, BURST_SHOWN_MS + 1) is None


def test_a_burst_is_over_when_it_is_undone():
    room = room_at("reveal")
    for name in ("ada", "bea"):
        assert room.players[name].joined_at == OPENED_AT
    room.touched_at += 2 * UNDO_MS
    burst(room, BURST_IN_A_GAME)
    assert shown(room)["joined"] == BURST_IN_A_GAME
    play(room, do.UndoJoins(shown(room)["since"]))
    assert shown(room) is None
    assert set(room.players) == {"ada", "bea"}
    burst(room, BURST_IN_A_GAME - 1, prefix="late")
    assert shown(room) is None


def test_a_burst_that_the_host_has_welcomed_is_over_and_its_players_are_none_of_the_next():
    """What the next one offers to undo begins after the welcome."""
    room = room_at("reveal")
    burst(room, BURST_IN_A_GAME)
    everyone = set(room.players)
    assert play(room, do.WelcomeJoins()) == [ev.JoinsWelcomed(now=room.touched_at)]
    assert shown(room) is None
    assert play(room, do.WelcomeJoins()) == []
    burst(room, BURST_IN_A_GAME - 1, prefix="late")
    assert shown(room) is None
    burst(room, 1, prefix="last")
    assert shown(room)["joined"] == BURST_IN_A_GAME
    play(room, do.UndoJoins(shown(room)["since"]))
    assert set(room.players) == everyone


def test_in_a_lobby_only_more_than_any_class_is_a_burst():
    room = a_game()
    burst(room, BURST_IN_A_LOBBY)
    assert shown(room)["joined"] == BURST_IN_A_LOBBY
