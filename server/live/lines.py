"""The Engine.IO connections, each with a bound on what it may send and on what waits for it to be read.

Engine.IO has no such bounds. A phone that keeps within them, and every phone does, never notices; what goes
beyond waits in the slow lane, then is refused with `too_many`, and who goes on is closed. A phone that stops
reading is cut off once too much waits for it: it comes back by itself and gets the current view.

A WebSocket of eventlet's has its line here read and written straight, without Engine.IO's queue and writer
(docs/decisions/0012). Everything else, long-polling, TLS and the threading mode, goes the library's own way.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from engineio import exceptions, packet, socket
from engineio import server as engine

from server import runtime
from server.game.errors import TooMany
from server.gate import Allowance, Stage, Visit, slow_lane

from . import frames, wire_json
from .frames import Opcode
from .measures import Measures

log = structlog.get_logger()

STRANGER_AT_ONCE, AT_ONCE, A_SECOND = 15, 60, 20
"""The messages of one connection that need not wait, before it has a place in a room and from then on.

A phone that comes back sends a dozen in a second. Less is given to a stranger, who may come again and again.
"""
MOST_AT_ONCE, MOST_A_SECOND = 400, 30
"""The messages of one connection that are read at all; of the rest each is refused with `too_many`."""
BYTES_A_MESSAGE = 1_024
"""A longer message counts as several."""
REFUSALS_AT_ONCE, REFUSALS_A_SECOND = 100, 5
"""Who is refused more often than this is closed."""
UNREAD_MESSAGES = 64
UNREAD_BYTES, UNREAD_FEW = 262_144, 8
"""What may wait for a connection to be read; a few messages may, however long they are."""
MAX_STRANGERS = 2_500
"""Connections without a place in a room, of which the oldest then goes; a phone comes back by itself."""
LAST_WORDS_S = 2.0
"""How long a connection that was closed has to read what was sent to it before."""
CONNECT_LIMIT_S = 20.0
"""How long an Engine.IO session may take to connect to Socket.IO."""

IS_NEW = "plenary.is_new"
"""In a session's environ until it has connected to Socket.IO, which it does once: limits go by connection."""

_NUMBERED = re.compile(r"2(\d{1,15})\[", re.ASCII)
_TOO_MANY = TooMany("Too many messages at once. Wait a moment, and try again.")
_REFUSED = wire_json.dumps([{"ok": False, "error": _TOO_MANY.on_the_wire()}])
_BROKEN = (ValueError, TypeError, KeyError, IndexError, RecursionError)
"""What Engine.IO raises for what is none of its packets."""

_queues: dict[type, type] = {}


