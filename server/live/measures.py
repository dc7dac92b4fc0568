"""What the server counts of itself, in plain numbers: to count costs a fifth of a microsecond."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The buckets of a histogram: up to and including so many seconds; the last has what took longer."""


class Histogram:
    """How long something took, each time, by bucket.

    There is no lock: each count is one step of the interpreter, and a sum is for an average.
    """

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.sum_s = 0.0

    def observe(self, duration_s: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BOUNDS_S, duration_s)] += 1
        self.sum_s += duration_s


@dataclass
class Measures:
    """Everything that is measured in this process, from its start on."""

    acknowledgements: dict[str, Histogram] = field(default_factory=dict)
    """Event → how long from its arrival to its acknowledgement."""
    broadcast: Histogram = field(default_factory=Histogram)
    """Rendering what a turn of the loop has to show, and handing it to the connections."""
    commit: Histogram = field(default_factory=Histogram)
    """Writing the events of one turn to the journal."""
    loop_delay: Histogram = field(default_factory=Histogram)
    """How long after its time a timer came to its turn."""
    dropped_slow: int = 0
    """Connections that were cut since too much waited for them to be read."""
