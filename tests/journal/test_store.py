"""The journal's file: every event comes back as it was, a turn whole or not at all, no file is lost."""

from __future__ import annotations

import sqlite3
from dataclasses import fields
from typing import Any

import pytest

from server.game import events as ev
from server.game.questions import QUESTION_TYPES
from server.game.settings import Settings
from server.journal.codec import EVENT_KINDS, decode, encode
from server.journal.store import Entry, Journal, JournalError
from tests.builders import BANK, opened, question

NOW = 1_732_000_000_123
EVERY_SETTING = Settings(
    scoring="accuracy",
    streak_bonus=True,
    reading_time=2.5,
    time_factor=1.5,
    shuffle_questions=True,
    shuffle_options=True,
    auto_advance=10,
    leaderboard=False,
    questions=("one", "two"),
    max_players=30,
    phones_show="shapes",
    nicknames="given",
    check=True,
    clock=False,
)
QUESTIONS = tuple(
    question(type_, id=f"{type_}-{points}", points=points, tags=("a", "b"), time=time)
    for type_ in QUESTION_TYPES
    for points, time in ((0, None), (1000, 5), (2000, 600))
)
SAMPLES: dict[type[ev.Event], list[dict[str, Any]]] = {
    ev.RoomOpened: [
        {
            "code": "123456",
            "host_token": "a-token",
            "bank": BANK,
            "questions": QUESTIONS,
            "settings": settings,
        }
        for settings in (Settings(), EVERY_SETTING, Settings(questions=3, reading_time="off"))
    ],
    ev.GameOpened: [
        {"bank": bank, "questions": QUESTIONS, "settings": EVERY_SETTING}
        for bank in (BANK, ev.BankInfo(id="plain", title="Une banque « simple » 🎓", language="fr"))
    ],
    ev.PlayerJoined: [
        {"player": "p1", "nickname": nickname, "token_digest": "0" * 64, "lang": lang}
        for nickname, lang in (("Ada", None), ("Zoë 🎓 ناتالي", "fr-CH"), ('"\\\u2028', "en"))
    ],
    ev.PlayerConnected: [{"player": "p1"}],
    ev.PlayerDisconnected: [{"player": "p1", "last_heard": NOW - 5_000}],
    ev.PlayerLeft: [{"player": "p1"}],
    ev.PlayerKicked: [{"player": "p1", "is_barred": is_barred} for is_barred in (True, False)],
    ev.JoinsUndone: [{"players": ("p1", "p2")}],
    ev.JoinsWelcomed: [{}],
    ev.PlayerReseated: [{"player": "p1", "token_digest": "0f" * 32}],
    ev.PlayerRenamed: [{"player": "p1", "nickname": "Bea"}],
    ev.PlayerAccommodated: [{"player": "p1", "time_factor": factor} for factor in (None, 1.0, 1.25, 4.0)],
    ev.LanguageChosen: [{"player": "p1", "lang": "zh"}],
    ev.RoomLocked: [{}],
    ev.RoomUnlocked: [{}],
    ev.QuestionShown: [{"question": 0, "opens_at": opens_at} for opens_at in (NOW + 3_000, None)],
    ev.WordHidden: [
        {"question": 3, "word": "péace", "is_by_filter": is_by_filter} for is_by_filter in (False, True)
    ],
    ev.RevealShown: [{}],
    ev.ShownChanged: [
        {"leaderboard": leaderboard, "phones": phones}
        for leaderboard, phones in ((True, "shapes"), (False, "text"))
    ],
    ev.QuestionOpened: [{"question": 29, "opens_at": NOW + 500, "closes_at": NOW + 20_500}],
    ev.ResponseAccepted: [
        {
            "player": "p1",
            "question": 1,
            "round": 2,
            "response": response,
            "claimed": -(2**53),
            "arrival": NOW,
            "round_trip_ms": round_trip_ms,
            "at": NOW - 80,
            "is_recovered": is_recovered,
            "opened_ms": opened_ms,
        }
        for response in (("b",), ("a", "c"), "self-determination", "1945", 1945.5, {"a": "q", "b": "p"})
        for round_trip_ms, is_recovered, opened_ms in ((None, False, None), (80, True, 12))
    ],
    ev.QuestionExtended: [{"seconds": 300}],
    ev.QuestionClosed: [{"question": 0}],
    ev.LeaderboardShown: [{}],
    ev.GamePaused: [{}],
    ev.GameResumed: [{}],
    ev.QuestionRegraded: [
        {"question": 0, "accepted": accepted, "void": void}
        for accepted, void in (((), True), ((("a",), ("b", "c")), False), (("word", 5.5), False))
    ],
    ev.GameEnded: [{}],
    ev.RoomClosed: [{"reason": "expired"}],
    ev.RoomRestored: [{"stopped_at": NOW - 60_000}],
}
"""Real values for every kind of event; one that is new and has none fails below."""


