"""A bank's summary: what a teacher chooses by."""

from server.banks.loader import load_bank
from tests.banks.builders import GOOD, bank_of, write


def test_a_summary_has_what_the_protocol_names(tmp_path):
    """`GET /api/banks` in docs/protocol.md, with the types in the order of the registry."""
    bank = load_bank(write(tmp_path, GOOD))

    assert bank.summary("en") == {
        "id": "quiz",
        "title": "Small",
        "description": "A bank for tests.",
        "language": "en",
        "languages": ["en"],
        "questions": 2,
        "types": ["choice", "truefalse"],
        "minutes": 1,
    }


def test_a_summary_speaks_the_asked_language_where_the_bank_does(tmp_path):
    """Else the bank's own."""
    bank = load_bank(write(tmp_path, GOOD.replace("title: Small", "title: {en: Small, fr: Petit}")))

    assert bank.summary("fr")["title"] == "Petit"
    assert bank.summary("ru")["title"] == "Small"


def test_the_minutes_follow_from_reading_time_and_reveal(tmp_path):
    """Reading, two thirds of the time, 20 s for reveal and leaderboard."""
    bank = bank_of(tmp_path, 30)
    seconds = sum(q.reading_ms() / 1000 + q.time_ms() / 1000 * 2 / 3 + 20 for q in bank.questions)

    assert bank.summary("en")["minutes"] == round(seconds / 60)
