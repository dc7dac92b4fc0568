"""YAML read into plain values, each with the line on which it stands.

The parser's events are taken one at a time instead of a finished document. So every repeated key is found
and not only the first, and what a bank never needs (aliases, tags, deep nesting) is refused before it can
cost time or memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from .problems import Flaw, Place, as_name, shortened

MAX_DEPTH = 10
MAX_VALUES = 30_000

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_WHOLE = re.compile(r"[-+]?\d{1,15}")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(([Tt]|\s+)\d\d?:\d\d:\d\d.*)?")
# The parser decodes a tag in a time that grows with the square of its length.
_LONG_TAG = re.compile(r"![!-~]{1000}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Date:
    """A date: nothing in a bank is one, but other YAML programs read this text so."""

    written: str


@dataclass
class Source:
    """What a file says, as plain values.

    `is_whole` is False where the reading had to stop early; `data` then holds what came before.
    """

    data: Any = None
    is_whole: bool = True
    flaws: list[Flaw] = field(default_factory=list)
    lines: dict[Place, int] = field(default_factory=dict)
    written: dict[Place, str] = field(default_factory=dict)
    """Every single value as it stands in the file, without its quotes."""

    def line_of(self, place: Place) -> int:
        """Return the line of a place, or of the nearest one around it that the file has."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def question_at(self, place: Place) -> str | None:
        """Return the id of the question that a place belongs to, None where there is none."""
        if place[:1] != ("questions",) or len(place) < 2:
            return None
        return self.written.get((*place[:2], "id")) or None


def read_yaml(text: str) -> Source:
    """Return what a YAML 1.2 text says, and every flaw found on the way. Raises nothing for any text."""
    return _Reader().read(text)


class _TooMuchError(Exception):
    """The rest of the file is not worth reading."""


@dataclass
class _Block:
    """A list or mapping that is not yet at its end; `key` waits for its value."""

    place: Place
    value: dict[str, Any] | list[Any]
    key: str | None = None

    def inner(self) -> Place:
        """Return the place of the value that comes next."""
        if isinstance(self.value, list):
            return (*self.place, len(self.value))
        return self.place if self.key is None else (*self.place, self.key)

    def is_at_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None


