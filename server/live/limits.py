"""Slowing down those who guess room codes, and nobody else.

Never by address alone: a whole school shares one. A connection that has failed a few times is refused for
good; when the whole server sees more failures than people mistype, every connection that has failed before is
refused for a while, and look-ups over HTTP, which have no connection, are too.
"""

from __future__ import annotations

from server import runtime
from server.game.errors import TooMany

FAILURES_A_CONNECTION = 10
FAILURES_IN_TOTAL = 60
"""The bucket of all failures: so many at once, one more every second."""
REFILL_MS = 1_000


class FailedCodes:
    """Counts failed codes; shared by joining and by looking a room up."""

    def __init__(self, clock: runtime.Clock) -> None:
        self._clock = clock
        self._left = float(FAILURES_IN_TOTAL)
        self._counted_at = clock.now()

    def check(self, failures_before: int | None) -> None:
        """Refuse to look a code up.

        `failures_before` is how often this connection has failed, None where there is no connection.

        Raises:
            TooMany: wait, and try again.
        """
        if failures_before is not None and failures_before >= FAILURES_A_CONNECTION:
            raise TooMany("Too many wrong codes. Reload the page and look at the screen again.")
        if failures_before != 0 and self._refilled() < 1:
            raise TooMany("Too many wrong codes in this school just now. Try again in a moment.")

    def failed(self) -> None:
        """Count one failure."""
        self._left = max(0.0, self._refilled() - 1)

    @property
    def retry_after_s(self) -> int:
        """Seconds until another failure is allowed."""
        return max(1, round((1 - self._refilled()) * REFILL_MS / 1000))

    def _refilled(self) -> float:
        now = self._clock.now()
        self._left = min(FAILURES_IN_TOTAL, self._left + (now - self._counted_at) / REFILL_MS)
        self._counted_at = now
        return self._left
