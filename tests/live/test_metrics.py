"""/metrics says what happened, to the host alone; and the host is told while the server's loop is late."""

from __future__ import annotations

import signal
import threading
from os import kill
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server import __version__
from server.live.lateness import LATE_S, WINDOW_S, Lateness
from server.live.measures import BOUNDS_S, Histogram
from tests.conftest import MODES
from tests.live.client import PATIENCE_S
from tests.live.room import RoomAtWork
from tests.live.server import BANKS, Server
from tests.live.test_floods import Deaf


class Figures:
    """What /metrics shows at one moment: `figures("plenary_players", state="away")`."""

    def __init__(self, server: Server) -> None:
        answer = server.as_host("GET", "/metrics")
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        self.text = answer.body.decode()
        self.families = {family.name: family for family in text_string_to_metric_families(self.text)}
        self._samples = [sample for family in self.families.values() for sample in family.samples]

    def __call__(self, name: str, **labels: str) -> float:
        [value] = [one.value for one in self._samples if (one.name, one.labels) == (name, labels)]
        return value

    def buckets(self, name: str, **labels: str) -> list[tuple[float, float]]:
        """Return the bounds of a histogram, each with how many lay within it."""
        found = [one for one in self._samples if one.name == f"{name}_bucket"]
        return [
            (float(one.labels["le"]), one.value)
            for one in found
            if {label: text for label, text in one.labels.items() if label != "le"} == labels
        ]


@pytest.fixture(params=MODES)
def measured_server(request, tmp_path):
    """A server of the test's own that was asked for its figures."""
    running = Server(tmp_path, request.param, "--metrics")
    yield running
    running.stop()


def test_the_figures_are_those_of_the_game_that_was_played(measured_server, connect):
    """As Prometheus's own parser reads them."""
    room = RoomAtWork(measured_server, measured_server.open_room(), connect)
    room.fill("Ada", "Bea", "Cyd")
    room.open_question()
    room.reveal(["b"], ["a"], ["b"])
    room.phones[2].drop()
    room.host.wait_for(lambda host: not host.seat("Cyd")["connected"])

    figures = Figures(measured_server)

    assert figures("plenary_build_info", version=__version__, mode=measured_server.mode) == 1
    assert figures("plenary_rooms") == 1
    assert figures("plenary_players", state="connected") == 2
    assert figures("plenary_players", state="away") == 1
    assert figures("plenary_connections", transport="websocket") == 3
    assert figures("plenary_connections", transport="polling") == 0
    assert figures("plenary_dropped_slow_total") == 0
    for event, times in (("player:join", 3), ("player:answer", 3), ("host:attach", 1), ("player:leave", 0)):
        assert figures("plenary_acknowledgement_seconds_count", event=event) == times, event
    assert figures("plenary_acknowledgement_seconds_sum", event="player:answer") > 0
    assert figures("plenary_broadcast_seconds_count") >= 2  # the options, the reveal
    assert figures("plenary_journal_commit_seconds_count") >= 6  # at least one each: they came one by one
    assert figures("plenary_loop_delay_seconds_count") > 0
    for name, labels in (
        ("plenary_acknowledgement_seconds", {"event": "player:answer"}),
        ("plenary_broadcast_seconds", {}),
        ("plenary_journal_commit_seconds", {}),
        ("plenary_loop_delay_seconds", {}),
    ):
        bounds, counts = zip(*figures.buckets(name, **labels), strict=True)
        assert bounds == (*BOUNDS_S, float("inf"))
        assert list(counts) == sorted(counts)
        assert counts[-1] == figures(f"{name}_count", **labels)


def test_the_figures_name_nobody(open_room, server):
    """No name, no code, no token, no key: only numbers, and labels that are ours."""
    room = open_room("Ada Lovelace")
    room.open_question()
    room.reveal(["b"])
    secrets = (room.code, room.opened.host_token, room.phones[0].token, room.phones[0].id, server.key)

    figures = Figures(server)

    assert not any(secret in figures.text for secret in (*secrets, "Ada", "Lovelace"))
    labels = {
        label
        for name, family in figures.families.items()
        for sample in family.samples
        for label in sample.labels
        if name.startswith("plenary_")
    }
    assert labels == {"version", "mode", "state", "transport", "event", "le"}


