"""Seats: joining, names, tokens, leaving, kicking, languages."""

from __future__ import annotations

import pytest

from server.game import commands as do
from server.game.errors import Full, Locked, NicknameRefused, NicknameTaken, NotJoined
from server.game.settings import Settings
from tests.builders import a_game, drop, join, play, respond, room_at, step

PHASES = ["lobby", "reading", "answering", "reveal", "leaderboard", "podium"]


@pytest.mark.parametrize("phase", PHASES)
def test_joining_late_is_allowed_in_every_phase(phase):
    room = room_at(phase)
    join(room, "cem")
    cem = room.players["cem"]
    assert (cem.nickname, cem.score, cem.is_connected, cem.previous_rank) == ("Cem", 0, True, None)
    assert room.player_with_token("digest of cem") is cem


@pytest.mark.parametrize("phase", PHASES)
def test_a_locked_room_takes_nobody_until_it_is_unlocked(phase):
    room = room_at(phase)
    play(room, do.Lock())
    before = room.snapshot()
    with pytest.raises(Locked):
        join(room, "cem")
    assert room.snapshot() == before
    play(room, do.Unlock())
    join(room, "cem")


def test_locking_twice_is_one_event():
    room = a_game()
    assert len(play(room, do.Lock())) == 1
    assert play(room, do.Lock()) == []
    assert len(play(room, do.Unlock())) == 1
    assert play(room, do.Unlock()) == []


def test_a_lock_keeps_nobody_from_returning():
    room = room_at("answering")
    drop(room, "ada")
    play(room, do.Lock())
    play(room, do.Connect("ada"))
    assert room.players["ada"].is_connected


def test_a_full_room_refuses_until_a_seat_is_free():
    room = a_game(settings=Settings(max_players=2), players=["ada", "bea"])
    before = room.snapshot()
    with pytest.raises(Full):
        join(room, "cem")
    assert room.snapshot() == before
    play(room, do.Kick("ada"))
    join(room, "cem")
    with pytest.raises(Full):
        join(room, "dan")


@pytest.mark.parametrize("nickname", ["ada", "ADA", " Ada ", "Ａｄａ", "Ada\ufe0f"])
def test_a_name_is_unique_whatever_its_case_and_width(nickname):
    room = a_game(players=["ada"])
    before = room.snapshot()
    with pytest.raises(NicknameTaken):
        join(room, "eve", nickname)
    assert room.snapshot() == before


def test_a_name_is_kept_clean():
    room = a_game()
    join(room, "ada", "  Ａda   L. ")
    assert room.players["ada"].nickname == "Ada L."
    with pytest.raises(NicknameRefused):
        join(room, "bea", "Be\u202ea")


def test_a_renamed_player_frees_the_old_name_and_takes_the_new_one():
    room = a_game(players=["ada", "bea"])
    play(room, do.Rename("ada", "Grace"))
    assert room.players["ada"].nickname == "Grace"
    with pytest.raises(NicknameTaken):
        room.handle(do.Rename("bea", "GRACE"), room.touched_at)
    play(room, do.Rename("bea", "Ada"))
    assert room.players["bea"].nickname == "Ada"


def test_a_player_can_be_renamed_to_their_own_name_in_another_case():
    room = a_game(players=["ada"])
    play(room, do.Rename("ada", "ADA"))
    assert room.players["ada"].nickname == "ADA"
    with pytest.raises(NicknameTaken):
        join(room, "eve", "ada")


def test_a_rename_obeys_the_rules_of_a_name():
    room = a_game(players=["ada"])
    before = room.snapshot()
    for nickname in ("", "x" * 21, "A\u200bda"):
        with pytest.raises(NicknameRefused):
            room.handle(do.Rename("ada", nickname), room.touched_at)
    assert room.snapshot() == before


