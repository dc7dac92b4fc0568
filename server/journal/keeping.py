"""What a journal keeps of past rooms, and how it is deleted for good."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import orjson
from pydantic import ValidationError

from server.game.events import BankInfo, RoomOpened

from .codec import decode

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Kept:
    """What the journal keeps of one room, in short; times in ms."""

    room: str
    code: str
    bank: BankInfo
    """That of its first game."""
    players: int
    """How many have joined."""
    started: int
    ended: int
    """When the last thing happened in it."""


@dataclass(frozen=True)
class Until:
    """What is old: that in which nothing has happened since these moments, in ms."""

    closed: int
    other: int
    """For a room that nobody closed and a file that was set aside."""

    @classmethod
    def days_before(cls, now: int, days: int) -> Self:
        """Return what is older than that; what was not closed is kept for a day at least."""
        return cls(now - days * DAY_MS, now - max(1, days) * DAY_MS)

    @classmethod
    def everything(cls) -> Self:
        return cls(2**53, 2**53)


def kept(connection: sqlite3.Connection) -> list[Kept]:
    """Return what is kept of every room that can be read, the latest first."""
    rooms = [_in_short(connection, room) for room in _rooms(connection)]
    return sorted(filter(None, rooms), key=lambda kept: kept.ended, reverse=True)


def delete(connection: sqlite3.Connection, room: str) -> None:
    """Delete all events of a room."""
    connection.execute("DELETE FROM events WHERE room = ?", (room,))


def delete_old(connection: sqlite3.Connection, until: Until, live: Collection[str] = ()) -> int:
    """Delete the rooms that are old and not live, and return how many that were."""
    closed = {room for (room,) in connection.execute("SELECT room FROM events WHERE kind = 'RoomClosed'")}
    old = [
        room
        for room in _rooms(connection)
        if room not in live
        and _last_at(connection, room) <= (until.closed if room in closed else until.other)
    ]
    for room in old:
        delete(connection, room)
    return len(old)


def delete_file(path: Path, until: Until) -> None:
    """Delete a file that is old, with what SQLite keeps beside it."""
    with suppress(OSError):  # it is tried again tomorrow
        if path.stat().st_mtime * 1000 <= until.other:
            for part in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm"), path):
                part.unlink(missing_ok=True)


def has_remains(connection: sqlite3.Connection) -> bool:
    """Tell whether something was deleted since the file was last rewritten.

    A room's first event holds its questions and fills pages of its own, which are free afterwards.
    """
    return bool(connection.execute("PRAGMA freelist_count").fetchone()[0])


def rewrite(connection: sqlite3.Connection) -> None:
    """Write the file anew, without what was deleted.

    With `secure_delete` SQLite overwrites what it deletes, but it has moved rows between pages before, and
    the copies that it left there stay in the file for long.
    """
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the pages' former versions are in the log


def _rooms(connection: sqlite3.Connection) -> list[str]:
    """Return the rooms of a journal, by one look-up each: it may hold a million events."""
    rows = connection.execute(
        "WITH RECURSIVE rooms(room) AS (SELECT min(room) FROM events UNION ALL"
        " SELECT (SELECT min(room) FROM events WHERE room > rooms.room) FROM rooms WHERE room NOT NULL)"
        " SELECT room FROM rooms WHERE room NOT NULL"
    )
    return [room for (room,) in rows]


def _in_short(connection: sqlite3.Connection, room: str) -> Kept | None:
    try:
        first = decode(*_event(connection, room, "ASC"))
    except (KeyError, ValidationError):
        return None
    if not isinstance(first, RoomOpened):
        return None
    players = connection.execute(
        "SELECT count(*) FROM events WHERE kind = 'PlayerJoined' AND room = ?", (room,)
    ).fetchone()[0]
    return Kept(room, first.code, first.bank, players, first.now, _last_at(connection, room))


def _event(connection: sqlite3.Connection, room: str, order: Literal["ASC", "DESC"]) -> tuple[str, bytes]:
    """Return kind and body of a room's first or last event."""
    row: tuple[str, bytes] = connection.execute(
        f"SELECT kind, body FROM events WHERE room = ? ORDER BY seq {order} LIMIT 1", (room,)
    ).fetchone()
    return row


def _last_at(connection: sqlite3.Connection, room: str) -> int:
    """Return when a room's last event happened; 0 where it does not say."""
    try:
        now = orjson.loads(_event(connection, room, "DESC")[1])["now"]
    except (ValueError, TypeError, KeyError):
        return 0
    return now if isinstance(now, int) else 0
