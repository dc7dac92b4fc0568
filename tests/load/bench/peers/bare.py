"""The least that a broadcast can cost, in Python: one frame and a loop of `send`.

For where bare.c has no compiler; it speaks as is said there.
"""

import argparse
import json
import selectors
import socket
import struct
import time
from pathlib import Path

from server.runtime import BACKLOG, SEND_BUFFER_BYTES
from tests.load.bench.peers.child import announce, end_with_stdin, raise_descriptor_limit


def frame(text: str) -> bytes:
    """Return a server's WebSocket text frame of 126 to 65,535 bytes."""
    body = text.encode()
    return struct.pack("!BBH", 0x81, 126, len(body)) + body


def send_to_all(phones: list[socket.socket], sent: bytes) -> str:
    """Send to one phone after the other and return what it took, in ns of wall and of CPU."""
    began, cpu_began = time.monotonic_ns(), time.process_time_ns()
    for phone in phones:
        phone.sendall(sent)
    took, cpu_took = time.monotonic_ns() - began, time.process_time_ns() - cpu_began
    return f"{took} {cpu_took}\n"


def serve(listening: socket.socket, sent: bytes) -> None:
    """Send at every `go` of the first connection, until that connection closes."""
    control, _ = listening.accept()
    phones: list[socket.socket] = []
    lines = control.makefile("r", newline="\n")
    with selectors.DefaultSelector() as ready:
        for waited_for in (listening, control):
            ready.register(waited_for, selectors.EVENT_READ)
        while True:
            came = [key.fileobj for key, _ in ready.select()]
            if listening in came:
                phones.append(listening.accept()[0])
            elif lines.readline() != "go\n":
                return
            else:
                control.sendall(send_to_all(phones, sent).encode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("question", type=Path)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    end_with_stdin()
    raise_descriptor_limit()
    with socket.create_server(("127.0.0.1", options.port), backlog=BACKLOG) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        announce(listening.getsockname()[1])
        view = json.loads(options.question.read_text("utf-8"))
        serve(listening, frame(f'42["view",{json.dumps(view, separators=(",", ":"), ensure_ascii=False)}]'))
