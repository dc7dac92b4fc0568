"""A page to read: slide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..errors import BadRequest
from .base import (
    Credit,
    Fault,
    Keyless,
    Response,
    Text,
    in_language,
    longest,
    question_type,
    text_faults,
)


@question_type
@dataclass(frozen=True, kw_only=True)
class Slide(Keyless):
    """A page between questions: its stem is the heading, `body` the text. Nothing to answer, no clock."""

    type: Literal["slide"] = "slide"
    body: Text

    has_responses: ClassVar[bool] = False

    def read(self, raw: object) -> Response:
        raise BadRequest("response: there is nothing to answer on this page.")

    def distribution(
        self, responses: Iterable[Response], credit: Credit | None = None
    ) -> list[dict[str, Any]]:
        return []

    def details(self, lang: str, fallback: str) -> dict[str, Any]:
        return {"body": in_language(self.body, lang, fallback)}

    def reading_ms(self) -> int:
        """Return how long reading it takes, in ms: 60 ms a character, at least 5 s. Nobody waits for it."""
        return max(5_000, (longest(self.stem) + longest(self.body)) * 60)

    def texts(self) -> Iterator[Text]:
        yield from super().texts()
        yield self.body

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from text_faults(self.body, ("body",))
        if self.time is not None:
            yield ("time",), f"is {self.time}; a slide has no clock, so delete the line"
