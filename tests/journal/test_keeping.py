"""What is kept of past rooms, and that nothing of it is left in any file once it is deleted."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from server.game import events as ev
from server.journal.keeping import DAY_MS, Until
from server.journal.store import Entry, Journal
from tests.builders import BANK, opened, question

NOW = 1_732_000_000_000
EVERYTHING = Until.everything()


def fill(journal: Journal, room: str, *nicknames: str, days_ago: float = 0, is_closed: bool = True) -> None:
    """Play a room: opened, joined, and closed at last."""
    at = NOW - int(days_ago * DAY_MS)
    events: list[ev.Event] = [opened([question()], now=at - 1_000)]
    events += [
        ev.PlayerJoined(now=at, player=name, nickname=name, token_digest="0" * 64, lang=None)
        for name in nicknames
    ]
    if is_closed:
        events.append(ev.RoomClosed(now=at, reason="ended"))
    journal.append([Entry(room, n, event) for n, event in enumerate(events, 1)])


def holds(folder: Path, text: str) -> list[str]:
    """Return the files below the folder that hold this text."""
    return [str(file) for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def rooms(journal: Journal) -> list[str]:
    return [kept.room for kept in journal.kept()]


def test_what_is_kept_is_told_in_short(tmp_path):
    """The latest first; a room that nobody can read is left out."""
    journal = Journal(tmp_path)
    fill(journal, "111111-1", "Ada", "Bea", days_ago=2)
    fill(journal, "222222-2", "Cem", days_ago=1, is_closed=False)
    journal.append([Entry("333333-3", 7, ev.PlayerLeft(now=NOW, player="p"))])

    latest, before = journal.kept()
    assert (before.room, before.code, before.players, before.bank) == ("111111-1", "123456", 2, BANK)
    assert (before.started, before.ended) == (NOW - 2 * DAY_MS - 1_000, NOW - 2 * DAY_MS)
    assert (latest.room, latest.players) == ("222222-2", 1)
    journal.close()


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (30, ["closed today", "open today", "closed 2 days", "open 2 days", "live"]),
        (1, ["closed today", "open today", "live"]),
        (0, ["open today", "live"]),
    ],
)
def test_what_is_old_goes_and_what_is_open_stays(tmp_path, days, left):
    """A room that was not closed has a day at least, to come back in; one that is live is not looked at."""
    journal = Journal(tmp_path)
    for age in (0, 2, 31):
        name = f"{age} days" if age else "today"
        fill(journal, f"closed {name}", days_ago=age + 0.001)
        fill(journal, f"open {name}", days_ago=age + 0.001, is_closed=False)
    fill(journal, "live", days_ago=60, is_closed=False)
    journal.append([Entry("damaged", 9, ev.PlayerLeft(now=1, player="p"))])

    gone = journal.delete_old(Until.days_before(NOW, days), {"live"})

    assert sorted(rooms(journal)) == sorted(left)
    assert gone == 8 - len(left)
    journal.close()


@pytest.mark.parametrize("seed", range(4))
def test_of_what_is_deleted_no_file_holds_a_byte(tmp_path, seed):
    """Neither in free pages, nor in those of other rooms, nor in the log; the others are whole.

    SQLite moves rows between pages as they fill, so the rooms are filled all at once, at random.
    """
    chance = Random(seed)
    journal = Journal(tmp_path)
    names = [f"{chance.randrange(100_000, 1_000_000)}-{NOW + n}" for n in range(8)]
    seqs = dict.fromkeys(names, 0)
    written: dict[str, list[ev.Event]] = {name: [] for name in names}

    def happen(name: str, event: ev.Event) -> Entry:
        seqs[name] += 1
        written[name].append(event)
        return Entry(name, seqs[name], event)

    def response(name: str) -> ev.Event:
        text = f"SECRET-{names.index(name)} " * chance.choice([1, 3, 8, 20, 700])
        return ev.ResponseAccepted(
            now=NOW, player="p", question=0, round=1, response=text, claimed=0, arrival=0, round_trip_ms=None,
            at=0, is_recovered=False,
        )  # fmt: skip

    for name in names:
        journal.append([happen(name, opened([question()], now=NOW))])
    for _ in range(400):
        journal.append([happen(name, response(name)) for name in chance.choices(names, k=3)])
    gone = chance.sample(names, 4)
    for name in gone:
        journal.delete(name)
    assert journal.has_remains()
    journal.rewrite()

    assert not journal.has_remains()
    for n, name in enumerate(names):
        assert bool(holds(tmp_path, f"SECRET-{n} ")) == (name not in gone)
        assert journal.room(name) == ([] if name in gone else written[name])
    journal.append([Entry(gone[0], 1, opened())])
    journal.close()
    again = Journal(tmp_path)
    assert len(again.kept()) == 5
    again.close()


def test_what_other_servers_and_earlier_journals_left_in_the_folder_goes_too(tmp_path):
    """A file that is in use is left to its server; one that was set aside goes by when that was."""
    ours, theirs, third = Journal(tmp_path), Journal(tmp_path), Journal(tmp_path)
    fill(theirs, "theirs", "NAME-IN-USE", days_ago=31)
    fill(third, "left behind", "NAME-OF-ANOTHER", days_ago=31)
    third.close()
    damaged = tmp_path / "journal-4.sqlite"
    for path, name in (
        (damaged, "NAME-IN-DAMAGED"),
        (tmp_path / "journal.sqlite.set-aside-1", "NAME-SET-ASIDE"),
        (tmp_path / "journal.sqlite.set-aside-1-wal", "NAME-BESIDE-IT"),
    ):
        path.write_text(name * 500)
        os.utime(path, (NOW / 1000 - 31 * 86_400,) * 2)
    recent = tmp_path / "journal.sqlite.set-aside-2"
    recent.write_text("NAME-OF-TODAY")
    os.utime(recent, (NOW / 1000,) * 2)
    (tmp_path / "notes.sqlite").write_text("NAME-OF-SOMETHING-ELSE")

    assert ours.delete_old(Until.days_before(NOW, 30)) == 1

    for name, is_left in (
        ("NAME-IN-USE", True),
        ("NAME-OF-ANOTHER", False),
        ("NAME-IN-DAMAGED", False),
        ("NAME-SET-ASIDE", False),
        ("NAME-BESIDE-IT", False),
        ("NAME-OF-TODAY", True),
        ("NAME-OF-SOMETHING-ELSE", True),
    ):
        assert bool(holds(tmp_path, name)) == is_left, name
    ours.delete_old(EVERYTHING)
    assert holds(tmp_path, "NAME-OF-TODAY") == []
    ours.close()
    theirs.close()


def test_a_file_that_is_set_aside_is_kept_from_that_day_on(tmp_path):
    """However old it was: the teacher has only just been told."""
    path = tmp_path / "journal.sqlite"
    path.write_text("no database\n" * 100)
    os.utime(path, (1, 1))
    journal = Journal(tmp_path)
    assert journal.notices
    [aside] = tmp_path.glob("*.set-aside-1")

    journal.delete_old(Until.days_before(int(aside.stat().st_mtime * 1000), 0))

    assert aside.exists()
    journal.close()
