"""What is wrong with a bank, said so that a teacher can put it right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from .stamps import Stamp

Place: TypeAlias = tuple[str | int, ...]
"""Where in a bank: names and positions, such as `("questions", 2, "options", 0, "text")`."""

MAX_SHOWN = 50
_MAX_QUOTED = 60
# What would disturb a terminal or turn a line around: control and bidi characters, halves of pairs.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Problem:
    """One mistake in one file: `message` says what it is and what to do.

    `line` counts from 1 and is None where the file as a whole is meant; `question` is the question's id,
    None where none is concerned or its id is not known.
    """

    path: Path
    line: int | None
    question: str | None
    message: str

    def __str__(self) -> str:
        where = self.path.name
        if self.line is not None:
            where += f", line {self.line}"
        if self.question is not None:
            where += f', question "{shortened(self.question)}"'
        return _UNSAFE.sub("?", f"{where}: {self.message}")


class BankError(Exception):
    """A file is not a bank; `problems` holds all that is wrong with it, in the order of its lines.

    `pictures` are the files that it names, as they were: when one of them changes, the bank may be well.
    """

    def __init__(self, problems: Sequence[Problem], pictures: Mapping[Path, Stamp] | None = None) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)
        self.pictures = dict(pictures or {})


@dataclass(frozen=True)
class Flaw:
    """A mistake on its way to becoming a `Problem`: what is wrong, where in the bank and on which line."""

    place: Place
    line: int
    message: str


def as_name(place: Place) -> str:
    """Return the name of a place within its question, such as `text of option 3`."""
    if place[:1] == ("questions",) and len(place) > 2:
        place = place[2:]
    names: list[str] = []
    for before, part in zip((None, *place), place, strict=False):
        if isinstance(part, str):
            names.append(shortened(part))
        elif isinstance(before, str):
            names[-1] = f"{names[-1].removesuffix('s')} {part + 1}"
    return " of ".join(reversed(names)) or "the bank"


def shortened(text: str) -> str:
    """Return the text, cut where it is too long to stand in a message."""
    return text if len(text) <= _MAX_QUOTED else text[: _MAX_QUOTED - 1] + "…"
