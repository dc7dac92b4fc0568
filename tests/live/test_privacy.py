"""What is kept of whom: the log quotes nobody, results go when the host says so or their time is over."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server import runtime
from server.game import commands as do
from server.game import events as ev
from server.game.settings import Settings
from server.journal.keeping import DAY_MS
from server.journal.store import Entry, Journal
from server.live.results import Results
from server.live.rooms import Rooms
from tests.builders import opened
from tests.conftest import MODES
from tests.live.room import RoomAtWork
from tests.live.server import Server

NAME, RENAMED, WORD = "Zwölfpfünder", "Quetzalcoatl", "Floccinaucinihilipilification"
GUESS = "guess-Xylophonist"
BANK = """
title: Writing
description: For the tests
language: en
questions:
  - {id: one, type: wordcloud, stem: Write one word.}
"""


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what a timer or another thread brings about."""
    again, patience_s = threading.Event(), time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < patience_s
        again.wait(0.02)


def files_with(folder: Path, text: str) -> list[str]:
    """Return the files below the folder that hold this text, in whatever encoding JSON gives it."""
    forms = {text.encode(), text.encode("unicode_escape"), text.encode("utf-16-le")}
    return [
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and any(form in file.read_bytes() for form in forms)
    ]


def provoke(server: Server, room: RoomAtWork) -> None:
    """Bring about every kind of line that a log could have, each with something secret in what is sent."""
    ada = room.phones[0]
    secret = {"room": room.code, "token": ada.token, "nickname": NAME}
    for event in (
        "player:join",
        "player:rejoin",
        "player:answer",
        "host:attach",
        WORD,
        "connect",
        "disconnect",
    ):
        ada.send(event, secret | {WORD: NAME})
    for frame in (f'42["player:join",{{"nickname":"{NAME}"', f"4{WORD}", f'451-["{WORD}"]', f"42{WORD}"):
        ada.send_raw(frame)
    assert ada.now()
    stranger = room.phone()
    stranger.send_raw(f"x{NAME}{ada.token}")  # what breaks the transport
    stranger.wait_for(lambda phone: not phone.is_open)
    for path in (
        f"/host?key={server.key}x{GUESS}",
        f"/host?link={GUESS}",
        f"/nowhere/{WORD}?key={server.key}",
        f"/api/rooms/{GUESS}?token={ada.token}",
        f"/socket.io/?EIO=4&transport=polling&sid={GUESS}",
        f"/socket.io/?EIO=4&transport={GUESS}",
        f"/socket.io/?EIO=4&transport=websocket&sid={GUESS}",
        f"/socket.io/?EIO=3&transport=polling&key={server.key}",
    ):
        assert server.get(path).status in (303, 400, 401, 404), path
    server.get("/api/banks", Authorization=f"Bearer {GUESS}", Cookie=f"plenary_host={GUESS}")
    server.get("/socket.io/?EIO=4&transport=polling", Origin=f"http://{GUESS}.example")
    server.request(
        "POST",
        "/api/rooms",
        {"bank": WORD, "settings": {NAME: WORD}},
        {"Authorization": f"Bearer {server.key}"},
    )
    server.request("POST", f"/api/rooms/{room.code}/seat.svg", b"{" + ada.token.encode())
    host, _, port = server.address.partition(":")
    for line in (f"GET /host?key={server.key}", f"{GUESS} / HTTP/1.1", f"GET /{WORD} HTTP/9.9"):
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        connection.connect()
        connection.sock.sendall(f"{line}\r\n\r\n".encode())
        connection.sock.recv(4_096)
        connection.close()


@pytest.mark.parametrize("mode", MODES)
def test_the_log_quotes_nobody_and_what_is_deleted_is_in_no_file(tmp_path, connect, mode):
    """A game with names that are found again, and every error that can be brought about from outside; then
    the host deletes what is kept of it."""
    server = Server(tmp_path, mode)
    # What Engine.IO raises of a frame that is none of its own, werkzeug notes.
    server.is_forgiven = lambda error: error["event"].startswith("werkzeug: request failed")
    (tmp_path / "banks" / "writing.yaml").write_text(BANK)
    room = RoomAtWork(server, server.open_room("writing"), connect)
    room.fill(NAME, "Bea", "Cem")
    [ada, bea, _] = room.phones
    tokens = [room.opened.host_token, *(phone.token for phone in room.phones)]
    provoke(server, room)
    room.open_question()
    ada.answer(WORD)
    bea.answer("f u c k " + WORD)
    room.host.do("rename", player=bea.id, nickname=RENAMED)
    room.host.do("kick", player=room.phones.pop().id)
    room.everyone_sees("reveal")
    room.host.do("hide_word", question=0, word=WORD)
    [open_room] = server.as_host("GET", "/api/rooms").json()
    assert server.as_host("GET", "/api/results").json() == []

    journal = ["journal.sqlite", "journal.sqlite-wal"]
    for secret in (NAME, RENAMED, WORD):
        assert files_with(tmp_path, secret), "the test would prove nothing"
        assert set(files_with(tmp_path, secret)) <= set(journal)
    assert files_with(tmp_path, ada.token) == []  # a digest is kept of it
    for secret in (NAME, RENAMED, WORD, GUESS, *tokens, server.key):
        assert secret not in server.printed
        assert "plenary.log" not in files_with(tmp_path, secret)
    assert {"PlayerJoined", "GameOpened", "RoomOpened"} & {line["event"] for line in server.log()}

    other = server.open_room("writing")
    [running] = [entry for entry in server.as_host("GET", "/api/rooms").json() if entry["room"] == room.code]
    assert running == open_room | {"phase": "reveal"}
    room.host.do("end")
    room.host.do("end")
    room.host.wait_for(lambda host: host.closed == "ended")
    [kept] = server.as_host("GET", "/api/results").json()
    assert {name: kept[name] for name in ("room", "bank", "players")} == {
        "room": room.code, "bank": "Writing", "players": 3,
    }  # fmt: skip
    assert kept["started"] < kept["ended"]
    [key] = [
        line["room"] for line in server.log() if line["event"] == "RoomOpened" and other.room in line["room"]
    ]
    for method, path, status in (
        ("DELETE", f"/api/results/{key}", 409),
        ("DELETE", "/api/results/no-such", 404),
        ("POST", f"/api/results/{kept['id']}", 405),
        ("DELETE", f"/api/results/{kept['id']}", 200),
        ("DELETE", f"/api/results/{kept['id']}", 404),
    ):
        assert server.as_host(method, path).status == status, path
    assert server.as_host("GET", "/api/results").json() == []
    for secret in (NAME, RENAMED, WORD, *tokens):
        assert files_with(tmp_path, secret) == []
    assert files_with(tmp_path, other.host_token)
    assert server.get(f"/api/rooms/{other.room}").status == 200
    assert server.as_host("DELETE", "/api/results").json() == {"deleted": 0}
    server.stop()
    assert NAME not in server.printed


