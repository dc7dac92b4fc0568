"""Types that are answered by choosing options: choice, truefalse, multi, poll."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, Literal, TypeAlias

from ..errors import BadRequest
from .base import (
    OPTION_IDS,
    Credit,
    Distance,
    Fault,
    Keyless,
    Media,
    Question,
    Response,
    Shuffle,
    Text,
    in_language,
    option_view,
    question_type,
    same_or_far,
    text_faults,
    twins,
)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of a question; `why` is what the reveal tells those who chose it.

    `misconception` is the named mistake that choosing a wrong one reveals.
    """

    text: Text
    media: Media | None = None
    correct: bool = False
    why: Text | None = None
    misconception: Text | None = None

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, kw_only=True)
class PollOption:
    """One choice of a poll, neither right nor wrong."""

    text: Text
    media: Media | None = None

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


Shown: TypeAlias = Option | PollOption


@dataclass(frozen=True, kw_only=True)
class _Chosen(Question):
    """What all types with options to choose share."""

    has_tiles: ClassVar[bool] = True

    def shown(self) -> Sequence[Shown]:
        """Return the options in display order."""
        raise NotImplementedError

    def ids(self) -> str:
        """Return the ids of the options in display order."""
        return OPTION_IDS[: len(self.shown())]

    def read_accepted(self, raw: object) -> Response:
        return self.read([raw] if isinstance(raw, str) else raw)

    def distribution(
        self, responses: Iterable[Response], credit: Credit | None = None
    ) -> list[dict[str, Any]]:
        counts = Counter(id_ for response in responses for id_ in _chosen(response))
        return [{"id": id_, "count": counts[id_]} for id_ in self.ids()]

    def options_view(
        self, lang: str, fallback: str, *, is_revealed: bool, is_phone: bool = False
    ) -> list[dict[str, Any]]:
        views: list[dict[str, Any]] = []
        for id_, option in zip(OPTION_IDS, self.shown(), strict=False):
            view = option_view(id_, option.text, option.media, lang, fallback, is_phone=is_phone)
            if is_revealed and isinstance(option, Option):
                for name, text in (("why", option.why), ("misconception", option.misconception)):
                    if text is not None:
                        view[name] = in_language(text, lang, fallback)
            views.append(view)
        return views

    def options_texts(self) -> list[Text]:
        return [option.text for option in self.shown()]


@dataclass(frozen=True, kw_only=True)
class _WithOptions(_Chosen):
    """What `choice` and `multi` share: two to eight options, chosen by id."""

    options: tuple[Option, ...]

    def shown(self) -> Sequence[Shown]:
        return self.options

    def right_ids(self) -> tuple[str, ...]:
        """Return the ids of the options that the bank marks as right."""
        return tuple(id_ for id_, option in zip(self.ids(), self.options, strict=True) if option.correct)

    def arranged(self, shuffle: Shuffle[Any], *, shuffle_options: bool) -> Question:
        return replace(self, options=tuple(shuffle(self.options))) if shuffle_options else self

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        yield from _option_texts(self.options)
        for option in self.options:
            yield from (text for text in (option.why, option.misconception) if text is not None)

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from _option_faults(self.options)
        for n, option in enumerate(self.options):
            yield from text_faults(option.why, ("options", n, "why"))
            yield from text_faults(option.misconception, ("options", n, "misconception"))
            if option.correct and option.misconception is not None:
                yield (
                    ("options", n, "misconception"),
                    "stands on a right option; move it to the wrong one that comes of this mistake",
                )


