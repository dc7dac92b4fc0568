"""A real server as a process of its own, and its HTTP side as a browser would use it."""

from __future__ import annotations

import http.client
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.processes import Process, server

BANKS = (Path(__file__).parent / "banks", Path(__file__).parents[1] / "banks_for_tests")
KEY = "a-host-key-of-the-tests"
REFUSED_TO_OTHERS = re.compile(r"(plenary\.wire|werkzeug): (?!request failed)")
"""What Engine.IO and werkzeug note of a page from elsewhere and of what is no request."""
LIBRARY_S_OWN = re.compile(
    r"Exception in thread \S+ \(writer\):\n(?:.*\n)*?(?:OSError|ConnectionResetError): .*\n"
)
"""In threading mode simple-websocket may write to a socket that its phone has just closed, and says so."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; the names of its headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error."""
        code: str = self.json()["error"]["code"]
        return code


@dataclass(frozen=True)
class Opened:
    """What `POST /api/rooms` answered."""

    room: str
    host_token: str
    join_url: str


class Server:
    """A server with the tests' banks beside the real one, in one of the two modes."""

    def __init__(
        self, data: Path, mode: str, *options: str, module: str = "server.cli", **variables: str
    ) -> None:
        self.data, self.mode = data, mode
        self.key = KEY
        self.is_forgiven: Callable[[dict[str, Any]], bool] = lambda error: False
        """Which errors in the log a test has brought about on purpose."""
        for banks in BANKS:
            shutil.copytree(banks, data / "banks", dirs_exist_ok=True)
        self._process: Process = server(
            data,
            *("--host", "127.0.0.1", "--key", KEY, *options),
            module=module,
            PLENARY_ASYNC_MODE=mode,
            **variables,
        )
        named = dict(pairwise(options)).get("--port")
        port = named or self._process.wait_for(r"For you +https?://[^/\s]+?:(\d+)/host").group(1)
        self._process.wait_for("Ctrl-C")
        self.address = f"127.0.0.1:{port}"
        assert self.request("GET", "/healthz").status == 200

    @property
    def printed(self) -> str:
        """What the server has said at the terminal so far."""
        return self._process.all_printed()

    @property
    def pid(self) -> int:
        return self._process._child.pid

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the server's log."""
        file = self.data / "plenary.log"
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    def errors(self) -> list[dict[str, Any]]:
        """Return what the log holds of bugs and failures; what the libraries refused to others is neither."""
        return [
            line
            for line in self.log()
            if line["level"] in ("error", "critical")
            and ("exception" in line or not REFUSED_TO_OTHERS.match(line["event"]))
        ]

    def stop(self) -> None:
        """Press Ctrl-C; fail where the server printed a traceback or logged an error."""
        try:
            self._process.interrupt()
            assert self._process.wait() == 0, self.printed
            assert "Traceback" not in LIBRARY_S_OWN.sub("", self.printed), self.printed
            assert [error for error in self.errors() if not self.is_forgiven(error)] == []
        finally:
            self._process.__exit__()

    def kill(self) -> None:
        """Let the process die as by `kill -9`."""
        self._process.__exit__()

    # --- HTTP ---------------------------------------------------------------------------------------

    def request(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one request; a body that is not bytes goes as JSON. Redirects are not followed."""
        given = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        host, _, port = self.address.partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        try:
            connection.request(method, path, body=body, headers=given)
            answer = connection.getresponse()
            names = [name.lower() for name, _ in answer.getheaders()]
            assert len(names) == len(set(names)), f"a header is there twice: {names}"
            return Answer(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
            )
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers={name.replace("_", "-"): v for name, v in headers.items()})

    def as_host(self, method: str, path: str, body: object = None) -> Answer:
        return self.request(method, path, body, {"Authorization": f"Bearer {self.key}"})

    def open_room(self, bank: str = "five", **settings: Any) -> Opened:
        """Open a room; without reading time where the test does not say otherwise."""
        settings = {"reading_time": "off", **settings}
        answer = self.as_host("POST", "/api/rooms", {"bank": bank, "settings": settings})
        assert answer.status == 201, answer.body
        return Opened(**answer.json())
