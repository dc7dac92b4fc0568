"""What happens in the same instant: no screen is left behind, no seat lost or doubled, no answer null."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from server import runtime
from server.game import commands as do
from server.game.errors import Stalled
from server.journal.store import Journal, JournalError
from server.live.rooms import Rooms
from tests.builders import opened
from tests.live.client import PATIENCE_S

TRIES = 10
"""How often a race is run; what is asserted holds each time."""


def test_who_leaves_while_the_host_plays_again_stops_nobody(open_room):
    """The new game reaches every other screen, whoever was on the way out."""
    room = open_room("Ada", "Bea", "Cyd", "Dan")
    ada, *others = room.phones
    room.host.do("end")
    room.everyone_sees("podium")
    for phone in others[:2]:
        phone.send("player:leave", {})
    room.host.send("host:command", {"do": "again"})
    others[2].send("player:leave", {})

    for client in (room.host, ada):
        client.wait_for(lambda client: client.view["phase"] == "lobby" and client.view["game"] == 2)
    room.host.wait_for(lambda host: [seat["nickname"] for seat in host.roster] == ["Ada"])


def test_an_answer_in_the_instant_of_the_end_is_acknowledged_with_a_time_or_refused(open_room):
    """Never with null."""
    room = open_room("Ada", "Bea")
    [ada, _bea] = room.phones
    for _ in range(TRIES):
        room.open_question()
        number = ada.send("player:answer", ada.answer_payload(["b"]))
        room.host.send("host:command", {"do": "end"})
        ack = ada.acknowledgement(number)
        if ack["ok"]:
            assert isinstance(ack["at"], int)
        else:
            assert ack["error"]["code"] in ("wrong_phase", "too_late")
        room.everyone_sees("podium")
        room.host.do("again")
        room.everyone_sees("lobby")


def test_a_phone_back_before_its_old_connection_ends_is_connected(open_room):
    """However the end of the old one and the return cross."""
    room = open_room("Ada")
    [ada] = room.phones
    for _ in range(TRIES):
        back = room.phone()
        number = back.send("player:rejoin", {"room": room.code, "token": ada.token})
        ada.drop()
        ack = back.acknowledgement(number)
        assert ack["ok"]
        back.token = ack["token"]
        back.now()
        fresh = room.second_host()
        fresh.wait_for(lambda host: [seat["connected"] for seat in host.roster] == [True])
        ada = back


def test_one_connection_takes_one_seat_however_many_it_asks_for_at_once(server):
    """By long-polling the requests of one connection can arrive side by side."""
    room = server.open_room()
    sid = polling(server, "GET", "")["sid"]
    polling(server, "POST", sid, "40")
    joins = [
        f'42{n}["player:join",{json.dumps({"room": room.room, "nickname": f"Twin {n}"})}]' for n in range(6)
    ]
    with ThreadPoolExecutor(len(joins)) as at_once:
        list(at_once.map(lambda join: polling(server, "POST", sid, join), joins))

    rooms = {row["room"]: row for row in server.as_host("GET", "/api/rooms").json()}
    assert rooms[room.room]["players"] == 1


def polling(server, method: str, sid: str, body: str = "") -> dict:
    """Send one request of Engine.IO's long-polling and return what an opening answers."""
    host, _, port = server.address.partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)
    session = f"&sid={sid}" if sid else ""
    connection.request(method, f"/socket.io/?EIO=4&transport=polling{session}", body=body or None)
    answer = connection.getresponse().read().decode()
    connection.close()
    return json.loads(answer[1:]) if answer.startswith("0{") else {}


def test_a_phone_that_joins_and_leaves_often_is_probed_as_one(open_room):
    """What was begun for an earlier seat ended with it."""
    room = open_room()
    phone = room.phone()
    for _ in range(TRIES):
        phone.join("Ada")
        phone.ask("player:leave", {})
    phone.join("Ada")
    before = phone.count("probe")
    phone.wait_until(phone.now() + 3_000)
    assert phone.count("probe") - before <= 6


def test_a_language_chosen_again_is_no_event(open_room):
    """A phone cannot fill the journal with nothing."""
    room = open_room()
    phone = room.phone()
    phone.join("Ada", lang="en")
    before = room.state()
    for _ in range(TRIES):
        phone.ask("player:set", {"lang": "en"})
    assert room.state()["view"]["seq"] == before["view"]["seq"]


