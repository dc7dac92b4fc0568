"""What could be better in a bank: each fault is found once, on its line, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.banks.advice import MOST_COMPARED, advice_on
from server.banks.loader import read_bank
from server.banks.problems import Problem
from server.banks.wordings import all_of_the_above, article_at_end, negative_words, units, words
from tests.banks.builders import HEAD, write
from tests.processes import PROJECT

FAULTY = Path(__file__).with_name("faulty.yaml")
SEEDED = re.compile(r" # (.+)$")


def advice_of(path: Path) -> list[Problem]:
    bank, source = read_bank(path)
    return advice_on(bank, source, path)


def test_every_seeded_fault_is_found_on_its_line_and_nothing_else():
    """One fault of each kind, named in a comment, among questions that are well."""
    lines = enumerate(FAULTY.read_text("utf-8").splitlines(), 1)
    expected = [(number, found[1]) for number, line in lines if (found := SEEDED.search(line))]

    found = advice_of(FAULTY)

    assert [problem.line for problem in found] == [line for line, _ in expected], "\n".join(map(str, found))
    for problem, (_, phrase) in zip(found, expected, strict=True):
        assert phrase in problem.message


def test_a_bank_without_its_faults_is_left_in_peace(tmp_path):
    """What is said goes away when it is done."""
    text = f"""{HEAD}questions:
  - id: one
    type: choice
    stem: Which of these is NOT an organ of the United Nations?
    options:
      - text: The World Bank
        correct: true
      - text: The Secretariat
      - text: The Security Council
    explanation: The Bank is a specialised agency.
  - id: two
    type: poll
    stem: Is that not a lot?
    options:
      - text: Yes
      - text: No
  - id: three
    type: slide
    stem: {" ".join(["word"] * 50)}
    body: A page to read has no clock.
  - id: four
    type: truefalse
    stem: {" ".join(["word"] * 50)}
    correct: true
    time: 60
    explanation: Who gives the time may ask for much.
  - id: five
    type: choice
    stem: In which year did the League begin?
    options:
      - text: "1899"
      - text: "1920"
        correct: true
    explanation: It began with the Treaty of Versailles.
"""

    assert advice_of(write(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("lang", "stem", "found"),
    [
        ("en", "Which of these is not an organ?", ["not"]),
        ("en", "Which of these is NOT an organ?", []),
        ("en", "Which doesn’t belong?", ["doesn’t"]),
        ("en", "The League did not last. What came after it?", []),
        ("en", "Who wrote “thou shalt not kill”?", []),
        ("fr", "Lequel n’est pas un organe ?", ["pas"]),
        ("fr", "Lequel n’est PAS un organe ?", []),
        ("es", "¿Cuál no es un órgano?", ["no"]),
        ("ru", "Что из этого не орган?", ["не"]),
        ("ru", "Что из этого НЕ орган?", []),
        ("ar", "أيٌّ مما يلي ليس جهازًا؟", ["ليس"]),
        ("ar", "أيٌّ مما يلي «ليس» جهازًا؟", []),
        ("zh", "下列哪一项不是联合国的机关？", ["不是"]),
        ("zh", "下列哪一项“不是”联合国的机关？", []),
        ("zh", "下列哪一项是联合国的机关？", []),
        ("zh-Hant", "下列何者不是？", ["不是"]),
        ("de", "Welches ist kein Organ?", ["kein"]),
        ("tlh", "Which of these is not one?", []),
    ],
)
def test_a_word_that_turns_the_question_round_has_to_stand_out(lang, stem, found):
    """By capitals, or by quotation marks where a script has none; only what is asked counts."""
    assert negative_words(stem, lang) == found


@pytest.mark.parametrize(
    ("lang", "option", "is_so"),
    [
        ("en", "All of the above", True),
        ("en", "None of these", True),
        ("en", "Both A and C", True),
        ("en", "All of its members", False),
        ("fr", "Toutes les réponses ci-dessus", True),
        ("fr", "Tous les États membres", False),
        ("es", "Todas las anteriores", True),
        ("es", "Todos los Estados", False),
        ("ru", "Всё вышеперечисленное", True),
        ("ru", "Все государства", False),
        ("ar", "كل ما سبق", True),
        ("zh", "以上都是", True),
        ("zh", "所有国家", False),
        ("de", "Alle oben genannten", True),
        ("tlh", "All of the above", False),
    ],
)
def test_an_option_speaks_of_the_matter_and_not_of_the_other_options(lang, option, is_so):
    """In the languages of which the words are known."""
    assert all_of_the_above(option, lang) is is_so


def test_a_stem_ends_with_an_article_only_where_an_option_follows_it():
    """A letter that ends a question is none."""
    assert article_at_end("The Council is an", "en") == "an"
    assert article_at_end("The Council is the …", "en") == "the"
    assert article_at_end("Lequel n’en est pas un ?", "fr") == ""
    assert article_at_end("Which is vitamin A?", "en") == ""


def test_words_and_widths_are_those_that_a_reader_sees():
    """Chinese has no spaces and wide characters; marks on letters have no width."""
    assert len(words("Peace – and security, at last.")) == 5
    assert len(words("联合国大会的一百九十三个会员国")) == 9
    assert units("peace") == 5
    assert units("和平") == 4
    assert units("e\u0301") == 1


def test_two_questions_with_nearly_one_stem_and_other_answers_are_two(tmp_path):
    """A bank may ask for one capital after the other."""
    text = HEAD + "questions:\n"
    for n, (country, capital) in enumerate([("Austria", "Vienna"), ("Australia", "Canberra")]):
        text += f"""  - id: q{n}
    type: text
    stem: What is the capital of {country}, where the delegates met?
    accept: [{capital}]
    explanation: They met in {capital}.
