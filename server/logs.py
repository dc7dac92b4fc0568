"""The server's log: one line of JSON an event, in a file beside the games, without names, tokens or keys.

What happened is told by our own words and by where in the program it was. The texts of exceptions and of what
the libraries log are left out: they quote whatever a client has sent. Lines are kept for five weeks at most.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from contextlib import suppress
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict

FILE = "plenary.log"
MAX_BYTES, FILES_KEPT = 1_000_000, 3
WEEK_S = 7 * 86_400
OLDEST_S = 4 * WEEK_S
"""A file is begun at least every week, and goes when its last line is so old."""
MOST_FRAMES = 20


class _LogFile(RotatingFileHandler):
    """A log that is bounded in size and in age."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True)
        self._began_at = _first_line_at(path)
        self._delete_old()

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 (the library's name)
        return time.time() - self._began_at > WEEK_S or bool(super().shouldRollover(record))

    def doRollover(self) -> None:  # noqa: N802 (the library's name)
        super().doRollover()
        self._began_at = time.time()
        self._delete_old()

    def _delete_old(self) -> None:
        for file in Path(self.baseFilename).parent.glob(f"{FILE}.*"):
            with suppress(OSError):  # another server's, or gone; it is tried again in a week
                if time.time() - file.stat().st_mtime > OLDEST_S:
                    file.unlink()


def write_logs_to(folder: Path) -> None:
    """Send every log line of this process to the folder's log file, old files replaced in turn."""
    handler = _LogFile(folder / FILE)
    to_json = (
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_where),
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=(_without_text, *to_json),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.raiseExceptions = False  # the host is told of a full disk; the terminal needs no traceback a line
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # What these say of every packet costs more than the packet, and holds what was sent.
    for library in ("socketio", "engineio", "werkzeug", "plenary.wire"):
        logging.getLogger(library).setLevel(logging.ERROR)
    structlog.configure(
        processors=[*to_json, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _without_text(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Put the place in a library where a line was logged in place of its text."""
    record = event["_record"]
    # The one library line that stands for a bug of ours and has its traceback in its text.
    what = "request failed, " if str(event["event"]).startswith("Error on request") else ""
    event["event"] = f"{record.name}: {what}{record.module}.py line {record.lineno}"
    return event


def _where(exc_info: Any) -> str:
    """Return the kind of an exception, and of what led to it, and where in the program they were raised."""
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(lines) < MOST_FRAMES:
        if lines:
            lines.append("after")
        lines.append(type(error).__qualname__ + _reason(error))
        lines += [
            f"  {'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
        ]
        error = error.__cause__ or error.__context__
    return "\n".join(lines)


def _reason(error: BaseException) -> str:
    """Return what the system gave as its reason, which names no file."""
    return f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""


def _first_line_at(path: Path) -> float:
    """Return when a log began, in s; now where there is none or it cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            return datetime.fromisoformat(json.loads(file.readline())["timestamp"]).timestamp()
    except (OSError, ValueError, KeyError, TypeError):
        return time.time()
