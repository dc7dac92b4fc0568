"""The load generator: thousands of phones in one process and one loop, as cheap as Python allows.

A measured stretch has to show the server's speed, not the generator's. So a phone here is a socket and a few
numbers: of what comes, the kind is told by its first bytes and its arrival noted, and nothing is decoded
unless somebody listens (`Line.hear`). What a phone answers by itself, pings and probes, it answers at once.

    loop = Loop()
    crowd = Crowd(loop, server.address, opened.room)
    crowd.attach(opened.host_token)       # the projector
    crowd.join(1_000)
    crowd.do("start")                     # the host's command, acknowledged
    crowd.wait_for_phase("answering")
    crowd.wait_until_open()
    crowd.forget()                        # arrivals are noted from here
    crowd.send(crowd.answers())
    loop.run(lambda: len(crowd.acks) == 1_000)

All waiting goes through `Loop.run`: a phone that is not run answers no ping, and the server drops it.
"""

from __future__ import annotations

import heapq
import json
import selectors
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import count
from time import perf_counter
from typing import Any

from . import wire

PATIENCE_S = 60.0
OPENING_AT_ONCE = 50
"""Connections that are opened at the same time: so many a listener keeps waiting that nobody has tuned."""
READ_BYTES = 16_384
MARGIN_S = 0.02
"""How long after its opening a question is responded to."""

_PROBE = b'["probe"'
_OK = b'"ok":true'
_OK_WITHIN = 32


class Broken(Exception):
    """A run in which a phone was lost or refused, or in which nothing came, measures nothing."""


