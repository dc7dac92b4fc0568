"""The banks that Plenary ships with: they load, and the first one is as good as it promises to be."""

from collections import Counter

import pytest

from server.banks.bank import Bank
from server.banks.check import OWN_BANKS
from server.banks.library import Banks
from server.game.questions import Choice, Multi, TrueFalse


@pytest.fixture(scope="module")
def internationalism() -> Bank:
    """The bank on internationalism's core ideas."""
    bank = Banks([OWN_BANKS]).get("internationalism")
    assert bank is not None
    return bank


def test_all_own_banks_load_without_a_problem():
    """A problem here would greet every teacher at the start."""
    assert Banks([OWN_BANKS]).problems == []


def test_there_are_enough_questions_of_every_type(internationalism):
    """At least 24, and each type shows what it can do."""
    assert len(internationalism.questions) >= 24
    assert internationalism.types() == ["choice", "truefalse", "multi"]


def test_every_question_explains_itself_and_names_its_source(internationalism):
    """The reveal is where a class learns."""
    for question in internationalism.questions:
        assert question.explanation, question.id
        assert question.source, question.id


def test_every_wrong_option_says_why(internationalism):
    """Who chose it is told where it misleads."""
    for question in internationalism.questions:
        if isinstance(question, Choice | Multi):
            for option in question.options:
                assert option.correct or option.why, f"{question.id}: {option.text}"
        elif isinstance(question, TrueFalse):
            assert question.why, question.id


def test_the_keys_are_spread_over_the_positions(internationalism):
    """No position of a four-option choice holds more than 40 % of the keys, or less than 15 %."""
    positions = Counter(
        question.key()[0]
        for question in internationalism.questions
        if isinstance(question, Choice) and len(question.options) == 4
    )

    for option_id in "abcd":
        assert 0.15 <= positions[option_id] / positions.total() <= 0.40, positions


def test_the_keys_do_not_stand_out_by_their_length(internationalism):
    """Picking the longest option must not be a way to win."""
    choices = [question for question in internationalism.questions if isinstance(question, Choice)]
    longest = sum(max(question.options, key=lambda option: len(option.text)).correct for question in choices)

    assert longest / len(choices) <= 0.5


def test_true_and_false_are_both_right_sometimes(internationalism):
    """Neither side is a safe guess."""
    sides = {question.correct for question in internationalism.questions if isinstance(question, TrueFalse)}

    assert sides == {True, False}


def test_no_text_of_an_option_stands_twice_in_a_question(internationalism):
    """Two equal options cannot both be told apart."""
    for question in internationalism.questions:
        if isinstance(question, Choice | Multi):
            texts = [option.text.casefold().strip(" .") for option in question.options]
            assert len(set(texts)) == len(texts), question.id
