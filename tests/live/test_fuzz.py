"""Whatever is sent, by message, by frame or by HTTP: an answer, no bug in the log, no other room changed.

What is sent is drawn from the fields that the messages declare and from far away, for a fixed number of
examples; PLENARY_LONG=1 draws twenty times as many.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import re
import string
import typing
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import websocket
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.game.errors import GameError
from server.live import protocol
from server.live.protocol import Incoming
from tests.live.client import Client
from tests.live.room import RoomAtWork
from tests.live.server import KEY, Server
from tests.web.test_security import ROUTES

EXAMPLES = 20 if os.environ.get("PLENARY_LONG") == "1" else 1
CODES = {kind.code for kind in GameError.__subclasses__()}

pytestmark = pytest.mark.timeout(900)

any_text = st.text(max_size=300)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)
ids = st.sampled_from("abcdefz")
responses = st.one_of(
    st.lists(ids, max_size=5),
    st.dictionaries(ids, ids, max_size=5),
    st.sampled_from(["1 945,5", "peace", "−3 %", "١٢٣", "\u202e", "1e999", "0x1"]),
    st.integers(-5, 3_000),
    any_json,
)
NEAR: dict[str, st.SearchStrategy[Any]] = {
    "room": st.just("ROOM"),
    "token": st.sampled_from(["TOKEN", "t" * 22, "", "é" * 22]),
    "nickname": any_text | st.sampled_from(["Ada", "\u202eAda", "A" + "\u0301" * 30, "🏳️‍🌈"]),
    "question": st.integers(-1, 6),
    "round": st.integers(0, 3),
    "at": st.integers(0, 2**53),
    "response": responses,
    "accept": st.lists(responses, min_size=1, max_size=3),
    "void": st.booleans(),
    "seconds": st.integers(0, 301),
    "time_factor": st.floats(0.5, 5) | st.none(),
    "player": st.sampled_from(["PLAYER", "p0", ""]),
    "word": any_text,
    "bank": st.sampled_from(["five", "every_kind", "../five", "no-such"]),
    "settings": st.dictionaries(
        st.sampled_from(["scoring", "questions", "max_players", "reading_time", "time_factor", "x"]),
        st.sampled_from(["speed", "off", 1, 0, -1, 1.5, True, None, ["x"], [], {}]),
    ),
    "lang": st.sampled_from(["en", "fr", "fr-CH", "", "xx-" * 12]),
}


def messages() -> list[tuple[str, list[str], str | None]]:
    """Return every message as it is declared: its event, its fields, and for a command its name."""
    found: list[tuple[str, list[str], str | None]] = [
        (event.value, fields_of(reader._type), None)
        for event, reader in protocol._READERS.items()
        if event is not Incoming.COMMAND
    ]
    for kind in typing.get_args(protocol._COMMANDS):
        for name in typing.get_args(typing.get_type_hints(kind)["do"]):
            found.append((Incoming.COMMAND.value, [f for f in fields_of(kind) if f != "do"], name))
    return found


def fields_of(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


@st.composite
def sent(draw: st.DrawFn) -> tuple[str, str, list[Any]]:
    """Who sends which event with which payloads."""
    who = draw(st.sampled_from(["stranger", "player", "host"]))
    event, fields, command = draw(st.sampled_from(messages()))
    payload: Any = {}
    for name in fields:
        if draw(st.integers(0, 9)):  # now and then one is missing
            is_near = draw(st.integers(0, 3))
            payload[name] = draw(NEAR.get(name, any_text) if is_near else any_json)
    if command is not None:
        payload["do"] = command if draw(st.integers(0, 9)) else draw(any_json)
    if not draw(st.integers(0, 9)):
        payload[draw(any_text)] = draw(any_json)
    if not draw(st.integers(0, 19)):
        return who, draw(any_text | st.just(event)), draw(st.lists(any_json, max_size=3))
    return who, event, [payload]


class Arena:
    """A room that is sent everything, and one beside it in which nothing may change."""

    def __init__(self, server: Server, connect: Callable[..., Any]) -> None:
        self.server, self.connect = server, connect
        self.beside = RoomAtWork(server, server.open_room("every_kind"), connect)
        self.beside.fill("Ada", "Bea")
        self.beside.play_to("lobby")
        self.beside.host.wait_for(lambda host: len(host.roster) == 2)
        self.before = self.beside.state()
        self._clients: dict[str, Client] = {}
        self._room: RoomAtWork

    def open(self) -> None:
        """Open the room anew, with a question to respond to, and leave the former one."""
        for client in self._clients.values():
            client.drop()
        self._room = RoomAtWork(self.server, self.server.open_room("every_kind"), self.connect)
        self._room.fill("Cyd", "Dan")
        self._room.host.do("start")
        self._clients = {
            "host": self._room.host,
            "player": self._room.phones[0],
            "stranger": self._room.phone(),
        }

    def client(self, who: str) -> Client:
        """Return a connection that is open, and has sent nothing bad for too long."""
        client = self._clients.get(who)
        if client is None or not client.is_open or self.server.get(f"/api/rooms/{client.room}").status != 200:
            self.open()
        return self._clients[who]

    def real(self, value: Any) -> Any:
        """Return the payload with what is real in this room."""
        if isinstance(value, dict):
            room = self._room
            real = {"ROOM": room.code, "TOKEN": room.phones[1].token, "PLAYER": room.phones[1].id}
            return {name: real.get(v, v) if isinstance(v, str) else v for name, v in value.items()}
        return value


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """Which fails where the server's log then has a bug, or the room beside has changed."""
    server = Server(tmp_path_factory.mktemp("fuzz"), "eventlet")
    clients: list[Client] = []

    def connect(kind: type[Client], on: Server, room: Any, **options: Any) -> Client:
        client = kind(on.address, room.room, **options)
        clients.append(client)
        return client

    arena = Arena(server, connect)
    yield arena
    for client in arena.beside.clients:
        assert client.is_open
    assert arena.beside.state() == arena.before
    for client in clients:
        client.drop()
    server.stop()


