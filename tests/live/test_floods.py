"""Bounds: on what a connection sends, on what waits for it, on those that do nothing; the others play on."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import ssl
import statistics
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

from server import runtime
from server.banks.library import Banks
from server.banks.media import Pictures
from server.game import commands as do
from server.game.errors import Full
from server.journal.store import Journal
from server.live import openings
from server.live.rooms import Rooms
from tests.conftest import MODES
from tests.live.client import PATIENCE_S, Client
from tests.live.room import RoomAtWork
from tests.live.server import BANKS, Server

resource = pytest.importorskip("resource", reason="Windows has no limits to lower")


def ending(client: Client) -> str | None:
    """Wait for the end of a connection and return the reason it was told."""
    client.wait_for(lambda client: not client.is_open)
    return client.closed


def until_closed(client: Client, frame: str, at_once: int = 20) -> list[str]:
    """Send the frame, numbered, until the connection is closed; return the codes it got for it."""
    codes: list[str] = []
    number = 1_000
    with contextlib.suppress(OSError, websocket.WebSocketException, AssertionError):
        while client.is_open and number < 20_000:
            for _ in range(at_once):
                number += 1
                client.send_raw(frame.format(number))
            codes.append(client.acknowledgement(number).get("error", {}).get("code", "ok"))
    return codes


def test_who_leaves_socket_io_and_comes_back_on_the_same_line_is_not_new(open_room):
    """Neither its wrong codes nor its nonsense are forgotten, and who was closed is closed."""
    room = open_room("Ada")
    guesser = room.phone()
    guesser.send_raw("41")
    guesser.send_raw("40")
    guesser.wait_for(lambda client: any(packet.startswith("44") for packet in client.packets))

    flooder = room.phone()
    for _ in range(110):
        flooder.send_raw('42["nonsense"]')
    flooder.send_raw("41")
    flooder.send_raw("40")
    assert ending(flooder) == "too_many"


def test_a_phone_at_its_busiest_is_never_refused(open_room):
    """It reconnects, samples its clock, sends its answer ten times, all within a second."""
    room = open_room("Ada", "Bea")
    room.open_question()
    [ada, _] = room.phones
    again = room.phone()
    again.rejoin(ada.token)
    again.wait_until_open()

    numbers = [again.send("clock", {}) for _ in range(10)]
    numbers += [again.send("player:answer", again.answer_payload(["b"], at=1)) for _ in range(10)]
    numbers += [again.send("player:set", {"lang": "en"}) for _ in range(5)]
    numbers += [again.send("clock", {}) for _ in range(10)]

    assert [again.acknowledgement(number)["ok"] for number in numbers] == [True] * len(numbers)


def test_who_sends_far_too_much_is_refused_and_then_closed_with_the_reason(open_room):
    """`too_many` for each that is not read, then `closed`; the seat and its answer are still there."""
    room = open_room("Ada", "Bea")
    room.open_question()
    [ada, bea] = room.phones
    ada.answer(["b"])

    codes = until_closed(ada, '42{}["clock",{{}}]')

    assert codes[0] == "ok"
    assert "too_many" in codes
    assert ending(ada) == "too_many"
    room.host.wait_for(lambda host: not host.seat("Ada")["connected"])
    again = room.phone()
    assert again.rejoin(ada.token)["you"]["answered"]
    bea.answer(["a"])
    assert room.host.wait_for_phase("reveal")["answered"] == 2


@pytest.mark.parametrize(
    "frame", ['42{}["player:answer",{{"x":1}}]', '42{}["nope",{{}}]', "42{}[[[[", "42{}"]
)
def test_who_sends_nothing_but_nonsense_is_closed_with_the_reason(open_room, frame):
    """A phone sends no message that is none; before it has joined as after."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones

    for client in (ada, room.phone()):
        codes = until_closed(client, frame, at_once=1)
        assert codes[0] == "bad_request"
        assert set(codes) <= {"bad_request", "too_many"}
        assert ending(client) == "too_many"
    assert bea.now()
    assert room.phone().rejoin(ada.token)["player"]["id"] == ada.id


