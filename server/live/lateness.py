"""Whether the loop is late: how long after its time a timer comes to its turn, looked at four times a second.

Whatever the server does by the clock, or in answer to a phone, is as late as that. One delay is nobody's
concern; a second one soon after it is the host's, who can close other programs.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import structlog

from server import runtime

from .measures import Histogram

log = structlog.get_logger()

EVERY_S = 0.25
LATE_S = 0.25
"""Half of the lead with which options go out: with more, on a slow network, a question opens late."""
LATE_TIMES, WINDOW_S = 2, 10.0
"""The loop is late after so many delays within so long, and until for so long there has been none."""


class Lateness:
    """Measures the loop's delay; `late_ms` is the longest of the last ten seconds, None while all is well."""

    def __init__(self, delays: Histogram) -> None:
        self.late_ms: int | None = None
        self._delays = delays
        self._late: deque[tuple[float, float]] = deque()
        """When each delay that was too long ended, and how long it was, in s."""
        self._changed: Callable[[], None] = lambda: None
        self._due_at = 0.0

    def start(self, changed: Callable[[], None]) -> None:
        """Measure from the loop's first turn on; `changed` is called when it is late or well again."""
        self._changed = changed
        runtime.spawn(self._wait)

    def _wait(self) -> None:
        self._due_at = time.monotonic() + EVERY_S
        runtime.Timer(EVERY_S, self._wake)

    def _wake(self) -> None:
        now_s = time.monotonic()
        try:
            self.note(max(0.0, now_s - self._due_at), now_s)
        finally:
            self._wait()

    def note(self, delay_s: float, now_s: float) -> None:
        """Take note of one delay that ended now."""
        self._delays.observe(delay_s)
        if delay_s > LATE_S:
            self._late.append((now_s, delay_s))
        while self._late and now_s - self._late[0][0] > WINDOW_S:
            self._late.popleft()
        was_late = self.late_ms is not None
        is_late = len(self._late) >= (1 if was_late else LATE_TIMES)
        self.late_ms = round(1000 * max(delay for _, delay in self._late)) if is_late else None
        if is_late != was_late:
            log.warning("loop_late" if is_late else "loop_well", late_ms=self.late_ms)
            self._changed()
