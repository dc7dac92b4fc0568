"""What Prometheus reads at /metrics: counts and durations, without a name, a code or a token in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from server import __version__, runtime
from server.live.measures import BOUNDS_S, Histogram, Measures
from server.live.rooms import Rooms

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Metrics(Collector):
    """Turns what the server counts into Prometheus's text format, whenever somebody asks.

    `sockets` returns the Engine.IO connections.
    """

    def __init__(self, measures: Measures, rooms: Rooms, sockets: Callable[[], Iterable[Any]]) -> None:
        self._measures = measures
        self._rooms = rooms
        self._sockets = sockets
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def text(self) -> bytes:
        """Return everything as it is now."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield each metric; the library calls it."""
        measures = self._measures
        about = {"version": __version__, "mode": runtime.ASYNC_MODE}
        yield InfoMetricFamily("plenary_build", "This server", about)
        yield GaugeMetricFamily("plenary_rooms", "Rooms that are not closed", len(self._rooms))
        yield self._players()
        yield self._connections()
        yield CounterMetricFamily(
            "plenary_dropped_slow",
            "Connections cut because too much waited for them to be read",
            measures.dropped_slow,
        )
        yield self._acknowledgements()
        yield _histogram(
            "plenary_broadcast_seconds",
            "Rendering what a turn of the loop has to show, and handing it to the connections",
            measures.broadcast,
        )
        yield _histogram(
            "plenary_journal_commit_seconds", "Writing the events of one turn to the journal", measures.commit
        )
        yield _histogram(
            "plenary_loop_delay_seconds",
            "How long after its time a timer came to its turn",
            measures.loop_delay,
        )

    def _players(self) -> Metric:
        players = GaugeMetricFamily("plenary_players", "Seats in open rooms", labels=["state"])
        seats = sum(len(live.room.players) for live in self._rooms)
        connected = sum(len(live.seats) for live in self._rooms)
        players.add_metric(["connected"], connected)
        players.add_metric(["away"], seats - connected)
        return players

    def _connections(self) -> Metric:
        connections = GaugeMetricFamily("plenary_connections", "Open connections", labels=["transport"])
        counts = Counter(
            socket.upgraded for socket in self._sockets() if not (socket.closed or socket.closing)
        )
        connections.add_metric(["websocket"], counts[True])
        connections.add_metric(["polling"], counts[False])
        return connections

    def _acknowledgements(self) -> Metric:
        metric = HistogramMetricFamily(
            "plenary_acknowledgement_seconds",
            "From an event's arrival to its acknowledgement, refused ones included",
            labels=["event"],
        )
        for event, histogram in self._measures.acknowledgements.items():
            metric.add_metric([event], _buckets(histogram), histogram.sum_s)
        return metric


def _histogram(name: str, documentation: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(name, documentation, _buckets(histogram), histogram.sum_s)


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """Return the bounds with how many lay within each, as the format has them."""
    bounds = [*map(str, BOUNDS_S), "+Inf"]
    return list(zip(bounds, accumulate(histogram.counts), strict=True))
