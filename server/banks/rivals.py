"""What a slip of typing in an answer must not turn it into: the other answers and options of the bank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from server.game.questions import Question, Typed
from server.game.questions.base import versions_of
from server.game.questions.spelling import allowance, normal_form

MAX_ACCEPTED = 5_000
"""Each text that is accepted is compared with all others of a bank, and the server waits for it."""


def is_too_much(questions: Sequence[Question]) -> bool:
    """Tell whether the questions accept more texts than can be compared in good time."""
    typed = (question for question in questions if isinstance(question, Typed))
    return sum(len(question.accepted_forms()) for question in typed) > MAX_ACCEPTED


def with_rivals(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return the questions, each text question with what is near to its answers and means something else.

    A game carries the rivals along, so only those are taken that a slip can lead to.
    """
    forms = _Forms(dict.fromkeys(form for question in questions for form in _forms_of(question)))
    return tuple(
        replace(question, rivals=_rivals_of(question.accepted_forms(), forms))
        if isinstance(question, Typed)
        else question
        for question in questions
    )


def _forms_of(question: Question) -> Iterator[str]:
    if isinstance(question, Typed):
        yield from question.accepted_forms()
    for text in question.options_texts():
        yield from map(normal_form, versions_of(text))


def _rivals_of(own: tuple[str, ...], forms: _Forms) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for word in own for form in forms.near(word) if form not in own))


class _Forms:
    """Normal forms, ordered so that few of them have to be compared."""

    def __init__(self, forms: Iterable[str]) -> None:
        self._by_length: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._by_letters: dict[str, list[str]] = defaultdict(list)
        for form in forms:
            self._by_length[_digits_of(form), len(form)].append(form)
            self._by_letters[form.replace(" ", "")].append(form)

    def near(self, word: str) -> Iterator[str]:
        """Yield every form that a response may mean as well while it is taken for the word.

        Such a response differs from the word in spaces alone, or it is at most as many slips away as are
        allowed, and no more from the form; and it has the word's digits, since a digit is never a slip.
        """
        yield from self._by_letters.get(word.replace(" ", ""), ())
        reach = 2 * allowance(word, (), OSA.distance)
        for length in range(len(word) - reach, len(word) + reach + 1) if reach else ():
            alike = self._by_length.get((_digits_of(word), length), ())
            found = process.extract(word, alike, scorer=OSA.distance, score_cutoff=reach, limit=None)
            yield from (form for form, _, _ in found)


def _digits_of(form: str) -> str:
    return "".join(filter(str.isnumeric, form))
