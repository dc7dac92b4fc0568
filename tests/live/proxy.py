"""A bad network between clients and a server: delays, jitters, stalls, goes silent, cuts.

A proxy for TCP in a thread of its own. What it does can be changed while connections run through it, each
proxy for itself; a test that needs several networks makes several. The order of bytes is always kept: TCP is
a stream, and what is late holds up what comes after it.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

PATIENCE_S = 20.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Way:
    """One direction through the proxy; what is set holds for all that arrives from then on."""

    def __init__(self) -> None:
        self.delay_ms = 0.0
        self.jitter_ms = 0.0
        """On top of the delay, evenly from 0 to this, drawn anew for each piece that arrives."""
        self.is_stalled = False
        self._chance = random.Random()

    def takes_s(self) -> float:
        """Draw how long the next piece is on its way."""
        return (self.delay_ms + self._chance.uniform(0, self.jitter_ms)) / 1000


class Proxy:
    """A listener at `address` whose connections go on to `target`, both as `host:port`."""

    def __init__(self, target: str, *, delay_ms: float = 0, jitter_ms: float = 0) -> None:
        """Listen; `delay_ms` and `jitter_ms` hold each way."""
        self.target = target
        self.to_server, self.to_client = Way(), Way()
        self.delay(delay_ms)
        self.jitter(jitter_ms)
        self.accepted = 0
        """How many connections have come so far."""
        self._is_silent = False
        self._pairs: set[_Pair] = set()
        self._loop = asyncio.new_event_loop()
        listening = socket.create_server(("127.0.0.1", 0), backlog=4_096)
        self.address = f"127.0.0.1:{listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, args=(listening,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what the network does ----------------------------------------------------------------------

    def delay(self, to_server_ms: float, to_client_ms: float | None = None) -> None:
        """Take so long one way; the way back the same where it is not named."""
        self.to_server.delay_ms = to_server_ms
        self.to_client.delay_ms = to_server_ms if to_client_ms is None else to_client_ms

    def jitter(self, to_server_ms: float, to_client_ms: float | None = None) -> None:
        """Take up to so much longer, differently each time."""
        self.to_server.jitter_ms = to_server_ms
        self.to_client.jitter_ms = to_server_ms if to_client_ms is None else to_client_ms

    def stall(self, *ways: Way) -> None:
        """Hold what comes (both ways where none is named) until `flow`, as where every packet is dropped."""
        self._in_loop(lambda: self._set_stalled(ways or (self.to_server, self.to_client), True))

    def flow(self) -> None:
        """Pass on what was held, and from now on what comes."""
        self._in_loop(lambda: self._set_stalled((self.to_server, self.to_client), False))

    def go_silent(self) -> None:
        """Leave every connection half open: accept, swallow, close nothing, tell neither side anything.

        A connection that was silent stays so, like one that a router forgot; after `speak` new ones pass.
        """
        self._in_loop(self._go_silent)

    def speak(self) -> None:
        """Let new connections pass again."""
        self._is_silent = False

    def cut(self) -> None:
        """Reset every connection, on both sides; new ones pass."""
        self._in_loop(self._cut)

    @property
    def connections(self) -> int:
        """How many connections are open on at least one side."""
        return len(self._pairs)

    def close(self) -> None:
        """Cut every connection and listen no more."""
        self._in_loop(self._close)
        self._thread.join(PATIENCE_S)

    # --- in the loop --------------------------------------------------------------------------------

    def _run(self, listening: socket.socket) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        self._listener = loop.run_until_complete(loop.create_server(lambda: self._accept(), sock=listening))
        loop.run_forever()
        loop.run_until_complete(self._listener.wait_closed())
        loop.close()

    def _in_loop(self, function: Callable[[], None]) -> None:
        """Run a function in the loop and return when it is done."""
        done: Future[None] = Future()

        def run() -> None:
            function()
            done.set_result(None)

        self._loop.call_soon_threadsafe(run)
        done.result(PATIENCE_S)

    def _accept(self) -> _End:
        self.accepted += 1
        pair = _Pair(self, self._loop, is_silent=self._is_silent)
        self._pairs.add(pair)
        return pair.client

    def _set_stalled(self, ways: tuple[Way, ...], is_stalled: bool) -> None:
        for way in ways:
            way.is_stalled = is_stalled
        for pair in list(self._pairs):
            pair.pass_on()

    def _go_silent(self) -> None:
        self._is_silent = True
        for pair in self._pairs:
            pair.is_silent = True

    def _cut(self) -> None:
        for pair in list(self._pairs):
            pair.cut()

    def _close(self) -> None:
        self._cut()
        self._listener.close()
        self._loop.call_soon(self._loop.stop)

    def _gone(self, pair: _Pair) -> None:
        self._pairs.discard(pair)


class _Pair:
    """A client's connection and the one to the server that goes with it."""

    def __init__(self, proxy: Proxy, loop: asyncio.AbstractEventLoop, *, is_silent: bool) -> None:
        self.proxy, self.loop = proxy, loop
        self.is_silent = is_silent
        self.client, self.server = _End(self, proxy.to_server), _End(self, proxy.to_client)
        self.client.other, self.server.other = self.server, self.client
        if is_silent:
            self.server.is_over = True
        else:
            self._connecting = loop.create_task(self._connect())

    async def _connect(self) -> None:
        host, _, port = self.proxy.target.partition(":")
        try:
            await self.loop.create_connection(lambda: self.server, host, int(port))
        except OSError:
            self.server.is_over = True
            self.cut()

    def pass_on(self) -> None:
        self.client.pass_on()
        self.server.pass_on()

    def cut(self) -> None:
        for end in (self.client, self.server):
            end.reset()

    def end_over(self) -> None:
        if self.client.is_over and self.server.is_over:
            self.proxy._gone(self)


class _End(asyncio.Protocol):
    """One end of a pair: what arrives here leaves at the other end, when its time has come."""

    other: _End

    def __init__(self, pair: _Pair, way: Way) -> None:
        self._pair, self._way = pair, way
        self._transport: Any = None
        self._on_the_way: deque[tuple[float, bytes | None]] = deque()
        """When each piece is due, in s of the loop; None is the end."""
        self.is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.other.pass_on()

    def data_received(self, data: bytes) -> None:
        self._take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_over = True
        self._take(None)
        self._pair.end_over()

    def _take(self, piece: bytes | None) -> None:
        if self._pair.is_silent:
            return
        due = self._pair.loop.time() + self._way.takes_s()
        if self._on_the_way:
            due = max(due, self._on_the_way[-1][0])
        self._on_the_way.append((due, piece))
        self._pair.loop.call_at(due, self.pass_on)

    def pass_on(self) -> None:
        """Send on what is due."""
        if self._pair.is_silent:
            self._on_the_way.clear()
        transport = self.other._transport
        if transport is None or self._way.is_stalled:
            return
        # A timer of the loop may come early by as much as its clock is fine.
        now = self._pair.loop.time() + 0.001
        while self._on_the_way and self._on_the_way[0][0] <= now:
            _, piece = self._on_the_way.popleft()
            if piece is None:
                transport.close()
            elif not transport.is_closing():
                transport.write(piece)

    def reset(self) -> None:
        """End this connection as a broken one."""
        self._on_the_way.clear()
        if self._transport is not None and not self.is_over:
            self._transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
            )
            self._transport.abort()
