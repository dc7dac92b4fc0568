"""Socket.IO's events on their way in: from a line to the handler, and the acknowledgement back.

python-socketio takes an event through nine functions and acknowledges it when the last has returned. An
answer is acknowledged when the journal holds it, hundreds of them in one flush; no task waits for that here.
What is no plain event or acknowledgement, such as a connect or nonsense, goes the library's way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from time import perf_counter
from typing import Any

from . import wire_json
from .fanout import NAMESPACE
from .lines import Line, Lines
from .measures import Histogram, Measures
from .protocol import Incoming

Ack = dict[str, Any]
Reply = Callable[[Ack], None]
Handle = Callable[[str, str, list[Any], Reply], None]
"""Takes sid, the event's name, its arguments, and what to acknowledge it with, once."""

Acknowledged = Callable[[str, int], None]
"""Takes sid and number of what a client has acknowledged; the server asks that of probes alone."""

_EVENT = re.compile(r"2(\d{0,15})\[", re.ASCII)
_ACKNOWLEDGEMENT = re.compile(r"3(\d{1,15})\[", re.ASCII)


class Dispatch:
    """Hands what comes on the lines to `handle` and `acknowledged`, and counts how long an event takes."""

    def __init__(
        self, server: Any, lines: Lines, handle: Handle, acknowledged: Acknowledged, measures: Measures
    ) -> None:
        self._manager = server.manager
        self._handle, self._acknowledged = handle, acknowledged
        self._durations = measures.acknowledgements
        self._durations.update((event.value, Histogram()) for event in Incoming)
        lines.on_message = self._take

    def _take(self, line: Line, text: str | bytes) -> bool:
        """Handle a message that is a plain event or acknowledgement, and tell whether it was one."""
        if not isinstance(text, str):
            return False
        if text.startswith("3"):
            return self._take_acknowledgement(line, text)
        head = _EVENT.match(text)
        if head is None:
            return False
        try:
            name, *arguments = wire_json.loads(text[head.end() - 1 :])
        except ValueError:
            return False
        sid = self._manager.sid_from_eio_sid(line.sid, NAMESPACE)
        if not isinstance(name, str) or not self._manager.is_connected(sid, NAMESPACE):
            return False
        number, duration, came_at = head[1], self._durations.get(name), perf_counter()

        def reply(ack: Ack) -> None:
            line.send_message(f"3{number}{wire_json.dumps([ack])}")
            if duration:
                duration.observe(perf_counter() - came_at)

        self._handle(sid, name, arguments, reply if number else _ignore)
        return True

    def _take_acknowledgement(self, line: Line, text: str) -> bool:
        head = _ACKNOWLEDGEMENT.match(text)
        sid = self._manager.sid_from_eio_sid(line.sid, NAMESPACE)
        if head is None or sid is None:
            return False
        self._acknowledged(sid, int(head[1]))
        return True


def _ignore(_: Ack) -> None:
    """Nobody asked for an acknowledgement."""
