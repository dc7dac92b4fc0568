"""A phone that knows the time as a real one does: static/shared/clock.js, in Python."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.live.client import PATIENCE_S, Phone

FIRST_SAMPLES = 5
FIRST_GAP_S = 0.15
LATER_GAP_S = 20.0
KEPT_SAMPLES = 8
KEPT_MS = 120_000


def monotonic_ms() -> float:
    """Return this machine's monotonic time, which to a phone is `performance.now()`."""
    return time.monotonic() * 1000


@dataclass(frozen=True)
class Sample:
    """One question to the server for its time; `offset` is what to add to this machine's time."""

    offset: float
    round_trip: float
    taken: float

    def agrees(self, other: Sample) -> bool:
        return abs(self.offset - other.offset) <= (self.round_trip + other.round_trip) / 2 + 20


class PhoneClock:
    """The server's time out of several samples, the one with the shortest round trip counts."""

    def __init__(self, ask: Callable[[], int]) -> None:
        self._ask = ask
        self._samples: list[Sample] = []
        self._is_over = threading.Event()
        self._taken = 0
        self.is_synced = threading.Event()
        """Given when the first samples have been taken."""

    def start(self) -> None:
        """Take samples from now on: a few at once, then now and then."""
        threading.Thread(target=self._keep_sampling, daemon=True).start()

    def stop(self) -> None:
        self._is_over.set()

    def _keep_sampling(self) -> None:
        with contextlib.suppress(AssertionError, OSError):  # the connection is gone, and with it the clock
            while not self._is_over.is_set():
                self.sample()
                self._is_over.wait(FIRST_GAP_S if self._taken < FIRST_SAMPLES else LATER_GAP_S)

    def sample(self) -> None:
        asked = monotonic_ms()
        now = self._ask()
        taken = monotonic_ms()
        new = Sample(now - (asked + taken) / 2, taken - asked, taken)
        kept = [old for old in self._samples if taken - old.taken <= KEPT_MS and old.agrees(new)]
        self._samples = [*kept[1 - KEPT_SAMPLES :], new]
        self._taken += 1
        if self._taken >= FIRST_SAMPLES:
            self.is_synced.set()

    @property
    def best(self) -> Sample:
        return min(self._samples, key=lambda sample: sample.round_trip)

    def now(self) -> float:
        """Return the server's time in ms, as far as it is known here."""
        return monotonic_ms() + self.best.offset

    def wait_until(self, moment: float) -> None:
        """Wait for a moment of the server's time."""
        while (left_ms := moment - self.now()) > 0:
            self._is_over.wait(left_ms / 1000)


class HonestPhone(Phone):
    """A phone that says when its student chose, by its own clock."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.clock = PhoneClock(lambda: self.ask("clock", {})["now"])
        self.clock.start()

    def wait_until_synced(self) -> None:
        """Wait for the first samples of both sides: the phone's of the time, the server's of the way."""
        assert self.clock.is_synced.wait(PATIENCE_S), "no time came from the server"
        self.wait_for(lambda phone: phone.probes >= FIRST_SAMPLES)

    def choose(self, response: Any) -> int:
        """Respond now and return the time that counts."""
        return self.answer(response, at=round(self.clock.now()))

    def drop(self) -> None:
        self.clock.stop()
        super().drop()
