"""One frame to many sockets: the short way is taken, and says the same as the ordinary one."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import Any

import pytest
import socketio
import websocket

from server.live import lines
from server.live.frames import Opcode, control_frame
from tests.live.client import PATIENCE_S, Phone
from tests.live.room import RoomAtWork
from tests.live.server import Server
from tests.live.tap import Tap

NAMES = ("Ada", "Bea", "Zoë")
DRAWN = r'"(now|opens_at|closes_at|at|response_ms|remaining_ms|token|id|room|sid)":("[^"]+"|\d+)'
"""What each game has anew."""

Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a server that says which packets take the ordinary way: `start("on")`."""
    servers: list[Server] = []

    def start(fanout: str, **variables: str) -> Server:
        data = tmp_path / str(len(servers))
        servers.append(Server(data, "eventlet", module="tests.live.marked", FANOUT=fanout, **variables))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def tapped_room(server: Server, connect: Callable[..., Any]) -> tuple[RoomAtWork, list[Tap]]:
    """Return a room whose phones have joined, each on a wire of its own that is recorded."""
    room = RoomAtWork(server, server.open_room("five", scoring="accuracy"), connect)
    taps = [Tap(server.address) for _ in NAMES]
    for name, tap in zip(NAMES, taps, strict=True):
        phone = connect(Phone, tap, room.opened)
        phone.join(name)
        room.phones.append(phone)
    return room, taps


def play(room: RoomAtWork) -> None:
    """Play a question, with what else sends phones something."""
    room.open_question()
    room.host.do("pause")
    room.host.do("resume")
    room.host.wait_until(room.host.view["opens_at"])
    room.reveal(["a"], ["b"], ["b"])
    for command in ("next", "lock", "end"):
        room.host.do(command)
    room.everyone_sees("podium")
    for phone in room.phones:
        phone.now()  # what was sent before this answer has come, the `you` behind the view too


def said(tap: Tap) -> list[str]:
    """Return the packets of a game, without what is drawn.

    Probes and views of the lobby are left out: how many come, and between what, is a matter of moments.
    """
    packets = (re.sub(DRAWN, r'"\1":0', text) for text in tap.websocket_packets())
    return [text for text in packets if '["probe"' not in text and '"phase":"lobby"' not in text]


def test_both_ways_put_the_same_bytes_on_the_wire(start, connect):
    """Frame by frame, in the same order for each phone; and each server went the way that was meant."""
    ways = {}
    for fanout in ("on", "off"):
        server = start(fanout)
        room, taps = tapped_room(server, connect)
        play(room)
        ways[fanout] = [said(tap) for tap in taps]
        assert ("queued" in server.printed) == (fanout == "off")
        for tap in taps:
            tap.close()
    assert all(len(packets) > 8 for packets in ways["on"])
    assert ways["on"] == ways["off"]


@pytest.mark.parametrize(
    ("fanout", "reason"),
    [
        ("changed", "Socket._websocket_handler takes other arguments"),
        ("new-hub", "the hub's add takes other arguments"),
    ],
)
def test_where_a_library_has_changed_the_ordinary_way_is_taken_and_the_log_says_so_once(
    start, connect, fanout, reason
):
    server = start(fanout)
    room, taps = tapped_room(server, connect)
    play(room)

    assert "queued" in server.printed
    said_off = [line for line in server.log() if line["event"] == "fanout_off"]
    assert [line["reason"] for line in said_off] == [reason]
    for tap in taps:
        tap.close()


def test_a_phone_that_comes_over_from_long_polling_is_straight_too_and_has_missed_nothing(start):
    """As socket.io-client and the library's own client connect by default."""
    server = start("on")
    opened = server.open_room("five")
    came: list[int] = []
    phone = socketio.Client()
    phone.on("view", lambda view: came.append(view["seq"]))
    phone.on("you", lambda _: None)
    phone.on("probe", lambda _: {})
    phone.connect(f"http://{server.address}?room={opened.room}")
    try:
        assert phone.transport() == "websocket"
        ack = phone.call("player:join", {"room": opened.room, "nickname": "Ada"})
        assert ack["ok"]
        assert "queued" not in server.printed
    finally:
        phone.disconnect()


