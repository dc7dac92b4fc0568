"""What all question types have in common: texts, pictures, the fields of a bank, and what a type must say."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias, TypeVar

from ..errors import BadRequest

Text: TypeAlias = str | dict[str, str]
"""A text in the bank's own language, or a map from language (`en`, `fr`, …) to text."""

Response: TypeAlias = tuple[str, ...] | str | float | dict[str, str]
"""A response that `Question.read` has checked; which of these it is depends on the type."""

Fault: TypeAlias = tuple[tuple[str | int, ...], str]
"""Where in the question (a path of field names and positions) and what to do about it."""

Distance: TypeAlias = Callable[[str, str], int]
"""How many slips of typing lie between two words; the shell has a library for it."""

Credit: TypeAlias = Callable[[Response], float]
"""Grades a response, with whatever else grading takes."""

OPTION_IDS = "abcdefgh"
MIN_TIME_S, MAX_TIME_S = 5, 600
MOST_MARKS = 6
"""Combining marks in a row in a bank: Hebrew with cantillation has up to four, and no script so many."""
MAX_GROUPS = 50
"""How many different responses a reveal lists."""

DRAWN = {"is_drawn": True}
"""Marks a field that is filled in when a bank is read or a game is drawn; none may stand in a bank."""

_T = TypeVar("_T")
_H = TypeVar("_H", bound=Hashable)
Shuffle: TypeAlias = Callable[[Sequence[_T]], list[_T]]
"""Returns the same things in an order that the shell has drawn."""


def same_or_far(one: str, other: str) -> int:
    """Return 0 for equal words, else more than any slip: the distance where nobody measures."""
    return 0 if one == other else max(len(one), len(other), 100)


def in_language(text: Text, lang: str, fallback: str) -> str:
    """Return the text in `lang`, else in `fallback`, else in the first language that it has."""
    if isinstance(text, str):
        return text
    return text.get(lang) or text.get(fallback) or next(iter(text.values()), "")


def languages_of(text: Text) -> set[str]:
    """Return the languages that a text names; none for a plain text."""
    return set() if isinstance(text, str) else set(text)


def versions_of(text: Text) -> list[str]:
    """Return the text in each of its languages."""
    return [text] if isinstance(text, str) else list(text.values())


