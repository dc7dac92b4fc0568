"""What the host's commands do to everybody's clock, scores and screens."""

from __future__ import annotations

import json

import pytest


def test_a_question_closes_early_when_everybody_has_responded(open_room):
    """Nobody waits for a bell that nobody needs."""
    room = open_room("Ada", "Bea")
    room.open_question()
    closes_at = room.host.view["closes_at"]
    room.phones[0].answer(["b"])
    assert room.phones[1].view["phase"] == "answering"
    room.phones[1].answer(["a"])
    room.everyone_sees("reveal")

    assert room.host.now() < closes_at - 10_000


def test_the_same_response_again_gets_the_first_acknowledgement(open_room):
    """While the question is open, after it, with another response: nothing changes."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.open_question()
    payload = ada.answer_payload(["b"])
    first = ada.ask("player:answer", payload)
    ada.wait_for(lambda phone: phone.you["answered"])
    before = room.state()

    assert ada.ask("player:answer", payload) == first
    assert ada.ask("player:answer", {**payload, "response": ["a"], "at": 1}) == first
    assert ada.ask("player:answer", {**payload, "round": 1}) == first
    assert room.state() == before
    bea.answer(["a"])
    room.everyone_sees("reveal")
    assert ada.ask("player:answer", payload) == first
    again = room.phone()
    again.rejoin(ada.token)
    assert again.ask("player:answer", payload) == first
    assert again.view["distribution"][1] == {"id": "b", "count": 1}


def test_ten_copies_at_once_count_as_one(open_room):
    """A phone that sends again until it is acknowledged does no harm."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.open_question()
    payload = ada.answer_payload(["b"])
    numbers = [ada.send("player:answer", payload) for _ in range(10)]

    acks = [ada.acknowledgement(number) for number in numbers]
    assert all(ack == acks[0] and ack["ok"] for ack in acks)
    bea.answer(["b"])
    room.everyone_sees("reveal")
    assert room.host.view["distribution"][1] == {"id": "b", "count": 2}


@pytest.mark.parametrize("claim", ["long ago", "just now", "in an hour"])
def test_a_claim_counts_as_far_as_the_network_explains_it(open_room, claim):
    """At most 400 ms before it arrived, never before the question opened, never after it arrived."""
    room = open_room("Ada", "Bea")
    [ada, _] = room.phones
    room.open_question()
    opens_at = ada.view["opens_at"]
    ada.wait_until(opens_at + 600)
    sent = ada.now()
    at = ada.answer(["b"], {"long ago": 0, "just now": sent, "in an hour": sent + 3_600_000}[claim])
    arrived_by = ada.now()

    assert max(opens_at, sent - 400) <= at <= arrived_by
    if claim != "long ago":
        assert at >= sent


def test_a_player_who_was_away_is_taken_back_to_when_they_were_last_heard(open_room):
    """The network was lost, not the student's time."""
    room = open_room("Bea")
    # So that nothing of it is heard after its choice: a busy server hears late what was sent before.
    ada = room.phone(answers_probes=False)
    ada.join("Ada")
    room.phones.append(ada)
    room.open_question()
    chosen = ada.now()
    ada.drop()
    room.host.wait_for(lambda host: not host.seat("Ada")["connected"])
    room.host.wait_until(chosen + 1_000)
    again = room.phone()
    again.rejoin(ada.token)

    at = again.answer(["b"], at=chosen)
    assert chosen - 50 <= at <= chosen + 50
    for client in (again, room.host):
        code = "not_allowed" if client is again else "wrong_phase"
        assert client.refusal("host:network", {}) == code
    room.host.do("skip")
    room.host.wait_for_phase("reveal")
    seen = room.host.ask("host:network", {"question": 0})
    assert (seen["question"], seen["answered"], seen["known"], seen["spread_ms"]) == (0, 1, 0, None)
    [row] = seen["players"]
    assert (row["nickname"], row["opened_ms"], row["recovered"]) == ("Ada", None, True)
    assert row["credited_ms"] >= 900


