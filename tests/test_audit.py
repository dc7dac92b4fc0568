"""The audit of the locks: fails for a known vulnerability, and for nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.audit import LOCKS, audit, pinned

LOCK = """
# made by a tool
flask==3.1.3 \\
    --hash=sha256:0000
    # via plenary
bidict==0.23 ; sys_platform == "win32" \\
    --hash=sha256:1111
"""
WELL, ILL = {"vulnerabilities": []}, {"vulnerabilities": [{"id": "CVE-1", "fixed_in": ["3.2", "4.0"]}]}
WITHDRAWN = {"vulnerabilities": [{"id": "CVE-2", "withdrawn": "2026-01-01"}]}


@pytest.fixture
def index() -> Iterator[tuple[str, dict[str, object]]]:
    """A package index and what it knows, by path."""
    known: dict[str, object] = {}

    class Index(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = known.get(self.path)
            self.send_response(200 if answer is not None else 404)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", known
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("flask", "bidict", "code", "said"),
    [
        (WELL, WELL, 0, ["No known vulnerability in 2 packages."]),
        (WITHDRAWN, WELL, 0, ["No known vulnerability in 2 packages."]),
        (ILL, WELL, 1, ["flask 3.1.3: CVE-1, mended in 3.2, 4.0"]),
        (None, WELL, 0, ["Not audited: flask 3.1.3.", "No known vulnerability in 1 packages."]),
        (None, None, 0, ["Not audited: {index} cannot be asked about vulnerabilities from here."]),
    ],
)
def test_a_known_vulnerability_fails_and_an_index_that_knows_none_does_not(
    tmp_path: Path, index, flask, bidict, code, said
):
    """Nor does one that does not answer: then it is said that nothing was audited."""
    address, known = index
    known |= {"/pypi/flask/3.1.3/json": flask, "/pypi/bidict/0.23/json": bidict}
    lock = tmp_path / "requirements.lock"
    lock.write_text(LOCK)

    assert audit(address, [lock]) == (code, [line.format(index=address) for line in said])


def test_the_audit_sees_every_package_that_is_installed():
    """All locks, whatever the platform."""
    packages = dict(pinned(LOCKS))
    assert {"flask", "eventlet", "pillow", "pytest", "playwright", "gevent"} <= set(packages)
    assert len(packages) == len(pinned(LOCKS)), "the locks disagree on a version"
