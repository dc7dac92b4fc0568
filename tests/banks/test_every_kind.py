"""Every question type in a bank: it loads with all its options, and its mistakes are named with a remedy."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from random import Random

import pytest
from rapidfuzz.distance import OSA

from server.banks.draw import draw
from server.banks.loader import load_bank
from server.banks.problems import BankError
from server.game.questions import QUESTION_TYPES, Media
from server.game.settings import Settings
from tests.banks.builders import HEAD, write

BANK = Path(__file__).parents[1] / "banks_for_tests" / "every_kind.yaml"

POLL = "type: poll\n    stem: S?\n    options:\n      - text: A\n      - text: B\n"
TEXT = "type: text\n    stem: S?\n    accept:\n      - peace\n"
NUMERIC = "type: numeric\n    stem: S?\n    value: 1945\n"
WORDCLOUD = "type: wordcloud\n    stem: S?\n"
ORDER = "type: order\n    stem: S?\n    items:\n      - text: A\n      - text: B\n      - text: C\n"
MATCH = (
    "type: match\n    stem: S?\n    pairs:\n"
    "      - {left: A, right: X}\n      - {left: B, right: Y}\n      - {left: C, right: Z}\n"
)
SLIDE = "type: slide\n    stem: S\n    body: B\n"
CHOICE = "type: choice\n    stem: S?\n    options:\n      - text: A\n        correct: true\n      - text: B\n"

FIRST = 5
"""The line of a question's id; its type is on the next."""


def problems_of(folder: Path, question: str) -> list[tuple[int | None, str]]:
    """Return what is wrong with a bank of this one question."""
    try:
        load_bank(write(folder, f"{HEAD}questions:\n  - id: one\n    {question}"))
    except BankError as error:
        return [(problem.line, problem.message) for problem in error.problems]
    return []


def test_the_bank_of_the_tests_holds_every_type_and_every_option():
    bank = load_bank(BANK)
    assert bank.types() == list(QUESTION_TYPES)
    written = BANK.read_text("utf-8")
    for cls in QUESTION_TYPES.values():
        for field in fields(cls):
            assert field.metadata.get("is_drawn") or f"{field.name}:" in written, field.name
    for name in ("misconception", "credit", "alt", "refuse", "closeness"):
        assert f"{name}:" in written
    assert bank.minutes() >= 1
    assert bank.summary("fr")["title"] == "Toutes sortes de questions"


def test_a_game_of_it_is_drawn_with_everything_resolved():
    bank = load_bank(BANK)
    drawn = {question.id: question for question in draw(bank, Settings(), Random(1))}
    assert drawn["in-order"].shown
    assert drawn["who-wrote"].lefts != drawn["who-wrote"].rights
    assert drawn["welcome"].time is None
    assert all(question.time for question in drawn.values() if question.has_responses)
    pictures = [question.media for question in drawn.values() if question.media]
    assert pictures
    assert all(isinstance(media, Media) and len(media.digest) == 32 for media in pictures)


@pytest.mark.parametrize("question", [POLL, TEXT, NUMERIC, WORDCLOUD, ORDER, MATCH, SLIDE, CHOICE])
def test_a_question_of_each_type_needs_no_more_than_this(tmp_path, question):
    assert problems_of(tmp_path, question) == []


