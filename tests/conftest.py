"""Fixtures for tests against a running server, and what the tests measured, at the end of the run.

One server a mode, and rooms with people in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.register_assert_rewrite(
    "tests.live.client", "tests.live.line", "tests.live.room", "tests.live.server", "tests.load.screens"
)

from tests.live.client import Client  # noqa: E402
from tests.live.room import RoomAtWork  # noqa: E402
from tests.live.server import Opened, Server  # noqa: E402

MODES = ("eventlet", "threading")
MEASURED = "measured"
Measured = Callable[..., None]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the tests measured: they run in several processes, of which none has the terminal."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    lines = {
        report.nodeid: [text for name, text in report.user_properties if name == MEASURED]
        for report in reports
        if getattr(report, "when", None) == "call"
    }
    if any(lines.values()):
        terminalreporter.section("measured")
    for test in sorted(test for test, measured in lines.items() if measured):
        terminalreporter.line(test)
        for text in lines[test]:
            terminalreporter.line(f"  {text}")


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Keeps lines to be printed at the end of the run: `measured("back after 0.31 s")`."""

    def measured(*lines: str) -> None:
        request.node.user_properties.extend((MEASURED, line) for line in lines)

    return measured


@pytest.fixture(scope="session", params=MODES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that many tests share, each with rooms of its own; once in eventlet, once in threading.

    It has every route that there is.
    """
    running = Server(tmp_path_factory.mktemp(request.param), request.param, "--metrics")
    yield running
    running.stop()


@pytest.fixture(params=MODES)
def own_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the test's own, where it uses up a limit that all clients share."""
    running = Server(tmp_path_factory.mktemp(request.param), request.param)
    yield running
    running.stop()


@pytest.fixture
def connect() -> Iterator[Callable[..., Any]]:
    """Connects clients and drops them after the test: `connect(Phone, server, code)`."""
    clients: list[Client] = []

    def connect(kind: type[Client], on: Server, room: Opened | str, **options: Any) -> Client:
        client = kind(on.address, room if isinstance(room, str) else room.room, **options)
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.drop()


@pytest.fixture
def open_room(server: Server, connect: Callable[..., Any]) -> Callable[..., RoomAtWork]:
    """Opens a room with a host and players: `open_room("Ada", "Bea", bank="five", scoring="accuracy")`."""

    def open_room(*nicknames: str, bank: str = "five", **settings: Any) -> RoomAtWork:
        room = RoomAtWork(server, server.open_room(bank, **settings), connect)
        room.fill(*nicknames)
        return room

    return open_room
