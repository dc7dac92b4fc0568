"""docs/banks.md: its examples are good banks, and it names every type and field."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from PIL import Image

from server.banks.loader import load_bank
from server.game.questions import QUESTION_TYPES, Question
from tests.banks.builders import HEAD, write
from tests.processes import PROJECT

PAGE = (PROJECT / "docs" / "banks.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_copied(tmp_path, example):
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (30, 20)).save(tmp_path / "pictures" / "flag.png")
    text = example if example.startswith("title:") else f"{HEAD}questions:\n{example}"
    assert load_bank(write(tmp_path, text)).questions


def test_every_type_has_a_section_with_an_example():
    assert re.findall(r"^### (\w+):", PAGE, re.M) == list(QUESTION_TYPES)
    for name in QUESTION_TYPES:
        assert any(f"type: {name}\n" in example for example in EXAMPLES), name


def test_every_field_is_named():
    table = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.M))
    assert table == {field.name for field in fields(Question)}
    for cls in QUESTION_TYPES.values():
        for field in fields(cls):
            assert field.metadata.get("is_drawn") or field.name in PAGE, field.name
