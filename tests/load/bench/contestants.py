"""Plenary and the programs that it is compared with, each with its phones, each at the same work."""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.live.server import Server

from .crowd import Crowd, Line, Loop, accepted
from .measuring import Series, Stretch, on_server_core
from .peers.catalogue import QUESTION, Peer, start

BANK = "bench"
QUESTIONS = 60
TIME_S = 600
"""No bell rings in a measured stretch."""
SILENT = 1
"""Phones that do not respond, so that a question closes only when the host says so."""


def bank() -> str:
    """Return a bank of one question over and over, the one that the peers send; JSON is YAML too."""
    view = json.loads(QUESTION.read_text("utf-8"))
    options = [{"text": option["text"]} for option in view["options"]]
    options[0]["correct"] = True
    question = {
        "type": "choice",
        "stem": view["question"]["stem"],
        "options": options,
        "points": view["question"]["points"],
        "time": TIME_S,
    }
    questions = [{"id": f"question-{n}", **question} for n in range(QUESTIONS)]
    head = {"title": view["bank"]["title"], "language": "en", "description": "What the phones are asked."}
    return json.dumps({**head, "questions": questions})


@contextlib.contextmanager
def plenary(module: str = "server.cli", **variables: str) -> Iterator[Server]:
    """A server as a teacher starts it, journal and all, on the server's core."""
    with tempfile.TemporaryDirectory(prefix="plenary-bench-") as folder:
        banks = Path(folder) / "banks"
        banks.mkdir()
        (banks / f"{BANK}.yaml").write_text(bank(), "utf-8")
        with on_server_core():
            server = Server(Path(folder), "eventlet", module=module, **variables)
        try:
            yield server
        finally:
            server.stop()


def room(loop: Loop, server: Server, phones: int, **settings: Any) -> Crowd:
    """Open a room on the server, its projector attached and so many phones in it."""
    opened = server.open_room(BANK, **settings)
    crowd = Crowd(loop, server.address, opened.room)
    crowd.attach(opened.host_token)
    crowd.join(phones)
    return crowd


class Contestant:
    """A program with its phones, and what it took it to do its work."""

    def __init__(self, name: str, pid: int, crowd: Crowd, phones: int) -> None:
        self.name, self.pid, self.crowd, self.phones = name, pid, crowd, phones
        self.broadcast_us, self.last_ms = Series(), Series()
        """CPU a phone, and from press to last phone, of a broadcast."""
        self.rate, self.response_us = Series(), Series()
        """Responses a second where all are sent at once, and CPU for each."""
        self.broke = ""
        """Why it could not go on, if so."""

    @property
    def all_series(self) -> list[Series]:
        return [self.broadcast_us, self.last_ms, self.rate, self.response_us]

    def next_question(self) -> None:
        """See to it that all phones can respond."""

    def shout(self) -> list[Any]:
        """Have the question sent to all phones; return what will hold the acknowledgement."""
        return self.crowd.press("shout", {})

    def work(self, broadcasts: int, storms: int) -> None:
        """Do a round of everything. Raises: Broken."""
        self.broadcast(broadcasts)
        self.storm(storms)

    def broadcast(self, times: int) -> None:
        """Measure how long so many broadcasts take, one after the other."""
        last_s = []
        with Stretch(self.pid) as stretch:
            for _ in range(times):
                self.crowd.forget()
                began = perf_counter()
                acks = self.shout()
                self.crowd.wait_for(views=len(self.crowd.phones))
                last_s.append(self.crowd.views[-1] - began)
                self.crowd.loop.run(lambda acks=acks: acks)
                accepted(acks[0])
        self.broadcast_us.add(stretch.server_s / times / len(self.crowd.phones) * 1e6, stretch.own_share)
        self.last_ms.add(sum(last_s) / times * 1e3, stretch.own_share)

    def storm(self, times: int) -> None:
        """Measure how many responses a second are acknowledged where all are sent at once."""
        stretches = []
        for _ in range(times):
            self.next_question()
            frames = self.crowd.answers(self.crowd.phones[: self.phones])
            self.crowd.forget()
            with Stretch(self.pid) as stretch:
                self.crowd.send(frames)
                self.crowd.wait_for(acks=self.phones, yous=self.phones)
            stretches.append(stretch)
        wall_s = sum(stretch.wall_s for stretch in stretches)
        own_s = sum(stretch.own_s for stretch in stretches)
        server_s = sum(stretch.server_s for stretch in stretches)
        self.rate.add(times * self.phones / wall_s, own_s / wall_s)
        self.response_us.add(server_s / times / self.phones * 1e6, own_s / wall_s)