class Line(socket.Socket):  # type: ignore[misc]  # the library has no types
    """An Engine.IO socket."""

    lines: Lines
    queue: Any
    last_ping: float | None
    connected: bool
    upgrading: bool
    upgraded: bool

    def __init__(self, server: Any, sid: str) -> None:
        super().__init__(server, sid)
        self.queue = _bounded(type(self.queue))()
        self.opened_at = time.monotonic()
        self.is_over = False
        """Nothing that it sends is looked at any more."""
        self._visit: Visit | None = None
        """The connection of its WebSocket."""
        self._wire: runtime.Wire | None = None
        """Where it is written to straight."""
        self._is_polled = False
        self._ping_due_at = 0.0
        self._free = Allowance(STRANGER_AT_ONCE, A_SECOND)
        self._allowed = Allowance(MOST_AT_ONCE, MOST_A_SECOND)
        self._refusals = Allowance(REFUSALS_AT_ONCE, REFUSALS_A_SECOND)

    # --- what comes ---------------------------------------------------------------------------------

    def receive(self, pkt: Any) -> None:
        if self.is_over:
            time.sleep(LAST_WORDS_S)
            raise exceptions.SocketIsClosedError  # what has come of it already would be read to its end
        if pkt.data is None:
            # Engine.IO reads the text `null` as JSON, and Socket.IO nothing as no packet at all.
            pkt.data = ""
        cost = 1 + _length(pkt) // BYTES_A_MESSAGE
        if not self._is_free(cost):
            slow_lane.wait(cost)
        elif self._free.left < self._free.at_once / 2:
            time.sleep(0)  # as long as a connection's next message is here already, nobody else has a turn
        if self.closed:  # while it waited
            raise exceptions.SocketIsClosedError
        if pkt.packet_type == packet.PONG or self._allowed.take(cost):
            if pkt.packet_type != packet.MESSAGE or not self.lines.on_message(self, pkt.data):
                super().receive(pkt)
        else:
            self._refuse(pkt)

    def _is_free(self, cost: float) -> bool:
        """Tell whether a message of this cost need not wait."""
        if self._free.take(cost):
            return True
        if self._free.at_once < AT_ONCE and self.lines.has_place(self):
            self._free = Allowance(AT_ONCE, A_SECOND)
            return self._free.take(cost)
        return False

    def _refuse(self, pkt: Any) -> None:
        if not self._refusals.take():
            self.is_over = True
            self.lines.flooded(self)
        elif isinstance(pkt.data, str) and (numbered := _NUMBERED.match(pkt.data)):
            self.send(packet.Packet(packet.MESSAGE, f"3{numbered[1]}{_REFUSED}"))

    def schedule_ping(self) -> None:
        """Have the watch send the next ping when it is due: a sleeping task a phone costs 9 KB."""
        if self.last_ping:
            self.last_ping = None
            self._ping_due_at = time.monotonic() + self.server.ping_interval

    def watch(self, now: float) -> None:
        """Send the ping that is due at `now` (monotonic, s), and close where the last has gone unanswered."""
        if self.last_ping is None and now >= self._ping_due_at:
            self.last_ping = time.time()
            self.send(packet.Packet(packet.PING))
        with suppress(exceptions.SocketIsClosedError):  # in the very instant, by itself
            self.check_ping_timeout()

    def handle_post_request(self, environ: dict[str, Any]) -> None:
        try:
            super().handle_post_request(environ)
        except _BROKEN as error:
            raise exceptions.EngineIOError from error

    def poll(self) -> Any:
        if self.upgraded:
            return super().poll()
        if self._is_polled:  # two polls of one session share what comes, and each holds a place
            raise exceptions.EngineIOError
        self._is_polled = True
        try:
            return super().poll()
        finally:
            self._is_polled = False

    def _upgrade_websocket(self, environ: dict[str, Any], start_response: Any) -> Any:
        self._visit = environ.get("plenary.visit")
        if self._visit is not None:
            self._visit.enter(Stage.OPEN)
        return super()._upgrade_websocket(environ, start_response)

    def _websocket_handler(self, ws: Any) -> Any:
        wire = runtime.Wire.of(ws.socket, self.cut, self._fall_behind) if self.lines.is_straight(ws) else None
        if wire is None:
            try:
                return super()._websocket_handler(ws)
            except _BROKEN:
                self.cut()
                return []
        # In a task of its own: the request's keeps headers, buffers and the whole way here for good.
        visit: Visit = ws.environ["plenary.visit"]
        visit.take_over()
        ws.websocket_closed = True  # by us, when it is
        runtime.spawn(self._serve, wire, visit)
        return []

    def _serve(self, wire: runtime.Wire, visit: Visit) -> None:
        try:
            self._converse(wire, visit)
        except _BROKEN:
            self.cut()
        except Exception:
            log.exception("line_failed")
            self.cut()
        finally:
            wire.close()
            visit.leave()

    def _converse(self, wire: runtime.Wire, visit: Visit) -> None:
        """Take what comes on a WebSocket until its end."""
        texts = self._messages(wire)
        try:
            if self.connected and not self._come_over(wire, visit, texts):
                return
            if self.closed:  # meanwhile
                return
            self.connected = self.upgraded = True
            for waiting in self.queue.take_all():
                wire.write(_frame(waiting))
            self._visit, self._wire = visit, wire
            for text in texts:
                self._take(text)
                if self.closed:
                    break
        except exceptions.SocketIsClosedError:
            pass
        self._wire = None
        self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    def _come_over(self, wire: runtime.Wire, visit: Visit, texts: Iterator[str | bytes]) -> bool:
        """Change from long-polling to this WebSocket, as Engine.IO's protocol says; return whether it did.

        Until it is probed the polls go on: some networks open a WebSocket and let nothing through.
        """
        visit.enter(Stage.UPGRADING)
        if next(texts, None) != "2probe" or self.upgrading or self.upgraded:
            return False  # no upgrade, or another WebSocket of this session has come first
        self.upgrading = True
        try:
            wire.write(frames.text_frame(b"3probe"))
            self.queue.put(packet.Packet(packet.NOOP))  # ends the poll that is waiting
            if next(texts, None) != "5":
                return False
        finally:
            self.upgrading = False
        visit.enter(Stage.OPEN)
        return True

    def _messages(self, wire: runtime.Wire) -> Iterator[str | bytes]:
        """Yield the messages of a WebSocket; pings are answered, and what is no WebSocket's ends it."""
        parser = frames.Frames(self.server.max_http_buffer_size)
        pings = Allowance(runtime.PINGS_AT_ONCE, runtime.PINGS_A_SECOND)
        try:
            while data := wire.read():
                for opcode, payload in parser.feed(data):
                    if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
                        yield payload
                    elif opcode is Opcode.CONTINUATION:
                        slow_lane.wait()
                    elif opcode is Opcode.CLOSE:
                        wire.write(frames.answer_to_close(payload))
                        return
                    else:
                        if not pings.take():
                            slow_lane.wait()
                        if opcode is Opcode.PING:
                            wire.write(frames.control_frame(Opcode.PONG, payload))
        except frames.FrameError as error:
            wire.write(frames.close_frame(error.code, error.reason))

    def _take(self, text: str | bytes) -> None:
        if text[:1] == "4":
            self.receive(packet.Packet(packet.MESSAGE, text[1:]))
        else:
            with suppress(exceptions.UnknownPacketError):
                self.receive(packet.Packet(encoded_packet=text))

    # --- what goes ----------------------------------------------------------------------------------

    def send(self, pkt: Any) -> None:
        if self.closed:
            return
        if self._wire is not None and self.send_frame(_frame(pkt)):
            return
        if self.queue.is_too_long():
            # Not here and now: whoever sends may be in the middle of a flush.
            runtime.spawn(self.lines.drop, self)
        else:
            self.queue.put(pkt)

    def send_message(self, text: str) -> None:
        """Send a packet of Socket.IO's, encoded."""
        if not self.send_frame(frames.text_frame(b"4" + text.encode())):
            self.send(packet.Packet(packet.MESSAGE, text))

    @property
    def wire(self) -> runtime.Wire | None:
        """Where it is written to without the library's queue; None where that cannot be done, or no more."""
        return self._wire

    def send_frame(self, frame: bytes) -> bool:
        """Send a frame that is ready, where that can be done, and return whether it was."""
        wire, gathered = self._wire, self.lines.gathered
        if wire is None:
            return False
        if gathered is None:
            wire.write(frame)
        else:
            gathered[wire] = gathered.get(wire, b"") + frame
        return True

    def _fall_behind(self) -> None:
        """See that what waits to be read does not become too much."""
        if (wire := self._wire) is not None and _is_too_much(wire.unread, wire.unread_bytes):
            self._wire = None
            runtime.spawn(self.lines.drop, self)

    def close(self, wait: bool = False, abort: bool = False, reason: Any = None) -> None:
        super().close(wait=False, abort=abort, reason=reason)  # who waits may wait for good
        self.server.sockets.pop(self.sid, None)  # a request that finds it closed is a 500
        if (wire := self._wire) is not None:
            wire.write((self.lines.gathered or {}).pop(wire, b"") + frames.control_frame(Opcode.CLOSE))
            wire.end()
            self._wire = None
        if self._visit is not None and not abort:
            runtime.Timer(LAST_WORDS_S, self._visit.cut)

    def cut(self) -> None:
        """End the connection at once, whatever still waits for it."""
        self.is_over = True
        self.close(abort=True, reason=self.server.reason.TRANSPORT_ERROR)
        if self._visit is not None:
            self._visit.cut()


