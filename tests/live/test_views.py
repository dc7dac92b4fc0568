"""What each screen gets: every message in exactly the shape of docs/protocol.md, in every phase."""

from __future__ import annotations

import re

import pytest

ALWAYS = {
    *("seq", "now", "room", "game", "phase", "paused", "stalled", "locked", "players", "bank"),
}
FOR_HOSTS = {"shows"}
QUESTION = {"index", "of", "round", "type", "stem", "points"}
BY_PHASE = {
    "lobby": set(),
    "reading": {"question", "opens_at"},
    "answering": {"question", "options", "opens_at", "closes_at"},
    "reveal": {"question", "options", "key", "explanation", "distribution", "answered"},
    "leaderboard": {"leaderboard", "last"},
    "podium": {"leaderboard"},
}
ADDED_TO_QUESTION = {
    "reading": {"time_s"},
    "answering": {"time_s", "options"},
    "reveal": {"time_s", "options", "key", "accepted", "void"},
}
"""What the server says beyond the page, so that a field which nobody meant to send is noticed."""
YOU = {"seq", "nickname", "score", "rank", "streak", "question", "round", "answered"}
RESULT = {"correct", "credit", "points", "response_ms", "answered"}
ROSTER = {"id", "nickname", "connected", "score", "time_factor"}
LEADERBOARD = {"rank", "previous_rank", "nickname", "score", "gained", "streak"}


@pytest.mark.parametrize("phase", BY_PHASE)
def test_a_view_has_the_fields_of_its_phase(open_room, phase):
    """No more and no less, for phone and projector alike."""
    room = open_room("Ada", "Bea", reading_time=30 if phase == "reading" else "off")
    room.play_to(phase)

    for client in room.clients:
        client.wait_for(lambda client: client.view["players"] == 2)
        view = client.view
        assert set(view) == ALWAYS | BY_PHASE[phase] | (FOR_HOSTS if client is room.host else set())
        assert view["bank"] == {"title": "Five for the tests", "language": "en", "questions": 5}
        assert (view["room"], view["game"], view["players"]) == (room.code, 1, 2)
        assert [view["paused"], view["stalled"], view["locked"]] == [False, False, False]
        assert all(type(view[name]) is int for name in ("seq", "now", "game", "players"))
        if "question" in view:
            assert set(view["question"]) == QUESTION | ADDED_TO_QUESTION[phase]
            question = {name: view["question"][name] for name in QUESTION}
            assert question == {
                "index": 0,
                "of": 5,
                "round": 1,
                "type": "choice",
                "stem": "Which option is the second one?",
                "points": 1000,
            }


def test_reading_shows_the_stem_and_when_the_question_opens(open_room):
    """The options stay on the server until then."""
    room = open_room("Ada", reading_time=30)
    room.play_to("reading")

    for client in room.clients:
        assert 29_000 < client.view["opens_at"] - client.view["now"] <= 30_000


def test_answering_shows_the_options_and_both_ends_of_the_time(open_room):
    """The options come about half a second before they open; ids are letters in display order."""
    room = open_room("Ada")
    room.host.do("start")
    room.everyone_sees("answering")

    for client in room.clients:
        view = client.view
        assert view["options"] == [
            {"id": "a", "text": "This is the first"},
            {"id": "b", "text": "This is the second"},
            {"id": "c", "text": "This is the third"},
            {"id": "d", "text": "This is the fourth"},
        ]
        assert view["closes_at"] - view["opens_at"] == 20_000
        assert 0 < view["opens_at"] - view["now"] <= 500


def test_the_reveal_shows_key_whys_explanation_and_distribution(open_room):
    """And how many had responded."""
    room = open_room("Ada", "Bea", "Cyd")
    room.open_question()
    room.reveal(["b"], ["c"], None)

    for client in room.clients:
        view = client.view
        assert view["key"] == ["b"]
        assert view["explanation"] == "SECRET-EXPLANATION-1"
        assert view["answered"] == 2
        assert view["distribution"] == [
            {"id": "a", "count": 0},
            {"id": "b", "count": 1},
            {"id": "c", "count": 1},
            {"id": "d", "count": 0},
        ]
        assert [option.get("why") for option in view["options"]] == [
            "SECRET-WHY-1",
            None,
            "SECRET-WHY-2",
            None,
        ]


