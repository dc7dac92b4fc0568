"""Three hundred bots against a server, in a process of their own: what a room full of laptops may send.

The task, as JSON on standard input: `address`, `game` and `open` (two rooms' codes: the one that is played,
one that lets everybody in), `bots`, `seconds`. At the end it prints how often each kind did its thing.
It runs as nice as can be: the bots stand for other people's computers, not for the server's.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import resource
import secrets
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

PATIENCE_S = 5.0
PAUSE_S = 0.02
"""Between what one bot sends and the next: three hundred of them are still thousands a second."""


@dataclass
class Target:
    """What is flooded."""

    address: str
    game: str
    open: str
    until: float
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def host(self) -> tuple[str, int]:
        name, _, port = self.address.partition(":")
        return name, int(port)


class Wire:
    """A WebSocket that says what no library would."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, target: Target, *, window: int | None = None, greets: bool = True) -> Wire:
        plain = socket.socket()
        plain.setblocking(False)
        if window:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.get_running_loop().sock_connect(plain, target.host)
            reader, writer = await asyncio.open_connection(sock=plain, limit=window or 65_536)
            key = base64.b64encode(os.urandom(16)).decode()
            writer.write(
                f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {target.address}\r\n"
                f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n".encode()
            )
            await reader.readuntil(b"\r\n\r\n")
        wire = cls(reader, writer)
        if greets:
            await wire.send("40")
        return wire

    async def send(self, text: str | bytes, opcode: int | None = None, *, is_last: bool = True) -> None:
        body = text if isinstance(text, bytes) else text.encode()
        first = (0x80 if is_last else 0) | (opcode if opcode is not None else 1 + isinstance(text, bytes))
        head = bytes([first, 0x80 | len(body)]) if len(body) < 126 else bytes([first, 0xFE])
        if len(body) >= 126:
            head = head + struct.pack("!H", len(body))
        self.writer.write(head + bytes(4) + body)
        async with asyncio.timeout(PATIENCE_S):
            await self.writer.drain()

    async def skim(self) -> None:
        """Read what is there and forget it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_S):
                if not await self.reader.read(65_536):
                    raise ConnectionResetError

    def close(self) -> None:
        self.writer.transport.abort()


async def rest(seconds: float) -> None:
    """Do nothing for so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()


Bot = Callable[[Target, random.Random], Awaitable[None]]


def over_a_wire(frames: Callable[[Target, random.Random], Any]) -> Bot:
    """Return a bot that connects and sends one such frame after the other until it is closed."""

    async def bot(target: Target, chance: random.Random) -> None:
        wire = await Wire.open(target)
        try:
            while time.monotonic() < target.until:
                for frame in frames(target, chance):
                    await wire.send(frame)
                    target.counts[frames.__name__] += 1
                await wire.skim()
        finally:
            wire.close()

    bot.__name__ = frames.__name__
    return bot


def event(name: str, payload: Any) -> str:
    return f"42{random.randrange(10**6)}{json.dumps([name, payload])}"


def joins(target: Target, chance: random.Random) -> list[str]:
    room = target.game if chance.random() < 0.5 else target.open
    name = chance.choice(["x", "é", "Bot ", "\u202e"]) * chance.randrange(1, 8) + str(chance.random())[:12]
    return [event("player:join", {"room": room, "nickname": name}), event("player:leave", {})]


def codes(target: Target, chance: random.Random) -> list[str]:
    code = str(chance.randrange(100_000, 1_000_000))
    return [
        event("player:join", {"room": code, "nickname": "Bot"}),
        event("host:attach", {"room": target.game, "token": secrets.token_urlsafe(16)}),
        event("player:rejoin", {"room": target.game, "token": secrets.token_urlsafe(16)}),
    ]


def oversized(target: Target, chance: random.Random) -> list[str]:
    size = chance.choice([15_000, 16_300, 16_400, 30_000])
    return [event("player:set", {"confidence": "x" * size})]


def malformed(target: Target, chance: random.Random) -> list[str]:
    noise = "".join(chance.choice('0123456789"[]{}-,:/\\abn\u20ac\x00') for _ in range(chance.randrange(60)))
    return ["4" + noise, "42" + noise, chance.choice(["3", "5", "6", "2probe", "40", "41", "44{}"])]


def out_of_order(target: Target, chance: random.Random) -> list[str]:
    answer = {"question": 0, "response": ["a"], "at": 1, "round": 1}
    command = {"do": chance.choice(["start", "next", "skip", "pause", "end", "lock"])}
    return [event("player:answer", answer), event("host:command", command), "41", "40"]


def wrong_types(target: Target, chance: random.Random) -> list[str]:
    name = chance.choice(["clock", "player:join", "player:answer", "host:attach", "host:command", "view"])
    value = chance.choice([None, True, -1, 1e308, 10**40, "", [], {}, [[]], "\u0000"])
    return [event(name, value), event(name, {"room": value, "nickname": value, "do": value, "at": value})]


def deep(target: Target, chance: random.Random) -> list[str]:
    depth = chance.choice([200, 1_000, 7_000])
    return [f'421["player:set",{{"confidence":{"[" * depth}{"]" * depth}}}]']


