"""Types that are answered by putting things in their places: order, match.

A bank writes them in the right order, so a game never shows them as the bank has them: each arrangement but
the right one is equally likely. It is drawn once and kept in the fields marked as drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar, Literal

from ..errors import BadRequest
from .base import (
    DRAWN,
    OPTION_IDS,
    Credit,
    Distance,
    Fault,
    Media,
    Question,
    Response,
    Shuffle,
    Text,
    groups_of,
    in_language,
    option_view,
    question_type,
    same_or_far,
    text_faults,
    twins,
)

TARGET_IDS = "pqrstuvw"
_DRAWS = 200
FEWEST = 3
"""Of two there is only one wrong arrangement, and to show it would be to tell the right one."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One of the things to put in order."""

    text: Text
    media: Media | None = None

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two things that belong together; the picture is that of the left one."""

    left: Text
    right: Text
    media: Media | None = None

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


@question_type
@dataclass(frozen=True, kw_only=True)
class Order(Question):
    """Things to put in order; the response is all of their ids, `["c", "a", "b"]`.

    `items` stand in the right order. `shown[i]` is the place in it of the option that is displayed as the
    i-th. The credit is the share of the key's neighbours that follow each other in the response. An accepted
    response is a second key; the better credit counts.
    """

    type: Literal["order"] = "order"
    items: tuple[Item, ...]
    shown: tuple[int, ...] = field(default=(), metadata=DRAWN)

    THINKING_S: ClassVar[int] = 25

    def arranged(self, shuffle: Shuffle[Any], *, shuffle_options: bool) -> Question:
        right = list(range(len(self.items)))
        return replace(self, shown=_drawn_unlike(right, shuffle))

    def ids(self) -> str:
        return OPTION_IDS[: len(self.items)]

    def read(self, raw: object) -> Response:
        if not isinstance(raw, list | tuple) or not all(isinstance(id_, str) for id_ in raw):
            raise BadRequest('response: send a list of all options’ ids in order, such as ["c", "a", "b"].')
        if sorted(raw) != list(self.ids()):
            raise BadRequest(f"response: name each of the options {', '.join(self.ids())} once.")
        return tuple(raw)

    def grade(
        self, response: Response, accepted: Sequence[Response] = (), distance: Distance = same_or_far
    ) -> float:
        keys = [self._right(), *map(_ordered, accepted)]
        neighbours = set(pairwise(_ordered(response)))
        return max(float(Fraction(len(neighbours & set(pairwise(key))), len(key) - 1)) for key in keys)

    def key(self, accepted: Sequence[Response] = (), *, lang: str = "", fallback: str = "") -> Any:
        return list(self._right())

    def _right(self) -> tuple[str, ...]:
        ids = self.ids()
        return tuple(ids[_arrangement(self.shown).index(place)] for place in range(len(self.items)))

    def distribution(
        self, responses: Iterable[Response], credit: Credit | None = None
    ) -> list[dict[str, Any]]:
        return [
            {"value": list(value), "count": count, "credit": (credit or self.grade)(value)}
            for value, count in groups_of(map(_ordered, responses), tuple)
        ]

    def placed(self, responses: Iterable[Response]) -> list[dict[str, Any]]:
        right = self._right()
        counts = Counter(
            given
            for response in responses
            for given, wanted in zip(_ordered(response), right, strict=True)
            if given == wanted
        )
        return [{"id": id_, "count": counts[id_]} for id_ in self.ids()]

    def options_view(
        self, lang: str, fallback: str, *, is_revealed: bool, is_phone: bool = False
    ) -> list[dict[str, Any]]:
        items = [self.items[place] for place in _arrangement(self.shown)]
        return [
            option_view(id_, item.text, item.media, lang, fallback, is_phone=is_phone)
            for id_, item in zip(self.ids(), items, strict=True)
        ]

    def options_texts(self) -> list[Text]:
        return [item.text for item in self.items]

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        for item in self.items:
            yield item.text
            if item.media is not None:
                yield from item.media.texts()

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from _count_faults("items", len(self.items))
        for n, item in enumerate(self.items):
            yield from text_faults(item.text, ("items", n, "text"))
            if item.media is not None:
                yield from item.media.faults(("items", n, "media"))
        for n in twins([item.text for item in self.items]):
            yield ("items", n, "text"), "is the same as an item above; every item needs its own text"


@question_type
@dataclass(frozen=True, kw_only=True)
class Match(Question):
    """Pairs to find; the response puts every option to a target, `{"a": "q", "b": "p", "c": "r"}`.

    `lefts[i]` and `rights[i]` are the pairs whose left and right side are displayed as the i-th option and
    target. The credit is the share of right pairs. An accepted response is a second key; the better credit
    counts.
    """

    type: Literal["match"] = "match"
    pairs: tuple[Pair, ...]
    lefts: tuple[int, ...] = field(default=(), metadata=DRAWN)
    rights: tuple[int, ...] = field(default=(), metadata=DRAWN)

    THINKING_S: ClassVar[int] = 25

    def arranged(self, shuffle: Shuffle[Any], *, shuffle_options: bool) -> Question:
        pairs = list(range(len(self.pairs)))
        lefts = shuffle(pairs)
        return replace(self, lefts=tuple(lefts), rights=_drawn_unlike(lefts, shuffle))

    def ids(self) -> str:
        return OPTION_IDS[: len(self.pairs)]

    def target_ids(self) -> str:
        return TARGET_IDS[: len(self.pairs)]

    def read(self, raw: object) -> Response:
        if not isinstance(raw, dict) or not all(
            isinstance(part, str) for pair in raw.items() for part in pair
        ):
            raise BadRequest('response: send a map from option to target, such as {"a": "q", "b": "p"}.')
        if sorted(raw) != list(self.ids()):
            raise BadRequest(f"response: name each of the options {', '.join(self.ids())} once.")
        if not set(raw.values()) <= set(self.target_ids()):
            raise BadRequest(f"response: unknown target; the targets are {', '.join(self.target_ids())}.")
        if len(set(raw.values())) != len(raw):
            raise BadRequest("response: a target is named twice.")
        return {id_: raw[id_] for id_ in self.ids()}

    def grade(
        self, response: Response, accepted: Sequence[Response] = (), distance: Distance = same_or_far
    ) -> float:
        given = set(_matched(response).items())
        keys = [self._right(), *map(_matched, accepted)]
        return max(float(Fraction(len(given & set(key.items())), len(key))) for key in keys)

    def key(self, accepted: Sequence[Response] = (), *, lang: str = "", fallback: str = "") -> Any:
        return self._right()

    def _right(self) -> dict[str, str]:
        rights = _arrangement(self.rights)
        return {
            id_: TARGET_IDS[rights.index(pair)]
            for id_, pair in zip(self.ids(), _arrangement(self.lefts), strict=True)
        }

    def distribution(
        self, responses: Iterable[Response], credit: Credit | None = None
    ) -> list[dict[str, Any]]:
        given = (tuple(_matched(response).items()) for response in responses)
        return [
            {"value": dict(value), "count": count, "credit": (credit or self.grade)(dict(value))}
            for value, count in groups_of(given, tuple)
        ]

    def placed(self, responses: Iterable[Response]) -> list[dict[str, Any]]:
        right = self._right()
        counts = Counter(
            id_
            for response in responses
            for id_, target in _matched(response).items()
            if right[id_] == target
        )
        return [{"id": id_, "count": counts[id_]} for id_ in self.ids()]

    def options_view(
        self, lang: str, fallback: str, *, is_revealed: bool, is_phone: bool = False
    ) -> list[dict[str, Any]]:
        pairs = [self.pairs[pair] for pair in _arrangement(self.lefts)]
        return [
            option_view(id_, pair.left, pair.media, lang, fallback, is_phone=is_phone)
            for id_, pair in zip(self.ids(), pairs, strict=True)
        ]

    def targets_view(self, lang: str, fallback: str) -> list[dict[str, Any]]:
        pairs = [self.pairs[pair] for pair in _arrangement(self.rights)]
        return [
            {"id": id_, "text": in_language(pair.right, lang, fallback)}
            for id_, pair in zip(self.target_ids(), pairs, strict=True)
        ]

    def options_texts(self) -> list[Text]:
        return [text for pair in self.pairs for text in (pair.left, pair.right)]

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        for pair in self.pairs:
            yield from (pair.left, pair.right)
            if pair.media is not None:
                yield from pair.media.texts()

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from _count_faults("pairs", len(self.pairs))
        for n, pair in enumerate(self.pairs):
            yield from text_faults(pair.left, ("pairs", n, "left"))
            yield from text_faults(pair.right, ("pairs", n, "right"))
            if pair.media is not None:
                yield from pair.media.faults(("pairs", n, "media"))
        for side in ("left", "right"):
            for n in twins([getattr(pair, side) for pair in self.pairs]):
                yield ("pairs", n, side), f"is the same as a {side} above; every {side} needs its own text"


def _count_faults(name: str, count: int) -> Iterator[Fault]:
    if not FEWEST <= count <= len(OPTION_IDS):
        yield (name,), f"are {count}; give {FEWEST} to {len(OPTION_IDS)}"


def _drawn_unlike(avoided: Sequence[int], shuffle: Shuffle[Any]) -> tuple[int, ...]:
    """Return an order other than the one to avoid, each of them equally likely."""
    for _ in range(_DRAWS):
        if (drawn := shuffle(avoided)) != avoided:
            return tuple(drawn)
    return (*avoided[1:], avoided[0])  # whoever shuffles does not shuffle


def _arrangement(drawn: tuple[int, ...]) -> tuple[int, ...]:
    """Return a drawn arrangement.

    Raises:
        ValueError: none was drawn; to show the bank's own order would be to show the key.
    """
    if not drawn:
        raise ValueError("this question has not been arranged")
    return drawn


def _ordered(response: Response) -> tuple[str, ...]:
    """Return a response that `Order.read` has read."""
    if not isinstance(response, tuple):
        raise TypeError(f"not an order of option ids: {response!r}")
    return response


def _matched(response: Response) -> Mapping[str, str]:
    """Return a response that `Match.read` has read."""
    if not isinstance(response, dict):
        raise TypeError(f"not a map of option ids: {response!r}")
    return response
