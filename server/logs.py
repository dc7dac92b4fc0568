"""The server's log: one line of JSON an event, in a file beside the games, without names, tokens or keys."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog

FILE = "plenary.log"
MAX_BYTES, FILES_KEPT = 1_000_000, 3


def write_logs_to(folder: Path) -> None:
    """Send every log line of this process to the folder's log file, old files replaced in turn."""
    handler = RotatingFileHandler(
        folder / FILE, maxBytes=MAX_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True
    )
    to_json = (
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=to_json,
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
