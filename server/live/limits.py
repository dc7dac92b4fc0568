"""Slowing down those who guess room codes, or the check of a room, and nobody else.

What a guesser gains is answers, so answers to wrong codes are what is bounded, whatever the number of
connections and addresses they come from. Never by address alone: a whole school shares one.

- A connection that has failed ten times is refused for good.
- All failures share a bucket: 100 at once, one more a second. That is more than a school of 500 mistypes in
  the ten seconds in which it comes in. While it holds, nobody waits.
- While it is empty, connections that have failed before are refused, and so are look-ups over HTTP, which
  have no connection. A connection's first code cannot be refused without keeping out those who come in
  just now, and cannot be answered at once either: whoever opens a connection for each guess would never
  be slowed. So first codes stand in line until they may be looked at, 20 at once and one more every 50
  ms. A wrong one uses up its place and a right one gives it back, so a class comes in as fast as ever.
  Who has waited three seconds is refused unseen.
- In line, addresses take turns, and within an address who came first. A guesser in a school's own network,
  where each phone has its address, holds up nobody else; behind one address with the class, a guesser with
  n connections holds each newcomer up for n · 50 ms.
- Who brings a seat's or the host's token, or the secret of the QR code, knows what nobody guesses, and is
  not slowed at all.

So at most 120 wrong codes are answered at once and 21 a second in the long run: to try all 900,000 takes
half a day. The typed check has counts of its own, 80 at once and one place a second: of its 4,096 patterns
two are good at a time, so a bot that knows the code comes in about once in a quarter of an hour, and the
host sees it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from server import runtime
from server.game.errors import TooMany

FAILURES_A_CONNECTION = 10
FAILED_CODES, FAILED_CHECKS = 100, 60
"""The buckets of all failures: so many at once, one more every second."""
REFILL_MS = 1_000
CODES_LINE_MS, CHECKS_LINE_MS = 50, 1_000
"""One place in line every so many ms while the bucket is empty."""
PLACES_AT_ONCE = 20
PATIENCE_MS = 3_000
"""How long a first code stands in line; a phone waits 5 s for an acknowledgement."""
LONGEST_LINE = 4_000


@dataclass
class _Waiting:
    since: int
    signal: runtime.Signal = field(default_factory=runtime.Signal)
    is_let_in: bool = False


class FailedGuesses:
    """Counts what was guessed wrong; one for codes, shared by joining and looking a room up, one for checks.

    `at_once` is what the bucket holds, `line_ms` how often a wrong first guess is answered while it is empty.
    """

    def __init__(self, clock: runtime.Clock, at_once: int, line_ms: int) -> None:
        self._clock = clock
        self._at_once = at_once
        self._line_ms = line_ms
        self._left = float(at_once)
        self._counted_at = clock.now()
        self._lock = threading.RLock()
        self._line: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        """Address → who waits there, the first first; the address whose turn is next stands in front."""
        self._in_line = 0
        self._next_place_at = 0
        self._timer: runtime.Timer | None = None

    def check(self, failures_before: int | None) -> None:
        """Refuse a guess that has no connection (None), or whose connection has failed before.

        Raises:
            TooMany: wait, and try again.
        """
        if failures_before is not None and failures_before >= FAILURES_A_CONNECTION:
            raise TooMany("Too many wrong tries. Reload the page and look at the screen again.")
        if failures_before != 0 and self._refilled() < 1:
            raise _too_many()

    def stand_in_line(self, address: str) -> bool:
        """Let a connection's first guess through: at once, or while the bucket is empty in its turn.

        Returns whether it took a place in line, which `found` gives back.

        Raises:
            TooMany: its turn did not come in time.
        """
        with self._lock:
            if self._refilled() >= 1 and not self._in_line:
                return False
            if self._in_line >= LONGEST_LINE:
                raise _too_many()
            waiting = _Waiting(self._clock.now())
            self._line.setdefault(address, deque()).append(waiting)
            self._in_line += 1
            self._go_on()
        waiting.signal.wait()
        if not waiting.is_let_in:
            raise _too_many()
        return True

    def found(self) -> None:
        """Give back the place that a right guess took in line."""
        with self._lock:
            self._next_place_at -= self._line_ms
            self._go_on()

    def failed(self) -> None:
        """Count one failure."""
        with self._lock:
            self._left = max(0.0, self._refilled() - 1)

    @property
    def retry_after_s(self) -> int:
        """Seconds until another failure is allowed."""
        return max(1, round((1 - self._refilled()) * REFILL_MS / 1000))

    def _refilled(self) -> float:
        now = self._clock.now()
        self._left = min(self._at_once, self._left + (now - self._counted_at) / REFILL_MS)
        self._counted_at = now
        return self._left

    # --- the line -----------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Let in as many as there are places for, refuse who has waited too long, and come back later."""
        now = self._clock.now()
        for address in [a for a, those in self._line.items() if those[0].since + PATIENCE_MS <= now]:
            while address in self._line and self._line[address][0].since + PATIENCE_MS <= now:
                self._call(address)
        # Right codes hold their places for a turn of the loop: several are looked at together.
        self._next_place_at = max(self._next_place_at, now - (PLACES_AT_ONCE - 1) * self._line_ms)
        while self._line and self._next_place_at <= now:
            self._next_place_at += self._line_ms
            address = next(iter(self._line))
            self._call(address, is_let_in=True)
            if address in self._line:
                self._line.move_to_end(address)
        if self._line and self._timer is None:
            self._timer = runtime.Timer((self._next_place_at - now) / 1000, self._on_timer)

    def _call(self, address: str, *, is_let_in: bool = False) -> None:
        """Tell the first in line at an address that its turn has come, or will not."""
        those = self._line[address]
        waiting = those.popleft()
        if not those:
            del self._line[address]
        self._in_line -= 1
        waiting.is_let_in = is_let_in
        waiting.signal.give()

    def _on_timer(self) -> None:
        with self._lock:
            self._timer = None
            self._go_on()


def _too_many() -> TooMany:
    return TooMany("Too many wrong tries in this school just now. Try again in a moment.")