WRONG = {
    "a poll with a key": (
        POLL.replace("text: A", "text: A\n        correct: true"),
        10,
        "correct of option 1 is not",
    ),
    "a poll with points": (POLL + "    points: 1000\n", 11, "a poll gives none, so delete the line"),
    "a poll of one": (POLL.replace("      - text: B\n", ""), 8, "options are 1; give 2 to 8"),
    "a cloud with points": (WORDCLOUD + "    points: 2000\n", 8, "a wordcloud gives none"),
    "a cloud with a key": (WORDCLOUD + "    accept: [a]\n", 8, "accept is not known here"),
    "a slide with a clock": (SLIDE + "    time: 30\n", 9, "a slide has no clock"),
    "a slide with points": (SLIDE + "    points: 1000\n", 9, "a slide gives none"),
    "a slide without a body": (SLIDE.replace("    body: B\n", ""), 5, "body is missing"),
    "a text without accept": (TEXT.replace("    accept:\n      - peace\n", ""), 5, "accept is missing"),
    "an empty accept": (TEXT.replace(":\n      - peace", ": []"), 8, "accept is empty; write at least one"),
    "accept in a row": (TEXT.replace(":\n      - peace", ": peace"), 8, "accept is a text; write a list"),
    "a number accepted": (TEXT.replace("peace", "1945"), 9, 'put it in quotes: "1945"'),
    "refused and accepted": (TEXT + "    refuse: [Peace!]\n", 10, "refuse 1 is accepted too"),
    "rivals": (TEXT + "    rivals: [war]\n", 10, "rivals is not known here; delete it"),
    "a value in words": (
        NUMERIC.replace("1945", "about 5"),
        8,
        "value is “about 5”; write a number in digits",
    ),
    "a value with a comma": (
        NUMERIC.replace("1945", "1,5"),
        8,
        "write a number in digits with a decimal point",
    ),
    "an endless value": (NUMERIC.replace("1945", "1e999"), 8, "value is too large"),
    "a value in quotes": (NUMERIC.replace("1945", "'1945'"), 8, "without quotes"),
    "a tolerance below 0": (NUMERIC + "    tolerance: -1\n", 9, "tolerance is -1; write 0 or more"),
    "nearness to nothing": (NUMERIC + "    closeness: true\n", 5, "with `closeness` write how far off"),
    "closeness in words": (NUMERIC + "    closeness: yes\n", 9, "write true or false"),
    "two to order": (ORDER.replace("      - text: C\n", ""), 8, "items are 2; give 3 to 8"),
    "an item twice": (ORDER.replace("text: C", "text: a"), 11, "text of item 3 is the same as an item above"),
    "a plain item": (ORDER.replace("- text: C", "- C"), 11, "item 3 is a text; begin it with"),
    "an arrangement": (ORDER + "    shown: [2, 1, 0]\n", 12, "shown is not known here; delete it"),
    "two pairs": (MATCH.replace("      - {left: C, right: Z}\n", ""), 8, "pairs are 2; give 3 to 8"),
    "a right side twice": (
        MATCH.replace("right: Z", "right: x"),
        11,
        "right of pair 3 is the same as a right",
    ),
    "a right side twice for whoever reads French": (
        MATCH.replace("right: X", "right: {en: UN, fr: ONU}").replace("right: Y", "right: ONU"),
        10,
        "right of pair 2 is the same as a right",
    ),
    "an item twice for whose language is missing": (
        ORDER.replace("text: A", "text: {en: UN, fr: ONU}").replace("text: C", "text: {en: ONU}"),
        11,
        "text of item 3 is the same as an item above",
    ),
    "half a pair": (MATCH.replace(", right: Z", ""), 11, "right of pair 3 is missing"),
    "sides drawn": (MATCH + "    lefts: [0, 1, 2]\n", 12, "lefts is not known here; delete it"),
    "an unknown difficulty": (CHOICE + "    difficulty: tricky\n", 12, "'easy', 'medium' or 'hard'"),
    "an empty objective": (CHOICE + "    objective: ' '\n", 12, "objective is empty"),
    "a misconception of the key": (
        CHOICE.replace("correct: true", "correct: true\n        misconception: M"),
        11,
        "misconception of option 1 stands on a right option",
    ),
    "a picture where none can be": (
        NUMERIC + "    options: [{text: A, media: {file: a.png}}]\n",
        9,
        "is not known",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_with_its_line_and_a_remedy(tmp_path, name):
    question, line, message = WRONG[name]
    found = problems_of(tmp_path, question)
    assert [(at, said) for at, said in found if message in said and at == line], found


def test_what_the_bank_s_other_questions_accept_is_never_a_slip(tmp_path):
    text = HEAD + "questions:\n"
    for name, accept in (
        ("a", "nationalism"),
        ("b", "{en: rationalism, fr: rationalisme}"),
        ("c", "Nationalism!"),
    ):
        text += f"  - {{id: {name}, type: text, stem: S, accept: [{accept}]}}\n"
    bank = load_bank(write(tmp_path, text))
    assert [question.rivals for question in bank.questions] == [
        ("rationalism", "rationalisme"),
        ("nationalism",),
        ("rationalism", "rationalisme"),
    ]


def test_texts_that_no_screen_shows_alike_are_no_twins(tmp_path):
    """`Chat` is there twice, but in no language at once."""
    text = ORDER.replace("text: A", "text: {en: Chat, fr: Parler}").replace(
        "text: B", "text: {en: Cat, fr: Chat}"
    )
    assert problems_of(tmp_path, text) == []


def test_what_other_questions_show_as_an_option_is_never_a_slip(tmp_path):
    """Whoever writes Zambia where a map of the Gambia is shown knows both."""
    match = "{left: Unity, right: W}, {left: B, right: {en: Solidarity, fr: Solidarité}}, {left: C, right: X}"
    text = f"""{HEAD}questions:
  - {{id: a, type: text, stem: S, accept: [Gambia]}}
  - {{id: b, type: text, stem: S, accept: [Solidarist, unify]}}
  - {{id: c, type: choice, stem: S, options: [{{text: Zambia, correct: true}}, {{text: Germany}}]}}
  - {{id: d, type: order, stem: S, items: [{{text: Zumbya}}, {{text: Gambia}}, {{text: Gambya!}}]}}
  - {{id: e, type: match, stem: S, pairs: [{match}]}}
"""
    gambia, other = load_bank(write(tmp_path, text)).questions[:2]
    assert set(gambia.rivals) == {"zambia", "gambya"}
    assert set(other.rivals) == {"unity", "solidarity", "solidarite"}
    assert [gambia.grade(text, (), OSA.distance) for text in ("Gambia", "Zambia")] == [1.0, 0.0]


def test_a_short_answer_has_the_rivals_that_only_a_space_parts_from_it(tmp_path):
    text = HEAD + "questions:\n"
    for name, accept in (("a", "no 1"), ("b", "no1"), ("c", "no2"), ("d", "on 1")):
        text += f"  - {{id: {name}, type: text, stem: S, accept: [{accept}]}}\n"
    first = load_bank(write(tmp_path, text)).questions[0]
    assert first.rivals == ("no1",)
    assert first.grade("no1", (), OSA.distance) == 0.0


def test_a_game_carries_only_the_rivals_that_are_near(tmp_path):
    """With all of them a thousand questions would weigh 42 MB; a digit is never a slip, so none is here."""
    text = HEAD + "questions:\n"
    for n in range(1_000):
        text += f"  - {{id: q{n}, type: text, stem: S, accept: [answer {n} a, answer {n} b, response {n}]}}\n"
    bank = load_bank(write(tmp_path, text))
    assert max(len(question.rivals) for question in bank.questions) == 0


def test_a_bank_accepts_at_most_so_many_texts(tmp_path):
    """Each is compared with all others, and the server waits for it."""
    accept = ", ".join(f"peace{n}" for n in range(5_001))
    assert problems_of(tmp_path, f"type: text\n    stem: S?\n    accept: [{accept}]\n") == [
        (4, "questions accept more than 5,000 texts in all; split the file into several")
    ]