def test_who_comes_and_goes_between_two_views_is_thought_of(start, connect):
    """Whoever joins gets the next one, also by long-polling; whoever has left gets no more."""
    server = start("on")
    room = RoomAtWork(server, server.open_room("five"), connect)
    room.fill("Ada", "Bea")
    polled = threading.Event()
    poller = socketio.Client()
    poller.on("view", lambda view: view["locked"] and polled.set())

    def locks(command: str) -> None:
        """All that are there see that the room is locked, or no more."""
        room.host.do(command)
        for phone in room.phones:
            phone.wait_for(lambda phone: phone.view["locked"] == (command == "lock"))

    locks("lock")
    locks("unlock")
    room.fill("Cem")
    locks("lock")
    locks("unlock")
    poller.connect(f"http://{server.address}?room={room.code}", transports=["polling"])
    assert poller.call("player:join", {"room": room.code, "nickname": "Dan"})["ok"]
    bea = room.phones.pop(1)
    bea.ask("player:leave", {})
    views = bea.count("view")
    locks("lock")
    try:
        assert polled.wait(PATIENCE_S)
    finally:
        poller.disconnect()
    locks("unlock")
    assert bea.count("view") == views


class Session:
    """An Engine.IO session by hand, which begins with long-polling."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._query = "/socket.io/?EIO=4&transport=polling"
        self._query += f"&sid={json.loads(self.poll()[1:])['sid']}"

    def poll(self) -> str:
        answer = self._server.get(self._query)
        assert answer.status == 200
        return answer.body.decode()

    def post(self, packet: str) -> None:
        assert self._server.request("POST", self._query, packet.encode()).status == 200

    def websocket(self) -> websocket.WebSocket:
        """Return a WebSocket that may take the place of the polls."""
        query = self._query.replace("polling", "websocket")
        return websocket.create_connection(f"ws://{self._server.address}{query}", timeout=PATIENCE_S)


def probe(session: Session) -> websocket.WebSocket:
    """Return a WebSocket with which an upgrade has begun."""
    line = session.websocket()
    line.send("2probe")
    assert line.recv() == "3probe"
    return line


def has_ended(line: websocket.WebSocket) -> bool:
    """Tell whether what comes next on a WebSocket is its end, once something does."""
    try:
        return not line.recv()
    except (ConnectionError, websocket.WebSocketConnectionClosedException):
        return True


def test_an_upgrade_that_comes_to_nothing_leaves_the_polls_as_they_are(start):
    """Some networks open a WebSocket and let nothing through."""
    session = Session(start("on"))
    silent = session.websocket()
    session.post("40")
    assert session.poll().startswith('40{"sid"')
    silent.shutdown()

    half = probe(session)
    assert session.poll() == "6"
    half.shutdown()
    session.post('421["clock",{}]')
    while (packet := session.poll()) == "6":  # as long as the server has not seen it go
        pass
    assert packet.split("\x1e")[-1].startswith("431[")


def test_of_two_upgrades_of_a_session_one_goes_through_and_the_other_keeps_no_place(start):
    server = start("on", PLACES="8")
    for _ in range(8):
        session = Session(server)
        first, second = probe(session), session.websocket()
        second.send("2probe")
        assert has_ended(second)
        first.send("5")
        first.send("40")
        while not (packet := first.recv()).startswith("40"):
            assert packet == "6"
        first.shutdown()
        second.shutdown()

    host, _, port = server.address.partition(":")
    with socket.create_connection((host, int(port)), PATIENCE_S) as idle:
        assert server.get("/healthz").status == 200
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: %b\r\n\r\n" % server.address.encode())
        assert idle.recv(12) == b"HTTP/1.1 200", "those that have gone have their places still"


def test_a_session_that_ends_while_it_upgrades_ends_quietly(start):
    """The server's log has no error of it, which `start` looks for."""
    session = Session(start("on"))
    line = probe(session)
    session.post("1")
    line.send("5")
    assert has_ended(line)


