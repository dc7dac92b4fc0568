"""The programs that Plenary is compared with, and which of them can be had on this machine.

What is fetched or compiled goes into .venv/bench; to look at what there is changes nothing and asks nobody.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from server.runtime import SEND_BUFFER_BYTES
from tests.processes import PROJECT

PEERS = Path(__file__).parent
QUESTION = PEERS.parent / "question.json"
MADE = PROJECT / ".venv" / "bench"
NODE, NODE_MADE = PEERS / "node", MADE / "node"
NODE_FILES = ("package.json", "package-lock.json")
NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
NPM_PATIENCE_S, CC_PATIENCE_S = 180, 60
MODULE = (sys.executable, "-P", "-m")


@dataclass(frozen=True)
class Peer:
    """A program to be compared with; `lacks` says in one line why it cannot be had here, if so."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    lacks: str = ""


@dataclass(frozen=True)
class Running:
    """A peer at work, and where it listens; it ends when its standard input is closed."""

    process: subprocess.Popen[str]
    port: int


def socketio_peers(*, fetches: bool = False) -> list[Peer]:
    """Return every server that speaks Socket.IO, also those that cannot be had; npm fetches if it may."""
    node = shutil.which("node")
    return [
        _plain("eventlet"),
        _plain("gevent"),
        _plain("threading"),
        Peer(
            "Socket.IO on Node.js",
            (node or "node", str(NODE / "server.js")),
            {"NODE_PATH": str(NODE_MADE / "node_modules")},
            (_fetch_for_node() if fetches else _node_lacks()) if node else "Node.js is not installed",
        ),
    ]


def available() -> list[Peer]:
    """Return the servers that speak Socket.IO and can be started now."""
    return [peer for peer in socketio_peers() if not peer.lacks]


def bare_loop() -> Peer:
    """Return the loop of bare `send`: in C where a compiler is found, else in Python."""
    program = _compile()
    return Peer("bare loop in C", (str(program), str(QUESTION))) if program else bare_loop_in_python()


def bare_loop_in_python() -> Peer:
    """Return the loop of bare `send` that runs wherever Plenary does."""
    return Peer("bare loop in Python", (*MODULE, f"{__package__}.bare", str(QUESTION)))


@contextlib.contextmanager
def start(peer: Peer) -> Iterator[Running]:
    """Run a peer on a free port of 127.0.0.1 for as long as the context lasts.

    Raises:
        RuntimeError: it did not start; says what it printed.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        process = subprocess.Popen(
            [*peer.command, "--port", "0"],
            env={**os.environ, "PYTHONPATH": str(PROJECT), **peer.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
        with process:
            try:
                assert process.stdout
                said = process.stdout.readline()
                listening = re.fullmatch(r"listening on (\d+)\n", said)
                if not listening:
                    complaints.seek(0)
                    raise RuntimeError(f"{peer.name} did not start: {said}{complaints.read()}")
                yield Running(process, int(listening[1]))
            finally:
                process.kill()


def _plain(mode: str) -> Peer:
    found = mode == "threading" or importlib.util.find_spec(mode)
    return Peer(
        f"plain Flask-SocketIO on {mode}",
        (*MODULE, f"{__package__}.plain", "--mode", mode),
        lacks="" if found else f"{mode} is not installed",
    )


def _node_lacks() -> str:
    """Return why what package-lock.json pins is not there; npm writes its own list last."""
    lock = NODE_MADE / "package-lock.json"
    is_whole = (NODE_MADE / "node_modules" / ".package-lock.json").exists()
    is_current = lock.exists() and lock.read_bytes() == (NODE / lock.name).read_bytes()
    return "" if is_whole and is_current else "socket.io has not been fetched"


def _fetch_for_node() -> str:
    """Have npm fetch what package-lock.json pins, unless it is there; return why that failed, if so."""
    if not _node_lacks():
        return ""
    npm = shutil.which("npm")
    if not npm:
        return "npm is not installed"
    shutil.rmtree(NODE_MADE, ignore_errors=True)
    NODE_MADE.mkdir(parents=True)
    for name in NODE_FILES:
        shutil.copy(NODE / name, NODE_MADE)
    try:
        ran = subprocess.run(
            [npm, *NPM],
            cwd=NODE_MADE,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=NPM_PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        return f"npm could not fetch socket.io: not within {NPM_PATIENCE_S} s"
    if ran.returncode == 0:
        return ""
    told = re.search(r"reason: (.+)", ran.stderr) or re.search(r"^npm \S+ code (\S+)", ran.stderr, re.M)
    return f"npm could not fetch socket.io: {told[1] if told else f'it ended with {ran.returncode}'}"


def _compile() -> Path | None:
    """Return bare.c as a program, None where that takes a compiler that is not here."""
    compiler = None if os.name == "nt" else shutil.which("cc")
    if not compiler:
        return None
    MADE.mkdir(parents=True, exist_ok=True)
    program = MADE / "bare"
    with tempfile.TemporaryDirectory(dir=MADE) as folder:
        fresh = Path(folder) / "bare"
        flags = ("-O2", "-Wall", "-Wextra", f"-DSEND_BUFFER_BYTES={SEND_BUFFER_BYTES}")
        command = [compiler, *flags, "-o", str(fresh), str(PEERS / "bare.c")]
        ran = subprocess.run(command, capture_output=True, timeout=CC_PATIENCE_S)
        if ran.returncode != 0:
            return None
        fresh.replace(program)  # whoever runs the former one goes on with it
    return program
