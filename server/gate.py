"""Who may hold a connection and for how long, and the lane in which all that is too much waits together.

Nothing here goes by address: a whole school shares one. What goes beyond anybody's need is not refused at
once but made to wait, behind everything else that does; so three hundred who flood the server get from it
together what a few get who do not, and the lesson goes on.
"""

from __future__ import annotations

import _socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import Any

SLOW_LANE_A_SECOND = 400
"""How much of what is too much is done in a second, all connections together."""
LONGEST_WAIT_S = 10.0
"""A connection that waits keeps its memory, also one that has ended meanwhile."""
REQUESTS_AT_ONCE, REQUESTS_A_SECOND = 40, 10
"""The HTTP requests of one connection that need not wait; a phone's first load has twenty in all."""
MAX_UNFINISHED = 2_000
"""Connections without a whole request, of which the oldest then makes room for a new one."""
MIN_AGE_S = 1.0
"""A connection younger than this makes room for nobody while there is room for it."""


class Stage(Enum):
    """Where a connection stands, and how many seconds it may stand there."""

    GREETING = 10.0, "the TLS handshake"
    WAITING = 30.0, "nothing has come yet, or nothing more since the last answer"
    QUEUEING = 60.0, "a request has begun to come, and those before it have their turn first"
    ASKING = 20.0, "a request has begun: its first byte is there, its last is not"
    ANSWERING = 120.0, "the answer is made, or on its way to somebody who reads slowly"
    UPGRADING = 20.0, "a WebSocket is to take the place of long-polling"
    OPEN = float("inf"), "a WebSocket, which Engine.IO's pings watch over"

    @property
    def limit_s(self) -> float:
        return self.value[0]


UNFINISHED = (Stage.GREETING, Stage.WAITING, Stage.ASKING)


class Allowance:
    """So much at once, and so much a second from then on."""

    def __init__(self, at_once: float, a_second: float) -> None:
        self.at_once, self.a_second = at_once, a_second
        self.left = at_once
        self._counted_at = time.monotonic()

    def take(self, cost: float = 1.0) -> bool:
        """Return whether there is some left, and take it."""
        now = time.monotonic()
        self.left = min(self.at_once, self.left + (now - self._counted_at) * self.a_second)
        self._counted_at = now
        if self.left <= 0:
            return False
        self.left -= cost
        return True


class SlowLane:
    """One after the other, a few a second; nobody waits longer than `LONGEST_WAIT_S`, however many do."""

    def __init__(self, a_second: float) -> None:
        self._step_s = 1 / a_second
        self._free_at = 0.0

    def wait(self, share: float = 1.0) -> None:
        """Wait for one's turn; `share` is how much of a turn one takes."""
        now = time.monotonic()
        turn = min(max(now, self._free_at), now + LONGEST_WAIT_S)
        self._free_at = turn + self._step_s * share
        time.sleep(max(0.0, turn - now))


slow_lane = SlowLane(SLOW_LANE_A_SECOND)
"""The one of this process."""


class Visit:
    """One connection."""

    def __init__(self, gate: Gate, connection: Any) -> None:
        self._gate = gate
        self._connection = connection
        self._requests = Allowance(REQUESTS_AT_ONCE, REQUESTS_A_SECOND)
        self.stage = Stage.GREETING
        self.is_cut = False
        self.outlives_request = False
        """Whether somebody has taken the connection over, who leaves when it ends."""
        self.since = time.monotonic()

    def enter(self, stage: Stage) -> None:
        """Go on to this stage."""
        self.stage, self.since = stage, time.monotonic()
        self._gate.note(self)

    def take_turn(self, wait: Callable[[], None]) -> None:
        """Wait for a turn: in the slow lane where the connection asks too often, else by `wait`."""
        if self._gate.are_shared or self._requests.take():
            wait()
        else:
            slow_lane.wait()

    def take_over(self) -> None:
        """Keep the connection when its request is done: a WebSocket needs nothing that the request did."""
        self.outlives_request = True

    def leave(self) -> None:
        """Say that a connection that was taken over has ended."""
        self._gate.leave(self)

    def cut(self) -> None:
        """End the connection at once: whoever reads from it or writes to it wakes up."""
        self.is_cut = True
        with suppress(OSError):  # it has ended by itself
            # An SSLSocket's own `shutdown` would pull its session from under the reader.
            _socket.socket.shutdown(getattr(self._connection, "fd", self._connection), _socket.SHUT_RDWR)


class Gate:
    """All connections of the listener, at most `places` of them."""

    def __init__(self, places: int, *, are_shared: bool = False) -> None:
        self.places = places
        self.are_shared = are_shared
        """Whether a connection is a proxy's, which carries the requests of a whole school."""
        self._visits: dict[Visit, None] = {}
        self._unfinished: dict[Visit, None] = {}
        """Those without a whole request, the one that has stood longest where it stands first."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._visits)

    def admit(self, connection: Any) -> Visit:
        """Let a new connection in; where it is one too many, an unfinished one goes."""
        visit = Visit(self, connection)
        with self._lock:
            self._visits[visit] = self._unfinished[visit] = None
            is_full = len(self._visits) > self.places
            is_crowded = len(self._unfinished) > MAX_UNFINISHED
        if is_full or is_crowded:
            self.make_room(0.0 if is_full else MIN_AGE_S)
        return visit

    def note(self, visit: Visit) -> None:
        """Take note that a connection has gone on to another stage."""
        with self._lock:
            self._unfinished.pop(visit, None)
            if visit.stage in UNFINISHED and visit in self._visits:
                self._unfinished[visit] = None

    def leave(self, visit: Visit) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._visits.pop(visit, None)
            self._unfinished.pop(visit, None)

    def make_room(self, min_age_s: float = 0.0) -> None:
        """End the unfinished connection that has stood longest where it stands."""
        with self._lock:
            oldest = next(iter(self._unfinished), None)
            if oldest is None or time.monotonic() - oldest.since < min_age_s:
                return
            del self._unfinished[oldest]
        oldest.cut()

    def sweep(self) -> None:
        """End the connections that have stood too long where they stand."""
        now = time.monotonic()
        with self._lock:
            late = [visit for visit in self._visits if now - visit.since > visit.stage.limit_s]
        for visit in late:
            visit.cut()
