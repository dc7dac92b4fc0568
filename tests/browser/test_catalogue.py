"""Texts and style sheets, read as files: each text is there and used, and nothing knows left from right."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from server.game.errors import GameError
from server.game.questions import QUESTION_TYPES
from tests.processes import PROJECT

STATIC = PROJECT / "static"
MODULES = [path for path in sorted(STATIC.rglob("*.js")) if "vendor" not in path.parts]
SHEETS = [path for path in sorted(STATIC.rglob("*.css")) if "vendor" not in path.parts]
LOCALES = STATIC / "locales"
CATALOGUES = sorted(LOCALES.rglob("*.json"))

# A key stands in the code as a whole literal, or as a template with a hole: t(`player.error.${code}`).
LITERAL = re.compile(r"""["'`]((?:shared|player|host|network)\.[\w.]+)["'`]""")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TEMPLATE = re.compile(r"`((?:shared|player|host|network)\.[\w.]*\$\{[^`]+)`")

DEFAULT_ERRORS = {"error"}  # GameError itself, which is never raised


def catalogue(path: Path) -> dict[str, Any]:
    """Return a language's texts by their full keys."""
    sections = json.loads(path.read_text("utf-8"))
    return {f"{name}.{key}": text for name, section in sections.items() for key, text in section.items()}


ENGLISH = {key: text for path in LOCALES.rglob("en.json") for key, text in catalogue(path).items()}
"""Those of every page; a page that a phone's first load does without has a folder of its own."""


def keys_in_code() -> tuple[set[str], set[str]]:
    """Return the keys that the modules name in full, and those with holes as patterns."""
    whole: set[str] = set()
    patterns: set[str] = set()
    for module in MODULES:
        text = COMMENT.sub("", module.read_text("utf-8"))
        whole.update(LITERAL.findall(text))
        for template in TEMPLATE.findall(text):
            parts = re.split(r"\$\{[^}]*\}", template)
            patterns.add(r"\w+".join(map(re.escape, parts)))
    return whole, patterns


def test_every_text_that_the_pages_name_is_there():
    """A missing one would show its key on the projector."""
    whole, patterns = keys_in_code()

    assert whole - ENGLISH.keys() == set()
    assert [p for p in patterns if not any(re.fullmatch(p, key) for key in ENGLISH)] == []


def test_no_text_is_left_over():
    """A text that nothing shows would be translated for nothing."""
    whole, patterns = keys_in_code()

    assert [
        key for key in ENGLISH if key not in whole and not any(re.fullmatch(p, key) for p in patterns)
    ] == []


def all_errors(kind: type[GameError]) -> set[str]:
    return {kind.code}.union(*(all_errors(one) for one in kind.__subclasses__()))


def test_what_the_server_can_say_has_its_text():
    """Errors that a phone gets, question types, phases, and why a room closed."""
    phases = ("lobby", "reading", "answering", "reveal", "leaderboard", "podium", "closed")
    reasons = ("ended", "kicked", "replaced", "expired", "too_many", "gone")
    wanted = {
        *(f"player.error.{code}" for code in all_errors(GameError) - DEFAULT_ERRORS),
        *(f"host.type.{name}" for name in QUESTION_TYPES),
        *(f"host.phase.{phase}" for phase in phases),
        *(f"player.closed.{reason}.{part}" for reason in reasons for part in ("title", "text", "go")),
    }

    assert wanted - ENGLISH.keys() == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(LOCALES).as_posix())
def test_a_language_has_the_same_texts_with_the_same_places_to_fill(path):
    """And every form of a plural is a text."""
    texts = catalogue(path)

    assert texts.keys() == catalogue(path.with_name("en.json")).keys()
    for key, text in texts.items():
        forms = [text] if isinstance(text, str) else list(text.values())
        assert all(form.strip() for form in forms), key
        assert isinstance(text, str) or "other" in text, key
        assert places(text) == places(ENGLISH[key]), key


def places(text: str | dict[str, str]) -> set[str]:
    """Return the names that a text fills in; a plural form may leave out its number ("one of them")."""
    forms = [text] if isinstance(text, str) else [text["other"]]
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding|inset)-(?:left|right|top|bottom)[\w-]*"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
    r"|left|right|top|bottom|width|height|(?:min|max)-(?:width|height))\s*:(?![^{};]*\))"
    r"|(?:text-align|float|clear|caption-side)\s*:\s*(?:left|right)"
)
SIDES = re.compile(r"(?<![\w-])(margin|padding|inset|border-width|border-radius)\s*:\s*([^;{}]+);")


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_style_sheet_knows_no_left_and_right(path):
    """A page that is read from right to left needs no second sheet."""
    sheet = COMMENT.sub("", path.read_text("utf-8"))

    assert [found.group() for found in PHYSICAL.finditer(sheet)] == []
    assert [found.group() for found in SIDES.finditer(sheet) if is_lopsided(found.group(2))] == []


def is_lopsided(value: str) -> bool:
    """Tell whether a shorthand says something else of the right than of the left."""
    parts: list[str] = []
    depth, word = 0, ""
    for character in f"{value.strip()} ":
        depth += (character == "(") - (character == ")")
        if character.isspace() and depth == 0:
            parts += [word] if word else []
            word = ""
        else:
            word += character
    return len(parts) == 4 and parts[1] != parts[3]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_sets_no_left_and_right_either(path):
    """Styles that are worked out follow the same rule."""
    assert re.findall(r"\b(?:margin|padding|border)(?:Left|Right)\b", path.read_text("utf-8")) == []


def test_text_goes_in_as_text():
    """No module takes a string for markup or for code."""
    dangerous = re.compile(
        r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySet\w+|eval)\b"
    )

    assert [path.name for path in MODULES if dangerous.search(path.read_text("utf-8"))] == []


def test_nothing_names_another_host():
    """Neither a page nor a sheet nor a module of ours loads anything from elsewhere."""
    own = [*MODULES, *SHEETS, *STATIC.rglob("*.html")]

    assert [
        path.name for path in own if re.search(r"""["'(]\s*(?:https?:)?//\w""", path.read_text("utf-8"))
    ] == []
