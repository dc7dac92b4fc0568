"""The JSON Schema of a bank: it is current, takes every good bank, and underlines what an editor can see."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from server.banks import schema
from server.banks.check import OWN_BANKS
from server.banks.reading import read_yaml
from tests.banks.builders import GOOD, spoiled
from tests.processes import PROJECT

VALIDATOR = Draft202012Validator(schema.schema())
BANKS = sorted(
    [*OWN_BANKS.glob("*.yaml"), *(PROJECT / "tests").glob("banks*/*.yaml")], key=lambda path: path.name
)


def test_the_file_is_what_the_command_writes():
    """`python3 run.py schema` was run after the last change of a class."""
    assert (OWN_BANKS / schema.FILE_NAME).read_text("utf-8") == schema.as_json()


def test_it_is_a_schema():
    """Of the draft that it names."""
    Draft202012Validator.check_schema(schema.schema())


@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.name)
def test_it_takes_every_good_bank(path):
    """What the loader takes no editor may underline."""
    assert list(VALIDATOR.iter_errors(read_yaml(path.read_text("utf-8")).data)) == []


@pytest.mark.parametrize("path", sorted(OWN_BANKS.glob("*.yaml")), ids=lambda path: path.name)
def test_the_own_banks_name_it(path):
    """So that editors that know YAML complete from it in a copy too."""
    assert path.read_text("utf-8").startswith(f"# yaml-language-server: $schema={schema.FILE_NAME}\n")


@pytest.mark.parametrize(
    "text",
    [
        spoiled("stem: Which", "stme: Which"),
        spoiled("    stem: Which one?\n", ""),
        spoiled("type: choice", "type: essay"),
        spoiled("    type: choice\n", ""),
        spoiled("text: Second", "txt: Second"),
        spoiled("text: First", "text: 1945"),
        spoiled("correct: true", "correct: yes"),
        spoiled("time: 30", "time: 3"),
        spoiled("time: 30", "points: 500"),
        spoiled("language: en", "language: English"),
        spoiled("Which one?", "{French: Lequel ?}"),
        spoiled("      - text: Second\n        why: It comes later.\n", ""),
        spoiled("time: 30", "rivals: [a]"),
    ],
)
def test_it_refuses_what_has_not_the_shape_of_a_bank(text):
    """A field misspelt or missing, a value of another kind, more or less than there may be."""
    assert not VALIDATOR.is_valid(read_yaml(text).data)
    assert VALIDATOR.is_valid(read_yaml(GOOD).data)


def test_every_type_and_field_is_explained_and_no_explanation_is_left_over():
    """An editor shows it beside the word that it completes."""
    kinds = schema.schema()["$defs"]
    fields = {name for kind in kinds.values() for name in kind.get("properties", {})}

    assert set(schema.TYPES) == {
        kind["properties"]["type"]["const"] for kind in kinds.values() if "type" in kind.get("properties", {})
    }
    assert fields | set(schema.schema()["properties"]) == set(schema.PROPERTIES)
