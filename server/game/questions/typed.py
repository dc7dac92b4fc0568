"""Types that are answered by typing: text, numeric, wordcloud."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Literal

from ..errors import BadRequest
from .base import (
    DRAWN,
    Credit,
    Distance,
    Fault,
    Keyless,
    Question,
    Response,
    Text,
    groups_of,
    in_language,
    question_type,
    same_or_far,
    text_faults,
    versions_of,
)
from .spelling import cleaned, is_slip_of, normal_form

MAX_TEXT, MAX_WORD = 200, 40
MAX_NUMBER = 10**15


@dataclass(frozen=True, kw_only=True)
class _Written(Question):
    """What `text` and `wordcloud` share: a response is a string."""

    MAX_LENGTH: ClassVar[int]
    THINKING_S: ClassVar[int] = 20
    is_written: ClassVar[bool] = True

    def read(self, raw: object) -> Response:
        if not isinstance(raw, str):
            raise BadRequest('response: send a text, such as "solidarity".')
        # Far more than is taken: what is longer is not worth cleaning.
        text = cleaned(raw) if len(raw) <= self.MAX_LENGTH * 4 else raw
        # One character may stand for a whole phrase (U+FDFA does for four words), and is measured as that.
        if not 1 <= len(text) <= self.MAX_LENGTH or len(normal_form(text)) > self.MAX_LENGTH * 2:
            raise BadRequest(f"response: write 1 to {self.MAX_LENGTH} characters.")
        return text


@question_type
@dataclass(frozen=True, kw_only=True)
class Typed(_Written):
    """A short text; the response is `"self-determination"`.

    It is right when its normal form is that of an accepted text, or a slip of typing away from it
    (`spelling.allowance`). `refuse` are texts that are near and wrong. `rivals` are what is near in the rest
    of the bank, accepted or shown as an option: no slip makes one of those out of this one's.
    """

    type: Literal["text"] = "text"
    accept: tuple[Text, ...]
    refuse: tuple[Text, ...] = ()
    rivals: tuple[str, ...] = field(default=(), metadata=DRAWN)

    MAX_LENGTH: ClassVar[int] = MAX_TEXT

    def accepted_forms(self) -> tuple[str, ...]:
        """Return the normal form of each accepted text, in every language."""
        return self._right

    @cached_property
    def _right(self) -> tuple[str, ...]:
        return _forms(self.accept)

    @cached_property
    def _wrong(self) -> tuple[str, ...]:
        return (*_forms(self.refuse), *self.rivals)

    def grade(
        self, response: Response, accepted: Sequence[Response] = (), distance: Distance = same_or_far
    ) -> float:
        given = normal_form(_text(response))
        right, others = _sides(self._right, self._wrong, tuple(map(_text, accepted)))
        if given in right:
            return 1.0
        return 1.0 if any(is_slip_of(given, word, others, distance) for word in right) else 0.0

    def key(self, accepted: Sequence[Response] = (), *, lang: str = "", fallback: str = "") -> Any:
        own = [in_language(text, lang, fallback) for text in self.accept]
        return list(dict.fromkeys([*own, *(_text(further) for further in accepted)]))

    def distribution(
        self, responses: Iterable[Response], credit: Credit | None = None
    ) -> list[dict[str, Any]]:
        return [
            {"value": value, "count": count, "credit": (credit or self.grade)(value)}
            for value, count in groups_of(map(_text, responses), normal_form)
        ]

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        yield from self.accept

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if not self.accept:
            yield ("accept",), "is empty; write at least one text that is right"
        for name, texts in (("accept", self.accept), ("refuse", self.refuse)):
            for n, text in enumerate(texts):
                yield from text_faults(text, (name, n))
                if any(len(version) > MAX_TEXT for version in versions_of(text)):
                    yield (name, n), f"is too long to be typed; write at most {MAX_TEXT} characters"
        for n, text in enumerate(self.refuse):
            if set(_forms((text,))) & set(self.accepted_forms()):
                yield ("refuse", n), "is accepted too; delete it in one of the two lists"


@question_type
@dataclass(frozen=True, kw_only=True)
class Numeric(Question):
    """A number; the response is `1945`, or a text such as `"1 945,5"` that `number_in` reads.

    It is right when it is no further from `value` than `tolerance`. With `closeness` the credit falls in
    equal steps from 1 at the value to 0 at the tolerance's edge, and the credit alone makes the points: an
    estimate scores by nearness, not by speed.
    """

    type: Literal["numeric"] = "numeric"
    value: float
    tolerance: float = 0.0
    unit: Text | None = None
    closeness: bool = False

    THINKING_S: ClassVar[int] = 20

    @property
    def is_scored_by_nearness(self) -> bool:
        return self.closeness

    def read(self, raw: object) -> Response:
        if isinstance(raw, str):
            raw = number_in(raw, versions_of(self.unit or ""))
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise BadRequest("response: send a number, such as 1945.")
        if not abs(raw) <= MAX_NUMBER:  # also what is no number
            raise BadRequest("response: write a number of at most 15 digits.")
        return float(raw) + 0.0  # there is one zero

    def grade(
        self, response: Response, accepted: Sequence[Response] = (), distance: Distance = same_or_far
    ) -> float:
        if response in accepted:
            return 1.0
        away = abs(_exact(_number(response)) - _exact(self.value))
        if not self.closeness:
            return float(away <= _exact(self.tolerance))
        return float(max(Fraction(0), 1 - away / _exact(self.tolerance)))

    def key(self, accepted: Sequence[Response] = (), *, lang: str = "", fallback: str = "") -> Any:
        return {"value": self.value, "tolerance": self.tolerance}

    def distribution(
        self, responses: Iterable[Response], credit: Credit | None = None
    ) -> list[dict[str, Any]]:
        return [
            {"value": value, "count": count, "credit": (credit or self.grade)(value)}
            for value, count in groups_of(map(_number, responses), float)
        ]

    def details(self, lang: str, fallback: str) -> dict[str, Any]:
        details: dict[str, Any] = {}
        if self.unit is not None:
            details["unit"] = in_language(self.unit, lang, fallback)
        if self.closeness:
            details["closeness"] = True
        return details

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        if self.unit is not None:
            yield self.unit

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from text_faults(self.unit, ("unit",))
        for name, number in (("value", self.value), ("tolerance", self.tolerance)):
            if not abs(number) <= MAX_NUMBER:
                yield (name,), "is too large; write a number of at most 15 digits"
        if self.tolerance < 0:
            yield ("tolerance",), f"is {self.tolerance:g}; write 0 or more"
        elif self.closeness and self.tolerance == 0:
            yield ("tolerance",), "is 0; with `closeness` write how far off an estimate may be"


@question_type
@dataclass(frozen=True, kw_only=True)
class WordCloud(Keyless, _Written):
    """A word or a few from everybody; the response is `"solidarity"`. Nothing is right or wrong."""

    type: Literal["wordcloud"] = "wordcloud"

    MAX_LENGTH: ClassVar[int] = MAX_WORD

    def distribution(
        self, responses: Iterable[Response], credit: Credit | None = None
    ) -> list[dict[str, Any]]:
        groups = groups_of(map(_text, responses), normal_form)
        return [{"value": value, "count": count} for value, count in groups]


_KEYBOARD_SIGNS = str.maketrans({"٫": ".", "،": ",", "−": "-", "–": "-"})
_SPACES = re.compile(r"(?<=\d)(?:\s+|['’٬])(?=\d)")
_NUMBER = re.compile(r"(?P<whole>[\d .,]*?)(?:(?P<point>[.,])(?P<rest>\d*))?", re.ASCII)
_GROUPS = re.compile(r"\d*|\d{1,3}(?:(?P<between>[ .,])(?:\d{2,3}(?P=between))*\d{3})", re.ASCII)


def number_in(written: str, units: Sequence[str] = ()) -> float:
    """Return the number that a text says, as people of different countries write it.

    Both a comma and a point: the later one is the decimal one, the other groups digits. One of them several
    times: it groups digits. One of them once: it is the decimal one, always, so “1.945” and “1,945” are
    1.945. Spaces and apostrophes between digits group them. One of the units may stand before or after.

    Raises:
        BadRequest: it is no number.
    """
    refusal = BadRequest("response: write a number in digits, such as 1945 or 2.5.")
    if len(written) > 80:
        raise refusal
    seen = "".join(c for c in written.casefold() if unicodedata.category(c) != "Cf")
    text, sign = _without_sign(seen.translate(_KEYBOARD_SIGNS).strip())
    text = _without_unit(text, units)
    if not sign:
        text, sign = _without_sign(text)
    text = "".join(str(unicodedata.decimal(c, c)) for c in _SPACES.sub(" ", text))
    signs = "".join(c for c in text if c in ".,")
    if len(signs) > 1 and len(set(signs)) == 1:  # it groups digits, so the number has no decimals
        text += "," if signs[0] == "." else "."
    number = _NUMBER.fullmatch(text)
    groups = number and _GROUPS.fullmatch(number["whole"])
    if number is None or groups is None:
        raise refusal
    if groups["between"] is not None and groups["between"] == number["point"]:
        raise refusal
    whole, rest = re.sub("[ .,]", "", number["whole"]), number["rest"] or ""
    if not whole + rest:
        raise refusal
    return float(f"{sign}{whole or 0}.{rest or 0}")


def _without_sign(text: str) -> tuple[str, str]:
    """Return a text without the sign that it begins with, and that sign; none is empty."""
    return (text[1:].strip(), text[0]) if text[:1] in ("+", "-") else (text, "")


def _without_unit(text: str, units: Sequence[str]) -> str:
    """Return a text in small letters without the unit that it begins or ends with."""
    for unit in sorted(filter(None, (unit.strip().casefold() for unit in units)), key=len, reverse=True):
        if text.endswith(unit):
            return text.removesuffix(unit).strip()
        if text.startswith(unit):
            return text.removeprefix(unit).strip()
    return text


def _exact(number: float) -> Fraction:
    """Return the number as it is written: 0.1 is a tenth, which no float is."""
    return Fraction(repr(number))


@lru_cache(maxsize=1_024)
def _sides(
    right: tuple[str, ...], wrong: tuple[str, ...], accepted: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the normal forms that are right, with what the host has accepted, and those that stay wrong."""
    all_right = dict.fromkeys((*right, *map(normal_form, accepted)))
    return tuple(all_right), tuple(form for form in dict.fromkeys(wrong) if form not in all_right)


def _forms(texts: Sequence[Text]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normal_form(version) for text in texts for version in versions_of(text)))


def _text(response: Response) -> str:
    """Return a response that `_Written.read` has read."""
    if not isinstance(response, str):
        raise TypeError(f"not a written response: {response!r}")
    return response


def _number(response: Response) -> float:
    """Return a response that `Numeric.read` has read."""
    if not isinstance(response, int | float):
        raise TypeError(f"not a number: {response!r}")
    return float(response)