def test_the_leaderboard_has_its_best_five_on_phones_and_ten_on_projectors(open_room):
    """The podium has three on phones, everybody on projectors; all in the same order."""
    room = open_room(*[f"Player {n:02}" for n in range(12)])
    room.open_question()
    room.reveal(*[["b"]] * 12)
    room.host.do("next")
    room.everyone_sees("leaderboard")

    boards = [client.view["leaderboard"] for client in room.clients]
    assert [len(board) for board in boards] == [10, *[5] * 12]
    assert all(board == boards[0][:5] for board in boards[1:])
    assert all(set(row) == LEADERBOARD for row in boards[0])
    assert all(row["gained"] == row["score"] and row["previous_rank"] is None for row in boards[0])
    assert {client.view["seq"] for client in room.clients} == {room.host.view["seq"]}
    assert room.host.view["last"] is False

    room.host.do("end")
    room.everyone_sees("podium")
    boards = [client.view["leaderboard"] for client in room.clients]
    assert [len(board) for board in boards] == [12, *[3] * 12]
    assert all(board == boards[0][:3] for board in boards[1:])


@pytest.mark.parametrize("phase", BY_PHASE)
def test_you_has_what_is_personal_in_this_phase(open_room, phase):
    """The response and the own bell while it is open, the result from the reveal on."""
    room = open_room("Ada", "Bea", reading_time=30 if phase == "reading" else "off")
    [ada, bea] = room.phones
    if phase in ("reveal", "leaderboard"):
        room.open_question()
        room.reveal(["b"], None)
        if phase == "leaderboard":
            room.host.do("next")
    else:
        room.play_to(phase)
    if phase == "answering":
        ada.answer(["b"])
        ada.wait_for(lambda phone: phone.you["answered"])
    room.everyone_sees(phase)
    # A reload gives the same as what had been sent.
    for phone in room.phones:
        you = phone.rejoin(phone.token)["you"]

        assert you == phone.you
        own = {"response"} if phone is ada else {"next_rank"}
        more = {
            "answering": {"closes_at", *(own & {"response"})},
            "reveal": {"result", "best_streak", *own},
            "leaderboard": {"result", "best_streak", *own},
            "podium": {"best_streak"},
        }.get(phase, set())
        assert set(you) == YOU | more
        assert you["nickname"] == phone.nickname
        if phase == "answering":
            assert you["closes_at"] == phone.view["closes_at"]
            assert (you["question"], you["round"]) == (0, 1)
        if phase in ("reveal", "leaderboard"):
            assert set(you["result"]) == RESULT

    if phase in ("reveal", "leaderboard"):
        assert ada.you["response"] == ["b"]
        assert ada.you["result"]["correct"] is True
        assert ada.you["result"]["credit"] == 1
        assert ada.you["result"]["answered"] is True
        assert ada.you["score"] == ada.you["result"]["points"] > 900
        assert (ada.you["rank"], ada.you["streak"]) == (1, 1)
        assert bea.you["result"] == {
            "correct": False,
            "credit": 0,
            "points": 0,
            "response_ms": None,
            "answered": False,
        }
        assert (bea.you["rank"], bea.you["streak"]) == (2, 0)


def test_roster_and_tally_have_their_shapes(open_room):
    """They go to hosts alone."""
    room = open_room("Ada", "Bea")
    room.open_question()
    room.phones[0].answer(["a"])

    room.host.wait_for(lambda host: host.tally == {"question": 0, "answered": 1, "players": 2})
    room.host.wait_for(lambda host: len(host.roster) == 2)
    assert [set(seat) for seat in room.host.roster] == [ROSTER, ROSTER]
    assert room.host.roster == [
        {"id": phone.id, "nickname": phone.nickname, "connected": True, "score": 0, "time_factor": 1}
        for phone in room.phones
    ]
    for phone in room.phones:
        assert phone.count("tally") == phone.count("roster") == 0


