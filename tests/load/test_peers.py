"""The programs that Plenary is compared with all do the same work: those that can be had here."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import socketio

from tests.load.bench.peers import catalogue
from tests.load.bench.peers.catalogue import Running

QUESTION = json.loads(catalogue.QUESTION.read_text("utf-8"))
PATIENCE_S = 20
PHONES = 20
BARE_LOOPS = {"as it is had here": catalogue.bare_loop, "in Python": catalogue.bare_loop_in_python}


class Phone(socketio.Client):
    """A phone that keeps every event it was sent, in order."""

    def __init__(self, running: Running, nickname: str, transport: str) -> None:
        super().__init__(reconnection=False)
        self.events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.on("*", lambda name, payload: self.events.put((name, payload)))
        self.connect(f"http://127.0.0.1:{running.port}", transports=[transport], wait_timeout=PATIENCE_S)
        assert self.ask("join", {"nickname": nickname}) == {"ok": True}

    def ask(self, event: str, payload: dict[str, object]) -> object:
        """Return the acknowledgement."""
        return self.call(event, payload, timeout=PATIENCE_S)

    def next_event(self) -> tuple[str, Any]:
        return self.events.get(timeout=PATIENCE_S)


def told(phone: Phone) -> tuple[str, str, int, list[str]]:
    """Return the phone's next event, which is personal, and what it says of a response."""
    name, you = phone.next_event()
    return name, you["nickname"], you["question"], you["response"]


@pytest.fixture(params=catalogue.available(), ids=lambda peer: peer.name)
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    """A peer that speaks Socket.IO, at work."""
    with catalogue.start(request.param) as running:
        yield running


def test_a_peer_shouts_to_all_and_acknowledges_each_response(running):
    """By WebSocket and by long-polling; it ends with its parent while phones are still connected."""
    ada = Phone(running, "Ada", "websocket")
    bea = Phone(running, "Bea", "polling")

    assert ada.ask("shout", {}) == {"ok": True}
    assert bea.ask("player:answer", {"question": 3, "response": ["f8"], "at": 7}) == {"ok": True, "at": 7}

    assert ada.next_event() == ("view", QUESTION)
    assert bea.next_event() == ("view", QUESTION)
    assert told(bea) == ("you", "Bea", 3, ["f8"])

    assert ada.ask("player:answer", {"question": 4, "response": ["k3"], "at": 8}) == {"ok": True, "at": 8}
    assert told(ada) == ("you", "Ada", 4, ["k3"]), "she was told what is Bea's"

    running.process.stdin.close()
    assert running.process.wait(PATIENCE_S) == 0
    for phone in (ada, bea):
        phone.shutdown()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
def test_a_peer_ends_when_it_is_asked_to(running):
    """With phones connected."""
    phone = Phone(running, "Ada", "websocket")
    running.process.terminate()
    assert running.process.wait(PATIENCE_S) in (0, -signal.SIGTERM)
    phone.shutdown()


@pytest.mark.parametrize("loop", BARE_LOOPS.values(), ids=BARE_LOOPS)
def test_the_bare_loop_sends_one_frame_to_every_phone_at_each_go(loop):
    """A WebSocket text frame with the question in it, byte for byte, and it says what that took."""
    body = f'42["view",{catalogue.QUESTION.read_text("utf-8").strip()}]'.encode()
    frame = b"\x81\x7e" + len(body).to_bytes(2, "big") + body
    with catalogue.start(loop()) as running:
        connections = [
            socket.create_connection(("127.0.0.1", running.port), PATIENCE_S) for _ in range(1 + PHONES)
        ]
        control, *phones = [connection.makefile("rwb", buffering=len(frame)) for connection in connections]
        for _ in range(2):
            control.write(b"go\n")
            control.flush()
            wall_ns, cpu_ns = map(int, control.readline().split())
            assert wall_ns > 0
            assert cpu_ns > 0
            assert {phone.read(len(frame)) for phone in phones} == {frame}

        running.process.stdin.close()
        assert running.process.wait(PATIENCE_S) == 0
        assert {phone.read() for phone in phones} == {b""}, "more than was asked for"
        for open_one in (control, *phones, *connections):
            open_one.close()


def test_who_misses_node_is_told_so(monkeypatch):
    """In one line, and everything else is there all the same."""
    monkeypatch.setattr(catalogue.shutil, "which", lambda name: None)
    lacking = {peer.name: peer.lacks for peer in catalogue.socketio_peers(fetches=True)}
    assert lacking["Socket.IO on Node.js"] == "Node.js is not installed"
    assert lacking["plain Flask-SocketIO on eventlet"] == ""
    assert catalogue.bare_loop() == catalogue.bare_loop_in_python()
