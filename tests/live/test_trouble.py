"""When the disk is full, and when a class has gone home."""

from __future__ import annotations

import resource
import threading
import time

import pytest

from server import runtime
from server.game import commands as do
from server.game import events as ev
from server.game.errors import Stalled
from server.journal.store import Journal, JournalError
from server.live.rooms import Rooms
from tests.builders import opened
from tests.conftest import MODES
from tests.live.client import PATIENCE_S
from tests.live.room import RoomAtWork
from tests.live.server import Server


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux makes a disk full on request")
@pytest.mark.parametrize("mode", MODES)
def test_a_full_disk_stops_the_game_and_loses_nothing(tmp_path, connect, mode):
    """Nothing is acknowledged that is not written; the host is told; it goes on when there is room again."""
    server = Server(tmp_path, mode)
    # The log has no more room than the journal, and says so.
    server.is_forgiven = lambda error: error["event"] == "journal_failed"
    room = RoomAtWork(server, server.open_room(), connect)
    room.fill("Ada", "Bea")
    [ada, bea] = room.phones
    room.open_question()
    ada.answer(["b"])
    bea.wait_for(lambda phone: phone.you.get("question") == 0)
    sent = bea.answer_payload(["b"])
    unlimited = resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))

    assert bea.refusal("player:answer", sent) == "stalled"
    for client in (room.host, ada, bea):
        client.wait_for(lambda client: client.view["stalled"])
        assert client.view["phase"] == "answering"
    assert room.host.refused_to("skip") == "stalled"
    assert room.phone().refusal("player:join", {"room": room.code, "nickname": "Cyd"}) == "stalled"
    assert server.as_host("POST", "/api/rooms", {"bank": "five"}).status == 503
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, unlimited)
    room.host.wait_for(lambda host: not host.view["stalled"])
    room.host.do("resume")
    for client in room.clients:
        client.wait_for(lambda client: not client.view["paused"] and not client.view["stalled"])

    bea.answer(["b"])
    room.everyone_sees("reveal")
    assert room.host.view["answered"] == 2
    room.host.wait_for(lambda host: all(seat["connected"] and seat["score"] for seat in host.roster))
    server.stop()


def test_a_disk_that_stays_full_takes_no_time_from_the_question(tmp_path, monkeypatch):
    """However often writing is tried in vain, the clock stands where it stood at the first time."""
    monkeypatch.setattr("server.live.rooms.STALLED_RETRY_S", 0.05)
    clock, journal = runtime.Clock(), Journal(tmp_path)
    rooms = Rooms(journal, clock, idle_hours=0)
    tried, is_back = threading.Semaphore(0), threading.Event()

    class Screens:
        def deliver(self, live, events):
            if any(isinstance(event, ev.RoomRestored) for event in events):
                is_back.set()

    def refuse(entries):
        tried.release()
        raise JournalError("The disk is full.")

    rooms.start(Screens())
    rooms.open(opened(now=clock.now()))
    [live] = rooms
    for command in (do.Join("Ada", "Ada", "x", None), do.Start(), do.Skip()):
        rooms.execute(live, [command])
    with monkeypatch.context() as full:
        full.setattr(journal, "append", refuse)
        with pytest.raises(Stalled):
            rooms.execute(live, [do.Lock()])
        stopped_at = clock.now()
        for _ in range(10):
            assert tried.acquire(timeout=PATIENCE_S)

    assert is_back.wait(PATIENCE_S)
    with rooms.lock:
        assert live.room.paused_at <= stopped_at


def test_a_room_that_nobody_uses_closes_by_itself(tmp_path):
    """After its idle time and not before; every screen is told, and the journal does not bring it back."""
    clock, journal, idle_s = runtime.Clock(), Journal(tmp_path), 0.5
    rooms = Rooms(journal, clock, idle_hours=idle_s / 3_600)
    is_closed = threading.Event()
    reasons: list[str | None] = []

    class Screens:
        def deliver(self, live, events):
            if live.room.closed_reason:
                reasons.append(live.room.closed_reason)
                is_closed.set()

    rooms.start(Screens())
    began = time.monotonic()
    rooms.open(opened(now=clock.now()))

    assert is_closed.wait(PATIENCE_S)
    assert time.monotonic() - began >= idle_s
    with rooms.lock:
        assert reasons == ["expired"]
        assert list(journal.unfinished()) == []