@dataclass(frozen=True, kw_only=True)
class Media:
    """A picture: a file beside the bank, and what it shows in words.

    Its copies for the screens are named by `digest`, which says nothing; `width` and `height` are those of
    the projector's copy.
    """

    file: str
    alt: Text
    credit: Text | None = None
    digest: str = field(default="", metadata=DRAWN)
    width: int = field(default=0, metadata=DRAWN)
    height: int = field(default=0, metadata=DRAWN)

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    PHONE_PX: ClassVar[int] = 800
    PROJECTOR_PX: ClassVar[int] = 1_600
    """The longest side of a copy."""

    @staticmethod
    def fitted(width: int, height: int, longest: int) -> tuple[int, int]:
        """Return width and height of a picture that is made no larger than this."""
        larger = max(width, height)
        if larger <= longest:
            return width, height
        return max(1, round(width * longest / larger)), max(1, round(height * longest / larger))

    @staticmethod
    def name_of(digest: str, longest: int) -> str:
        """Return the name of a copy's file."""
        return f"{digest}-{longest}.webp"

    def view(self, lang: str, fallback: str, *, is_phone: bool) -> dict[str, Any]:
        """Return the picture as a screen of this kind gets it."""
        longest = self.PHONE_PX if is_phone else self.PROJECTOR_PX
        width, height = self.fitted(self.width, self.height, longest)
        view: dict[str, Any] = {
            "url": f"/media/{self.name_of(self.digest, longest)}",
            "alt": in_language(self.alt, lang, fallback),
            "width": width,
            "height": height,
        }
        if self.credit is not None:
            view["credit"] = in_language(self.credit, lang, fallback)
        return view

    def texts(self) -> Iterator[Text]:
        """Yield every text of the picture."""
        yield self.alt
        if self.credit is not None:
            yield self.credit

    def faults(self, path: tuple[str | int, ...]) -> Iterator[Fault]:
        """Yield what is wrong with its texts; its file is looked at by who reads the bank."""
        yield from text_faults(self.alt, (*path, "alt"))
        yield from text_faults(self.credit, (*path, "credit"))


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """One question of a bank: what all types have in common.

    `time` is in seconds; without one it follows from the length of the text (`time_ms`). `points` are what
    a fast, right response earns under the policy `speed`. `notes` are for the teacher alone.
    """

    id: str
    type: str
    stem: Text
    media: Media | None = None
    explanation: Text | None = None
    source: Text | None = None
    notes: Text | None = None
    time: int | None = None
    points: Literal[0, 1000, 2000] = 1000
    difficulty: Literal["easy", "medium", "hard"] | None = None
    objective: Text | None = None
    tags: tuple[str, ...] = ()

    # Read by pydantic when a bank is loaded; the game itself imports the standard library alone.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    has_responses: ClassVar[bool] = True
    """Whether there is anything to answer; a page to read has no clock, no reveal and no result."""
    has_key: ClassVar[bool] = True
    """Whether a response can be right."""
    is_written: ClassVar[bool] = False
    """Whether responses are texts that others may read."""
    has_tiles: ClassVar[bool] = False
    """Whether a phone can answer by shapes alone, with the texts on the projector."""
    THINKING_S: ClassVar[int] = 10
    """What an untimed question gets besides the time to read it."""

    @property
    def is_scored_by_nearness(self) -> bool:
        """Whether the credit alone makes the points, whatever the policy says of speed."""
        return False

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
    def grade(
        self, response: Response, accepted: Sequence[Response] = (), distance: Distance = same_or_far
    ) -> float:
        """Return the credit from 0.0 to 1.0; `accepted` are further keys that the host has accepted."""

    @abstractmethod
    def key(self, accepted: Sequence[Response] = (), *, lang: str = "", fallback: str = "") -> Any:
        """Return the key in its form on the wire; None where the type has none."""

    @abstractmethod
    def distribution(
        self, responses: Iterable[Response], credit: Credit | None = None
    ) -> list[dict[str, Any]]:
        """Return how often each option or value was given, as `{id or value, count}`.

        Values come with the `credit` that it grades them to; left out, the question's own `grade`.
        """

    def placed(self, responses: Iterable[Response]) -> list[dict[str, Any]]:
        """Return how often each option was put in its right place; none where options have no places."""
        return []

    def details(self, lang: str, fallback: str) -> dict[str, Any]:
        """Return what a screen shows with the stem besides what all types have."""
        return {}

    def options_view(
        self, lang: str, fallback: str, *, is_revealed: bool, is_phone: bool = False
    ) -> list[dict[str, Any]]:
        """Return the options as a screen gets them, in display order; `why` only after the reveal."""
        return []

    def targets_view(self, lang: str, fallback: str) -> list[dict[str, Any]]:
        """Return what the options are put to, in display order; none where the type has no such thing."""
        return []

    def arranged(self, shuffle: Shuffle[Any], *, shuffle_options: bool) -> Question:
        """Return the question as one game shows it, its options in the order that the shell has drawn."""
        return self

    def texts(self) -> Iterator[Text]:
        """Yield every text of the question that a screen may show."""
        yield self.stem
        if self.media is not None:
            yield from self.media.texts()
        if self.explanation is not None:
            yield self.explanation
        if self.source is not None:
            yield self.source

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the question beyond the shape of its fields."""
        for name in ("stem", "explanation", "source", "notes", "objective"):
            yield from text_faults(getattr(self, name), (name,))
        if self.media is not None:
            yield from self.media.faults(("media",))
        if not self.id:
            yield ("id",), "is empty; give the question a short name of its own"
        if self.time is not None and not MIN_TIME_S <= self.time <= MAX_TIME_S:
            yield ("time",), f"is {self.time}; write seconds from {MIN_TIME_S} to {MAX_TIME_S}"

    def time_ms(self) -> int:
        """Return the time for a response, in ms: the author's, else by the length of what is to be read.

        Without `time`: some seconds to think (10; 20 where something is typed, 25 where something is put in
        order) and 60 ms a character of stem and options (1,000 characters a minute, about 200 words, a slow
        reader's speed), rounded up to 5 s, from 15 to 90 s.
        """
        if self.time is not None:
            return self.time * 1000
        seconds = self.THINKING_S + self.slow_reading_ms() / 1000
        return int(min(90, max(15, -(-seconds // 5) * 5))) * 1000

    def slow_reading_ms(self) -> int:
        """Return how long a slow reader takes for stem and options, in ms; see `time_ms`."""
        return self._characters(with_options=True) * 60

    def reading_ms(self) -> int:
        """Return how long the stem alone is shown, in ms: 1.5 s and 50 ms a character, from 3 to 15 s."""
        return int(min(15_000, max(3_000, 1_500 + self._characters(with_options=False) * 50)))

    def _characters(self, *, with_options: bool) -> int:
        """Return the length of the longest language's text, in characters."""
        options = self.options_texts() if with_options else []
        return sum(longest(text) for text in [self.stem, *options])

    def options_texts(self) -> list[Text]:
        """Return the texts of the options; none where the type has no options."""
        return []


@dataclass(frozen=True, kw_only=True)
class Keyless(Question):
    """What types share in which nothing is right or wrong: no key, no credit, no points."""

    points: Literal[0, 1000, 2000] = 0

    has_key: ClassVar[bool] = False

    def read_accepted(self, raw: object) -> Response:
        raise BadRequest(f"accept: a {self.type} has no right answers.")

    def grade(
        self, response: Response, accepted: Sequence[Response] = (), distance: Distance = same_or_far
    ) -> float:
        return 0.0

    def key(self, accepted: Sequence[Response] = (), *, lang: str = "", fallback: str = "") -> Any:
        return None

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.points:
            yield ("points",), f"are {self.points}; a {self.type} gives none, so delete the line"


QUESTION_TYPES: dict[str, type[Question]] = {}
"""Every question type by its name on the wire and in a bank."""

_Q = TypeVar("_Q", bound=type[Question])


def question_type(cls: _Q) -> _Q:
    """Register a question type under the default value of its `type` field."""
    QUESTION_TYPES[str(cls.__dataclass_fields__["type"].default)] = cls
    return cls


def option_view(
    id_: str, text: Text, media: Media | None, lang: str, fallback: str, *, is_phone: bool
) -> dict[str, Any]:
    """Return an option as a screen of this kind gets it."""
    view: dict[str, Any] = {"id": id_, "text": in_language(text, lang, fallback)}
    if media is not None:
        view["media"] = media.view(lang, fallback, is_phone=is_phone)
    return view


def longest(text: Text) -> int:
    """Return the length of the text in its longest language, in characters."""
    return max(map(len, versions_of(text)), default=0)


def text_faults(text: Text | None, path: tuple[str | int, ...]) -> Iterator[Fault]:
    """Yield the fault of a text that is there and says nothing, or would be painted over its neighbours."""
    if text is None:
        return
    values = versions_of(text)
    if not values or not all(value.strip() for value in values):
        yield path, "is empty; write a text, or leave the field out where it is optional"
    elif any(_has_pile(value) for value in values):
        yield path, f"piles more than {MOST_MARKS} accents on one letter; delete most of them"


def _has_pile(text: str) -> bool:
    """Tell whether a letter carries more marks than any script puts on one."""
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks > MOST_MARKS:
            return True
    return False


def twins(texts: Sequence[Text]) -> Iterator[int]:
    """Yield the position of each text that some screen cannot tell from an earlier one.

    A text shows in its own languages, and in the others as in the fallback: the bank's language, which every
    map has.
    """
    maps = [text for text in texts if not isinstance(text, str)]
    languages = list(dict.fromkeys(lang for text in maps for lang in text)) or [""]
    fallback = next((lang for lang in languages if all(lang in text for text in maps)), "")
    seen: set[tuple[str, str]] = set()
    for n, text in enumerate(texts):
        shown = {(lang, _folded(in_language(text, lang, fallback))) for lang in languages}
        if shown & seen:
            yield n
        seen |= shown


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def groups_of(responses: Iterable[_H], form: Callable[[_H], Hashable]) -> list[tuple[_H, int]]:
    """Return the responses grouped by a form that makes equal ones equal, each group by its commonest
    spelling and its size, the largest first and among equals the one that came first."""
    groups: dict[Hashable, Counter[_H]] = {}
    for response in responses:
        groups.setdefault(form(response), Counter())[response] += 1
    largest = sorted(groups.values(), key=Counter.total, reverse=True)[:MAX_GROUPS]
    return [(group.most_common(1)[0][0], group.total()) for group in largest]
