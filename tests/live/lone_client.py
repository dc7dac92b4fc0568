"""What the players' and the host's own processes share; written from docs/protocol.md alone.

They use the library's client, not the tests' own, so that two implementations have to agree with the server.
Each takes its task as JSON on standard input and reports as JSON on standard output.
"""

from __future__ import annotations

import json
import queue
import sys
from typing import Any

import socketio

PATIENCE_S = 30


class LoneClient:
    """One connection to a room."""

    def __init__(self, address: str, room: str) -> None:
        self.news: queue.Queue[tuple[str, Any]] = queue.Queue()
        """Every `view`, `you` and `closed` in the order in which they came, and at last `disconnect`."""
        self.standings: list[dict[str, Any]] = []
        """The leaderboards that were shown, each with its phase and `seq`."""
        self._socket = socketio.Client(reconnection=False)
        self._socket.on("view", lambda view: self._take("view", view))
        self._socket.on("you", lambda you: self._take("you", you))
        self._socket.on("closed", lambda closed: self._take("closed", closed))
        self._socket.on("disconnect", lambda reason: self._take("disconnect", reason))
        self._socket.on("probe", lambda _: {})
        for event in ("tally", "roster"):
            self._socket.on(event, lambda _: None)
        self._socket.connect(f"http://{address}?room={room}", transports=["websocket"])

    def _take(self, name: str, payload: Any) -> None:
        if name == "view" and "leaderboard" in payload:
            self.standings.append({name: payload[name] for name in ("game", "phase", "seq", "leaderboard")})
        self.news.put((name, payload))

    def ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send an event and return its acknowledgement, which has to say yes."""
        ack: dict[str, Any] = self._socket.call(event, payload, timeout=PATIENCE_S)
        if not ack["ok"]:
            raise SystemExit(f"{event} {payload} was refused: {ack}")
        return ack

    def now(self) -> int:
        now: int = self.ask("clock", {})["now"]
        return now

    def wait_until(self, moment: int) -> None:
        while (left_ms := moment - self.now()) > 0:
            self._socket.sleep(left_ms / 1000)

    def leave(self) -> None:
        self._socket.disconnect()


def task() -> dict[str, Any]:
    read: dict[str, Any] = json.load(sys.stdin)
    return read


def report(**findings: Any) -> None:
    json.dump(findings, sys.stdout)