class Plenary(Contestant):
    """Plenary; a broadcast is the open question's view, sent anew because the room was locked or unlocked.

    Then all phones get the question's view and nothing else; and it is journalled, as every event is.
    """

    def shout(self) -> list[Any]:
        command = "unlock" if self.crowd.view["locked"] else "lock"
        return self.crowd.press("host:command", {"do": command})

    def next_question(self) -> None:
        open_next(self.crowd)


def open_next(crowd: Crowd) -> None:
    """Go to the next question, from wherever the room stands, and wait until it can be responded to."""
    steps = {"lobby": "start", "answering": "skip", "podium": "again"}
    is_next = False
    while not is_next:
        seq, command = crowd.view["seq"], steps.get(crowd.view["phase"], "next")
        crowd.do(command)
        crowd.loop.run(partial(_is_past, crowd, seq))
        is_next = crowd.view["phase"] == "answering"
    crowd.wait_until_open()


def _is_past(crowd: Crowd, seq: int) -> bool:
    return crowd.view["seq"] > seq


@contextlib.contextmanager
def plenary_at_work(loop: Loop, phones: int, name: str = "Plenary", **how: str) -> Iterator[Plenary]:
    """Plenary with a room of so many phones, its first question open."""
    with plenary(**how) as server:
        crowd = room(loop, server, phones + SILENT)
        open_next(crowd)
        yield Plenary(name, server.pid, crowd, phones)
        crowd.leave()


@contextlib.contextmanager
def peer_at_work(loop: Loop, peer: Peer, phones: int) -> Iterator[Contestant]:
    """A peer with so many phones; none offers to compress, as eventlet would, to its disadvantage.

    Raises:
        RuntimeError: it did not start.
        Broken: it did not let all phones in.
    """
    with contextlib.ExitStack() as stack:
        with on_server_core():
            running = stack.enter_context(start(peer))
        crowd = Crowd(loop, f"127.0.0.1:{running.port}", join_event="join", offers_deflate=False)
        stack.callback(crowd.leave)
        crowd.view = json.loads(QUESTION.read_text("utf-8"))
        crowd.join(phones)
        is_open: list[Line] = []
        crowd.host = Line(crowd, -1, is_open.append)
        loop.run(lambda: is_open or crowd.lost)
        crowd.check()
        yield Contestant(peer.name, running.process.pid, crowd, phones)


class _Bare(Line):
    """A connection without a handshake: frames come as soon as the program wants."""

    __slots__ = ()

    def _connected(self) -> None:
        self.crowd.loop.selector.modify(self.sock, selectors.EVENT_READ, self._read)
        self._calls.pop(b"")(None)


class BareLoop:
    """The loop of bare `send`, which is the limit; it measures itself, and waits for no phone."""

    def __init__(self, name: str, crowd: Crowd, control: socket.socket) -> None:
        self.name, self.crowd, self._control = name, crowd, control
        self.cpu_us, self.wall_ms = Series(), Series()

    def broadcast(self, times: int) -> None:
        """Have the question sent to all phones so many times."""
        wall_ns = cpu_ns = 0
        for _ in range(times):
            self.crowd.forget()
            self._control.sendall(b"go\n")
            self.crowd.wait_for(views=len(self.crowd.phones))
            took = self._control.recv(100).split()
            wall_ns, cpu_ns = wall_ns + int(took[0]), cpu_ns + int(took[1])
        self.wall_ms.add(wall_ns / times / 1e6)
        self.cpu_us.add(cpu_ns / times / len(self.crowd.phones) / 1e3)


@contextlib.contextmanager
def bare_loop_at_work(loop: Loop, peer: Peer, phones: int) -> Iterator[BareLoop]:
    """The bare loop with so many phones."""
    with contextlib.ExitStack() as stack:
        with on_server_core():
            running = stack.enter_context(start(peer))
        control = stack.enter_context(socket.create_connection(("127.0.0.1", running.port)))
        crowd = Crowd(loop, f"127.0.0.1:{running.port}")
        stack.callback(crowd.leave)
        is_open: list[Line] = []
        crowd.phones += [_Bare(crowd, n, is_open.append) for n in range(phones)]
        loop.run(lambda: len(is_open) == phones)
        yield BareLoop(peer.name, crowd, control)