@question_type
@dataclass(frozen=True, kw_only=True)
class Choice(_WithOptions):
    """One right option of several; the response is `["b"]`."""

    type: Literal["choice"] = "choice"

    def read(self, raw: object) -> Response:
        return _read_ids(raw, self.ids(), exactly_one=True)

    def grade(
        self, response: Response, accepted: Sequence[Response] = (), distance: Distance = same_or_far
    ) -> float:
        return 1.0 if response == self.right_ids() or response in accepted else 0.0

    def key(self, accepted: Sequence[Response] = (), *, lang: str = "", fallback: str = "") -> Any:
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
class TrueFalse(_Chosen):
    """A statement that is true or false; the response is `["a"]` for true, `["b"]` for false.

    `why` is what the reveal tells those who chose the wrong side, `misconception` names their mistake.
    """

    type: Literal["truefalse"] = "truefalse"
    correct: bool
    why: Text | None = None
    misconception: Text | None = None

    SIDES: ClassVar[tuple[Text, Text]] = (
        {"en": "True", "ar": "صحيح", "es": "Verdadero", "fr": "Vrai", "ru": "Верно", "zh": "对"},
        {"en": "False", "ar": "خطأ", "es": "Falso", "fr": "Faux", "ru": "Неверно", "zh": "错"},
    )

    def shown(self) -> Sequence[Shown]:
        true, false = self.SIDES
        return (self._side(true, is_right=self.correct), self._side(false, is_right=not self.correct))

    def _side(self, text: Text, *, is_right: bool) -> Option:
        if is_right:
            return Option(text=text, correct=True)
        return Option(text=text, why=self.why, misconception=self.misconception)

    def read(self, raw: object) -> Response:
        return _read_ids(raw, "ab", exactly_one=True)

    def grade(
        self, response: Response, accepted: Sequence[Response] = (), distance: Distance = same_or_far
    ) -> float:
        return 1.0 if response in (self._right(), *accepted) else 0.0

    def key(self, accepted: Sequence[Response] = (), *, lang: str = "", fallback: str = "") -> Any:
        return _widened_key(self._right(), accepted)

    def _right(self) -> tuple[str, ...]:
        return ("a",) if self.correct else ("b",)

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        yield from (text for text in (self.why, self.misconception) if text is not None)

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from text_faults(self.why, ("why",))
        yield from text_faults(self.misconception, ("misconception",))


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

    def grade(
        self, response: Response, accepted: Sequence[Response] = (), distance: Distance = same_or_far
    ) -> float:
        keys: list[Response] = [self.right_ids(), *accepted]
        picked = set(_chosen(response))
        return max(_share_of_right(picked, set(_chosen(key)), self.ids()) for key in keys)

    def key(self, accepted: Sequence[Response] = (), *, lang: str = "", fallback: str = "") -> Any:
        return list(self.right_ids())

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if not any(option.correct for option in self.options):
            yield ("options",), "have no `correct: true`; mark each right option"


@question_type
@dataclass(frozen=True, kw_only=True)
class Poll(Keyless, _Chosen):
    """A question of opinion: one of two to eight options, none of them right; the response is `["a"]`."""

    type: Literal["poll"] = "poll"
    options: tuple[PollOption, ...]

    def shown(self) -> Sequence[Shown]:
        return self.options

    def read(self, raw: object) -> Response:
        return _read_ids(raw, self.ids(), exactly_one=True)

    def arranged(self, shuffle: Shuffle[Any], *, shuffle_options: bool) -> Question:
        return replace(self, options=tuple(shuffle(self.options))) if shuffle_options else self

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        yield from _option_texts(self.options)

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from _option_faults(self.options)


def _option_texts(options: Sequence[Shown]) -> Iterator[Text]:
    for option in options:
        yield option.text
        if option.media is not None:
            yield from option.media.texts()


def _option_faults(options: Sequence[Shown]) -> Iterator[Fault]:
    if not 2 <= len(options) <= len(OPTION_IDS):
        yield ("options",), f"are {len(options)}; give 2 to {len(OPTION_IDS)}"
    for n, option in enumerate(options):
        yield from text_faults(option.text, ("options", n, "text"))
        if option.media is not None:
            yield from option.media.faults(("options", n, "media"))
    for n in twins([option.text for option in options]):
        yield ("options", n, "text"), "is the same as an option above; every option needs its own text"


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
