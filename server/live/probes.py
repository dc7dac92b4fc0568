"""The server's own measure of each phone's round trip: an event that the phone acknowledges at once."""

from __future__ import annotations

from server import runtime

from .connections import Connection, Connections
from .lines import Lines
from .protocol import Outgoing

FIRST_PROBES_S = (0.0, 0.5, 1.0, 1.8, 2.6)
"""When after joining the first probes go out: five within three seconds."""
INTERVAL_S = 10.0


class Probes:
    """Probes every player's connection from joining until it is gone."""

    def __init__(self, lines: Lines, connections: Connections, clock: runtime.Clock) -> None:
        self._lines = lines
        self._connections = connections
        self._clock = clock

    def begin(self, connection: Connection) -> None:
        """Probe a player's connection five times within three seconds, then every ten seconds."""
        self._continue(connection, connection.seatings, 0)

    def _continue(self, connection: Connection, seating: int, step: int) -> None:
        if connection.seatings != seating or not self.send(connection.sid):
            return
        if step + 1 < len(FIRST_PROBES_S):
            wait_s = FIRST_PROBES_S[step + 1] - FIRST_PROBES_S[step]
        else:
            wait_s = INTERVAL_S
        runtime.Timer(wait_s, lambda: self._continue(connection, seating, step + 1))

    def send(self, sid: str) -> bool:
        """Send one probe; return whether the connection is still a player's."""
        connection = self._connections.get(sid)
        if connection is None or connection.role != "player":
            return False
        number = connection.probe_sent(self._clock.now())
        self._lines.send(sid, f'2{number}["{Outgoing.PROBE.value}",{{}}]')
        return True

    def returned(self, sid: str, number: int) -> None:
        """Take note that a connection has acknowledged the probe with this number."""
        connection = self._connections.get(sid)
        if connection is not None:
            now = self._clock.now()
            connection.last_heard = now
            connection.probe_returned(number, now)
