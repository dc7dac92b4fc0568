"""One encoded frame to many sockets: what a whole class gets is built once and written straight to each.

python-socketio encodes a broadcast once too, but puts it into a queue for each phone, of which a task for
each phone takes, frames and sends it. Here the frame goes straight to every line that can take it (lines.py),
and the ordinary way to all others: long-polling, TLS, the threading mode.
"""

from __future__ import annotations

import inspect
from typing import Any

import structlog
from engineio import packet as engine_packet
from engineio.socket import Socket
from socketio import packet
from socketio.manager import Manager

from server import runtime

from . import frames, wire_json
from .lines import Lines

log = structlog.get_logger()

NAMESPACE = "/"

_SAMPLE = ["view", {"phase": "lobby", "options": ["a", "é"], "long": "x" * 200}]
_EMIT = ["self", "event", "data", "namespace", "room", "skip_sid", "callback", "to", "kwargs"]
_ENTER, _LEAVE = ["self", "sid", "namespace", "room", "eio_sid"], ["self", "sid", "namespace", "room"]
_SOCKET = ["server", "sid", "queue", "last_ping", "connected", "upgrading", "upgraded", "closing", "closed"]


class Fanout(Manager):  # type: ignore[misc]  # the library has no types
    """The manager of a Socket.IO server's clients, with a short way to those that are straight."""

    is_on = False
    """Whether frames are written straight; `turn_on` sets it where the libraries are as we know them."""

    lines: Lines

    def __init__(self) -> None:
        super().__init__()
        self._straight: dict[str | None, list[runtime.Wire]] = {}
        """Where a room is written to that is straight as a whole, until somebody enters or leaves it.

        One who has gone in the meantime has a wire that takes nothing any more.
        """

    def turn_on(self, lines: Lines) -> None:
        """Write straight from now on; where the libraries are not as this expects, say so once and do not."""
        self.lines = lines
        if runtime.ASYNC_MODE != "eventlet":
            return
        reason = _what_differs(self.server)
        self.is_on = reason is None
        if reason:
            log.warning("fanout_off", reason=reason)

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | None = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Emit as python-socketio does; what is the same for all is framed once."""
        is_same_for_all = not (callback or skip_sid or isinstance(data, (tuple, bytes)))
        if not (self.is_on and is_same_for_all and namespace == NAMESPACE):
            super().emit(event, data, namespace, room, skip_sid, callback, to, **kwargs)
            return
        text = wire_json.dumps([event] if data is None else [event, data])
        frame = frames.text_frame(b"42" + text.encode())
        wires = self._straight.get(to or room)
        if wires is not None:
            self.lines.send_frame_to_all(frame, wires)
            return
        sockets = self.server.eio.sockets
        lines = [sockets[eio_sid] for eio_sid in self._receivers(to or room) if eio_sid in sockets]
        wires = [line.wire for line in lines if line.wire is not None]
        self.lines.send_frame_to_all(frame, wires)
        others = [line for line in lines if line.wire is None]
        if others:
            slow = engine_packet.Packet(engine_packet.MESSAGE, "2" + text)
            for line in others:
                line.send(slow)
        elif wires:  # a room without anybody is nobody's to leave
            self._straight[to or room] = wires

    def has_members(self, room: str) -> bool:
        """Tell whether anybody is in a room."""
        return bool(self._receivers(room))

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        self._straight.pop(room, None)
        super().basic_enter_room(sid, namespace, room, eio_sid)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        self._straight.pop(room, None)
        super().basic_leave_room(sid, namespace, room)

    def _receivers(self, room: str | None) -> Any:
        """Return the Engine.IO ids of who is in a room."""
        members = self.rooms.get(NAMESPACE, {}).get(room)
        return () if members is None else members.values()


def _what_differs(server: Any) -> str | None:
    """Return what the libraries do otherwise than this file and lines.py expect; None where nothing is."""
    if list(inspect.signature(Manager.emit).parameters) != _EMIT:
        return "Manager.emit takes other arguments"
    if list(inspect.signature(Manager.basic_enter_room).parameters) != _ENTER:
        return "Manager.basic_enter_room takes other arguments"
    if list(inspect.signature(Manager.basic_leave_room).parameters) != _LEAVE:
        return "Manager.basic_leave_room takes other arguments"
    if list(inspect.signature(Socket._websocket_handler).parameters) != ["self", "ws"]:
        return "Socket._websocket_handler takes other arguments"
    missing = set(_SOCKET) - set(vars(Socket(server.eio, "rehearsal")))
    if missing:
        return f"Engine.IO's socket has no {', '.join(sorted(missing))}"
    theirs = engine_packet.Packet(
        engine_packet.MESSAGE, server.packet_class(packet.EVENT, data=_SAMPLE, namespace=NAMESPACE).encode()
    ).encode()
    if theirs != "42" + wire_json.dumps(_SAMPLE):
        return "a packet is written otherwise"
    if runtime.eventlet_s_frame(theirs) != frames.text_frame(theirs.encode()):
        return "a frame is written otherwise"
    return runtime.what_eventlet_does_otherwise()