def test_joining_is_acknowledged_with_a_seat(open_room):
    """The token is a secret, the id is public, and neither is made from the other."""
    room = open_room()
    phone = room.phone()
    ack = phone.join("  Ada\u00a0 Lovelace ")

    assert set(ack) == {"ok", "token", "player", "view", "you"}
    assert set(ack["player"]) == {"id", "nickname"}
    assert ack["player"]["nickname"] == ack["you"]["nickname"] == "Ada Lovelace"
    assert re.fullmatch(r"[\w-]{20,}", ack["token"])
    assert ack["player"]["id"] not in ack["token"]
    assert ack["token"] not in ack["player"]["id"]
    assert set(ack["view"]) == ALWAYS
    assert set(ack["you"]) == YOU
    again = phone.rejoin(ack["token"])
    assert set(again) == set(ack)
    assert (again["token"], again["player"]) == (ack["token"], ack["player"])


def test_nobody_s_token_reaches_anybody_else(open_room):
    """Not in a view, a roster or an acknowledgement."""
    room = open_room("Ada", "Bea")
    room.play_to("leaderboard")

    for client in room.clients:
        for token in {phone.token for phone in room.phones if phone is not client}:
            assert not any(token in packet for packet in client.packets)
    assert not any(room.opened.host_token in packet for phone in room.phones for packet in phone.packets)


def test_the_other_acknowledgements_have_their_fields(open_room):
    """`ok`, and what the page says, alone."""
    room = open_room("Ada")
    [ada] = room.phones
    host = room.stranger()

    ack = host.attach(room.opened.host_token)
    assert set(ack) == {"ok", "view", "roster", "tally"}
    assert set(ack["roster"]) == {"players"}
    assert host.ask("host:command", {"do": "lock"}) == {"ok": True}
    room.open_question()
    clock = ada.ask("clock", {})
    assert set(clock) == {"ok", "now"}
    assert type(clock["now"]) is int
    answered = ada.ask("player:answer", ada.answer_payload(["a"]))
    assert set(answered) == {"ok", "at"}
    assert type(answered["at"]) is int
    assert ada.ask("player:set", {"lang": "en"}) == {"ok": True}
    assert ada.ask("player:leave", {}) == {"ok": True}


def test_views_never_go_back(open_room):
    """The numbers of a screen's views never fall, nor does its time."""
    room = open_room("Ada", "Bea")
    room.play_to("leaderboard")

    for client in room.clients:
        views = [payload for event, payload in client.events if event == "view"]
        assert [view["seq"] for view in views] == sorted(view["seq"] for view in views)
        assert [view["now"] for view in views] == sorted(view["now"] for view in views)


def test_a_phone_that_asks_at_the_podium_gets_the_whole_game_again(open_room):
    """Before it, nobody does; no phone is sent what it has not asked for."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    assert ada.refusal("player:review", {}) == "wrong_phase"
    room.open_question()
    assert ada.refusal("player:review", {}) == "wrong_phase"
    room.reveal(["b"], ["a"])
    assert bea.refusal("player:review", {}) == "wrong_phase"
    assert bea.you["next_rank"] == {"rank": 1, "points": ada.you["score"]}
    assert [phone.you["best_streak"] for phone in room.phones] == [1, 0]
    room.host.do("end")
    room.everyone_sees("podium")

    [of_ada] = ada.ask("player:review", {})["questions"]
    assert (of_ada["response"], of_ada["correct"], of_ada["points"]) == (["b"], True, ada.you["score"])
    [of_bea] = bea.ask("player:review", {})["questions"]
    assert (of_bea["response"], of_bea["key"], of_bea["options"][0]["why"]) == (["a"], ["b"], "SECRET-WHY-1")
    assert of_bea["explanation"] == "SECRET-EXPLANATION-1"
    assert not [packet for packet in ada.packets if '"questions":[' in packet and not packet.startswith("43")]
    assert room.host.refusal("player:review", {}) == "not_joined"
    room.host.do("again")
    assert ada.refusal("player:review", {}) == "wrong_phase"