class Screens:
    def deliver(self, live: Any, events: Any) -> None:
        """Nobody looks."""


def test_without_days_a_room_s_results_go_when_it_closes(tmp_path):
    """And no other's; one that is open stays, however old, and so does what was not closed at the start."""
    clock, journal = runtime.Clock(), Journal(tmp_path)
    journal.append([Entry("yesterday", 1, opened(now=clock.now() - DAY_MS // 2))])
    rooms = Rooms(journal, clock, idle_hours=0)
    results = Results(journal, rooms, clock, keep_days=0)
    results.start()
    rooms.start(Screens())
    rooms.open(opened(now=clock.now()))  # under the same code: the newer one has it
    [live] = rooms
    rooms.execute(live, [do.Join("p1", "Ada", "0" * 64, None)])
    assert journal.room(live.key)

    rooms.post(live, do.End())
    rooms.post(live, do.End())
    wait_until(lambda: not journal.room(live.key))
    assert [kept.room for kept in results.kept()] == ["yesterday"]
    assert b"Ada" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_old_results_go_at_the_start_and_their_room_does_not_come_back(tmp_path):
    """30 days after the last thing happened in it, whether it was closed or not."""
    clock, journal = runtime.Clock(), Journal(tmp_path)
    journal.append([Entry("old", 1, opened(now=clock.now() - 31 * DAY_MS))])
    journal.append([Entry("new", 1, opened(now=clock.now() - 29 * DAY_MS))])
    rooms = Rooms(journal, clock, idle_hours=0)
    Results(journal, rooms, clock, keep_days=30).start()
    rooms.start(Screens())

    assert [live.key for live in rooms] == ["new"]
    assert journal.room("old") == []


def test_a_room_of_a_wrong_year_makes_no_other_old(tmp_path):
    """It sets the server's clock forward, which is nobody else's fault."""
    clock, journal = runtime.Clock(), Journal(tmp_path)
    now = clock.now()
    past = opened(now=now - DAY_MS)
    journal.append([Entry("past", 1, past), Entry("past", 2, ev.RoomClosed(now=past.now, reason="ended"))])
    journal.append([Entry("future", 1, opened(now=now + 400 * DAY_MS))])
    rooms = Rooms(journal, clock, idle_hours=0)
    results = Results(journal, rooms, clock, keep_days=30)
    results.start()
    rooms.start(Screens())
    assert clock.now() > now + 399 * DAY_MS

    results._delete_old()  # as an hour later
    assert journal.room("past")


def test_an_open_question_is_not_held_up_where_a_player_has_no_clock(tmp_path):
    """Such a question has no deadline, and is open all the same."""
    clock, journal = runtime.Clock(), Journal(tmp_path)
    rooms = Rooms(journal, clock, idle_hours=0)
    results = Results(journal, rooms, clock, keep_days=30)
    rooms.start(Screens())
    past = opened(now=clock.now())
    journal.append([Entry("past", 1, past), Entry("past", 2, ev.RoomClosed(now=past.now, reason="ended"))])
    rooms.open(opened(now=clock.now(), settings=Settings(reading_time="off")))
    [live] = rooms
    rooms.execute(live, [do.Join("p1", "Ada", "0" * 64, None), do.Accommodate("p1", None), do.Start()])
    assert live.room.phase == "answering"
    assert live.room.deadline() is None

    results.delete("past")
    assert journal.has_remains()


def test_a_running_clock_is_not_held_up_by_writing_the_file_anew(tmp_path, monkeypatch):
    """The rows go at once; the file is written anew when the clock stands."""
    monkeypatch.setattr("server.live.results.QUIET_CHECK_S", 0.05)
    clock, journal = runtime.Clock(), Journal(tmp_path)
    rooms = Rooms(journal, clock, idle_hours=0)
    results = Results(journal, rooms, clock, keep_days=30)
    rooms.start(Screens())
    past = opened(now=clock.now())
    journal.append([Entry("past", 1, past), Entry("past", 2, ev.RoomClosed(now=past.now, reason="ended"))])
    rooms.open(opened(now=clock.now()))
    [live] = rooms
    rooms.execute(live, [do.Join("p1", "Ada", "0" * 64, None), do.Start()])
    assert live.room.deadline() is not None

    results.delete("past")
    assert journal.room("past") == []
    assert journal.has_remains()

    rooms.execute(live, [do.Pause()])
    wait_until(lambda: not journal.has_remains())
    assert journal.room(live.key)
