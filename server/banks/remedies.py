"""Pydantic's messages in a teacher's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .problems import Place, as_name, shortened
from .reading import Date, Source

# Names that are much longer than any field are not compared: difflib's time grows with the square.
_MAX_COMPARED = 40
# Far more than anybody is shown; the rest of an absurd file is not worth the server's time.
_MAX_DETAILS = 1_000


def remedies(
    error: ValidationError, data: Any, place: Place, cls: type, source: Source, further: tuple[str, ...] = ()
) -> Iterator[tuple[Place, str]]:
    """Yield each mistake once, as its place in the bank and what to do.

    `data` is what was validated and stands at `place`; `cls` is the dataclass that it should have become;
    `further` are names that may stand beside the fields of `cls`.
    """
    details = error.errors(include_url=False, include_input=False)[:_MAX_DETAILS]
    missing = {_within(data, detail)[0] for detail in details if detail["type"] == "missing"}
    seen: set[Place] = set()
    for detail in details:
        inner, value = _within(data, detail)
        if isinstance(value, dict) and detail["loc"][-1:] == ("str",):
            continue  # a map of languages is no plain text; what is wrong inside it has a detail of its own
        if inner in seen:
            continue  # the other half of “a text or a map of languages”
        seen.add(inner)
        whole = (*place, *inner)
        owner = _class_at(cls, inner[:-1])
        if detail["type"] == "missing":
            message = f"is missing; add a line that begins with `{inner[-1]}:`"
        elif detail["type"] == "unexpected_keyword_argument":
            known = tuple(field.name for field in fields(owner) if not is_drawn(field))
            known += further if owner is cls else ()
            lacking = tuple(name for name in known if (*inner[:-1], name) in missing)
            message = f"is not known here; {closest(str(inner[-1]), known, lacking)}"
        else:
            message = _remedy(detail, value, source.written.get(whole, ""), _class_at(cls, inner))
        yield whole, f"{as_name(whole)} {message}"


def drawn_names(data: Any, cls: type, place: Place) -> Iterator[Place]:
    """Yield the place of each name that a class has for a game alone, and no bank may write."""
    if isinstance(data, list):
        for n, item in enumerate(data):
            yield from drawn_names(item, cls, (*place, n))
    elif isinstance(data, dict):
        for field in fields(cls):
            if field.name not in data:
                continue
            where = (*place, field.name)
            if is_drawn(field):
                yield where
            for inner in _dataclasses_in(_hints(cls)[field.name]):
                yield from drawn_names(data[field.name], inner, where)


def is_drawn(field: Field[Any]) -> bool:
    return bool(field.metadata.get("is_drawn"))


def closest(name: str, known: tuple[str, ...], lacking: tuple[str, ...] = ()) -> str:
    """Return the question whether a known name was meant, first of all one that is lacking, or the list."""
    near: list[str] = []
    if len(name) <= _MAX_COMPARED:
        near = get_close_matches(name, lacking, n=1) or get_close_matches(name, known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"what can stand here is {', '.join(known)}"


def kind_of(value: Any) -> str:
    """Return in words what a value of a bank is."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    for kinds, words in ((int | float, "a number"), (Date, "a date"), (str, "a text"), (list, "a list")):
        if isinstance(value, kinds):
            return words
    return "a block of names and values"


def _remedy(detail: ErrorDetails, value: Any, written: str, cls: type) -> str:
    written = shortened(written)
    shown = f"“{written}”" if written else kind_of(value)
    match detail["type"]:
        case "string_type" if value is None:
            return "is empty; write a text"
        case "string_type" if written:
            return f'is {kind_of(value)} where a text is wanted; put it in quotes: "{written}"'
        case "string_type":
            return (
                f"is {kind_of(value)} where a text is wanted; "
                "put a text that begins with a bracket or contains “: ” in quotes"
            )
        case "int_type":
            return f"is {shown}; write a whole number in digits, without quotes or a unit"
        case "float_type":
            return f"is {shown}; write a number in digits with a decimal point, without quotes or a unit"
        case "bool_type":
            return f"is {shown}; write true or false, without quotes"
        case "literal_error":
            return f"is {shown}; write {detail['ctx']['expected']}, without quotes"
        case "tuple_type":
            return f"is {kind_of(value)}; write a list, each item on a line of its own that begins with `- `"
        case "dataclass_type":
            first = next(field.name for field in fields(cls) if field.default is MISSING)
            return f"is {kind_of(value)}; begin it with a name and a colon, `{first}: …`"
        case _:
            return f"cannot be used ({detail['msg']})"


def _within(data: Any, detail: ErrorDetails) -> tuple[Place, Any]:
    """Return the place within `data` that a detail means, and the value there.

    Pydantic's own location also names the branches of unions, such as `choice` or `dict[str,str]`.
    """
    place: list[str | int] = []
    for part in detail["loc"]:
        if (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int)):
            data = data[part]  # type: ignore[index]
            place.append(part)
    if detail["type"] == "missing":
        place.append(detail["loc"][-1])
    return tuple(place), data


def _class_at(cls: type, place: Place) -> type:
    """Return the dataclass that is innermost around a place within `cls`."""
    for part in place:
        if isinstance(part, str) and part in (hints := _hints(cls)):
            cls = next(_dataclasses_in(hints[part]), cls)
    return cls


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _dataclasses_in(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for argument in get_args(hint):
        yield from _dataclasses_in(argument)
