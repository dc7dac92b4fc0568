"""WebSocket, Engine.IO and Socket.IO by hand, as far as a phone speaks them."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
"""The first byte of a whole frame that is not compressed."""

BROWSER = (
    "User-Agent: Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.0.0 Mobile Safari/537.36\r\n"
    "Accept-Language: de-CH,de;q=0.9,en;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
)
"""The headers that a phone's browser sends with every request over http."""


DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


def upgrade(address: str, room: str, *, offers_deflate: bool = True) -> bytes:
    """Return the request by which a phone's browser opens the WebSocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /socket.io/?room={room}&EIO=4&transport=websocket HTTP/1.1\r\n"
        f"Host: {address}\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n"
        f"Upgrade: websocket\r\nOrigin: http://{address}\r\nSec-WebSocket-Version: 13\r\n{BROWSER}"
        f"Sec-WebSocket-Key: {key}\r\n{DEFLATE if offers_deflate else ''}\r\n"
    ).encode()


def frame(payload: bytes, first: int = TEXT) -> bytes:
    """Return a frame as a phone sends it, masked."""
    length = len(payload)
    if length < 126:
        head = bytes((first, 0x80 | length))
    elif length < 65_536:
        head = bytes((first, 0xFE)) + length.to_bytes(2)
    else:
        head = bytes((first, 0xFF)) + length.to_bytes(8)
    mask = os.urandom(4)
    pad = (mask * (length // 4 + 1))[:length]
    masked = int.from_bytes(payload) ^ int.from_bytes(pad)
    return head + mask + masked.to_bytes(length)


def get(address: str, path: str) -> bytes:
    """Return a request for a page or a file."""
    return f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: keep-alive\r\n{BROWSER}\r\n".encode()


def event(name: str, payload: Any, number: int | None = None) -> bytes:
    """Return the frame of an event; with a number it asks for an acknowledgement."""
    body = json.dumps([name, payload], separators=(",", ":"), ensure_ascii=False)
    return frame(f"42{'' if number is None else number}{body}".encode())