def test_a_message_that_never_ends_ends_its_connection(open_room):
    """Also in pieces that are small enough, also where each piece is nothing."""
    room = open_room("Ada")

    # A thread each is not slowed by pieces of nothing, nor are others by them.
    for piece in (b"x" * 8_000, b"")[: 2 if room.server.mode == "eventlet" else 1]:
        phone = room.phone()
        with contextlib.suppress(OSError, websocket.WebSocketException):
            phone._socket.send_frame(websocket.ABNF.create_frame("42", websocket.ABNF.OPCODE_TEXT, fin=0))
            for _ in range(17_000):
                phone._socket.send_frame(
                    websocket.ABNF.create_frame(piece, websocket.ABNF.OPCODE_CONT, fin=0)
                )
                if not phone.is_open:
                    break
        ending(phone)
    assert room.phones[0].now()


def test_nothing_compressed_is_ever_inflated(open_room):
    """Neither a body, whatever it is called, nor a WebSocket's frame."""
    room = open_room("Ada")
    bomb = gzip.compress(bytes(40_000_000))[:60_000]
    before = memory_mb(room.server)
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        headers = {
            "Authorization": f"Bearer {room.server.key}",
            "Content-Encoding": encoding,
            "Content-Type": "application/json",
        }
        answer = room.server.request("POST", "/api/rooms", bomb, headers)
        assert (answer.status, answer.code) == (400, "bad_request")
    phone = room.phone()
    frame = websocket.ABNF.create_frame(bomb[:10_000], websocket.ABNF.OPCODE_TEXT)
    frame.rsv1 = 1
    phone._socket.send_frame(frame)

    ending(phone)
    assert memory_mb(room.server) < before + 20
    assert room.phones[0].now()


def memory_mb(server: Server) -> float:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1_024


