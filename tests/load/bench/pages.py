"""A phone's first load over HTTP as its browser does it: the page, then its files over a few connections."""

from __future__ import annotations

import re
import selectors
import socket
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from . import wire
from .crowd import READ_BYTES, Loop

CONNECTIONS = 6
"""How many a browser opens to one host."""


def files_of(page: str) -> list[str]:
    """Return the addresses of the files that a page asks for at once."""
    return list(dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)))


class Visit:
    """One phone's load: `page`, then `files`, then `last`; `then` gets the failures once all has come."""

    def __init__(
        self,
        loop: Loop,
        address: str,
        page: str,
        files: Sequence[str],
        last: str,
        then: Callable[[list[str]], object],
    ) -> None:
        self.loop, self.address = loop, address
        self.failures: list[str] = []
        self._then = then
        self._waiting = deque([page])
        self._later = [list(files), [last]]
        self._unanswered = 1
        self._connections = [_Connection(self)]

    def next_path(self) -> str | None:
        """Return what a free connection shall ask for, None where there is nothing just now."""
        return self._waiting.popleft() if self._waiting else None

    def answered(self) -> None:
        """Note that an answer is there; what it was waited for goes on."""
        self._unanswered -= 1
        if self._unanswered:
            return
        if not self._later:
            self._then(self.failures)
            return
        self._waiting.extend(self._later.pop(0))
        self._unanswered = len(self._waiting)
        for connection in self._connections:
            connection.ask()
        while len(self._connections) < min(CONNECTIONS, self._unanswered):
            self._connections.append(_Connection(self))

    def lost(self, connection: _Connection) -> None:
        """Note that the server has closed a connection; as in a browser, another asks for what is left."""
        self._connections.remove(connection)
        if self._waiting and not any(one.is_free for one in self._connections):
            self._connections.append(_Connection(self))

    def leave(self) -> None:
        """Close the connections, which a browser keeps for its next requests."""
        for connection in self._connections:
            connection.close()


class _Connection:
    """One HTTP connection that asks for one thing after the other."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._path: str | None = None
        """What it has asked for and not yet got."""
        self._came = b""
        self._is_open = True
        self._sock = socket.socket()
        self._sock.setblocking(False)
        host, _, port = visit.address.partition(":")
        with suppress(BlockingIOError):
            self._sock.connect((host, int(port)))
        visit.loop.selector.register(self._sock, selectors.EVENT_WRITE, self._connected)

    def ask(self) -> None:
        """Ask for the next thing, if it is free and there is one."""
        if not self._is_open or self._path is not None:
            return
        self._path = self._visit.next_path()
        if self._path is not None:
            try:
                self._sock.send(wire.get(self._visit.address, self._path))
            except OSError as error:
                self._end(str(error))

    @property
    def is_free(self) -> bool:
        return self._is_open and self._path is None

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._visit.loop.selector.unregister(self._sock)
            self._sock.close()

    def _connected(self) -> None:
        if error := self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._end(f"no connection: error {error}")
            return
        self._visit.loop.selector.modify(self._sock, selectors.EVENT_READ, self._read)
        self.ask()

    def _read(self) -> None:
        try:
            data = self._sock.recv(READ_BYTES)
        except OSError as error:
            self._end(str(error))
            return
        if not data:
            self._end("the server closed")
            return
        self._came += data
        head, found, body = self._came.partition(b"\r\n\r\n")
        if not found or not _is_whole(head.lower(), body):
            return
        if not head.startswith(b"HTTP/1.1 200 "):
            self._visit.failures.append(f"{self._path}: {head[:40]!r}")
        self._came = b""
        self._path = None
        self._visit.answered()
        self.ask()

    def _end(self, why: str) -> None:
        """Close; a server may close a connection that asks for nothing, and no other."""
        self.close()
        path, self._path = self._path, None
        if path is not None:
            self._visit.failures.append(f"{path}: {why}")
            self._visit.answered()
        self._visit.lost(self)


def _is_whole(head: bytes, body: bytes) -> bool:
    """Tell whether the whole body has come; head in small letters."""
    if length := re.search(rb"\r\ncontent-length: *(\d+)", head):
        return len(body) >= int(length[1])
    assert b"\r\ntransfer-encoding: chunked" in head, head
    return body.endswith(b"0\r\n\r\n")
