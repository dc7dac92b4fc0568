"""The log: what happened and where, in words of our own; bounded in size and in age."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from server.logs import FILE, FILES_KEPT, MAX_BYTES, write_logs_to

SECRET = "Quetzalcoatl"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A folder with a log; what this process logs elsewhere is as it was afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield tmp_path
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / FILE).read_text("utf-8").splitlines()]


def fail() -> None:
    """Fail as code does that had a name in its hands."""
    try:
        {}[SECRET]
    except KeyError as error:
        raise ValueError(f"what is {SECRET}?") from error


def test_an_error_is_told_by_its_kind_and_place_and_quotes_nobody(log):
    """Our own, a library's with and without an exception, and one of the system with its reason."""
    write_logs_to(log)
    ours = structlog.get_logger()
    try:
        fail()
    except ValueError:
        ours.exception("handler_failed", room="123456")
        logging.getLogger("engineio").exception("packet %s", SECRET)
    logging.getLogger("werkzeug").error("code 400, message Bad request (%r)", f"GET /host?key={SECRET}")
    try:
        (log / SECRET / "file").read_text()
    except OSError:
        ours.exception("file_failed")

    text = (log / FILE).read_text("utf-8")
    assert SECRET not in text
    own, library, refused, missing = lines(log)
    assert (own["event"], own["room"]) == ("handler_failed", "123456")
    kinds = [line for line in own["exception"].splitlines() if not line.startswith("  ")]
    assert kinds == ["ValueError", "after", "KeyError"]
    assert "tests/test_logs.py:" in own["exception"]
    assert " in fail" in own["exception"]
    assert str(Path(__file__).parents[2]) not in text  # a path holds its owner's name
    assert library["event"].startswith("engineio: test_logs.py line ")
    assert library["exception"] == own["exception"]
    assert refused["event"].startswith("werkzeug: test_logs.py line ")
    assert missing["exception"].splitlines()[0] == "FileNotFoundError: No such file or directory"


def test_no_line_gets_old(log):
    """A file is begun anew each week, and goes when its last line is four weeks old."""
    days = 86_400
    eight_days_ago = datetime.now(UTC) - timedelta(days=8)
    (log / FILE).write_text(json.dumps({"event": "old", "timestamp": eight_days_ago.isoformat()}) + "\n")
    for number, age in ((1, 20), (2, 29)):
        file = log / f"{FILE}.{number}"
        file.write_text("{}\n")
        os.utime(file, (time.time() - age * days,) * 2)

    write_logs_to(log)
    assert not (log / f"{FILE}.2").exists()
    structlog.get_logger().info("new")

    assert [line["event"] for line in lines(log)] == ["new"]
    assert "old" in (log / f"{FILE}.1").read_text()
    assert (log / f"{FILE}.2").read_text() == "{}\n"


def test_the_log_is_bounded(log):
    """However much happens."""
    write_logs_to(log)
    ours = structlog.get_logger()
    for number in range(60):
        ours.info("much", number=number, what="x" * 100_000)

    files = list(log.glob(f"{FILE}*"))
    assert len(files) == FILES_KEPT + 1
    assert sum(file.stat().st_size for file in files) <= (FILES_KEPT + 1) * MAX_BYTES
