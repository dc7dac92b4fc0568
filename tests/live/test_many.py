"""A thousand phones at one server: they fit, and one broadcast reaches them all."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import struct
import sys
import time

import pytest

from tests.live.client import Host
from tests.live.server import Server

PHONES = 1_000
AT_ONCE = 100


class SparePhone:
    """A WebSocket by hand that costs next to nothing: it joins, answers pings, and waits for a phase."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, address: str, room: str) -> SparePhone:
        host, _, port = address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /socket.io/?EIO=4&transport=websocket&room={room} HTTP/1.1\r\nHost: {address}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        return cls(reader, writer)

    def send(self, text: str) -> None:
        payload = text.encode()
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
        self._writer.write(b"\x81" + size + bytes(4) + payload)  # a mask of zeros leaves it as it is

    async def receive(self) -> str:
        while True:
            first, size = await self._reader.readexactly(2)
            if size == 126:
                [size] = struct.unpack("!H", await self._reader.readexactly(2))
            payload = (await self._reader.readexactly(size)).decode()
            assert first == 0x81, "a whole text frame, uncompressed"
            if payload != "2":
                return payload
            self.send("3")

    async def join(self, room: str, nickname: str) -> None:
        await self.receive()
        self.send("40")
        await self.receive()
        self.send("420" + json.dumps(["player:join", {"room": room, "nickname": nickname}]))
        while not (packet := await self.receive()).startswith("430"):
            pass
        assert '"ok":true' in packet, packet

    async def wait_for(self, phase: str) -> float:
        """Return when the view of this phase came, in s."""
        while f'"phase":"{phase}"' not in await self.receive():
            pass
        return time.monotonic()

    def close(self) -> None:
        self._writer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the test would need more sockets than select takes")
def test_a_thousand_phones_fit_and_one_broadcast_reaches_them_all(tmp_path):
    """The default backlog would take half a minute, the default limit would stop at 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * PHONES)), hard))
    server = Server(tmp_path, "eventlet")
    opened = server.open_room(reading_time=60)
    host = Host(server.address, opened.room)
    host.attach(opened.host_token)

    async def play() -> tuple[float, float]:
        began = time.monotonic()
        turns = asyncio.Semaphore(AT_ONCE)

        async def take_seat(number: int) -> SparePhone:
            async with turns:
                phone = await SparePhone.open(server.address, opened.room)
                await phone.join(opened.room, f"Player {number}")
                return phone

        phones = await asyncio.gather(*map(take_seat, range(PHONES)))
        joined_s = time.monotonic() - began
        waiting = [asyncio.create_task(phone.wait_for("reading")) for phone in phones]
        started = time.monotonic()
        await asyncio.to_thread(host.do, "start")
        shown = await asyncio.wait_for(asyncio.gather(*waiting), 30)
        for phone in phones:
            phone.close()
        return joined_s, max(shown) - started

    joined_s, shown_s = asyncio.run(play())
    sys.stderr.write(
        f"{PHONES} phones joined in {joined_s:.1f} s; the last had the view after {shown_s:.2f} s\n"
    )
    assert host.view["players"] == PHONES
    assert server.get("/healthz").status == 200
    host.drop()
    server.stop()
