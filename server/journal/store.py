"""One SQLite file of events: appended in one transaction a turn, read only when the server starts."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from pydantic import ValidationError

from server.game.events import Event

from . import keeping
from .codec import decode, encode

APPLICATION_ID = 0x504C454E
"""`PLEN` in SQLite's header: this file is ours."""
MOST_SERVERS = 9

MIGRATIONS = (
    """
    CREATE TABLE events (
        room TEXT NOT NULL,
        seq INTEGER NOT NULL,
        kind TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (room, seq)
    ) WITHOUT ROWID;
    CREATE INDEX closed_rooms ON events (room) WHERE kind = 'RoomClosed';
    """,
    """
    CREATE INDEX seats ON events (room) WHERE kind = 'PlayerJoined';
    """,
    """
    CREATE TABLE alive (at INTEGER NOT NULL);
    INSERT INTO alive VALUES (0);
    """,
)
"""The n-th script leads from version n - 1 of the schema to version n. A new file, which is of version 0,
goes the same way as an old one; what has been released is never changed, only added to.

An event's new field needs no script but a default (codec.py).
"""


class JournalError(Exception):
    """The journal cannot be written or read; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One event with its place: `room` names the room for good, a code alone may come again."""

    room: str
    seq: int
    event: Event


class Journal:
    """The events of all rooms. One connection, used under the rooms' lock.

    WAL with `synchronous=NORMAL`: what was appended survives the death of the process at any instant; a
    power cut can cost the last moments.
    """

    def __init__(self, folder: Path, migrations: Sequence[str] = MIGRATIONS) -> None:
        """Open or make the folder's journal; one of an earlier version is brought up to date.

        One that is torn, of a later version or not ours is set aside. A file belongs to one process: a second
        server in the same folder gets a file of its own. `notices` says so in either case.

        Raises:
            JournalError: no file can be made there.
        """
        self.notices: list[str] = []
        self._migrations = migrations
        for number in range(1, MOST_SERVERS + 1):
            self.path = folder / ("journal.sqlite" if number == 1 else f"journal-{number}.sqlite")
            try:
                self._connection = self._open_or_set_aside()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise JournalError(f"The journal {self.path} cannot be opened: {error}.") from error
                self.notices.append(
                    "Another Plenary uses this data folder too; this one keeps its games apart."
                )
                continue
            return
        raise JournalError(f"{MOST_SERVERS} servers use the folder {folder} already; choose another --data.")

    def _open_or_set_aside(self) -> sqlite3.Connection:
        try:
            return self._open(self.path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # in use, or the disk is full or read-only
                raise
            self._set_aside(error)
            return self._open(self.path)
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
            return self._open(self.path)

    def _open(self, path: Path) -> sqlite3.Connection:
        # The rooms' lock keeps uses apart; in threading mode they come from several threads.
        # No timeout: to wait for another process's lock would stop the loop.
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        # One byte that has rotted shall cost its room and not the start.
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            is_new = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            version = 0 if is_new else self._version(connection)
            # Only now: WAL would change a file that is not ours.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA secure_delete=ON")
            self._migrate(connection, version)
        except BaseException:
            connection.close()
            raise
        return connection

    def _version(self, connection: sqlite3.Connection) -> int:
        """Return the version of a file that is ours and whole, at most this program's."""
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise sqlite3.DatabaseError("it was not made by Plenary")
        if not 0 < version <= len(self._migrations):
            raise sqlite3.DatabaseError(
                f"its version is {version}, this Plenary reads 1 to {len(self._migrations)}"
            )
        if (state := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(f"it is damaged ({state})")
        return version

    def _migrate(self, connection: sqlite3.Connection, version: int) -> None:
        """Bring the file up to date, wholly or not at all."""
        try:
            if missing := self._migrations[version:]:
                connection.executescript(
                    f"BEGIN; {''.join(missing)} PRAGMA application_id={APPLICATION_ID};"
                    f"PRAGMA user_version={len(self._migrations)}; COMMIT;"
                )
            connection.execute("SELECT room, seq, kind, body FROM events LIMIT 0")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # not full, not read-only: not what it says
                raise sqlite3.DatabaseError(f"its tables are not those of its version: {error}") from error
            raise

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.set-aside-{number}")).exists():
            number += 1
        for ending in ("", "-wal", "-shm"):
            part = self.path.with_name(self.path.name + ending)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))
                os.utime(aside.with_name(aside.name + ending))  # it is kept for so long from now on
        self.notices.append(
            f"The journal {self.path.name} could not be used ({error}); it was kept as {aside.name}, "
            "and a new one was begun. Earlier rooms are not back."
        )

    def append(self, entries: Iterable[Entry]) -> None:
        """Commit the entries in one transaction: all of them, or none.

        Raises:
            JournalError: the disk is full, read-only or gone.
        """
        rows = [(entry.room, entry.seq, *encode(entry.event)) for entry in entries]
        with _told("written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(
                    "INSERT INTO events (room, seq, kind, body) VALUES (?, ?, ?, ?)", rows
                )
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def note_alive(self, now: int) -> None:
        """Note that the server runs at this moment, in ms.

        Raises:
            JournalError: the disk is full, read-only or gone.
        """
        with _told("written"):
            self._connection.execute("UPDATE alive SET at = ?", (now,))

    def alive_at(self) -> int:
        """Return when it was last noted that a server with this journal ran, in ms."""
        at: int = self._connection.execute("SELECT max(at) FROM alive").fetchone()[0] or 0
        return at

    def room(self, room: str) -> list[Event]:
        """Return the events of one room, in order.

        Raises:
            JournalError: the file cannot be read.
        """
        with _told("read"):
            rows = self._connection.execute(
                "SELECT kind, body FROM events WHERE room = ? ORDER BY seq", (room,)
            ).fetchall()
        return [decode(kind, body) for kind, body in rows]

    def unfinished(self) -> Iterator[tuple[str, list[Event]]]:
        """Yield each room that was not closed, with its events; `notices` names those that cannot be read."""
        rows = self._connection.execute(
            "SELECT room, kind, body FROM events WHERE room NOT IN"
            " (SELECT room FROM events WHERE kind = 'RoomClosed') ORDER BY room, seq"
        ).fetchall()
        for room, of_room in groupby(rows, key=itemgetter(0)):
            try:
                yield room, [decode(kind, body) for _, kind, body in of_room]
            except (KeyError, ValidationError):
                self.notices.append(f"The room {room} cannot be read from the journal and is not back.")

    # --- what is kept, and deleted ------------------------------------------------------------------

    def kept(self) -> list[keeping.Kept]:
        """Return what is kept of every room that can be read, the latest first.

        Raises:
            JournalError: the file cannot be read.
        """
        with _told("read"):
            return keeping.kept(self._connection)

    def delete(self, room: str) -> None:
        """Delete all events of a room; `rewrite` does away with what is left of them in the file.

        Raises:
            JournalError: the file cannot be written.
        """
        with _told("written"):
            keeping.delete(self._connection, room)

    def delete_old(self, until: keeping.Until, live: Collection[str] = ()) -> int:
        """Delete what is older than that, except the rooms that are live, and return how many rooms it was.

        What other servers have left in the folder and what was set aside there is treated alike; a file that
        is in use is its server's affair.

        Raises:
            JournalError: the file cannot be written.
        """
        with _told("written"):
            count = keeping.delete_old(self._connection, until, live)
        for path in sorted(self.path.parent.glob("journal*.sqlite*")):
            if ".set-aside-" in path.name:
                keeping.delete_file(path, until)
            elif path.suffix == ".sqlite" and path != self.path:
                count += self._delete_elsewhere(path, until)
        return count

    def _delete_elsewhere(self, path: Path, until: keeping.Until) -> int:
        try:
            connection = self._open(path)
        except sqlite3.OperationalError:
            return 0
        except sqlite3.DatabaseError:
            keeping.delete_file(path, until)
            return 0
        try:
            count = keeping.delete_old(connection, until)
            if keeping.has_remains(connection):
                keeping.rewrite(connection)
            return count
        except sqlite3.Error:  # it is tried again at the next start
            return 0
        finally:
            connection.close()

    def has_remains(self) -> bool:
        """Tell whether something was deleted since the file was last rewritten.

        Raises:
            JournalError: the file cannot be read.
        """
        with _told("read"):
            return keeping.has_remains(self._connection)

    def rewrite(self) -> None:
        """Write the file anew, without what was deleted; takes about 10 ms a megabyte.

        Raises:
            JournalError: the file cannot be written.
        """
        with _told("written"):
            keeping.rewrite(self._connection)

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _told(done: str) -> Iterator[None]:
    """Turn what SQLite raises into what the journal does."""
    try:
        yield
    except sqlite3.Error as error:
        raise JournalError(f"The journal cannot be {done}: {error}.") from error
