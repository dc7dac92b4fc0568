"""What a stretch of a run takes: time, the server's processor, and the generator's own."""

from __future__ import annotations

import contextlib
import gc
import os
import statistics
import sys
import time
from collections.abc import Iterator
from math import log
from pathlib import Path
from types import TracebackType

LARGEST_SHARE = 0.85
"""A generator that is busier than this measures itself."""

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
IS_PINNED = len(CORES) > 1


class NotHere(Exception):
    """This system does not say what has to be measured."""


def pinning() -> str:
    """Say which core is whose."""
    if IS_PINNED:
        return f"the server on core {CORES[0]}, the generator on core {CORES[1]}"
    return "not pinned: " + ("there is one core" if CORES else "this system does not let one choose a core")


@contextlib.contextmanager
def on_server_core() -> Iterator[None]:
    """Have what is started meanwhile run on the server's core; the generator goes to its own afterwards."""
    if not IS_PINNED:
        yield
        return
    os.sched_setaffinity(0, {CORES[0]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, {CORES[1]})


def cpu_s(pid: int) -> float:
    """Return the processor time of another process, all its threads together. Raises: NotHere."""
    if sys.platform != "linux":
        raise NotHere("only Linux says exactly how much processor time another process has used")
    # What clock_getcpuclockid(3) returns: the process's clock in ns, where /proc counts in ticks of 10 ms.
    return time.clock_gettime((~pid << 3) | 2)


def memory_bytes(pid: int) -> int:
    """Return the memory that a process holds (resident set). Raises: NotHere."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        raise NotHere("the memory of a process is read in /proc")
    return int(status.read_text().partition("VmRSS:")[2].split()[0]) * 1024


class Stretch:
    """One measured stretch: `with Stretch(pid) as stretch: …`; the generator collects no garbage in it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.wall_s = self.own_s = self.server_s = 0.0

    def __enter__(self) -> Stretch:
        gc.collect()
        self._server_at = cpu_s(self._pid)
        gc.disable()  # a collection looks at thousands of phones, and would count as the server's delay
        self._wall_at, self._own_at = time.perf_counter(), time.process_time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wall_s = time.perf_counter() - self._wall_at
        self.own_s = time.process_time() - self._own_at
        self.server_s = cpu_s(self._pid) - self._server_at
        gc.enable()

    @property
    def own_share(self) -> float:
        """How busy the generator was."""
        return self.own_s / self.wall_s

    @property
    def server_share(self) -> float:
        """How busy the server was."""
        return self.server_s / self.wall_s


class Series:
    """The figures of one thing, one a round, each with how busy the generator was meanwhile.

    What does not depend on the generator is added without that.
    """

    def __init__(self) -> None:
        self.values: list[float] = []
        self.own_shares: list[float] = []

    def add(self, value: float, own_share: float = 0.0) -> None:
        self.values.append(value)
        self.own_shares.append(own_share)

    def drop_first(self) -> None:
        """Leave out the round in which everything was new."""
        del self.values[0], self.own_shares[0]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def own_share(self) -> float:
        """How busy the generator was at its busiest."""
        return max(self.own_shares)

    @property
    def is_refused(self) -> bool:
        """Tell whether the generator was too busy for these figures to be the server's."""
        return self.own_share > LARGEST_SHARE


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share of them lies."""
    return sorted(values)[int(share * (len(values) - 1))]


def exponent(costs: dict[int, float]) -> float:
    """Return the slope of cost over size in the log-log plane, by least squares; 1 is linear."""
    slope, _ = statistics.linear_regression([log(n) for n in costs], [log(cost) for cost in costs.values()])
    return slope
