"""Events as JSON and back."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Union, get_type_hints

import orjson
from pydantic import Discriminator, TypeAdapter

from server.game import events as ev
from server.game.questions import QUESTION_TYPES, Question, Response, Text
from server.game.settings import Settings

_NAMES = {"Question": Question, "Response": Response, "Text": Text, "Settings": Settings}


def _adapter(kind: type[ev.Event]) -> TypeAdapter[Any]:
    """Return what reads one kind of event: its fields, with the questions as a union told apart by type.

    A field that has come since is left out of what earlier versions wrote, and has its default then.
    """
    hints = get_type_hints(kind, localns=_NAMES)
    fields: list[tuple[str, Any, Any]] = []
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        if hint == tuple[Question, ...]:
            types: Any = Union[tuple(QUESTION_TYPES.values())]  # noqa: UP007
            hint = tuple[Annotated[types, Discriminator("type")], ...]
        fields.append((field.name, hint, dataclasses.field(default=field.default)))
    return TypeAdapter(dataclasses.make_dataclass(kind.__name__, fields, kw_only=True))


EVENT_KINDS: dict[str, type[ev.Event]] = {kind.__name__: kind for kind in ev.Event.__subclasses__()}
_ADAPTERS = {name: _adapter(kind) for name, kind in EVENT_KINDS.items()}


def encode(event: ev.Event) -> tuple[str, bytes]:
    """Return the event's kind and its fields as JSON."""
    return type(event).__name__, orjson.dumps(event)


def decode(kind: str, body: bytes) -> ev.Event:
    """Return the event again.

    Raises:
        KeyError: no event has that kind.
        pydantic.ValidationError: the fields do not fit it.
    """
    fields = _ADAPTERS[kind].validate_json(body)
    return EVENT_KINDS[kind](**vars(fields))