def _bounded(base: type) -> type:
    """Return the queue of this mode with a count of what is in it."""

    class Queue(base):  # type: ignore[misc]
        length = 0

        def _put(self, pkt: Any) -> None:
            super()._put(pkt)
            self.length += _length(pkt)

        def _get(self) -> Any:
            pkt = super()._get()
            self.length -= _length(pkt)
            return pkt

        def is_too_long(self) -> bool:
            return _is_too_much(self.qsize(), self.length)

        def take_all(self) -> list[Any]:
            """Return what waits, and no longer."""
            return [self.get(block=False) for _ in range(self.qsize())]

    return _queues.setdefault(base, Queue)


def _is_too_much(messages: int, length: int) -> bool:
    return messages >= UNREAD_MESSAGES or (messages > UNREAD_FEW and length > UNREAD_BYTES)


def _frame(pkt: Any) -> bytes:
    return frames.text_frame(pkt.encode().encode())


def _length(pkt: Any) -> int:
    return len(pkt.data) if pkt is not None and isinstance(pkt.data, (str, bytes)) else 0


class Lines:
    """The lines of a Socket.IO server; made before the first phone connects.

    `has_place` tells whether a connection has a place in a room.
    """

    def __init__(self, server: Any, has_place: Callable[[str], bool], measures: Measures) -> None:
        self._server = server
        self._has_place = has_place
        self.throw_out: Callable[[str], None] = lambda sid: None
        """Closes a connection that floods."""
        self.on_message: Callable[[Line, str | bytes], bool] = lambda line, text: False
        """Takes a Socket.IO packet, or leaves it to the library."""
        self.gathered: dict[runtime.Wire, bytes] | None = None
        """The frames that wait for the end of `gather`, None outside of it."""
        self._for_all: tuple[bytes, Sequence[runtime.Wire]] | None = None
        """A frame that waits too, and goes to each of these before what is gathered for it."""
        self._measures = measures
        # Engine.IO makes its sockets itself and asks nobody of which class.
        engine.socket.Socket = type("Line", (Line,), {"lines": self})
        # A session would keep its request for good, headers and all, and only its address is looked at.
        server.eio.on(
            "connect",
            lambda sid, environ: server._handle_eio_connect(
                sid, {"REMOTE_ADDR": environ.get("REMOTE_ADDR", ""), IS_NEW: True}
            ),
        )

    def send(self, sid: str, text: str) -> None:
        """Send a packet of Socket.IO's, encoded, to one connection, where it is still there."""
        line = self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(sid, "/"))
        if line is not None:
            line.send_message(text)

    def has_place(self, line: Line) -> bool:
        """Tell whether a connection has a place in a room."""
        sid = self._server.manager.sid_from_eio_sid(line.sid, "/")
        return sid is not None and self._has_place(sid)

    def is_straight(self, ws: Any) -> bool:
        """Tell whether a WebSocket can be read and written straight."""
        is_on: bool = self._server.manager.is_on
        # A WebSocket from before RFC 6455 has other frames, and no such attribute.
        return is_on and not getattr(ws, "extensions", True)

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Send what goes to one line within this block in one piece at its end, in order.

        A question that opens is a view and a `you` for each phone, a response a `you` and an
        acknowledgement: half the calls of the system. Nothing within the block waits.
        """
        self.gathered = {}
        try:
            yield
        finally:
            gathered, for_all = self.gathered, self._for_all
            self.gathered = self._for_all = None
            if for_all is not None:
                frame, wires = for_all
                runtime.write_to_all(wires, frame, gathered)
            for wire, data in gathered.items():
                wire.write(data)

    def send_frame_to_all(self, frame: bytes, wires: Sequence[runtime.Wire]) -> None:
        """Send a frame that is ready to all these."""
        gathered = self.gathered
        if gathered is None:
            runtime.write_to_all(wires, frame, {})
        elif self._for_all is None and (not gathered or gathered.keys().isdisjoint(wires)):
            self._for_all = frame, wires
        else:
            for wire in wires:
                gathered[wire] = gathered.get(wire, b"") + frame

    def drop(self, line: Line) -> None:
        """Cut a connection that does not read what is sent to it."""
        if not line.is_over:  # more may have been meant for it before it came to this
            self._measures.dropped_slow += 1
        line.cut()

    def flooded(self, line: Line) -> None:
        """Close a connection for what it sends."""
        sid = self._server.manager.sid_from_eio_sid(line.sid, "/")
        if sid is None:
            line.cut()
        else:
            self.throw_out(sid)

    def sweep(self) -> None:
        """Cut those who never connected, and the oldest of too many without a place."""
        now = time.monotonic()
        strangers = []
        for line in list(self._server.eio.sockets.values()):
            sid = self._server.manager.sid_from_eio_sid(line.sid, "/")
            if sid is None and now - line.opened_at > CONNECT_LIMIT_S:
                line.cut()
            elif not self.has_place(line):
                strangers.append(line)
        for line in strangers[: max(0, len(strangers) - MAX_STRANGERS)]:
            line.cut()
