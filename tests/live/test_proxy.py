"""The tests' own bad network does what it says."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.live.proxy import PATIENCE_S, Proxy

MESSAGES = 200


class Echo:
    """A server that sends back what it gets; `ended` counts the connections that have ended for it."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.heard = b""
        self.ended = threading.Semaphore(0)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._echo, args=(self._listening.accept()[0],), daemon=True).start()

    def _echo(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while chunk := connection.recv(4_096):
                self.heard += chunk
                connection.sendall(chunk)
        self.ended.release()

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def network(echo: Echo) -> Iterator[Proxy]:
    with Proxy(echo.address) as proxy:
        yield proxy


def connected(network: Proxy) -> socket.socket:
    host, _, port = network.address.partition(":")
    connection = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def received(connection: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size and (chunk := connection.recv(size - len(got))):
        got += chunk
    return got


def round_trip_ms(connection: socket.socket) -> float:
    began = time.monotonic()
    connection.sendall(b"x")
    assert received(connection, 1) == b"x"
    return (time.monotonic() - began) * 1000


def test_each_way_has_its_delay_and_both_can_change_while_connected(network):
    with connected(network) as connection:
        assert round_trip_ms(connection) < 150
        network.delay(150, 50)
        assert round_trip_ms(connection) >= 200
        network.delay(0)
        assert round_trip_ms(connection) < 150


def test_the_order_of_bytes_is_kept_under_jitter(network):
    network.jitter(30)
    sent = b"".join(b"%05d" % number for number in range(MESSAGES))
    with connected(network) as connection:
        for at in range(0, len(sent), 5):
            connection.sendall(sent[at : at + 5])
            threading.Event().wait(0.001)
        assert received(connection, len(sent)) == sent


def test_what_is_stalled_comes_later_and_whole(network, echo):
    with connected(network) as connection:
        assert round_trip_ms(connection)
        network.stall(network.to_client)
        connection.sendall(b"held")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(4)
        assert echo.heard == b"xheld"
        connection.settimeout(PATIENCE_S)
        network.flow()
        assert received(connection, 4) == b"held"


def test_a_silent_connection_stays_open_for_both_and_never_speaks_again(network, echo):
    with connected(network) as old:
        assert round_trip_ms(old)
        network.go_silent()
        old.sendall(b"lost")
        with connected(network) as between:
            between.sendall(b"lost too")
            while network.accepted < 2:
                threading.Event().wait(0.01)
        network.speak()
        with connected(network) as new:
            assert round_trip_ms(new)
        assert echo.ended.acquire(timeout=PATIENCE_S)
        old.settimeout(0.2)
        with pytest.raises(TimeoutError):
            old.recv(4)
    assert not echo.ended.acquire(timeout=0.2)
    assert echo.heard == b"xx"


def test_a_cut_ends_both_sides_and_the_next_connection_passes(network, echo):
    with connected(network) as connection:
        assert round_trip_ms(connection)
        network.cut()
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
        assert echo.ended.acquire(timeout=PATIENCE_S)
    with connected(network) as connection:
        assert round_trip_ms(connection)


def test_an_end_is_passed_on(network, echo):
    network.delay(20)
    with connected(network) as connection:
        connection.sendall(b"bye")
        assert received(connection, 3) == b"bye"
    assert echo.ended.acquire(timeout=PATIENCE_S)


def test_a_server_that_is_not_there_is_a_reset():
    # It may come before the connecting has returned.
    with (
        Proxy("127.0.0.1:1") as network,
        pytest.raises(ConnectionResetError),
        connected(network) as connection,
    ):
        connection.recv(1)
