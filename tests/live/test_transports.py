"""The ways to the server: long-polling where WebSockets are blocked, no compressed frames, one origin."""

from __future__ import annotations

import base64
import os
import queue
import socket
import time
from typing import Any

import pytest
import socketio

from tests.live.client import accepted
from tests.live.server import Server

STATED_S = 1.0


def handshake(address: str, name: str = "", **headers: str) -> str:
    """Open a WebSocket by hand, under another name where one is given; return the head of the answer."""
    host, _, port = address.partition(":")
    lines = [
        "GET /socket.io/?EIO=4&transport=websocket&room=123456 HTTP/1.1",
        f"Host: {name or address}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        head = b""
        while b"\r\n\r\n" not in head and (chunk := connection.recv(4_096)):
            head += chunk
    return head.partition(b"\r\n\r\n")[0].decode()


def test_no_extension_is_negotiated_though_browsers_offer_one(server):
    """Compressed frames cost five times the CPU."""
    head = handshake(server.address, Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")

    assert head.startswith("HTTP/1.1 101 ")
    assert "sec-websocket-extensions" not in head.lower()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_server_gets_no_connection(server, origin):
    """Neither a WebSocket nor polling."""
    assert handshake(server.address, Origin=origin).startswith("HTTP/1.1 400 ")
    answer = server.get("/socket.io/?EIO=4&transport=polling", Origin=origin)
    assert answer.status == 400
    assert "access-control-allow-origin" not in answer.headers


def test_the_own_page_gets_a_connection(server):
    assert handshake(server.address, Origin=f"http://{server.address}").startswith("HTTP/1.1 101 ")


def test_the_server_ends_at_once_though_a_phone_polls(tmp_path, measured):
    """The request that a phone has open all the time holds nobody up who presses Ctrl-C."""
    server = Server(tmp_path, "eventlet")
    phone = socketio.Client(reconnection=False)
    phone.connect(f"http://{server.address}?room=", transports=["polling"])
    phone.call("clock", {})
    pressed_at = time.monotonic()
    server.stop()
    took_s = time.monotonic() - pressed_at
    measured(f"the server ended within {took_s:.1f} s")
    assert took_s < 3 * STATED_S
    phone.disconnect()


def test_a_phone_without_websockets_plays(open_room):
    """With the library's own client, by long-polling alone."""
    room = open_room("Bea")
    came: queue.Queue[dict[str, Any]] = queue.Queue()
    phone = socketio.Client()
    phone.on("view", came.put)
    phone.on("probe", lambda _: {})
    phone.on("you", lambda _: None)
    phone.connect(f"http://{room.server.address}?room={room.code}", transports=["polling"])
    try:
        assert phone.transport() == "polling"
        ack = accepted(phone.call("player:join", {"room": room.code, "nickname": "Ada"}))
        room.open_question()
        while (view := came.get(timeout=20))["phase"] != "answering":
            pass
        assert view["options"][1]["id"] == "b"
        answer = {"question": 0, "response": ["b"], "at": view["opens_at"] + 100}
        at = accepted(phone.call("player:answer", answer))["at"]
        assert at >= view["opens_at"]
        room.reveal(["a"])
        while (view := came.get(timeout=20))["phase"] != "reveal":
            pass
        assert view["key"] == ["b"]
        room.host.wait_for(lambda host: host.seat("Ada")["score"] > 0)
        assert room.host.seat("Ada")["id"] == ack["player"]["id"]
    finally:
        phone.disconnect()
    room.host.wait_for(lambda host: not host.seat("Ada")["connected"])