"""
    assert advice_of(write(tmp_path, text)) == []


def test_no_bank_is_too_large_or_too_odd_to_be_looked_through(tmp_path):
    """Repeated words, quotes that never close, stems of a hundred thousand letters: all can be played."""
    odd = ["alle " * 20_000, "“" * 100_000, "not " * 25_000, "联" * 50_000]
    text = HEAD.replace("en", "de") + "questions:\n"
    for n, words_of_it in enumerate(odd):
        text += f'  - id: q{n}\n    type: choice\n    stem: "{words_of_it}"\n    options:\n'
        text += '      - {text: a, correct: true}\n      - {text: "' + words_of_it[:1_000] + '"}\n'

    assert advice_of(write(tmp_path, text))
    for path in [*PROJECT.glob("tests/*/banks/*.yaml"), *PROJECT.glob("tests/banks_for_tests/*.yaml")]:
        advice_of(path)


def test_a_long_bank_is_looked_through_too(tmp_path):
    """For questions that are the same word for word, however far apart."""
    text = HEAD + "questions:\n"
    for n in [*range(MOST_COMPARED + 200), 0]:
        text += (
            f"  - {{id: q{len(text)}, type: truefalse, stem: 'Statement {n * 7919}', correct: {n % 2 == 0}"
        )
        text += ", explanation: So it is.}\n"

    [problem] = advice_of(write(tmp_path, text))

    assert problem.line == MOST_COMPARED + 200 + 5
    assert "asks what" in problem.message


@pytest.mark.parametrize(
    ("keys", "is_told"), [("aaa", True), ("aa", False), ("abc", False), ("aaab", False), ("aaaabcd", False)]
)
def test_what_chance_gives_often_is_no_fault(tmp_path, keys, is_told):
    """Three of three in one place are seldom chance, three of four are."""
    text = HEAD + "questions:\n"
    for n, key in enumerate(keys):
        text += f"  - id: q{n}\n    type: choice\n    stem: Which is {n * 7919}?\n    explanation: That.\n"
        text += "    options:\n"
        text += "".join(
            f"      - {{text: {word}{', correct: true' * (id_ == key)}}}\n"
            for id_, word in zip("abcd", ("Peace", "Trade", "Unity", "Order"), strict=True)
        )

    assert bool(advice_of(write(tmp_path, text))) is is_told
