"""Runs a server without one of the things that make it fast; LEVER says which of `LEVERS`."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable
from typing import Any

from server import runtime


def straight() -> None:
    """Take Engine.IO's queues, writers and reading for everything."""
    from server.live.fanout import Fanout

    Fanout.turn_on = lambda self, lines: None  # type: ignore[method-assign]


def keeping() -> None:
    """Look up each phone of a room for each message that goes to all of them."""
    from server.live.fanout import Fanout

    Fanout._straight = property(lambda self: {}, lambda self, value: None)  # type: ignore[assignment]


def gathering() -> None:
    """Send each frame by itself."""
    from server.live.lines import Lines

    Lines.gather = contextlib.nullcontext  # type: ignore[method-assign, assignment]


def registration() -> None:
    """Read first, and register the socket each time that there is nothing, as eventlet does."""
    runtime.Wire.read = lambda self: self._green.recv(runtime.READ_BYTES)  # type: ignore[method-assign]


def later() -> None:
    """Have a task wait for each acknowledgement."""
    from server.live.handlers import Handlers

    answer = Handlers._answer

    def waiting(self: Any, connection: Any, message: Any) -> Any:
        answered = answer(self, connection, message)
        return self._rooms.execute(answered.live, answered.commands, answered.answer)

    Handlers._answer = waiting  # type: ignore[method-assign, assignment]


def resting() -> None:
    """Write to the journal in every turn of the loop."""
    from server.live import rooms

    rooms.REST_S = 0.0


def garbage() -> None:
    """Look for garbage as often as Python does by itself."""
    runtime.GC_THRESHOLD = gc.get_threshold()[0]


def everything() -> None:
    """Leave out all of it."""
    for leave_out in (straight, keeping, gathering, registration, later, resting, garbage):
        leave_out()


LEVERS: dict[str, Callable[[], None]] = {
    "straight lines": straight,
    "keeping where a room is written to": keeping,
    "gathering what goes to one phone": gathering,
    "lasting registration": registration,
    "acknowledging in the flush": later,
    "a rest between turns": resting,
    "rarer looks for garbage": garbage,
    "all of these": everything,
}

if __name__ == "__main__":
    runtime.patch()
    runtime.patch = lambda: None  # once is enough
    LEVERS[os.environ["LEVER"]]()
    from server import cli

    sys.exit(cli.main())