def fuzz(examples: int) -> settings:
    return settings(
        max_examples=examples * EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def test_every_message_gets_an_answer_of_the_protocol(arena):
    """Whoever sends it, whatever is in it."""

    @fuzz(150)
    @given(sent())
    def send(drawn: tuple[str, str, list[Any]]) -> None:
        who, event, payloads = drawn
        client = arena.client(who)
        number = client.send(event, *map(arena.real, payloads))
        try:
            ack = client.acknowledgement(number)
        except AssertionError:
            assert not client.is_open
            assert client.closed in ("too_many", "ended", "kicked", "replaced")
            return
        assert ack["ok"] is True or ack["error"]["code"] in CODES, ack
        assert ack["ok"] is True or "went wrong" not in ack["error"]["message"], (drawn, ack)

    send()


def test_no_frame_does_more_than_end_its_own_connection(arena):
    """Text or bytes, whole packets or pieces of them."""
    packets = st.builds(
        "{}{}{}".format, st.sampled_from(["", "4", "42", "421", "45", "451-"]), any_text, any_text
    )
    json_packets = st.builds(
        lambda head, body: head + json.dumps(body), st.sampled_from(["4", "421", "431"]), any_json
    )

    @fuzz(60)
    @given(st.lists(packets | json_packets | st.binary(max_size=100), min_size=1, max_size=5))
    def send(frames: list[str | bytes]) -> None:
        client = arena.client("stranger")
        # Its connection may end, and then nothing answers.
        with contextlib.suppress(OSError, websocket.WebSocketException, UnicodeError, AssertionError):
            for frame in frames:
                client.send_raw(frame)
            client.ask_raw('["clock",{}]')

    send()
    assert arena.beside.host.now()


# Every route of the site, with an open room where one has its code.
RULES = {rule for _, rule, _ in ROUTES}
PATHS = [
    *sorted(re.sub(r"<\w+>", "x", rule.replace("<code>", "ROOM")) for rule in RULES),
    *("/static/x/player/page.js", "/media/x.webp", "/j/123456"),
    *("/socket.io/", "/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=websocket"),
]
piece = st.sampled_from(
    ["", "..", "%2e%2e", "%00", "%ff", "//", "/host", "?key=x", "?link=x", "&sid=x", "&j=1", "#"]
)
paths = st.builds(
    lambda path, end, more: path + end + quote(more), st.sampled_from(PATHS), piece, st.text(max_size=30)
)
HEADERS = """
    Host Origin Cookie Authorization Accept-Language Accept-Encoding Content-Type Upgrade Connection
    Sec-WebSocket-Key Sec-WebSocket-Version If-None-Match If-Modified-Since Range X-Forwarded-For
    X-Forwarded-Proto Content-Encoding Expect Forwarded
"""
VALUES = f"""
    websocket|Upgrade|13|gzip, deflate|100-continue|bytes=0-|plenary_host=x|http://x|application/json|
    */*|fr;q=2|Sat, 99 Foo|Bearer {KEY}|Bearer \xff|localhost:x
"""
header_names = st.sampled_from(HEADERS.split())
header_values = st.one_of(
    st.text(string.printable.strip() + " éÿ", max_size=60),
    st.sampled_from([value.strip() for value in VALUES.split("|")]),
)
bodies = st.one_of(
    st.binary(max_size=200),
    any_json.map(lambda body: json.dumps(body).encode()),
    st.fixed_dictionaries(
        {}, optional={name: NEAR[name] | any_json for name in ("bank", "settings", "token")}
    ).map(lambda body: json.dumps(body).encode()),
    st.just(b"[" * 5_000),
    st.fixed_dictionaries({"url": any_json}).map(lambda body: json.dumps(body).encode()),
)


def test_no_request_is_answered_with_a_bug(arena):
    """Any method, path, headers and body: never a 500."""
    host, _, port = arena.server.address.partition(":")
    methods = st.sampled_from(
        ["GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "X", "CONNECT"]
    )

    @fuzz(150)
    @given(methods, paths, st.dictionaries(header_names, header_values, max_size=5), bodies, st.booleans())
    def ask(method: str, path: str, headers: dict[str, str], body: bytes, is_host: bool) -> None:
        path = path.replace("ROOM", arena.beside.code)
        if is_host:
            headers = {"Content-Type": "application/json", **headers, "Authorization": f"Bearer {KEY}"}
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value.strip().encode("latin-1"))
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            with contextlib.suppress(TimeoutError, http.client.HTTPException, ConnectionError):
                assert connection.getresponse().status in {*range(100, 500), 501}

    ask()