class _Reader:
    def __init__(self) -> None:
        self.source = Source()
        self.blocks: list[_Block] = []
        self.documents = 0
        self.values = 0

    def read(self, text: str) -> Source:
        if tag := _LONG_TAG.search(text):
            self._stop(
                text.count("\n", 0, tag.start()) + 1,
                "this line has a word of more than 1,000 characters; break it up",
            )
            return self.source
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                self._take(event)
        except MarkedYAMLError as error:
            self._stop(*_in_plain_words(error))
        except _TooMuchError:
            self.source.is_whole = False
        except ReaderError as error:
            self._stop(
                text.count("\n", 0, error.position) + 1,
                "this line contains a character that no text may contain; type the line anew",
            )
        except (YAMLError, ValueError, OverflowError):
            # Such as the escape "\UFFFFFFFF", which stands for no character.
            self._stop(
                self.source.line_of(self._place()),
                "this line or the next cannot be read; write a backslash in double quotes twice, \\\\",
            )
        return self.source

    def _place(self) -> Place:
        return self.blocks[-1].inner() if self.blocks else ()

    def _stop(self, line: int, message: str) -> None:
        self.source.is_whole = False
        self.source.flaws.append(Flaw(self._place(), line, message))

    def _flaw(self, event: Event, message: str) -> None:
        place = self._place()
        self.source.flaws.append(Flaw(place, _line(event), f"{as_name(place)} {message}"))

    def _take(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self._open_document(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.blocks.pop()
        elif isinstance(event, NodeEvent):
            self._refuse_what_no_bank_needs(event)
            if self.blocks and self.blocks[-1].is_at_key():
                self._take_key(event)
            else:
                self._take_value(event)

    def _open_document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            self._flaw(
                event, "ends here, at the line `---`; delete that line, or put the rest in another file"
            )
            raise _TooMuchError

    def _refuse_what_no_bank_needs(self, event: NodeEvent) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            self._flaw(event, f"holds more than {MAX_VALUES:,} values; split the file into several banks")
            raise _TooMuchError
        for sign in _signs(event):
            self._flaw(
                event,
                f"begins with `{shortened(sign)}`, which has a meaning of its own in YAML; "
                "put the whole text in quotes",
            )

    def _take_key(self, event: NodeEvent) -> None:
        block = self.blocks[-1]
        if not isinstance(event, ScalarEvent):
            self._flaw(
                event,
                "has brackets or a `?` where a name is wanted; put a text that begins with one in quotes",
            )
            raise _TooMuchError
        key = _CONTROL.sub("?", event.value)
        place = (*block.place, key)
        if isinstance(block.value, dict) and key in block.value:
            first = self.source.lines[place]
            self._flaw(
                event, f"has `{shortened(key)}` twice, first in line {first}; keep one and delete the other"
            )
        block.key = key
        self.source.lines[place] = _line(event)

    def _take_value(self, event: NodeEvent) -> None:
        place = self._place()
        if place not in self.source.lines or isinstance(self.blocks[-1].value, list):
            self.source.lines[place] = _line(event)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            value: Any = {} if isinstance(event, MappingStartEvent) else []
            self._put(value)
            if len(self.blocks) >= MAX_DEPTH:
                self._flaw(event, "is nested too deeply; a text that begins with a bracket goes in quotes")
                raise _TooMuchError
            self.blocks.append(_Block(place, value))
        elif isinstance(event, ScalarEvent):
            self.source.written[place] = event.value
            text = _CONTROL.sub("?", event.value)
            if text != event.value:
                self._flaw(event, "contains a control character or half a character; type the text anew")
            self._put(_plain(text) if event.implicit[0] else text)
        elif isinstance(event, AliasEvent):
            self._put(f"*{event.anchor}")

    def _put(self, value: Any) -> None:
        if not self.blocks:
            self.source.data = value
            return
        block = self.blocks[-1]
        if isinstance(block.value, list):
            block.value.append(value)
        elif block.key is not None:
            block.value[block.key] = value
            block.key = None


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def _signs(event: NodeEvent) -> Iterator[str]:
    """Yield the alias, anchor and tag of a value."""
    if event.anchor is not None:
        yield f"{'*' if isinstance(event, AliasEvent) else '&'}{event.anchor}"
    if getattr(event, "ctag", None) is not None:
        yield "!"


def _plain(text: str) -> Any:
    """Return what an unquoted word means in YAML 1.2, where `no`, `yes` and `on` are texts.

    Only decimal numbers are numbers; `0x1F` or `.inf` would be a mistake in a bank and stay a text.
    """
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return Date(text) if _DATE.fullmatch(text) else text


_REMEDIES = (
    ("found character '\\t'", "begins with a tab; indent with spaces instead"),
    (
        "cannot start any token",
        "has a text that begins with a sign such as @, % or `; put the text in quotes",
    ),
    (
        "mapping values are not allowed",
        "has a colon where none can stand: put a text that contains “: ” in quotes, "
        "and let all lines of a block begin in the same column",
    ),
    (
        "expected <block end>, but found '<scalar>'",
        "goes on after a quote or a bracket has ended: put the whole text in double quotes, "
        'and write a double quote inside it as \\"',
    ),
    (
        "expected <block end>",
        "is indented differently from its block; let all lines of a block begin in the same column",
    ),
    ("could not find expected ':'", "has neither a name and a colon nor a `-`; add what is missing"),
    (
        "unexpected end of stream",
        "opens a quote that is never closed; close it, or write ’ for an apostrophe",
    ),
    (
        "expected ',' or",
        "opens a bracket that is not closed; close it, or put a text that begins with a bracket in quotes",
    ),
    (
        "sequence entries are not allowed",
        "has a `- ` where no list can begin: begin the list on the next line, or put the text in quotes",
    ),
    ("mapping keys are not allowed", "has a text that begins with `?`; put the text in quotes"),
    ("unknown escape character", "has a backslash in double quotes; write it twice, \\\\"),
    ("scanning an a", "has a text that begins with `&` or `*`; put the text in quotes"),
    ("expected a comment or a line break", "has a text that begins with `|` or `>`; put the text in quotes"),
)
# Here the parser notices the mistake only later than where the teacher made it.
_NOTICED_LATE = ("could not find expected ':'", "unexpected end of stream", "expected ',' or")


def _in_plain_words(error: MarkedYAMLError) -> tuple[int, str]:
    """Return the line of a syntax error and what to do about it."""
    problem = f"{error.context or ''} {error.problem or ''}".strip()
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and any(text in problem for text in _NOTICED_LATE):
        mark = error.context_mark
    line = 1 if mark is None else int(mark.line) + 1
    for text, remedy in _REMEDIES:
        if text in problem:
            return line, f"this line {remedy}"
    return line, f"this line cannot be read as YAML ({shortened(problem)}); compare it with a bank that works"
