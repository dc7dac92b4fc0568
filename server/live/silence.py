"""Notices connections that are gone without having closed: a phone that sleeps, a network that is no more."""

from __future__ import annotations

import time
from typing import Any

from server import runtime

from .lines import Lines

CHECK_S = 0.5
"""How often it is looked whether a ping is due, or has gone unanswered for too long.

Engine.IO's own watch looks at each connection once in a ping timeout, which on top of interval and timeout is
more than the 20 s within which a silent phone has to be noticed.
"""


def watch(server: Any, lines: Lines) -> None:
    """Look at all connections of this Socket.IO server from now on; its own watch has to be off."""

    def check() -> None:
        now = time.monotonic()
        try:
            for sid, connection in list(server.eio.sockets.items()):
                if connection.closed:
                    server.eio.sockets.pop(sid, None)
                elif not connection.closing:
                    connection.watch(now)
            lines.sweep()
        finally:
            runtime.Timer(CHECK_S, check)

    runtime.Timer(CHECK_S, check)
