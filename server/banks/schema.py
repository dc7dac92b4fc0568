"""The JSON Schema of a bank, from which editors complete and underline: the shape of its fields.

It is made of the classes that a bank is read into, so that it says what the loader does; what no schema
can say, such as that one option is right, `check` says.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from server.game.questions import OPTION_IDS, QUESTION_TYPES, Item, Media, Option, Pair, PollOption
from server.game.questions.arranged import FEWEST
from server.game.questions.base import MAX_TIME_S, MIN_TIME_S

from .loader import HEAD, LANGUAGE, QUESTION
from .remedies import is_drawn

FILE_NAME = "schema.json"

TYPES = {
    "choice": "One right option of several",
    "truefalse": "A statement that is true or false",
    "multi": "Several right options",
    "poll": "A question of opinion: nothing is right or wrong, no points",
    "text": "A short answer, typed; slips of typing are forgiven",
    "numeric": "A number, typed",
    "wordcloud": "A word from everybody: nothing is right or wrong, no points",
    "order": "Things to put in order, written here in the right one",
    "match": "Pairs to find",
    "slide": "A page to read: no clock, nothing to answer",
}
"""What an editor says of each type."""

PROPERTIES = {
    "title": "What the bank is called",
    "language": "The code of the language that plain texts are in, such as en or fr",
    "description": "What the bank is about, in a sentence or two for teachers",
    "questions": "The questions, in the order of the lesson",
    "id": "A short name of its own in this file, such as un-as-example",
    "type": "What kind of question it is",
    "stem": "What is asked; of a slide the heading",
    "media": "A picture",
    "explanation": "What the class should take away; shown in the reveal",
    "source": "Where it comes from; not shown before the reveal",
    "notes": "What you want to say; only the presenter's view shows it",
    "time": "Seconds to answer; left out, by the length of the text",
    "points": "What a fast right answer earns; left out, 1000",
    "difficulty": "For whom it is",
    "objective": "What answering it shows that a student can do",
    "tags": "Words of your own to find it by",
    "options": "What to choose from",
    "text": "What the option or item says",
    "correct": "Whether it is right, or the statement true",
    "why": "Tells those who chose it, in the reveal, where it misleads",
    "misconception": "The mistake that choosing it reveals, as a short statement",
    "accept": "All that is right",
    "refuse": "What is near and wrong all the same",
    "value": "The right number, with a decimal point",
    "tolerance": "How far from it is still right; left out, 0",
    "unit": "What is counted or measured, such as states",
    "closeness": "Whether the nearer the more points, for estimates; speed does not count then",
    "items": "What to put in order, written in the right order",
    "pairs": "What belongs together",
    "left": "The one side",
    "right": "What goes with it",
    "body": "The text of the page",
    "file": "The picture's file, in the bank's folder or one in it",
    "alt": "What the picture shows, for those who cannot see it",
    "credit": "Who made the picture",
}
"""What an editor says of each field."""

_LANGUAGE_TAG = f"^{LANGUAGE.pattern.replace('a-z', 'A-Za-z')}$"
_TEXT = {
    "description": "A text in the bank's language, or a map from language to text",
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": _LANGUAGE_TAG},
            "additionalProperties": {"type": "string", "minLength": 1},
        },
    ],
}
_LIMITS: dict[str, dict[str, Any]] = {
    "id": {"minLength": 1},
    "language": {"pattern": _LANGUAGE_TAG},
    "time": {"minimum": MIN_TIME_S, "maximum": MAX_TIME_S},
    "options": {"minItems": 2, "maxItems": len(OPTION_IDS)},
    "items": {"minItems": FEWEST, "maxItems": len(OPTION_IDS)},
    "pairs": {"minItems": FEWEST, "maxItems": len(OPTION_IDS)},
    "accept": {"minItems": 1},
}


def schema() -> dict[str, Any]:
    """Return the schema of a bank (JSON Schema, draft 2020-12)."""
    head, question = HEAD.json_schema(), QUESTION.json_schema()
    kinds = question["$defs"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A question bank of Plenary",
        "type": "object",
        "additionalProperties": False,
        "required": [*head["required"], "questions"],
        "properties": {
            **_described(head["properties"]),
            "questions": {
                "description": PROPERTIES["questions"],
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["id", "type", "stem"],
                    "properties": {"type": {"description": PROPERTIES["type"], "enum": list(QUESTION_TYPES)}},
                    "oneOf": [_plain(reference) for reference in question["oneOf"]],
                },
            },
        },
        "$defs": {
            "Text": _TEXT,
            **{
                cls.__name__: _class_of(kinds[cls.__name__], cls, name)
                for name, cls in QUESTION_TYPES.items()
            },
            **{
                cls.__name__: _class_of(kinds[cls.__name__], cls)
                for cls in (Option, PollOption, Item, Pair, Media)
            },
        },
    }


def as_json() -> str:
    """Return the schema as its file has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _class_of(written: dict[str, Any], cls: type, question_type: str = "") -> dict[str, Any]:
    """Return the schema of a class without what only a game fills in."""
    drawn = {field.name for field in fields(cls) if is_drawn(field)}
    kept = {name: value for name, value in written["properties"].items() if name not in drawn}
    required = list(written["required"])
    if question_type:
        required.insert(1, "type")
    described = {"description": TYPES[question_type]} if question_type else {}
    return {
        **described,
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": _described(kept),
    }


def _described(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"description": PROPERTIES[name], **_plain(value), **_LIMITS.get(name, {})}
        for name, value in properties.items()
    }


def _plain(node: Any) -> Any:
    """Return pydantic's schema without what says nothing to a teacher: nulls, defaults, titles."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {name: _plain(value) for name, value in node.items() if name not in ("title", "default")}
    branches = [branch for branch in plain.pop("anyOf", []) if branch != {"type": "null"}]
    if len(branches) == 1:
        return {**plain, **branches[0]}
    return {**plain, "$ref": "#/$defs/Text"} if branches else plain