class Loop:
    """One selector for all sockets of this process, and what is to be done at a given time."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._number = count()

    def at(self, when: float, act: Callable[[], object]) -> None:
        """Do something at this moment of `perf_counter`."""
        heapq.heappush(self._due, (when, next(self._number), act))

    def run(self, is_done: Callable[[], object], limit_s: float = PATIENCE_S) -> None:
        """Serve all connections until it is done. Raises: Broken, where that takes longer than the limit."""
        give_up_at = perf_counter() + limit_s
        select, due = self.selector.select, self._due
        while not is_done():
            now = perf_counter()
            if now > give_up_at:
                raise Broken(f"not done within {limit_s:g} s")
            wait_s = min(0.1, max(0.0, due[0][0] - now)) if due else 0.1
            for key, _ in select(wait_s):
                key.data()
            while due and due[0][0] <= perf_counter():
                heapq.heappop(due)[2]()

    def rest(self, seconds: float) -> None:
        """Serve all connections for so long."""
        until = perf_counter() + seconds
        self.at(until, lambda: None)  # so that it ends in time
        self.run(lambda: perf_counter() >= until, seconds + PATIENCE_S)


class Line:
    """One WebSocket with Engine.IO and Socket.IO on it."""

    __slots__ = ("_asked", "_calls", "_rest", "crowd", "hear", "is_open", "number", "sent_at", "sock")

    def __init__(self, crowd: Crowd, number: int, then: Callable[[Line], object]) -> None:
        """Connect; `then` is called once Socket.IO has greeted. The crowd is told of every arrival."""
        self.crowd, self.number = crowd, number
        self.hear: Callable[[str, Any], object] | None = None
        """Gets every event, and every acknowledgement as `ack`, decoded; None: nothing is decoded."""
        self.is_open = False
        self.sent_at = 0.0
        self._rest = b""
        self._asked = 0
        self._calls: dict[bytes, Callable[[Any], object]] = {b"": lambda _: then(self)}
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, _, port = crowd.address.partition(":")
        with suppress(BlockingIOError):
            self.sock.connect((host, int(port)))
        crowd.loop.selector.register(self.sock, selectors.EVENT_WRITE, self._connected)

    # --- what goes ----------------------------------------------------------------------------------

    def ask(self, event: str, payload: Any, then: Callable[[Any], object]) -> None:
        """Send an event; `then` gets its acknowledgement."""
        self._asked += 1
        self._calls[b"%d" % self._asked] = then
        self.send(wire.event(event, payload, self._asked))

    def prepared(self, event: str, payload: Any) -> bytes:
        """Return an event as a frame to be sent later; its acknowledgement is noted by the crowd."""
        self._asked += 1
        return wire.event(event, payload, self._asked)

    def respond(self, frame: bytes) -> None:
        """Send a prepared event; how long its acknowledgement takes counts from here."""
        self.sent_at = perf_counter()
        self.send(frame)

    def send(self, frame: bytes) -> None:
        """Send a frame."""
        try:
            sent = self.sock.send(frame)
        except OSError as error:
            self._lose(f"cannot send: {error}")
            return
        if sent < len(frame):
            self._lose("the server has stopped reading")

    def cut(self) -> None:
        """End the connection at once."""
        if self.sock.fileno() >= 0:
            self.crowd.loop.selector.unregister(self.sock)
            self.sock.close()
        self.is_open = False

    def _lose(self, why: str) -> None:
        self.cut()
        self.crowd.lost.append(f"{self.number}: {why}")

    # --- opening ------------------------------------------------------------------------------------

    def _connected(self) -> None:
        if error := self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._lose(f"no connection: error {error}")
            return
        self.crowd.loop.selector.modify(self.sock, selectors.EVENT_READ, self._read_head)
        offers_deflate = self.crowd.offers_deflate
        self.send(wire.upgrade(self.crowd.address, self.crowd.room, offers_deflate=offers_deflate))

    def _read_head(self) -> None:
        self._rest += self._received()
        head, found, self._rest = self._rest.partition(b"\r\n\r\n")
        if not found:
            self._rest = head
        elif not head.startswith(b"HTTP/1.1 101 "):
            self._lose(f"no WebSocket: {head[:80]!r}")
        elif b"sec-websocket-extensions" in head.lower():
            self._lose("the server accepted an extension: what it sends may be compressed")
        else:
            self.crowd.loop.selector.modify(self.sock, selectors.EVENT_READ, self._read)
            self._take_frames(self._rest)

    # --- what comes ---------------------------------------------------------------------------------

    def _received(self) -> bytes:
        try:
            data = self.sock.recv(READ_BYTES)
        except OSError as error:
            self._lose(str(error))
            return b""
        if not data:
            self._lose("the server closed")
        return data

    def _read(self) -> None:
        if data := self._received():
            self._take_frames(self._rest + data if self._rest else data)

    def _take_frames(self, data: bytes) -> None:
        now = perf_counter()
        at, end = 0, len(data)
        while end - at >= 2:
            length = data[at + 1]
            start = at + 2
            if length > 125:
                start += 2 if length == 126 else 8
                if start > end:
                    break
                length = int.from_bytes(data[at + 2 : start])
            stop = start + length
            if stop > end:
                break
            if data[at] == wire.TEXT:
                self._take(data, start, stop, now)
            else:
                self._take_other(data[at], data[start:stop])
            at = stop
        self._rest = data[at:] if at < end else b""

    def _take(self, data: bytes, start: int, stop: int, now: float) -> None:
        """Take an Engine.IO packet that came at this moment."""
        kind = data[start : min(start + 2, stop)]
        crowd = self.crowd
        if kind == b"42":
            if data[start + 2] != 0x5B:  # a number: it wants an acknowledgement
                self._acknowledge(data[start + 2 : stop])
                return
            if self is not crowd.host:
                if data.startswith(b'"view"', start + 3):
                    crowd.views.append(now)
                elif data.startswith(b'"you"', start + 3):
                    crowd.yous.append(now)
            if self.hear:
                self.hear(*json.loads(data[start + 2 : stop]))
        elif kind == b"43":
            if self._calls:
                number, _, body = data[start + 2 : stop].partition(b"[")
                if then := self._calls.pop(number, None):
                    then(json.loads(b"[" + body)[0])
                    return
            crowd.acks.append(now)
            crowd.waits_s.append(now - self.sent_at)
            if data.find(_OK, start, start + _OK_WITHIN) < 0:
                crowd.refused.append(f"{self.number}: {data[start:stop].decode()}")
            if self.hear:
                self.hear("ack", json.loads(data[data.index(b"[", start) : stop])[0])
        elif kind == b"2":
            self.send(wire.frame(b"3"))
        elif kind == b"0{":
            self.send(wire.frame(b"40"))
        elif kind == b"40":
            self.is_open = True
            self._calls.pop(b"")(None)
        else:
            self._lose(f"unexpected: {data[start:stop][:80]!r}")

    def _acknowledge(self, numbered: bytes) -> None:
        number, _, body = numbered.partition(b"[")
        if not (b"[" + body).startswith(_PROBE):
            self._lose(f"unexpected: {numbered[:80]!r}")
            return
        self.send(wire.frame(b"43%s[{}]" % number))

    def _take_other(self, first: int, payload: bytes) -> None:
        if first == wire.PING:
            self.send(wire.frame(payload, wire.PONG))
        elif first == wire.CLOSE:
            self._lose("the server closed")
        else:
            self._lose(f"a frame that begins with {first:#x}: compressed, or in parts")


class Crowd:
    """The phones of one room and its projector, and what has come to the phones since `forget`.

    `views`, `yous` and `acks` hold the moments of `perf_counter` at which each came, in their order.
    """

    def __init__(
        self,
        loop: Loop,
        address: str,
        room: str = "",
        *,
        join_event: str = "player:join",
        offers_deflate: bool = True,
    ) -> None:
        self.loop, self.address, self.room = loop, address, room
        self.join_event, self.offers_deflate = join_event, offers_deflate
        self.phones: list[Line] = []
        self.host: Line | None = None
        self.view: dict[str, Any] = {}
        """What the projector shows."""
        self.views: list[float] = []
        self.yous: list[float] = []
        self.acks: list[float] = []
        self.waits_s: list[float] = []
        """How long each acknowledgement took, from the sending of what it acknowledges."""
        self.refused: list[str] = []
        self.lost: list[str] = []
        self.joined: dict[int, dict[str, Any]] = {}
        """Each phone's number → the acknowledgement of its joining."""
        self._offset_s = 0.0

    # --- coming in ----------------------------------------------------------------------------------

    def attach(self, token: str) -> None:
        """Connect the projector, which listens to all that it is told."""
        acks: list[Any] = []
        self.host = Line(
            self, -1, lambda line: line.ask("host:attach", {"room": self.room, "token": token}, acks.append)
        )
        self.host.hear = self._host_hears
        self.loop.run(lambda: acks or self.lost)
        self.check()
        self._host_hears("view", accepted(acks[0])["view"])

    def join(self, phones: int, hear: Callable[[int], Callable[[str, Any], object]] | None = None) -> None:
        """Have so many more phones connect and join.

        With `hear` each decodes what it is told and hands it to what `hear` returns for its number.
        """
        wanted = len(self.phones) + phones
        while len(self.joined) < wanted:
            self.check()
            while len(self.phones) < min(wanted, len(self.joined) + OPENING_AT_ONCE):
                self.open_one(hear)
            joined = len(self.joined)
            self.loop.run(lambda joined=joined: len(self.joined) > joined or self.lost)

    def open_one(
        self,
        hear: Callable[[int], Callable[[str, Any], object]] | None = None,
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Begin to connect one more phone, which then joins."""
        number = len(self.phones)

        def joined(ack: Any) -> None:
            if accepted_or_none(ack) is None:
                self.refused.append(f"{number}: {ack}")
                return
            self.joined[number] = ack
            then()

        def join(line: Line) -> None:
            line.ask(self.join_event, {"room": self.room, "nickname": f"Player {number}"}, joined)

        line = Line(self, number, join)
        line.hear = hear(number) if hear else None
        self.phones.append(line)

    def leave(self) -> None:
        """Cut all connections."""
        for line in self.phones:
            line.cut()
        if self.host:
            self.host.cut()

    # --- the host -----------------------------------------------------------------------------------

    def press(self, event: str, payload: dict[str, Any]) -> list[Any]:
        """Send an event of the host's and return a list that will hold its acknowledgement."""
        assert self.host
        acks: list[Any] = []
        self.host.ask(event, payload, acks.append)
        return acks

    def do(self, command: str, **fields: Any) -> None:
        """Give a command and wait for its acknowledgement. Raises: Broken, where it is refused."""
        acks = self.press("host:command", {"do": command, **fields})
        self.loop.run(lambda: acks or self.lost)
        self.check()
        accepted(acks[0])

    def wait_for_phase(self, *phases: str) -> None:
        """Wait until the projector shows one of these phases."""
        self.loop.run(lambda: self.view["phase"] in phases or self.lost)
        self.check()

    def wait_until_open(self) -> None:
        """Wait until the question on the projector can be responded to."""
        self.loop.rest(max(0.0, self.view["opens_at"] / 1000 - self._offset_s - perf_counter()) + MARGIN_S)

    def now_ms(self) -> int:
        """Return the server's time, as far as the projector's views tell it."""
        return round((perf_counter() + self._offset_s) * 1000)

    def _host_hears(self, event: str, payload: Any) -> None:
        if event == "view" and payload["seq"] >= self.view.get("seq", 0):
            self.view = payload
            self._offset_s = payload["now"] / 1000 - perf_counter()

    # --- responses ----------------------------------------------------------------------------------

    def answers(
        self, phones: Sequence[Line] | None = None, response: Callable[[int], Any] | None = None
    ) -> list[tuple[Line, bytes]]:
        """Return a response of each phone to the open question, ready to be sent.

        Without `response`, which is given a phone's number, they choose the options in turn.
        """
        ids = [option["id"] for option in self.view["options"]]
        choose = response or (lambda number: [ids[number % len(ids)]])
        question = self.view["question"]["index"]
        at = max(self.now_ms(), self.view["opens_at"])
        return [
            (
                phone,
                phone.prepared(
                    "player:answer", {"question": question, "response": choose(phone.number), "at": at}
                ),
            )
            for phone in (self.phones if phones is None else phones)
        ]

    @staticmethod
    def send(frames: Iterable[tuple[Line, bytes]]) -> None:
        """Send all at once."""
        for line, frame in frames:
            line.respond(frame)

    # --- what came ----------------------------------------------------------------------------------

    def forget(self) -> None:
        """Note arrivals from now on."""
        for arrivals in (self.views, self.yous, self.acks, self.waits_s):
            arrivals.clear()

    def has(self, views: int = 0, yous: int = 0, acks: int = 0) -> bool:
        """Tell whether so many have come, or never will."""
        return bool(
            (len(self.views) >= views and len(self.yous) >= yous and len(self.acks) >= acks)
            or self.lost
            or self.refused
        )

    def wait_for(self, views: int = 0, yous: int = 0, acks: int = 0) -> None:
        """Wait until so many have come. Raises: Broken, where a phone was lost or refused."""
        self.loop.run(lambda: self.has(views, yous, acks))
        self.check()

    def check(self) -> None:
        """Raise Broken where a phone was lost or refused."""
        if self.lost or self.refused:
            some = [*self.lost, *self.refused]
            counts = f"{len(self.lost)} phones lost, {len(self.refused)} refused"
            raise Broken(f"{self.address}: {counts}: {'; '.join(some[:3])}")


def accepted_or_none(ack: Any) -> Any:
    """Return an acknowledgement that says yes, None for one that says no."""
    return ack if isinstance(ack, dict) and ack.get("ok") is True else None


def accepted(ack: Any) -> dict[str, Any]:
    """Return an acknowledgement that says yes. Raises: Broken."""
    yes: dict[str, Any] | None = accepted_or_none(ack)
    if yes is None:
        raise Broken(f"refused: {ack}")
    return yes
