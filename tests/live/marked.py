"""Runs a server that prints `queued` for each packet to a WebSocket that goes through Engine.IO's queue.

FANOUT=off takes the ordinary way for all; FANOUT=changed has an Engine.IO that is not as the fan-out knows
it, FANOUT=new-hub such an eventlet.
PLACES is how many connections it has room for.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from server import runtime

runtime.patch()

from engineio import socket  # noqa: E402
from eventlet import hubs  # noqa: E402

from server import cli  # noqa: E402
from server.live.fanout import Fanout  # noqa: E402
from server.live.lines import Line  # noqa: E402


def mark() -> None:
    """Print for each packet that is queued although its connection is a WebSocket."""
    send = Line.send

    def marked(self: Any, pkt: Any) -> None:
        if self.upgraded and not self.closed and self.wire is None:
            print("queued", flush=True)
        send(self, pkt)

    Line.send = marked  # type: ignore[method-assign]


def change(fanout: str) -> None:
    """Make the fan-out, or the library below it, what the test wants."""
    if fanout == "off":
        Fanout.turn_on = lambda self, lines: None  # type: ignore[method-assign]
    if fanout == "changed":
        plain = socket.Socket._websocket_handler
        socket.Socket._websocket_handler = lambda self, ws, *new: plain(self, ws)
    if fanout == "new-hub":
        hub = type(hubs.get_hub())
        add = hub.add
        hub.add = lambda self, *arguments: add(self, *arguments)


if __name__ == "__main__":
    mark()
    change(os.environ["FANOUT"])
    runtime.MAX_CONNECTIONS["eventlet"] = int(os.environ.get("PLACES", runtime.MAX_CONNECTIONS["eventlet"]))
    runtime.patch = lambda: None  # once is enough
    sys.exit(cli.main())
