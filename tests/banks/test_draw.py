"""draw: which questions a game has, in which order, and that no key gets lost on the way."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.banks.bank import Bank
from server.banks.draw import draw
from server.banks.loader import load_bank
from server.game.errors import BadRequest
from server.game.questions import OPTION_IDS
from server.game.settings import Settings
from tests.banks.builders import GOOD, bank_of, write


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A bank of ten choices, q0 to q9."""
    return bank_of(tmp_path_factory.mktemp("ten"), 10)


def ids(questions) -> list[str]:
    return [question.id for question in questions]


def test_without_settings_a_game_is_the_bank_in_its_order(ten):
    """Nothing is shuffled unless the teacher says so."""
    drawn = draw(ten, Settings(), Random(1))

    assert ids(drawn) == ids(ten.questions)
    assert [question.options for question in drawn] == [question.options for question in ten.questions]


def test_a_number_takes_the_first_questions(ten):
    """In the bank's order, which often goes from easy to hard."""
    assert ids(draw(ten, Settings(questions=3), Random(1))) == ["q0", "q1", "q2"]


def test_a_number_of_shuffled_questions_is_drawn_from_all(ten):
    """Every question can come up, not only the first ones in another order."""
    settings = Settings(questions=3, shuffle_questions=True)

    games = [ids(draw(ten, settings, Random(seed))) for seed in range(100)]

    assert all(len(set(game)) == 3 for game in games)
    assert {question for game in games for question in game} == set(ids(ten.questions))


def test_named_questions_come_in_the_named_order(ten):
    """A teacher's order is an order, unless they ask for chance."""
    named = ("q7", "q2", "q5")
    assert ids(draw(ten, Settings(questions=named), Random(1))) == list(named)

    shuffled = [
        ids(draw(ten, Settings(questions=named, shuffle_questions=True), Random(n))) for n in range(20)
    ]
    assert all(sorted(game) == sorted(named) for game in shuffled)
    assert len({tuple(game) for game in shuffled}) > 1


def test_an_unknown_question_is_refused_by_its_name(ten):
    """The refusal says which."""
    with pytest.raises(BadRequest, match="has no question “q10”"):
        draw(ten, Settings(questions=("q1", "q10")), Random(1))


def test_more_questions_than_there_are_are_refused(ten):
    """The refusal says how many there are."""
    with pytest.raises(BadRequest, match="11 are more than the 10"):
        draw(ten, Settings(questions=11), Random(1))


def test_every_drawn_question_has_its_time(tmp_path):
    """The author's, or that of the formula as it is today."""
    bank = load_bank(write(tmp_path, GOOD))

    drawn = draw(bank, Settings(), Random(1))

    assert [question.time for question in bank.questions] == [None, 30]
    assert [question.time for question in drawn] == [bank.questions[0].time_ms() // 1000, 30]
    assert [q.time_ms() for q in drawn] == [q.time_ms() for q in bank.questions]


def test_drawing_leaves_the_bank_as_it_was(ten):
    """A bank is played many times."""
    before = ten.questions

    draw(ten, Settings(shuffle_questions=True, shuffle_options=True), Random(1))

    assert ten.questions == before
    assert ids(ten.questions) == [f"q{n}" for n in range(10)]


with TemporaryDirectory() as _folder:
    BANK = bank_of(Path(_folder), 12, options=5)


@given(
    seed=st.integers(),
    count=st.none() | st.integers(1, 12),
    shuffle_questions=st.booleans(),
    shuffle_options=st.booleans(),
)
def test_a_draw_is_a_permutation_that_keeps_every_key(seed, count, shuffle_questions, shuffle_options):
    """Same seed, same game; the questions and options are the bank's, each once; what was right is right."""
    settings = Settings(questions=count, shuffle_questions=shuffle_questions, shuffle_options=shuffle_options)

    drawn = draw(BANK, settings, Random(seed))

    assert drawn == draw(BANK, settings, Random(seed))
    assert len(drawn) == len(set(ids(drawn))) == (count or 12)
    in_bank = {question.id: question for question in BANK.questions}
    for question in drawn:
        original = in_bank[question.id]
        assert sorted(option.text for option in question.options) == sorted(o.text for o in original.options)
        [key] = question.key()
        assert question.options[OPTION_IDS.index(key)].text.endswith("right")
        if not shuffle_options:
            assert question.options == original.options
    if not shuffle_questions:
        assert ids(drawn) == ids(BANK.questions)[: len(drawn)]
