"""A journal that an earlier version wrote is read by this one, and loses nothing on the way."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from server.game import events as ev
from server.game.room import Room
from server.journal.store import APPLICATION_ID, MIGRATIONS, Entry, Journal
from tests.builders import opened

SCHEMA_1 = """
CREATE TABLE events (
    room TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (room, seq)
) WITHOUT ROWID;
CREATE INDEX closed_rooms ON events (room) WHERE kind = 'RoomClosed';
"""
EVENTS_1 = Path(__file__).with_name("version_1.jsonl")
"""Every kind of question and event, as the first version wrote them: never to be written anew."""


def write_version_1(folder: Path) -> None:
    connection = sqlite3.connect(folder / "journal.sqlite")
    connection.executescript(
        f"{SCHEMA_1} PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version=1; PRAGMA journal_mode=WAL;"
    )
    for line in EVENTS_1.read_text("utf-8").splitlines():
        row = json.loads(line)
        body = json.dumps(row["body"]).encode()
        connection.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?)", (row["room"], row["seq"], row["kind"], body)
        )
    connection.commit()
    connection.close()


def version_of(journal: Journal) -> int:
    with sqlite3.connect(journal.path) as connection:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return version


def test_a_journal_of_the_first_version_gives_the_same_scores(tmp_path):
    """Of both games in it, whatever has come to the events since."""
    write_version_1(tmp_path)
    journal = Journal(tmp_path)
    [(key, events)] = journal.unfinished()
    assert journal.notices == []
    journal.close()
    again = next(n for n, event in enumerate(events) if isinstance(event, ev.GameOpened))
    first, both = Room.replay(events[:again]), Room.replay(events)

    assert key == "123456-1000000"
    assert {player.nickname: (player.score, player.streak) for player in first.players.values()} == {
        "Grace": (7307, 6),
        "Bea": (935, 0),
        "Cyd": (955, 0),
        "Dan": (0, 0),
    }
    assert (both.phase, both.game, both.seq) == ("podium", 2, len(events))
    assert {player.nickname: player.score for player in both.players.values()} == {
        "Grace": 0,
        "Bea": 0,
        "Cyd": 0,
    }
    assert version_of(journal) == len(MIGRATIONS)


def test_a_further_version_of_the_schema_keeps_what_was_written(tmp_path):
    """Old rows and new ones, in an old file and in a new one."""
    further = (
        *MIGRATIONS,
        "ALTER TABLE events ADD COLUMN written_at INTEGER;",
        "CREATE TABLE more (a TEXT);",
    )
    write_version_1(tmp_path)
    (new := tmp_path / "new").mkdir()
    for folder, earlier in ((tmp_path, 1), (new, 0)):
        journal = Journal(folder, further)
        assert journal.notices == []
        assert len(list(journal.unfinished())) == earlier
        journal.close()
        assert version_of(journal) == len(further)


def test_a_migration_that_fails_leaves_the_file_as_it_was_and_aside(tmp_path):
    """Its rows do not fit the further version; the server begins a new file and says so."""
    write_version_1(tmp_path)
    journal = Journal(tmp_path, (*MIGRATIONS, "CREATE UNIQUE INDEX one_of_each_kind ON events (kind);"))
    journal.append([Entry("a", 1, opened())])
    [notice] = journal.notices
    journal.close()
    (tmp_path / "old").mkdir()
    aside = (tmp_path / "journal.sqlite.set-aside-1").rename(tmp_path / "old" / "journal.sqlite")
    old = Journal(aside.parent)
    [(_, events)] = old.unfinished()
    old.close()

    assert "set-aside-1" in notice
    assert len(events) == len(EVENTS_1.read_text("utf-8").splitlines())