def test_who_says_goodbye_and_does_not_hang_up_is_hung_up_on(start):
    server = start("on")
    line = websocket.create_connection(
        f"ws://{server.address}/socket.io/?EIO=4&transport=websocket", timeout=PATIENCE_S
    )
    assert line.recv().startswith("0{")
    line.send("1")
    for _ in range(100):
        try:
            line.ping()
        except ConnectionError:
            return
        threading.Event().wait(PATIENCE_S / 100)
    pytest.fail("the server still holds the connection")


class Script:
    """A wire on which some bytes come, and then its end."""

    def __init__(self, data: bytes) -> None:
        self._data = [data, b""]
        self.written = b""

    def read(self) -> bytes:
        return self._data.pop(0)

    def write(self, data: bytes) -> None:
        self.written += data


@pytest.mark.parametrize("opcode", [Opcode.PING, Opcode.PONG])
def test_a_flood_of_pings_or_pongs_waits_in_the_slow_lane(monkeypatch, opcode):
    """A pong costs its sender nothing to make up, and asks for no answer."""
    waits: list[float] = []
    monkeypatch.setattr(lines.slow_lane, "wait", lambda: waits.append(1.0))
    line = lines.Line(SimpleNamespace(max_http_buffer_size=100, create_queue=Queue), "sid")
    script = Script(bytes([0x80 | opcode, 0x80, 0, 0, 0, 0]) * 100)

    assert list(line._messages(script)) == []
    assert len(waits) > 80
    assert script.written == (control_frame(Opcode.PONG) * 100 if opcode is Opcode.PING else b"")


class SlowReader:
    """A phone by hand, which reads only when it is asked to, on a connection that holds little."""

    def __init__(self, server: Server, room: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        self._socket.settimeout(PATIENCE_S)
        host, _, port = server.address.partition(":")
        self._socket.connect((host, int(port)))
        self._socket.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket&room={room} HTTP/1.1\r\nHost: {server.address}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        self._file = self._socket.makefile("rb")
        while self._file.readline() != b"\r\n":
            pass

    def send(self, text: str) -> None:
        payload = text.encode()
        self._socket.sendall(struct.pack("!BBH4x", 0x81, 0xFE, len(payload)) + payload)

    def packet(self) -> str:
        """Return the next packet, once it is there."""
        first, length = self._file.read(2)
        assert first == 0x81
        if length == 126:
            [length] = struct.unpack("!H", self._file.read(2))
        return self._file.read(length).decode()

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def test_a_short_write_is_finished_and_order_is_kept_though_the_phone_reads_late(start, connect):
    """What the system did not take at once comes whole, nothing before it, and nobody else waits for it."""
    server = start("on")
    room = RoomAtWork(server, server.open_room("five"), connect)
    room.fill("Ada")
    slow = SlowReader(server, room.code)
    slow.send("40")
    slow.send("421" + json.dumps(["player:join", {"room": room.code, "nickname": "Bea"}]))
    room.host.wait_for(lambda host: len(host.roster) == 2)
    asked = 60
    for number in range(2, 2 + asked):
        # A refusal quotes what was sent: the acknowledgements fill what the system keeps.
        slow.send(f"42{number}" + json.dumps(["player:join", {"room": room.code, "x" * 4_000: 1}]))
    room.phones[0].wait_for(lambda phone: phone.now())
    numbers = []
    while len(numbers) < asked + 1:
        text = slow.packet()
        if text.startswith("43"):
            head, _, body = text.partition("[")
            numbers.append(int(head[2:]))
            json.loads("[" + body)
    assert numbers == list(range(1, asked + 2))
    slow.close()