def test_a_pause_moves_both_ends_of_the_question(open_room):
    """And the times already acknowledged, so that nobody gains or loses by it."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.open_question()
    before = dict(ada.view)
    first_at = ada.answer(["b"])
    room.host.do("pause")
    for client in room.clients:
        client.wait_for(lambda client: client.view["paused"])
        assert client.view["phase"] == "answering"
        assert 19_000 < client.view["remaining_ms"] <= 20_000
    paused = room.state()
    assert bea.refusal("player:answer", bea.answer_payload(["b"])) == "wrong_phase"
    for command in ("pause", "skip", "start", "next"):
        assert room.host.refused_to(command) == "wrong_phase"
    assert room.state() == paused
    room.host.wait_until(room.host.now() + 300)
    room.host.do("resume")
    for client in room.clients:
        client.wait_for(lambda client: not client.view["paused"])
        assert "remaining_ms" not in client.view

    shift = ada.view["opens_at"] - before["opens_at"]
    assert shift >= 300
    assert ada.view["closes_at"] - before["closes_at"] == shift
    ada.wait_for(lambda phone: phone.you.get("closes_at") == phone.view["closes_at"])
    assert ada.answer(["b"]) == first_at + shift
    opens_at = bea.view["opens_at"]
    bea_at = bea.answer(["b"])
    room.everyone_sees("reveal")
    for phone, at in ((ada, first_at + shift), (bea, bea_at)):
        result = phone.wait_for(lambda phone: phone.you.get("result"))
        assert result["response_ms"] == at - opens_at


def test_a_pause_in_the_reading_moves_the_opening(open_room):
    """The stem stays, and the options still wait."""
    room = open_room("Ada", reading_time=1)
    room.host.do("start")
    room.everyone_sees("reading")
    opens_at = room.host.view["opens_at"]
    room.host.do("pause")
    room.phones[0].wait_for(lambda phone: phone.view["paused"])
    assert room.phones[0].view["phase"] == "reading"
    assert 0 < room.phones[0].view["remaining_ms"] <= 1_000
    room.host.wait_until(opens_at + 200)
    assert room.host.view["phase"] == "reading"
    room.host.do("resume")

    room.phones[0].wait_for(lambda phone: not phone.view["paused"])
    assert room.phones[0].view["opens_at"] > opens_at + 200
    room.everyone_sees("answering")


def test_more_time_is_more_time_for_everybody(open_room):
    """Both in the view and on every own bell."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.host.do("accommodate", player=bea.id, time_factor=2)
    room.open_question()
    opens_at = ada.view["opens_at"]
    room.host.do("extend", seconds=30)

    for client in room.clients:
        client.wait_for(lambda client: client.view["closes_at"] == opens_at + 50_000)
    ada.wait_for(lambda phone: phone.you["closes_at"] == opens_at + 50_000)
    bea.wait_for(lambda phone: phone.you["closes_at"] == opens_at + 70_000)


def test_skip_ends_the_reading_and_closes_the_question(open_room):
    """The options still come ahead of the opening."""
    room = open_room("Ada", reading_time=60)
    room.host.do("start")
    room.everyone_sees("reading")
    room.host.do("skip")
    room.everyone_sees("answering")
    assert 0 < room.host.view["opens_at"] - room.host.view["now"] <= 500
    room.host.do("skip")
    room.everyone_sees("reveal")

    assert room.host.view["answered"] == 0


def test_without_points_or_leaderboard_it_goes_straight_on(open_room):
    """From the reveal to the next question."""
    room = open_room("Ada", questions=["no-points", "double", "first-choice"])
    room.open_question()
    room.reveal(["a"])
    room.host.do("next")
    room.everyone_sees("answering", 1)

    room = open_room("Ada", leaderboard=False, questions=2)
    room.open_question()
    room.reveal(["a"])
    room.host.do("next")
    room.everyone_sees("answering", 1)
    room.host.do("skip")
    room.host.do("next")
    room.everyone_sees("podium")