def test_without_being_asked_for_there_are_no_figures(own_server):
    """Also for the host: the path is one like any other that there is not."""
    for answer, other in (
        (own_server.get("/metrics"), own_server.get("/nothing")),
        (own_server.as_host("GET", "/metrics"), own_server.as_host("GET", "/nothing")),
    ):
        assert (answer.status, answer.code) == (404, "not_found")
        assert answer.body == other.body


def test_a_connection_that_does_not_read_is_counted_once(measured_server, connect):
    """However much more was meant for it: here a long question, each time that the host pauses or goes on."""
    bank = (BANKS[0] / "five.yaml").read_text("utf-8").replace("the second one?", 10_000 * "? ", 1)
    (measured_server.data / "banks" / "long.yaml").write_text(bank, "utf-8")
    room = RoomAtWork(measured_server, measured_server.open_room("long"), connect)
    room.fill("Ada")
    room.open_question()
    deaf = Deaf(room, room.phones[0].token)
    deaf.ask()
    room.phones[0].wait_for(lambda phone: phone.closed == "replaced")

    for _ in range(20):
        room.host.do("pause")
        room.host.do("resume")
    room.host.wait_for(lambda host: not host.seat("Ada")["connected"])

    assert Figures(measured_server)("plenary_dropped_slow_total") == 1


def test_the_host_is_told_while_the_loop_is_late(measured_server, connect):
    """And the phones are not: nobody there could do anything about it."""
    room = RoomAtWork(measured_server, measured_server.open_room(), connect)
    room.fill("Ada")

    make_late(measured_server, lambda: room.host.late_ms)

    assert room.host.late_ms > LATE_S * 1000
    assert room.second_host().late_ms is not None
    assert "loop_late" in {line["event"] for line in measured_server.log()}
    room.host.wait_for(lambda host: host.late_ms is None, WINDOW_S + PATIENCE_S)
    assert room.phones[0].late_ms is None
    assert not any("late_ms" in packet for packet in room.phones[0].packets)
    assert Figures(measured_server).buckets("plenary_loop_delay_seconds")[-1][1] > 0


def make_late(server: Server, is_told: Any) -> None:
    """Stop the process again and again, each time for longer than a loop may be late, until that is told."""
    pause = threading.Event()
    for _ in range(20):
        kill(server.pid, signal.SIGSTOP)
        pause.wait(3 * LATE_S)
        kill(server.pid, signal.SIGCONT)
        server.get("/healthz")
        pause.wait(LATE_S)
        if is_told():
            return
    raise AssertionError("stopped for fifteen seconds in all, it never said that it was late")


class Told:
    """A lateness on a clock of the test's, and how often it said that something had changed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("server.live.lateness.runtime.spawn", lambda function: None)
        self.delays = Histogram()
        self.lateness = Lateness(self.delays)
        self.changes = 0
        self.lateness.start(self._count)

    def _count(self) -> None:
        self.changes += 1

    def after(self, *delays: tuple[float, float]) -> int | None:
        for now_s, delay_s in delays:
            self.lateness.note(delay_s, now_s)
        return self.lateness.late_ms


def test_one_delay_is_no_lateness_and_a_second_one_soon_is(monkeypatch):
    """It is told when it begins and when for so long there was none, and not in between."""
    told = Told(monkeypatch)

    assert told.after((1.0, 3.0), (1.0 + WINDOW_S + 0.1, 0.3)) is None
    assert told.changes == 0
    assert told.after((13.0, LATE_S)) is None
    assert told.after((14.0, 0.4), (15.0, 0.3)) == 400
    assert told.changes == 1
    assert told.after((14.0 + WINDOW_S + 0.1, 0.0)) == 300
    assert told.changes == 1
    assert told.after((15.0 + WINDOW_S + 0.1, 0.0)) is None
    assert told.changes == 2
    assert sum(told.delays.counts) == 7


def test_a_duration_counts_in_the_first_bucket_that_holds_it():
    """Bounds belong to what lies below them, as the format has it."""
    histogram = Histogram()
    for duration_s in (0.0, BOUNDS_S[0], BOUNDS_S[0] + 1e-6, BOUNDS_S[-1], BOUNDS_S[-1] + 1):
        histogram.observe(duration_s)

    assert [histogram.counts[n] for n in (0, 1, len(BOUNDS_S) - 1, len(BOUNDS_S))] == [2, 1, 1, 1]
    assert sum(histogram.counts) == 5