def kinds(of: type[ev.Event] = ev.Event) -> set[type[ev.Event]]:
    return {kind for direct in of.__subclasses__() for kind in ({direct} | kinds(direct))}


def test_every_kind_of_event_has_a_sample_here_and_a_place_in_the_journal():
    assert kinds() == set(SAMPLES) == set(EVENT_KINDS.values())
    assert all(
        {field.name for field in fields(kind)} == {"now", *sample}
        for kind, samples in SAMPLES.items()
        for sample in samples
    )


@pytest.mark.parametrize("kind", SAMPLES, ids=lambda kind: kind.__name__)
def test_an_event_comes_back_as_it_was(kind, tmp_path):
    """Equal, of the same types throughout, and again as the same bytes."""
    events = [kind(now=NOW, **sample) for sample in SAMPLES[kind]]
    for event in events:
        again = decode(*encode(event))
        assert again == event
        assert repr(again) == repr(event)  # tells 1 from 1.0 and a list from a tuple
        assert encode(again) == encode(event)

    journal = Journal(tmp_path)
    journal.append(Entry("a", n + 1, event) for n, event in enumerate(events))
    assert journal.room("a") == events
    journal.close()


def test_what_is_not_an_event_s_field_is_not_read():
    """A row that fits no event is told from one that does."""
    kind, body = encode(ev.PlayerKicked(now=NOW, player="p1"))
    for wrong in (body.replace(b'"p1"', b"5"), body.replace(b"player", b"played"), b"{}", b"["):
        with pytest.raises(ValueError):
            decode(kind, wrong)
    with pytest.raises(KeyError):
        decode("PlayerVanished", body)


def test_a_turn_is_written_whole_or_not_at_all(tmp_path):
    """A row that cannot be written takes those before it along."""
    journal = Journal(tmp_path)
    journal.append([Entry("a", 1, opened())])
    locked = ev.RoomLocked(now=NOW)
    with pytest.raises(JournalError):
        journal.append([Entry("a", 2, locked), Entry("a", 3, locked), Entry("a", 1, locked)])
    assert journal.room("a") == [opened()]
    journal.append([Entry("a", 2, locked)])

    assert journal.room("a") == [opened(), locked]
    journal.close()


def test_unfinished_rooms_come_back_each_with_its_own_events_in_order(tmp_path):
    """Closed ones do not, whenever their rows were written."""
    journal = Journal(tmp_path)
    locked, closed = ev.RoomLocked(now=NOW), ev.RoomClosed(now=NOW, reason="ended")
    journal.append([Entry("b", 1, opened()), Entry("a", 1, opened()), Entry("c", 1, opened())])
    journal.append([Entry("a", n, ev.QuestionExtended(now=NOW, seconds=n)) for n in range(2, 12)])
    journal.append([Entry("b", 2, closed), Entry("c", 2, locked)])
    journal.close()
    again = Journal(tmp_path)
    back = dict(again.unfinished())

    assert set(back) == {"a", "c"}
    assert [event.seconds for event in back["a"][1:]] == list(range(2, 12))
    assert back["c"] == [opened(), locked]
    assert again.notices == []
    again.close()