def test_the_game_goes_on_by_itself_where_it_was_asked_to(open_room):
    """`auto_advance`: a second each for reveal and leaderboard."""
    room = open_room("Ada", auto_advance=1, questions=1)
    room.open_question()
    room.phones[0].answer(["a"])
    for phase in ("reveal", "leaderboard", "podium"):
        room.everyone_sees(phase)


def test_accepting_another_option_changes_every_screen_at_once(open_room):
    """Scores, results and the leaderboard, for who chose it."""
    room = open_room("Ada", "Bea", "Cyd")
    [_, bea, cyd] = room.phones
    room.open_question()
    room.reveal(["b"], ["a"], ["c"])
    assert bea.wait_for(lambda phone: phone.you.get("result"))["points"] == 0
    room.host.do("regrade", question=0, accept=[["a"]])

    for client in room.clients:
        client.wait_for(lambda client: client.view["key"] == ["a", "b"])
    assert bea.wait_for(lambda phone: phone.you["result"]["correct"])
    assert bea.you["score"] == bea.you["result"]["points"] > 0
    assert cyd.you["result"]["points"] == 0
    room.host.do("next")
    room.everyone_sees("leaderboard")
    room.host.do("regrade", question=0, accept=[["c"]])
    for client in room.clients:
        client.wait_for(lambda client: all(row["score"] for row in client.view["leaderboard"]))
    boards = {json.dumps(client.view["leaderboard"]) for client in room.clients}
    assert len(boards) == len({client.view["seq"] for client in room.clients}) == 1
    room.host.wait_for(lambda host: all(seat["score"] for seat in host.roster))


def test_a_void_question_is_out_of_the_scores(open_room):
    """Also from the leaderboard of a later one."""
    room = open_room("Ada", "Bea")
    [ada, _] = room.phones
    room.open_question()
    room.reveal(["b"], ["b"])
    room.host.do("next")
    room.open_question()
    room.reveal(["a", "c"], ["b"])
    score = ada.wait_for(lambda phone: phone.you.get("question") == 1 and phone.you.get("result"))["points"]
    room.host.do("regrade", question=0, void=True)

    ada.wait_for(lambda phone: phone.you["score"] == score)
    room.host.do("next")
    room.everyone_sees("leaderboard")
    assert [row["score"] for row in room.host.view["leaderboard"]] == [score, 0]


def test_again_is_a_new_game_in_the_same_room(open_room):
    """Same code, seats and tokens; another bank and other settings where they are named."""
    room = open_room("Ada", "Bea", questions=1)
    [ada, bea] = room.phones
    room.open_question()
    room.reveal(["b"], ["a"])
    room.host.do("next")
    room.host.do("next")
    room.everyone_sees("podium")
    bea.drop()
    seq = room.host.view["seq"]
    for fields in (
        {"bank": "no-such-bank"},
        {"settings": {"scoring": "luck"}},
        {"settings": {"no_such_setting": 1}},
        {"settings": {"questions": 99}},
        {"settings": {"questions": ["no-such-question"]}},
        {"settings": {"time_factor": 1e999}},
    ):
        assert room.host.refused_to("again", **fields) == "bad_request", fields
    room.host.do("again", bank="languages", settings={"scoring": "accuracy"})

    for client in (room.host, ada):
        client.wait_for_phase("lobby")
        assert client.view["game"] == 2
        assert client.view["bank"] == {"title": "Languages", "language": "en", "questions": 2}
        assert client.view["seq"] > seq
    ada.wait_for(lambda phone: phone.you["score"] == 0)
    again = room.phone()
    assert again.rejoin(bea.token)["you"]["score"] == 0
    room.phones[1] = again
    room.host.wait_for(lambda host: [seat["score"] for seat in host.roster] == [0, 0])
    room.open_question()
    room.reveal(["a"], ["a"])
    assert ada.wait_for(lambda phone: phone.you.get("result"))["points"] == 1000


