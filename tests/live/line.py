"""One Socket.IO connection that costs little: a WebSocket by hand, a thousand of them in one asyncio loop."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
from collections.abc import Callable
from typing import Any

OPEN_LIMIT_S = ACK_LIMIT_S = 5.0


class Lost(Exception):
    """The connection ended, or nothing came in time."""


class Line:
    """A connection; `on_event` gets every event but probes, which it answers itself as a phone does."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_event: Callable[[str, Any], None],
    ) -> None:
        self._reader, self._writer, self._on_event = reader, writer, on_event
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._asked = 0
        self._task: asyncio.Task[None]

    @classmethod
    async def open(
        cls,
        address: str,
        room: str,
        on_event: Callable[[str, Any], None],
        limit_s: float | None = OPEN_LIMIT_S,
    ) -> Line:
        """Connect. Raises: Lost."""
        host, _, port = address.partition(":")
        key = base64.b64encode(os.urandom(16)).decode()
        writer = None
        try:
            async with asyncio.timeout(limit_s):
                reader, writer = await asyncio.open_connection(host, int(port))
                line = cls(reader, writer, on_event)
                writer.write(
                    f"GET /socket.io/?EIO=4&transport=websocket&room={room} HTTP/1.1\r\nHost: {address}\r\n"
                    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                    f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
                )
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 101 "), head
                assert (await line._receive()).startswith("0{")
                line._send("40")
                assert (await line._receive()).startswith('40{"sid"')
        except (OSError, asyncio.IncompleteReadError) as error:  # a TimeoutError is an OSError
            if writer:
                writer.transport.abort()
            raise Lost from error
        line._task = asyncio.create_task(line._listen())
        return line

    def send(self, event: str, payload: dict[str, Any]) -> asyncio.Future[Any]:
        """Send an event and return what will be its acknowledgement."""
        self._asked += 1
        ack = self._acks[self._asked] = asyncio.get_running_loop().create_future()
        self._send(f"42{self._asked}{json.dumps([event, payload])}")
        return ack

    async def ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send an event and return its acknowledgement, whether it says yes or no. Raises: Lost."""
        try:
            ack: dict[str, Any] = await asyncio.wait_for(self.send(event, payload), ACK_LIMIT_S)
        except TimeoutError as error:
            raise Lost from error
        return ack

    async def ended(self) -> None:
        """Wait for the end of the connection; what was wrong with a message that came is raised here."""
        await asyncio.wait({self._task})
        if error := self._task.exception():
            raise error

    def cut(self) -> None:
        """End the connection at once."""
        self._writer.transport.abort()

    def _send(self, text: str) -> None:
        if self._writer.is_closing():
            raise Lost
        payload = text.encode()
        length = (
            bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack("!H", len(payload))
        )
        self._writer.write(b"\x81" + length + bytes(4) + payload)  # a mask of zeros leaves the text as it is

    async def _receive(self) -> str:
        first, length = await self._reader.readexactly(2)
        if first == 0x88:  # the server closes
            raise ConnectionResetError
        assert first == 0x81, "not one whole, uncompressed text frame"
        if length == 126:
            [length] = struct.unpack("!H", await self._reader.readexactly(2))
        elif length == 127:
            [length] = struct.unpack("!Q", await self._reader.readexactly(8))
        return (await self._reader.readexactly(length)).decode()

    async def _listen(self) -> None:
        try:
            while True:
                self._take(await self._receive())
        except (OSError, asyncio.IncompleteReadError, Lost):
            self._writer.transport.abort()
        finally:
            for ack in self._acks.values():
                if not ack.done():
                    ack.set_exception(Lost())
                    ack.exception()  # who cut the connection need not look at it

    def _take(self, packet: str) -> None:
        if packet == "2":
            self._send("3")
            return
        digits = len(packet[2:]) - len(packet[2:].lstrip("0123456789"))
        kind, number, body = packet[:2], packet[2 : 2 + digits], packet[2 + digits :]
        if kind == "43":
            ack = self._acks.pop(int(number))
            if not ack.done():
                ack.set_result(json.loads(body)[0])
        elif kind == "42":
            event, payload = json.loads(body)
            if event == "probe":
                self._send(f"43{number}[{{}}]")
            else:
                self._on_event(event, payload)