def test_a_room_that_cannot_be_read_keeps_no_other_from_coming_back(tmp_path):
    """It is named."""
    journal = Journal(tmp_path)
    journal.append([Entry("bad", 1, opened()), Entry("good", 1, opened())])
    journal.close()
    with sqlite3.connect(tmp_path / "journal.sqlite") as connection:
        connection.execute("INSERT INTO events VALUES ('bad', 2, 'Unheard', '{}')")
    connection.close()
    again = Journal(tmp_path)

    assert dict(again.unfinished()) == {"good": [opened()]}
    [notice] = again.notices
    assert "bad" in notice
    again.close()


def torn_in_the_middle(path: Any) -> None:
    journal = Journal(path.parent)
    journal.append(Entry("a", n, opened()) for n in range(1, 200))
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:8_192] + b"\xa5" * 8_192 + whole[16_384:-4_096])


def torn_at_the_head(path: Any) -> None:
    torn_in_the_middle(path)
    path.write_bytes(b"\0" * 512 + path.read_bytes()[512:])


def cut_short(path: Any) -> None:
    torn_in_the_middle(path)
    path.write_bytes(path.read_bytes()[:5_000])


def of_another_program(path: Any) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE holidays (photo BLOB)")
    connection.commit()
    connection.close()


def of_a_later_version(path: Any) -> None:
    Journal(path.parent).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def without_its_table(path: Any) -> None:
    Journal(path.parent).close()
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE events RENAME TO other")
    connection.close()


def no_database(path: Any) -> None:
    path.write_text("These are my notes for the lesson.\n" * 100)


@pytest.mark.parametrize(
    "spoil",
    [
        torn_in_the_middle,
        torn_at_the_head,
        cut_short,
        of_another_program,
        of_a_later_version,
        without_its_table,
        no_database,
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_a_file_that_cannot_be_used_is_set_aside_and_named(tmp_path, spoil):
    """To the last byte, twice over, and the new one works."""
    path = tmp_path / "journal.sqlite"
    for number in (1, 2):
        spoil(path)
        before = path.read_bytes()
        journal = Journal(tmp_path)
        [notice] = journal.notices
        aside = tmp_path / f"journal.sqlite.set-aside-{number}"
        assert aside.name in notice
        assert aside.read_bytes() == before
        journal.append([Entry("a", 1, opened())])
        assert [room for room, _ in journal.unfinished()] == ["a"]
        journal.close()
        path.unlink()


def test_a_second_server_in_the_folder_keeps_its_games_apart(tmp_path):
    """Each has a file of its own, told to the second; neither waits for the other."""
    first, second = Journal(tmp_path), Journal(tmp_path)
    first.append([Entry("a", 1, opened())])
    second.append([Entry("b", 1, opened())])

    assert first.path != second.path
    assert first.notices == []
    assert len(second.notices) == 1
    assert [room for room, _ in first.unfinished()] == ["a"]
    assert [room for room, _ in second.unfinished()] == ["b"]
    first.close()
    second.close()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(JournalError):
        Journal(tmp_path / "not-there")


def test_a_rotten_byte_costs_its_room_and_no_more(tmp_path):
    """A name that is no text any more; the other room is back."""
    with_two = Journal(tmp_path)
    with_two.append([Entry("one", 1, opened()), Entry("two", 1, opened())])
    with_two.close()
    file = tmp_path / "journal.sqlite"
    whole = file.read_bytes()
    at = whole.index(b"RoomOpened", whole.index(b"one", 4096))
    file.write_bytes(whole[: at + 3] + b"\xff" + whole[at + 4 :])

    journal = Journal(tmp_path)
    assert [room for room, _ in journal.unfinished()] == ["two"]
    assert "one" in journal.notices[0]
    journal.close()


def test_a_file_of_another_sqlite_is_set_aside(tmp_path):
    """What SQLite calls an unsupported format does not keep the server from starting."""
    Journal(tmp_path).close()
    file = tmp_path / "journal.sqlite"
    file.write_bytes(file.read_bytes()[:47] + b"\x05" + file.read_bytes()[48:])

    journal = Journal(tmp_path)
    assert "set-aside-1" in journal.notices[0]
    journal.close()
