"""The connections of this server: which seat each has, and how far away it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from server.gate import Allowance

from .rooms import LiveRoom

SAMPLES = 5
"""The compensation is the highest of so many round trips."""
NONSENSE_AT_ONCE, NONSENSE_A_SECOND = 100, 2
"""Messages that are none of ours, from one connection, before it is closed; a phone sends not one."""


@dataclass
class Connection:
    """One Socket.IO connection; it has at most one role, in one room."""

    sid: str
    last_heard: int
    address: str = ""
    role: Literal["player", "host"] | None = None
    live: LiveRoom | None = None
    player_id: str | None = None
    remote_id: str | None = None
    """Which remote a host is, None for a projector."""
    channel: str | None = None
    """The Socket.IO room whose views it gets."""
    failed_guesses: int = 0
    known_room: str | None = None
    """The code that this connection has come with."""
    nonsense: Allowance = field(default_factory=lambda: Allowance(NONSENSE_AT_ONCE, NONSENSE_A_SECOND))
    is_thrown_out: bool = False
    round_trips: deque[int] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    probes_out: dict[int, int] = field(default_factory=dict)
    """Probes not yet answered: number → when it was sent, ms."""
    probes_sent: int = 0
    seatings: int = 0
    """How many roles it has had and given up; what was begun for one of them ends with it."""

    def probe_sent(self, now: int) -> int:
        """Note a probe on its way and return its number."""
        self.probes_sent += 1
        self.probes_out[self.probes_sent] = now
        self.probes_out.pop(self.probes_sent - SAMPLES, None)
        return self.probes_sent

    def probe_returned(self, number: int, now: int) -> None:
        """Note a round trip; a probe that came back twice, or too late to matter, is ignored."""
        sent_at = self.probes_out.pop(number, None)
        if sent_at is not None:
            self.round_trips.append(now - sent_at)

    def release(self) -> None:
        """Give the role up; the connection stays."""
        self.role = self.live = self.player_id = self.remote_id = self.channel = None
        self.seatings += 1

    def round_trip_ms(self, now: int) -> int | None:
        """Return the highest of the last five round trips, None while none is known.

        A probe that is still out counts as its waiting time so far.
        """
        waiting = [now - sent_at for sent_at in self.probes_out.values()]
        newest = [*self.round_trips, *waiting][-SAMPLES:]
        return max(newest, default=None) if self.round_trips else None


class Connections:
    """sid → connection."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Connection] = {}

    def __len__(self) -> int:
        return len(self._by_sid)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_sid.values()))

    def open(self, sid: str, now: int, address: str = "") -> Connection:
        """Return the connection with this sid, made where it is new."""
        connection = self._by_sid.get(sid)
        if connection is None:
            connection = self._by_sid.setdefault(sid, Connection(sid, now, address))
        return connection

    def get(self, sid: str) -> Connection | None:
        return self._by_sid.get(sid)

    def has_place(self, sid: str) -> bool:
        """Tell whether this connection has a place in a room."""
        connection = self._by_sid.get(sid)
        return connection is not None and connection.role is not None

    def close(self, sid: str) -> Connection | None:
        """Forget a connection and return it."""
        return self._by_sid.pop(sid, None)