def test_again_without_more_plays_the_same_once_more(open_room):
    """The settings stay, too."""
    room = open_room("Ada", questions=["double"], scoring="accuracy")
    for game in (1, 2):
        room.open_question()
        assert room.host.view["question"]["points"] == 2000
        room.reveal(["a"])
        room.host.do("next")
        room.host.do("next")
        room.everyone_sees("podium")
        assert room.host.view["game"] == game
        assert room.host.view["leaderboard"][0]["score"] == 2000
        room.host.do("again")
        room.everyone_sees("lobby")


def test_end_goes_to_the_podium_and_then_closes_the_room(open_room):
    """An open question counts for nothing; everybody is told, and the code is free."""
    room = open_room("Ada", "Bea")
    [ada, _] = room.phones
    room.open_question()
    ada.answer(["b"])
    room.host.do("end")
    room.everyone_sees("podium")
    assert [row["score"] for row in room.host.view["leaderboard"]] == [0, 0]
    other = room.second_host()
    room.host.do("end")

    for client in (*room.clients, other):
        client.wait_for(lambda client: client.closed == "ended")
        client.wait_for(lambda client: not client.is_open)
    assert room.server.get(f"/api/rooms/{room.code}").status == 404
    phone = room.phone()
    assert phone.refusal("player:rejoin", {"room": room.code, "token": ada.token}) == "no_such_room"
    host = room.stranger()
    attach = {"room": room.code, "token": room.opened.host_token}
    assert host.refusal("host:attach", attach) == "no_such_room"


def test_shapes_alone_on_the_phones_where_the_room_says_so(open_room):
    """The projector has the texts, and in the reveal the phones do."""
    room = open_room("Ada", phones_show="shapes")
    room.open_question()
    assert {option["text"] for option in room.phones[0].view["options"]} == {""}
    assert "" not in {option["text"] for option in room.host.view["options"]}
    room.reveal(["a"])
    assert "" not in {option["text"] for option in room.phones[0].view["options"]}


def test_where_no_clock_is_shown_the_time_is_up_all_the_same(open_room):
    """Every view says that there is none to show; the question closes by itself."""
    room = open_room("Ada", "Bea", bank="hasty", clock=False)
    room.open_question()
    closes_at = room.host.view["closes_at"]
    room.phones[0].answer(["a"])
    room.everyone_sees("reveal")

    assert closes_at <= room.host.view["now"]
    views = [payload for client in room.clients for name, payload in client.events if name == "view"]
    assert {view["clock"] for view in views} == {False}


def test_the_host_changes_what_screens_show_while_they_show_it(open_room):
    """Shapes on the open question; the leaderboard hidden, shown, and left again for the reveal."""
    room = open_room("Ada", "Bea")
    [ada, _] = room.phones
    room.open_question()
    room.host.do("show", phones="shapes")
    ada.wait_for(lambda phone: {option["text"] for option in phone.view["options"]} == {""})
    room.host.do("show", phones="text")
    ada.wait_for(lambda phone: "" not in {option["text"] for option in phone.view["options"]})
    room.reveal(["b"], ["a"])
    revealed = {client: shown_by(client.view) for client in room.clients}

    room.host.do("next")
    room.everyone_sees("leaderboard")
    room.host.do("show", leaderboard=False)
    for client in room.clients:
        client.wait_for(lambda client: client.view.get("hidden"))
        assert (client.view["phase"], client.view["leaderboard"]) == ("leaderboard", [])
    assert room.host.view["shows"] == {"leaderboard": False, "phones": "text"}
    room.host.do("show", leaderboard=True)
    for client in room.clients:
        client.wait_for(lambda client: "hidden" not in client.view)
        assert [entry["nickname"] for entry in client.view["leaderboard"]] == ["Ada", "Bea"]
    room.host.do("show", reveal=True)
    room.everyone_sees("reveal", 0)
    assert {client: shown_by(client.view) for client in room.clients} == revealed
    room.host.do("next")
    room.everyone_sees("leaderboard")


def shown_by(view):
    """Return a view without what every new one moves."""
    return {name: value for name, value in view.items() if name not in ("seq", "now")}