class Deaf:
    """A player who asks and never reads."""

    def __init__(self, room: RoomAtWork, token: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self._socket.settimeout(PATIENCE_S)
        host, _, port = room.server.address.partition(":")
        self._socket.connect((host, int(port)))
        self._socket.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {room.server.address}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._socket.recv(1_024)  # what is sent before the answer is lost
        self._rejoin = f'421["player:rejoin",{{"room":"{room.code}","token":"{token}"}}]'
        self._say("40")

    def _say(self, text: str) -> None:
        # A length in more bytes than it needs ends the connection with the library of threading mode.
        length = bytes([0x80 + len(text)]) if len(text) < 126 else b"\xfe" + struct.pack("!H", len(text))
        self._socket.sendall(b"\x81" + length + bytes(4) + text.encode())

    def ask(self) -> None:
        """Rejoin; the view that comes back is not read."""
        self._say(self._rejoin)

    def ask_until_cut(self) -> None:
        """Rejoin, again and again, until the server ends the connection."""
        with contextlib.suppress(ConnectionError):
            while True:
                self.ask()
                threading.Event().wait(0.004)


def test_a_phone_that_stops_reading_is_dropped_and_costs_the_others_nothing(own_server, connect, measured):
    """What waits for it is bounded; it comes back by itself and gets the current view."""
    room = RoomAtWork(own_server, own_server.open_room(), connect)
    room.fill("Ada", *(f"Deaf {n}" for n in range(3)))
    [ada, *deaf] = room.phones
    room.open_question()

    def waits() -> list[float]:
        took = []
        for _ in range(20):
            began = time.perf_counter()
            ada.answer(["b"])
            took.append((time.perf_counter() - began) * 1_000)
            threading.Event().wait(0.03)  # as fast as no phone, and slow enough for none of its own bounds
        return took

    calm, before = waits(), memory_mb(own_server)
    silent = [Deaf(room, phone.token) for phone in deaf]
    threads = [threading.Thread(target=one.ask_until_cut, daemon=True) for one in silent]
    for thread in threads:
        thread.start()
    flooded = waits()
    for thread in threads:
        thread.join(3 * PATIENCE_S)
        assert not thread.is_alive(), "the server still keeps one that does not read"
    most = memory_mb(own_server)

    measured(
        f"{own_server.mode}: acknowledged within {statistics.median(calm):.1f} ms (median), beside three "
        f"that do not read within {statistics.median(flooded):.1f} ms; memory {before:.0f} and {most:.0f} MB"
    )
    assert most < before + 30
    assert ada.is_open
    view = room.phone().rejoin(deaf[0].token)["view"]
    assert (view["phase"], view["question"]["index"]) == ("answering", 0)


class Poller:
    """An Engine.IO session by long-polling, one request at a time and by hand."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._path = "/socket.io/?EIO=4&transport=polling"
        hello = server.get(self._path)
        self.sid = json.loads(hello.body[1:])["sid"]
        self._path += f"&sid={self.sid}"

    def post(self, *packets: str) -> int:
        return self._server.request("POST", self._path, "\x1e".join(packets).encode()).status

    def poll(self) -> Any:
        return self._server.get(self._path)


def test_a_poll_has_the_same_bounds(open_room):
    """One poll at a time, sixteen packets a post, a queue that ends; each costs its own session alone."""
    room = open_room("Ada")
    server = room.server

    twice = Poller(server)
    first = threading.Thread(target=twice.poll, daemon=True)
    twice.post("40")
    twice.poll()
    first.start()
    statuses = []
    deadline = time.monotonic() + PATIENCE_S
    while 400 not in statuses and time.monotonic() < deadline:
        second = threading.Thread(target=lambda: statuses.append(twice.poll().status), daemon=True)
        second.start()
        second.join(0.2)
    assert 400 in statuses

    for body in (["2"] * 17, ["x"], [""], ["4", "\ud7ff"], ["9"], ["b4x"]):
        poller = Poller(server)
        assert poller.post(*body) in (200, 400)

    unread = Poller(server)
    unread.post("40")
    status = 200
    for _ in range(30):
        status = unread.post(*['421["clock",{}]'] * 16)
        if status == 400:
            break
    assert status == 400, "the queue of a session that is never polled has no end"
    assert room.phones[0].now()


def held(server: Server, count: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    host, _, port = server.address.partition(":")
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection((host, int(port)), timeout=PATIENCE_S))
            connection.sendall(said)
            connections.append(connection)
        yield connections


hold = contextlib.contextmanager(held)


def test_without_a_descriptor_left_the_class_plays_on_and_new_phones_get_in(own_server, connect):
    """The oldest of those that do nothing makes room; the server neither spins nor dies."""
    room = RoomAtWork(own_server, own_server.open_room(), connect)
    room.fill("Ada")
    [ada] = room.phones
    room.open_question()
    own_server.is_forgiven = is_for_want_of_a_descriptor
    used = len(list(Path(f"/proc/{own_server.pid}/fd").iterdir()))
    unlimited = resource.prlimit(own_server.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(own_server.pid, resource.RLIMIT_NOFILE, (used + 20, unlimited[1]))

    with hold(own_server, 60, b"GET / HTTP/1.1\r\nX-Slow: "):
        ada.answer(["b"])
        room.phone().join("Bea")
        assert own_server.get("/healthz").status == 200
        before = cpu_s(own_server)
        threading.Event().wait(0.5)
        assert cpu_s(own_server) - before < 0.4, "it spins"
    resource.prlimit(own_server.pid, resource.RLIMIT_NOFILE, unlimited)
    assert own_server.get("/healthz").json()["players"] == 2


def is_for_want_of_a_descriptor(error: dict[str, Any]) -> bool:
    """A page is a file, and werkzeug wants a descriptor of its own for each request that it has answered."""
    is_werkzeug_s = error["event"].startswith("werkzeug: request failed")
    return is_werkzeug_s or error.get("exception", "").startswith("OSError: Too many open files")


def cpu_s(server: Server) -> float:
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


class SecureServer(Server):
    """One that speaks HTTPS."""

    def request(self, method: str, path: str, *_: object, **__: object) -> Any:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        host, _, port = self.address.partition(":")
        connection = http.client.HTTPSConnection(host, int(port), timeout=PATIENCE_S, context=context)
        try:
            connection.request(method, path)
            return connection.getresponse()
        finally:
            connection.close()


@pytest.mark.parametrize("mode", MODES)
def test_half_a_tls_handshake_keeps_nobody_waiting(tmp_path, certificate, mode, measured):
    """Fifty connections that say nothing, or half of a hello, and one that asks."""
    cert, key = certificate
    server = SecureServer(tmp_path, mode, "--tls-cert", str(cert), "--tls-key", str(key))
    for said in (b"", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n"):
        with hold(server, 50, said):
            began = time.monotonic()
            assert server.request("GET", "/healthz").status == 200
            measured(
                f"{mode}: answered beside fifty that sent {said!r} after {time.monotonic() - began:.2f} s"
            )
            assert time.monotonic() - began < 8, "it waited for a handshake that never comes"
    server.stop()


def test_a_body_has_to_come_with_its_length(server):
    """And a request of drafts that nobody speaks, or one too long, is refused in a word."""
    upgrade = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
    upgrade += b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    send = [
        (b"POST /api/rooms HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", b"411"),
        (b"POST /api/rooms HTTP/1.1\r\nContent-Length: 70000\r\n", b"413"),
        (b"POST /api/rooms HTTP/1.1\r\nContent-Length: 9" + b"9" * 5_000 + b"\r\n", b"4"),
        (b"POST /api/rooms HTTP/1.1\r\nContent-Length: x\r\n", b"400"),
        (b"POST /api/rooms HTTP/1.1\r\nContent-Length: -1\r\n", b"400"),
        (upgrade, b"426"),
        (upgrade + b"Sec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 1\r\n", b"426"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n", b"4"),
    ]
    for head, status in send:
        with hold(server, 1) as [connection]:
            with contextlib.suppress(ConnectionError):
                connection.sendall(head + b"Host: x\r\n\r\n")
            answer = b""
            with contextlib.suppress(ConnectionError):
                answer = connection.recv(4_096)
        # What is refused before it is read to its end may end in a reset that overtakes the answer.
        assert answer == b"" or answer.split()[1].startswith(status), (head[:60], answer)
    assert server.get("/healthz").status == 200


def test_there_are_only_so_many_rooms(tmp_path, monkeypatch):
    """Then a clear word; one that has ended makes room for another."""
    clock = runtime.Clock()
    rooms = Rooms(Journal(tmp_path), clock, idle_hours=0)
    rooms.start(Screens())
    banks = Banks([BANKS[0]], Pictures(tmp_path / "media"))
    opener = openings.Openings(banks, rooms, clock)
    monkeypatch.setattr(openings, "MAX_ROOMS", 3)
    live = [opener.open_room("five", None) for _ in range(3)]

    with pytest.raises(Full, match="end some"):
        opener.open_room("five", None)
    for _ in range(2):
        rooms.execute(live[0], [do.End()])
    opener.open_room("five", None)
    with pytest.raises(Full):
        opener.open_room("five", None)


class Screens:
    """Nobody looks."""

    def deliver(self, live: Any, events: Any) -> None:
        pass


def test_a_flood_of_rooms_without_the_key_is_refused_each_time(server):
    """And costs nobody the limit on wrong keys."""
    for _ in range(30):
        assert server.request("POST", "/api/rooms", {"bank": "five"}).status == 401