@pytest.mark.parametrize("phase", PHASES)
def test_a_kicked_player_is_gone_with_name_token_and_score(phase):
    room = room_at(phase)
    play(room, do.Kick("ada"))
    assert list(room.players) == ["bea"]
    assert room.player_with_token("digest of ada") is None
    assert "ada" not in room.awaited
    with pytest.raises(NotJoined):
        room.handle(do.Respond("ada", 0, ["b"], at=room.touched_at), room.touched_at)
    join(room, "eve", "Ada")


def test_a_kicked_players_responses_leave_the_distribution():
    room = room_at("answering")
    respond(room, "ada", ["c"])
    step(room)
    assert room.responses_to(0) == [("c",)]
    play(room, do.Kick("ada"))
    assert room.responses_to(0) == []
    assert list(room.played[0].results) == ["bea"]


def test_a_kick_moves_the_others_up():
    room = room_at("answering", players=["ada", "bea", "cem"])
    respond(room, "ada", ["b"], after_ms=600)
    respond(room, "bea", ["b"], after_ms=5_000)
    step(room)
    assert room.rank_of(room.players["bea"]) == 2
    play(room, do.Kick("ada"))
    assert room.rank_of(room.players["bea"]) == 1
    assert room.rank_of(room.players["cem"]) == 2


def test_leaving_the_lobby_frees_seat_and_name():
    room = a_game(players=["ada"])
    play(room, do.Leave("ada"))
    assert room.players == {}
    assert room.player_with_token("digest of ada") is None
    join(room, "eve", "Ada")


@pytest.mark.parametrize("phase", PHASES[1:])
def test_leaving_a_game_keeps_the_seat_and_its_score_for_a_return(phase):
    room = room_at(phase)
    score = room.players["ada"].score
    play(room, do.Leave("ada"))
    ada = room.player_with_token("digest of ada")
    assert ada is not None
    assert (ada.is_connected, ada.has_left, ada.score) == (False, True, score)
    play(room, do.Connect("ada"))
    assert (ada.is_connected, ada.has_left) == (True, False)


def test_a_connection_that_came_or_went_is_one_event():
    room = a_game(players=["ada"])
    assert play(room, do.Connect("ada")) == []
    assert len(play(room, do.Disconnect("ada", last_heard=0))) == 1
    assert play(room, do.Disconnect("ada", last_heard=0)) == []
    assert len(play(room, do.Connect("ada"))) == 1


def test_the_last_sign_of_a_seat_is_never_in_the_future():
    room = room_at("answering")
    drop(room, "ada", after_ms=1_000, heard_ms=9_000)
    assert room.players["ada"].last_heard == room.opens_at + 1_000


@pytest.mark.parametrize(
    "command",
    [
        do.Connect("zoe"),
        do.Disconnect("zoe", 0),
        do.Leave("zoe"),
        do.ChooseLanguage("zoe", "fr"),
        do.Respond("zoe", 0, ["b"], at=0),
    ],
)
def test_who_has_no_seat_is_told_so(command):
    room = room_at("answering")
    before = room.snapshot()
    with pytest.raises(NotJoined):
        room.handle(command, room.opens_at + 1)
    assert room.snapshot() == before


def test_a_language_is_the_players_own():
    room = a_game(players=["ada", "bea"])
    play(room, do.ChooseLanguage("ada", "fr"))
    assert (room.players["ada"].lang, room.players["bea"].lang) == ("fr", None)


def test_the_rooms_languages_are_those_of_all_texts_and_of_the_bank():
    assert a_game().languages == {"en", "fr"}


def test_players_stand_in_the_order_of_their_scores_then_of_joining():
    room = room_at("answering", players=["ada", "bea", "cem", "dan"])
    respond(room, "cem", ["b"])
    step(room)
    assert [player.id for player in room.standings()] == ["cem", "ada", "bea", "dan"]


def test_who_left_during_a_game_has_no_seat_in_the_next_one():
    """The seat stood for the score; the others keep theirs."""
    room = room_at("reveal", players=("ada", "bea"))
    play(room, do.Leave("bea"))
    assert set(room.players) == {"ada", "bea"}
    play(room, do.End())

    play(room, do.Again(room.bank, room.questions, room.settings))

    assert set(room.players) == {"ada"}
