"""The question types: each reads a response, grades it to a credit, and knows its key.

A type is one frozen dataclass with the decorator `question_type`; its fields are the bank's format for it.
The fields that only a bank's author needs are here too, so that a bank is read straight into these classes.
Options have no id in a bank: their place in the (arranged) question is their id on the wire, `a` for the
first, and so an id says nothing about the key.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, Literal, TypeAlias, TypeVar

from .errors import BadRequest

Text: TypeAlias = str | dict[str, str]
"""A text in the bank's own language, or a map from language (`en`, `fr`, …) to text."""

Response: TypeAlias = tuple[str, ...] | str | float | dict[str, str]
"""A response that `Question.read` has checked; which of these it is depends on the type."""

Fault: TypeAlias = tuple[tuple[str | int, ...], str]
"""Where in the question (a path of field names and positions) and what to do about it."""

OPTION_IDS = "abcdefgh"
MIN_TIME_S, MAX_TIME_S = 5, 600

_T = TypeVar("_T")
Shuffle: TypeAlias = Callable[[Sequence[_T]], list[_T]]
"""Returns the same things in an order that the shell has drawn."""


def in_language(text: Text, lang: str, fallback: str) -> str:
    """Return the text in `lang`, else in `fallback`, else in the first language that it has."""
    if isinstance(text, str):
        return text
    return text.get(lang) or text.get(fallback) or next(iter(text.values()), "")


