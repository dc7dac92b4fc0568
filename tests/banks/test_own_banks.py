"""The banks that Plenary ships with: enough, explained, sourced, and as good as `check --strict` asks for."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import pytest
from rapidfuzz.fuzz import ratio

from server.banks.bank import Bank
from server.banks.check import OWN_BANKS
from server.banks.library import Banks
from server.banks.loader import language_maps, load_bank
from server.game.questions import (
    QUESTION_TYPES,
    Choice,
    Multi,
    Question,
    TrueFalse,
    in_language,
    normal_form,
)

PATHS = sorted(OWN_BANKS.glob("*.yaml"))
BANKS = {path.stem: load_bank(path) for path in PATHS}
CORE = "internationalism"
LANGUAGES = {"ar", "en", "es", "fr", "ru", "zh"}
"""The official languages of the United Nations."""
QUESTIONS = [(bank, question) for bank in BANKS.values() for question in bank.questions]


def named(value: object) -> str | None:
    return value.id if isinstance(value, Bank | Question) else None


def test_all_own_banks_load_without_a_problem():
    """A problem here would greet every teacher at the start."""
    assert Banks([OWN_BANKS]).problems == []


def test_there_is_enough_for_a_term_of_lessons():
    """At least eight banks and 180 questions, of every type."""
    assert len(BANKS) >= 8
    assert len(QUESTIONS) >= 180
    assert {question.type for _, question in QUESTIONS} == set(QUESTION_TYPES)


@pytest.mark.parametrize("bank", BANKS.values(), ids=named)
def test_a_bank_is_a_lesson(bank):
    """Long enough for one, and short enough for two."""
    assert 20 <= len(bank.questions) <= 40
    assert 10 <= bank.minutes() <= 45


@pytest.mark.parametrize(("bank", "question"), QUESTIONS, ids=named)
def test_every_question_explains_itself_and_names_its_source(bank, question):
    """The reveal is where a class learns, and a teacher can look it up."""
    assert question.explanation
    assert question.source


@pytest.mark.parametrize(("bank", "question"), QUESTIONS, ids=named)
def test_every_wrong_answer_says_why(bank, question):
    """Who chose it is told where it misleads."""
    if isinstance(question, Choice | Multi):
        for option in question.options:
            assert option.correct or option.why, option.text
    elif isinstance(question, TrueFalse):
        assert question.why


def test_no_bank_asks_what_another_asks():
    """The mock exam and the core ideas, above all, are questions of their own."""
    stems = [
        (bank.id, question.id, normal_form(in_language(question.stem, "en", bank.language)))
        for bank, question in QUESTIONS
    ]
    alike = [
        (one, other)
        for (bank, one, stem), (other_bank, other, other_stem) in combinations(stems, 2)
        if bank != other_bank
        and ratio(stem, other_stem) >= 90
        and re.findall(r"\d+", stem) == re.findall(r"\d+", other_stem)  # Article 1 is not Article 2
    ]
    assert alike == []


def test_the_core_bank_speaks_the_six_languages_of_the_united_nations():
    """Every one of its texts, and no two languages the same by mistake."""
    core = BANKS[CORE]
    assert set(core.languages()) == LANGUAGES
    texts = [("title", core.title), ("description", core.description)]
    for question in core.questions:
        texts += [(f"{question.id}: {place}", text) for place, text in language_maps(question, ())]
        assert isinstance(question.stem, dict)
        assert isinstance(question.explanation, dict)
        assert isinstance(question.source, dict)
    for name, text in texts:
        assert set(text) == LANGUAGES, name
        assert Counter(text.values()).most_common(1)[0][1] <= 2, name  # a name may be one in two of them