def binary(target: Target, chance: random.Random) -> list[str | bytes]:
    head = f'45{chance.choice([1, 2, 99_999, 999_999_999])}-["player:set",{{"_placeholder":true,"num":0}}]'
    return [head, b"\x04" + chance.randbytes(3_000), b"x"]


def clocks(target: Target, chance: random.Random) -> list[str]:
    return [event("clock", {})] * 20


async def fragments(target: Target, chance: random.Random) -> None:
    """A message that never ends."""
    wire = await Wire.open(target)
    try:
        await wire.send("42", is_last=False)
        while time.monotonic() < target.until:
            await wire.send(b"x" * 10_000, opcode=0, is_last=False)
            target.counts["fragments"] += 1
    finally:
        wire.close()


async def half_handshakes(target: Target, chance: random.Random) -> None:
    """Connections of which nothing comes, or a byte now and then; WebSockets that never greet."""
    wires = []
    try:
        for _ in range(10):
            reader, writer = await asyncio.open_connection(*target.host)
            writer.write(
                chance.choice([b"", b"G", b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\n", b"\x16\x03"])
            )
            wires.append(Wire(reader, writer))
            target.counts["half_handshakes"] += 1
        wires.append(await Wire.open(target, greets=False))
        while time.monotonic() < target.until:
            await rest(1)
            for wire in wires:
                wire.writer.write(b"y")
    finally:
        for wire in wires:
            wire.close()


async def rejoin_storms(target: Target, chance: random.Random) -> None:
    """One seat, taken again and again from new connections."""
    token = secrets.token_urlsafe(24)
    join = {"room": target.open, "nickname": secrets.token_hex(6), "token": token}
    while time.monotonic() < target.until:
        wire = await Wire.open(target)
        await wire.send(event("player:join", join))
        await wire.send(event("player:rejoin", {"room": target.open, "token": token}))
        await wire.skim()
        target.counts["rejoin_storms"] += 1
        wire.close()
        await rest(5 * PAUSE_S)


async def slow_readers(target: Target, chance: random.Random) -> None:
    """A player who asks and never reads."""
    wire = await Wire.open(target, window=4_096)
    try:
        token = secrets.token_urlsafe(24)
        await wire.send(event("player:join", {"room": target.open, "nickname": token[:12], "token": token}))
        while time.monotonic() < target.until:
            await wire.send(event("player:rejoin", {"room": target.open, "token": token}))
            target.counts["slow_readers"] += 1
            await rest(PAUSE_S)
    finally:
        wire.close()


async def polling_left(target: Target, chance: random.Random) -> None:
    """Engine.IO sessions by polling that nobody comes back to, wrong posts, wrong codes, long heads."""
    body = "\x1e".join(["40", *["2"] * 30]) if chance.random() < 0.3 else "40"
    while time.monotonic() < target.until:
        answer = await http(target, "GET", "/socket.io/?EIO=4&transport=polling")
        sid = answer.partition('"sid":"')[2].partition('"')[0]
        if sid and chance.random() < 0.5:
            await http(target, "POST", f"/socket.io/?EIO=4&transport=polling&sid={sid}", body)
        await http(target, "GET", f"/api/rooms/{chance.randrange(100_000, 1_000_000)}")
        await http(target, "POST", "/api/rooms", "x" * chance.choice([10, 60_000, 70_000]))
        await http(target, "GET", "/" + "x" * chance.choice([10, 9_000]), head="X-Y: " + "z" * 7_000)
        target.counts["polling_left"] += 1
        await rest(5 * PAUSE_S)


async def http(target: Target, method: str, path: str, body: str = "", head: str = "X-Y: z") -> str:
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection(*target.host)
        try:
            writer.write(
                f"{method} {path} HTTP/1.1\r\nHost: {target.address}\r\n{head}\r\nConnection: close\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            return (await reader.read(4_096)).decode(errors="replace")
        finally:
            writer.transport.abort()


BOTS: list[Bot] = [
    *map(over_a_wire, (joins, codes, oversized, malformed, out_of_order, wrong_types, deep, binary, clocks)),
    *(fragments, half_handshakes, rejoin_storms, slow_readers, polling_left),
]


async def stay(bot: Bot, target: Target, seed: int) -> None:
    """Do it, and again whenever the server has put an end to it."""
    chance = random.Random(seed)
    while time.monotonic() < target.until:
        with suppress(OSError, EOFError, asyncio.LimitOverrunError):
            await bot(target, chance)
        target.counts["came back"] += 1
        await rest(chance.uniform(0.05, 0.5))


async def flood(task: dict[str, Any]) -> Counter[str]:
    until = time.monotonic() + task["seconds"]
    target = Target(task["address"], task["game"], task["open"], until)
    async with asyncio.TaskGroup() as tasks:
        for n in range(task["bots"]):
            tasks.create_task(stay(BOTS[n % len(BOTS)], target, n))
    return target.counts


if __name__ == "__main__":
    os.nice(19)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8_192, hard), hard))
    json.dump(asyncio.run(flood(json.load(sys.stdin))), sys.stdout)
