"""Notices connections that are gone without having closed: a phone that sleeps, a network that is no more."""

from __future__ import annotations

from typing import Any

from engineio.exceptions import SocketIsClosedError

from server import runtime

from .lines import Lines

CHECK_S = 1.0
"""How often it is looked whether a ping has gone unanswered for too long.

Engine.IO's own watch looks at each connection once in a ping timeout, which on top of interval and timeout is
more than the 20 s within which a silent phone has to be noticed.
"""


def watch(server: Any, lines: Lines) -> None:
    """Look at all connections of this Socket.IO server from now on; its own watch has to be off."""

    def check() -> None:
        try:
            for sid, connection in list(server.eio.sockets.items()):
                if connection.closed:
                    server.eio.sockets.pop(sid, None)
                elif not connection.closing:
                    _check(connection)
            lines.sweep()
        finally:
            runtime.Timer(CHECK_S, check)

    runtime.Timer(CHECK_S, check)


def _check(connection: Any) -> None:
    try:
        connection.check_ping_timeout()
    except SocketIsClosedError:  # in the very instant, by itself
        return
