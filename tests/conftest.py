"""Fixtures for tests against a running server: one server a mode, and rooms with people in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.live.client import Client, Host, Phone
from tests.live.room import RoomAtWork
from tests.live.server import Opened, Server

MODES = ("eventlet", "threading")


@pytest.fixture(scope="session", params=MODES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that many tests share, each with rooms of its own; once in eventlet, once in threading."""
    running = Server(tmp_path_factory.mktemp(request.param), request.param)
    yield running
    running.stop()


@pytest.fixture(params=MODES)
def own_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the test's own, where it uses up a limit that all clients share."""
    running = Server(tmp_path_factory.mktemp(request.param), request.param)
    yield running
    running.stop()


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[..., Any]]:
    """Connects clients and drops them after the test: `connect(Phone, code)`."""
    clients: list[Client] = []

    def connect(kind: type[Client], room: Opened | str, on: Server | None = None, **options: Any) -> Client:
        code = room if isinstance(room, str) else room.room
        client = kind((on or server).address, code, **options)
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.drop()


@pytest.fixture
def open_room(server: Server, connect: Callable[..., Any]) -> Callable[..., RoomAtWork]:
    """Opens a room with a host and players: `open_room("Ada", "Bea", bank="five", scoring="accuracy")`."""

    def open_room(*nicknames: str, bank: str = "five", **settings: Any) -> RoomAtWork:
        opened = server.open_room(bank, **settings)
        host = connect(Host, opened)
        host.attach(opened.host_token)
        phones = [connect(Phone, opened) for _ in nicknames]
        for phone, nickname in zip(phones, nicknames, strict=True):
            phone.join(nickname)
        return RoomAtWork(server, opened, host, phones, connect)

    return open_room
