"""Merging: a message that may be due many times a second goes out a few times a second."""

from __future__ import annotations

from collections.abc import Callable

from server import runtime


class Merged:
    """One message that is due at most once an interval, and always once more after the last change.

    `ask` is called when the interval is over and the message still due; what it asks for is a flush, in which
    `take` says yes.
    """

    def __init__(self, interval_ms: int, clock: runtime.Clock, ask: Callable[[], None]) -> None:
        self.interval_ms = interval_ms
        self._clock = clock
        self._ask = ask
        self._taken_at = 0
        self._is_due = False
        self._timer: runtime.Timer | None = None

    def mark(self) -> None:
        """Note that there is something to send."""
        self._is_due = True

    def take(self, *, at_once: bool = False) -> bool:
        """Return whether to send now; if it is too early, a flush will be asked for when it is time."""
        if not self._is_due:
            return False
        wait_ms = self._taken_at + self.interval_ms - self._clock.now()
        if wait_ms > 0 and not at_once:
            if self._timer is None:
                self._timer = runtime.Timer(wait_ms / 1000, self._wake)
            return False
        self._is_due = False
        self._taken_at = self._clock.now()
        return True

    def _wake(self) -> None:
        self._timer = None
        self._ask()