def test_accepting_an_option_leaves_a_question_out_that_is_out(open_room):
    """Only `void: false` takes it back."""
    room = open_room("Ada")
    room.open_question()
    room.reveal(["c"])
    room.host.do("regrade", question=0, void=True)
    room.host.do("regrade", question=0, accept=[["c"]])
    room.host.wait_for(lambda host: host.view["question"]["accepted"] == [["c"]])
    assert room.host.view["question"]["void"] is True
    room.host.do("regrade", question=0, void=False)
    room.host.wait_for(lambda host: not host.view["question"]["void"])
    room.phones[0].wait_for(lambda phone: phone.you["result"]["points"] > 0)


def test_a_field_named_like_a_command_is_the_one_that_is_named(open_room):
    """`{do: start, start: 1}` is about `start`."""
    room = open_room()
    ack = room.host.acknowledgement(room.host.send("host:command", {"do": "start", "start": 1}))
    assert ack["error"]["message"].startswith("start: ")


def test_a_host_by_key_sees_its_room_while_pupils_guess_codes(own_server):
    """A limit on guesses is none on the teacher's own program."""
    room = own_server.open_room().room
    while own_server.get("/api/rooms/000000").status == 404:
        pass
    assert own_server.get(f"/api/rooms/{room}").status == 429
    assert own_server.as_host("GET", f"/api/rooms/{room}").status == 200


class Screens:
    """What a delivery does is not looked at here; one that fails is."""

    def __init__(self) -> None:
        self.fails = 0
        self.delivered = threading.Semaphore(0)

    def deliver(self, live, events) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("this delivery fails")
        if live.is_behind:
            self.delivered.release()


def test_a_journal_that_can_neither_be_written_nor_read_hangs_nobody(tmp_path):
    """The command is refused, other rooms go on asking, and all is well when the file is back."""
    clock, journal = runtime.Clock(), Journal(tmp_path)
    rooms = Rooms(journal, clock, idle_hours=0)
    rooms.start(Screens())
    rooms.open(opened(now=clock.now()))
    [live] = rooms
    journal.close()

    with pytest.raises(Stalled):
        rooms.execute(live, [do.Lock()])
    with pytest.raises(Stalled):
        rooms.execute(live, [do.Lock()])
    with pytest.raises(JournalError):
        journal.room(live.key)

    with rooms.lock:
        journal._connection = journal._open(journal.path)
    is_back = threading.Event()
    while live.is_stalled:
        is_back.wait(0.05)
    rooms.execute(live, [do.Lock()])
    assert live.room.is_locked
    with rooms.lock:
        assert len(journal.room(live.key)) == live.room.seq


def test_a_delivery_that_fails_is_made_up_for(tmp_path):
    """One exception costs no screen the game."""
    clock = runtime.Clock()
    screens = Screens()
    rooms = Rooms(Journal(tmp_path), clock, idle_hours=0)
    rooms.start(screens)
    rooms.open(opened(now=clock.now()))
    [live] = rooms
    screens.fails = 1
    rooms.execute(live, [do.Lock()])
    assert screens.delivered.acquire(timeout=PATIENCE_S)


def test_what_fails_after_an_answer_does_not_change_it(tmp_path, monkeypatch):
    """A command that the journal holds is not reported as failed."""
    monkeypatch.setattr("server.live.rooms.BEAT_S", 600)  # it asks the room too
    clock = runtime.Clock()
    rooms = Rooms(Journal(tmp_path), clock, idle_hours=0)
    rooms.start(Screens())
    rooms.open(opened(now=clock.now()))
    [live] = rooms

    def breaks() -> int:
        raise RuntimeError("a bug of ours, which no real part can be asked for")

    live.room.deadline = breaks
    answers: list[tuple[Any, Exception | None]] = []
    rooms.submit(live, [], lambda: "kept", lambda *answer: answers.append(answer))
    rooms.execute(live, [])
    with rooms.lock:  # the flush is over only now, and its error with it
        assert answers == [("kept", None)]
    assert rooms.execute(live, [do.Lock()], lambda: "kept too") == "kept too"


def test_the_journal_says_when_it_cannot_be_read(tmp_path):
    """In its own error, whatever SQLite says."""
    journal = Journal(tmp_path)
    journal.close()
    with pytest.raises(JournalError) as refused:
        journal.room("nowhere")
    assert isinstance(refused.value.__cause__, sqlite3.Error)
