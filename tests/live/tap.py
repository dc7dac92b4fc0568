"""A wire between a client and a server on which every byte toward the client is recorded."""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
import threading
from collections.abc import Iterator


class Tap:
    """Listens at `address` and passes each connection on to `target`, both as `host:port`."""

    def __init__(self, target: str) -> None:
        host, _, port = target.partition(":")
        self._target = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._recorded: list[bytearray] = []
        self._sockets = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End every connection, and listen no more."""
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._target)
                for one in (client, server):  # a second small piece would wait 40 ms for the first one
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets += [client, server]
                record = bytearray()
                self._recorded.append(record)
                threading.Thread(target=_pass_on, args=(client, server, None), daemon=True).start()
                threading.Thread(target=_pass_on, args=(server, client, record), daemon=True).start()

    def websocket_packets(self) -> list[str]:
        """Return the text of each whole frame that came over WebSockets since this was last asked."""
        return [text for record in self._recorded for text in _frames(record)]

    def polled(self) -> tuple[list[str], set[str]]:
        """Return the packets that came by long-polling since this was last asked, and the heads of the
        answers that brought them."""
        packets, heads = [], set()
        for record in self._recorded:
            for head, body in _answers(record):
                # The day is the same for all, and how many packets share an answer is a matter of moments.
                heads.add(re.sub(r"\r\n(Date|Content-(Length|Encoding|Type)): [^\r]*", "", head))
                packets += [] if body == "OK" else body.split("\x1e")
        return packets, heads


def _pass_on(source: socket.socket, target: socket.socket, record: bytearray | None) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            if record is not None:
                record += piece
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


def _frames(record: bytearray) -> Iterator[str]:
    """Take whole frames, and the head of the answer before them, from the record and yield their texts."""
    if record.startswith(b"HTTP/1.1 101 ") and b"\r\n\r\n" in record:
        del record[: record.index(b"\r\n\r\n") + 4]
    while len(record) >= 10 or (len(record) >= 2 and len(record) >= 2 + record[1] and record[1] < 126):
        length, start = record[1], 2
        if length in (126, 127):
            start = 4 if length == 126 else 10
            length = int.from_bytes(record[2:start])
            assert length > (125 if start == 4 else 65_535), "a frame's head is longer than it has to be"
        if len(record) < start + length:
            return  # the rest of it is on its way
        assert record[0] in (0x81, 0x88, 0x89, 0x8A), f"no whole text frame: {record[0]:x}"
        if record[0] == 0x81:
            yield record[start : start + length].decode()
        del record[: start + length]


def _answers(record: bytearray) -> Iterator[tuple[str, str]]:
    """Take whole HTTP answers from the record and yield head and body of each."""
    while b"\r\n\r\n" in record:
        end = record.index(b"\r\n\r\n")
        head = record[:end].decode()
        found = re.search(r"\r\nContent-Length: (\d+)", head, re.I)
        assert found, head
        length = end + 4 + int(found[1])
        if len(record) < length:
            return
        body = record[end + 4 : length]
        yield head, (gzip.decompress(body) if "\r\nContent-Encoding: gzip" in head else body).decode()
        del record[:length]