def languages_of(text: Text) -> set[str]:
    """Return the languages that a text names; none for a plain text."""
    return set() if isinstance(text, str) else set(text)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of a question; `why` is what the reveal tells those who chose it."""

    text: Text
    correct: bool = False
    why: Text | None = None

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """One question of a bank: what all types have in common.

    `time` is in seconds; without one it follows from the length of the text (`time_ms`). `points` are what
    a fast, right response earns under the policy `speed`.
    """

    id: str
    type: str
    stem: Text
    explanation: Text | None = None
    source: Text | None = None
    time: int | None = None
    points: Literal[0, 1000, 2000] = 1000
    tags: tuple[str, ...] = ()

    # Read by pydantic when a bank is loaded; the game itself imports the standard library alone.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    @abstractmethod
    def read(self, raw: object) -> Response:
        """Return the response in its one normal form.

        Raises:
            BadRequest: it has not the shape that this type takes; the message says which that is.
        """

    def read_accepted(self, raw: object) -> Response:
        """Return a response that the host accepts as right, in its normal form; raises as `read` does."""
        return self.read(raw)

    @abstractmethod
    def grade(self, response: Response, accepted: Sequence[Response] = ()) -> float:
        """Return the credit from 0.0 to 1.0; `accepted` are further keys that the host has accepted."""

    @abstractmethod
    def key(self, accepted: Sequence[Response] = ()) -> Any:
        """Return the key in its form on the wire."""

    @abstractmethod
    def distribution(self, responses: Iterable[Response]) -> list[dict[str, Any]]:
        """Return how often each option or value was given, as `{id or value, count}`."""

    @abstractmethod
    def options_view(self, lang: str, fallback: str, *, is_revealed: bool) -> list[dict[str, Any]]:
        """Return the options as a screen gets them, in display order; `why` only after the reveal."""

    def arranged(self, shuffle: Shuffle[Any], *, shuffle_options: bool) -> Question:
        """Return the question as one game shows it, its options in the order that the shell has drawn."""
        return self

    def texts(self) -> Iterator[Text]:
        """Yield every text of the question."""
        yield self.stem
        if self.explanation is not None:
            yield self.explanation
        if self.source is not None:
            yield self.source

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the question beyond the shape of its fields."""
        for field, text in (("stem", self.stem), ("explanation", self.explanation), ("source", self.source)):
            if text is not None:
                yield from _text_faults(text, (field,))
        if not self.id:
            yield ("id",), "is empty; give the question a short name of its own"
        if self.time is not None and not MIN_TIME_S <= self.time <= MAX_TIME_S:
            yield ("time",), f"is {self.time}; write seconds from {MIN_TIME_S} to {MAX_TIME_S}"

    def time_ms(self) -> int:
        """Return the time for a response, in ms: the author's, else by the length of what is to be read.

        Without `time`: 10 s to think and 60 ms a character of stem and options (1,000 characters a minute,
        about 200 words, a slow reader's speed), rounded up to 5 s, from 15 to 90 s.
        """
        if self.time is not None:
            return self.time * 1000
        seconds = 10 + self._characters(with_options=True) * 0.06
        return int(min(90, max(15, -(-seconds // 5) * 5))) * 1000

    def reading_ms(self) -> int:
        """Return how long the stem alone is shown, in ms: 1.5 s and 50 ms a character, from 3 to 15 s."""
        return int(min(15_000, max(3_000, 1_500 + self._characters(with_options=False) * 50)))

    def _characters(self, *, with_options: bool) -> int:
        """Return the length of the longest language's text, in characters."""
        options = self.options_texts() if with_options else []
        return sum(_longest(text) for text in [self.stem, *options])

    def options_texts(self) -> list[Text]:
        """Return the texts of the options, in display order; none where the type has no options."""
        return []


QUESTION_TYPES: dict[str, type[Question]] = {}
"""Every question type by its name on the wire and in a bank."""

_Q = TypeVar("_Q", bound=type[Question])


def question_type(cls: _Q) -> _Q:
    """Register a question type under the default value of its `type` field."""
    QUESTION_TYPES[str(cls.__dataclass_fields__["type"].default)] = cls
    return cls


@dataclass(frozen=True, kw_only=True)
class _WithOptions(Question):
    """What `choice` and `multi` share: two to eight options, chosen by id."""

    options: tuple[Option, ...]

    def ids(self) -> str:
        """Return the ids of the options in display order."""
        return OPTION_IDS[: len(self.options)]

    def right_ids(self) -> tuple[str, ...]:
        """Return the ids of the options that the bank marks as right."""
        return tuple(id_ for id_, option in zip(self.ids(), self.options, strict=True) if option.correct)

    def arranged(self, shuffle: Shuffle[Any], *, shuffle_options: bool) -> Question:
        if not shuffle_options:
            return self
        return replace(self, options=tuple(shuffle(self.options)))

    def options_view(self, lang: str, fallback: str, *, is_revealed: bool) -> list[dict[str, Any]]:
        return _options_view(self.options, lang, fallback, is_revealed=is_revealed)

    def read_accepted(self, raw: object) -> Response:
        return self.read([raw] if isinstance(raw, str) else raw)

    def distribution(self, responses: Iterable[Response]) -> list[dict[str, Any]]:
        return _count_ids(self.ids(), responses)

    def options_texts(self) -> list[Text]:
        return [option.text for option in self.options]

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        for option in self.options:
            yield option.text
            if option.why is not None:
                yield option.why

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if not 2 <= len(self.options) <= len(OPTION_IDS):
            yield ("options",), f"are {len(self.options)}; give 2 to {len(OPTION_IDS)}"
        for n, option in enumerate(self.options):
            yield from _text_faults(option.text, ("options", n, "text"))
            if option.why is not None:
                yield from _text_faults(option.why, ("options", n, "why"))
        seen: dict[str, int] = {}
        for n, option in enumerate(self.options):
            shown = repr(option.text).casefold()
            if shown in seen:
                yield (
                    ("options", n, "text"),
                    "is the same as an option above; every option needs its own text",
                )
            seen[shown] = n


@question_type
@dataclass(frozen=True, kw_only=True)
class Choice(_WithOptions):
    """One right option of several; the response is `["b"]`."""

    type: Literal["choice"] = "choice"

    def read(self, raw: object) -> Response:
        return _read_ids(raw, self.ids(), exactly_one=True)

    def grade(self, response: Response, accepted: Sequence[Response] = ()) -> float:
        return 1.0 if response == self.right_ids() or response in accepted else 0.0

    def key(self, accepted: Sequence[Response] = ()) -> Any:
        return _widened_key(self.right_ids(), accepted)

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if (count := sum(option.correct for option in self.options)) != 1:
            yield (
                ("options",),
                f"have `correct: true` {count} times; a `choice` has it once, a `multi` may more often",
            )


@question_type
@dataclass(frozen=True, kw_only=True)
class TrueFalse(Question):
    """A statement that is true or false; the response is `["a"]` for true, `["b"]` for false.

    `why` is what the reveal tells those who chose the wrong side.
    """

    type: Literal["truefalse"] = "truefalse"
    correct: bool
    why: Text | None = None

    SIDES: ClassVar[tuple[Text, Text]] = (
        {"en": "True", "ar": "صحيح", "es": "Verdadero", "fr": "Vrai", "ru": "Верно", "zh": "对"},
        {"en": "False", "ar": "خطأ", "es": "Falso", "fr": "Faux", "ru": "Неверно", "zh": "错"},
    )

    def _options(self) -> tuple[Option, Option]:
        true, false = self.SIDES
        return (
            Option(text=true, correct=self.correct, why=None if self.correct else self.why),
            Option(text=false, correct=not self.correct, why=self.why if self.correct else None),
        )

    def read(self, raw: object) -> Response:
        return _read_ids(raw, "ab", exactly_one=True)

    def grade(self, response: Response, accepted: Sequence[Response] = ()) -> float:
        return 1.0 if response in (self._right(), *accepted) else 0.0

    def key(self, accepted: Sequence[Response] = ()) -> Any:
        return _widened_key(self._right(), accepted)

    def _right(self) -> tuple[str, ...]:
        return ("a",) if self.correct else ("b",)

    def read_accepted(self, raw: object) -> Response:
        return self.read([raw] if isinstance(raw, str) else raw)

    def distribution(self, responses: Iterable[Response]) -> list[dict[str, Any]]:
        return _count_ids("ab", responses)

    def options_view(self, lang: str, fallback: str, *, is_revealed: bool) -> list[dict[str, Any]]:
        return _options_view(self._options(), lang, fallback, is_revealed=is_revealed)

    def options_texts(self) -> list[Text]:
        return list(self.SIDES)

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        if self.why is not None:
            yield self.why

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.why is not None:
            yield from _text_faults(self.why, ("why",))


@question_type
@dataclass(frozen=True, kw_only=True)
class Multi(_WithOptions):
    """Several right options; the response is at least one of them, `["a", "c"]`.

    The credit is the share of the right options picked minus the share of the wrong ones picked, never
    below 0 (design: The game, Credit). An accepted response is a second key; the better credit counts.
    """

    type: Literal["multi"] = "multi"

    def read(self, raw: object) -> Response:
        return _read_ids(raw, self.ids(), exactly_one=False)

    def grade(self, response: Response, accepted: Sequence[Response] = ()) -> float:
        keys: list[Response] = [self.right_ids(), *accepted]
        picked = set(_chosen(response))
        return max(_share_of_right(picked, set(_chosen(key)), self.ids()) for key in keys)

    def key(self, accepted: Sequence[Response] = ()) -> Any:
        return list(self.right_ids())

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if not any(option.correct for option in self.options):
            yield ("options",), "have no `correct: true`; mark each right option"


def _share_of_right(picked: set[str], right: set[str], ids: str) -> float:
    wrong = set(ids) - right
    gain = Fraction(len(picked & right), len(right))
    loss = Fraction(len(picked & wrong), len(wrong)) if wrong else Fraction(0)
    return float(max(Fraction(0), gain - loss))


def _widened_key(right: tuple[str, ...], accepted: Sequence[Response]) -> list[str]:
    """Return the ids that are right, those that the host accepted among them, in display order."""
    return sorted({*right, *(id_ for response in accepted for id_ in _chosen(response))})


def _read_ids(raw: object, ids: str, *, exactly_one: bool) -> tuple[str, ...]:
    wanted = "a list with one option's id" if exactly_one else "a list with at least one option's id"
    if not isinstance(raw, list | tuple) or not raw or (exactly_one and len(raw) != 1):
        raise BadRequest(f'response: send {wanted}, such as ["a"].')
    if not all(isinstance(id_, str) and len(id_) == 1 and id_ in ids for id_ in raw):
        raise BadRequest(f"response: unknown option; the options are {', '.join(ids)}.")
    if len(set(raw)) != len(raw):
        raise BadRequest("response: an option is named twice.")
    return tuple(sorted(raw))


def _chosen(response: Response) -> tuple[str, ...]:
    """Return the ids of a response that `_read_ids` has read."""
    if not isinstance(response, tuple):
        raise TypeError(f"not a response of option ids: {response!r}")
    return response


def _count_ids(ids: str, responses: Iterable[Response]) -> list[dict[str, Any]]:
    counts = Counter(id_ for response in responses for id_ in _chosen(response))
    return [{"id": id_, "count": counts[id_]} for id_ in ids]


def _options_view(
    options: Sequence[Option], lang: str, fallback: str, *, is_revealed: bool
) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    for id_, option in zip(OPTION_IDS, options, strict=False):
        view = {"id": id_, "text": in_language(option.text, lang, fallback)}
        if is_revealed and option.why is not None:
            view["why"] = in_language(option.why, lang, fallback)
        shown.append(view)
    return shown


def _longest(text: Text) -> int:
    return len(text) if isinstance(text, str) else max(map(len, text.values()), default=0)


def _text_faults(text: Text, path: tuple[str | int, ...]) -> Iterator[Fault]:
    values = [text] if isinstance(text, str) else list(text.values())
    if not values or not all(value.strip() for value in values):
        yield path, "is empty; write a text, or leave the field out where it is optional"
