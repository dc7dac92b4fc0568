"""Texts and style sheets, read as files: all texts in one catalogue, and nothing knows left from right."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from server.game.questions import QUESTION_TYPES
from server.game.settings import Settings
from server.web.texts import RIGHT_TO_LEFT
from tests.processes import PROJECT
from tests.refusals import refusals

STATIC = PROJECT / "static"
MODULES = [path for path in sorted(STATIC.rglob("*.js")) if "vendor" not in path.parts]
SHEETS = [path for path in sorted(STATIC.rglob("*.css")) if "vendor" not in path.parts]
PAGES = sorted(STATIC.rglob("*.html"))
FETCHING = [page for page in PAGES if (page.parent / "page.js").exists()]
"""The others take their texts through the server's own `t`."""
LOCALES = STATIC / "locales"
CATALOGUES = sorted(LOCALES.glob("*.json"))

# A key stands in the code as a whole literal, or as a template with a hole: t(`player.error.${code}`).
SECTION = "(?:shared|player|host|network|privacy)"
LITERAL = re.compile(rf"""["'`]({SECTION}\.[\w.]+)["'`]""")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TEMPLATE = re.compile(rf"`({SECTION}\.[\w.]*\$\{{[^`]+)`")

# In a page as a place to fill in, {{shared.title}}, or for the server's `t`: t("privacy.kept." ~ span).
IN_A_PAGE = re.compile(r"\{\{(shared\.[\w.]+)\}\}")
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
JOINED = re.compile(rf""""({SECTION}\.[\w.]*\.)" ~ \w+""")
FOR_THE_TERMINAL = re.compile(r"<code\b[^>]*>.*?</code>", re.DOTALL)

OWN_CODE = re.compile(r"""\bcode: "(\w+)\"""")
"""What a page of ours calls what went wrong, where it was not the server that refused."""


def catalogue(path: Path) -> dict[str, Any]:
    """Return a language's texts by their full keys."""
    sections = json.loads(path.read_text("utf-8"))
    return {f"{name}.{key}": text for name, section in sections.items() for key, text in section.items()}


ENGLISH = catalogue(LOCALES / "en.json")


def keys_in_code(pages: list[Path] = PAGES, modules: list[Path] = MODULES) -> tuple[set[str], set[str]]:
    """Return the keys that pages and modules name in full, and those with holes as patterns."""
    whole: set[str] = set()
    patterns: set[str] = set()
    for page in pages:
        text = page.read_text("utf-8")
        whole.update(IN_A_PAGE.findall(text))
        for tag in TAG.findall(text):
            whole.update(LITERAL.findall(JOINED.sub("", tag)))
            patterns.update(re.escape(start) + r"\w+" for start in JOINED.findall(tag))
    for module in modules:
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


@pytest.mark.parametrize("page", [page.parent for page in FETCHING], ids=lambda page: page.name)
def test_a_page_names_only_texts_that_it_fetches(page):
    """Those of its own section and the shared ones; a shared module only the shared ones."""
    for folder in (page, STATIC / "shared"):
        own = [module for module in MODULES if folder in module.parents]
        whole, patterns = keys_in_code(FETCHING, own)
        assert {re.split(r"\W", key)[0] for key in whole | patterns} <= {"shared", folder.name}
    assert f"{{{{static}}}}/locales/en/{page.name}.json" in (page / "index.html").read_text("utf-8")
    assert re.findall(r"loadTexts\(([^)]*)\)", (page / "page.js").read_text("utf-8")) == [f'"{page.name}"']


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_what_the_server_fills_in_has_one_form_a_key(path):
    """Its `t` knows no plural; a number that changes the words has a key for each form."""
    texts = catalogue(path)
    whole, patterns = keys_in_code(modules=[])
    filled_in = [
        key for key in texts if key in whole or any(re.fullmatch(pattern, key) for pattern in patterns)
    ]

    assert {key.split(".")[0] for key in filled_in} >= {"shared", "privacy"}
    assert [key for key in filled_in if not isinstance(texts[key], str)] == []


def test_the_pages_know_each_language_that_there_are_texts_for():
    """One more is a file and its name in a list; the server agrees which are read from the right."""
    lists = dict(
        re.findall(r"^const (\w+) = (\[.*\]);$", (STATIC / "shared/i18n.js").read_text("utf-8"), re.M)
    )

    assert sorted(json.loads(lists["LANGUAGES"])) == [path.stem for path in CATALOGUES]
    assert set(json.loads(lists["RIGHT_TO_LEFT"])) == RIGHT_TO_LEFT


def test_what_the_server_can_say_has_its_text():
    """Errors that a phone gets, question types, phases, and why a room closed."""
    phases = ("lobby", "reading", "answering", "reveal", "leaderboard", "podium", "closed")
    reasons = ("ended", "kicked", "replaced", "expired", "too_many", "gone")
    wanted = {
        *(f"player.error.{kind.code}" for kind in refusals()),
        *(f"host.type.{name}" for name in QUESTION_TYPES),
        *(f"host.phase.{phase}" for phase in phases),
        *(f"player.closed.{reason}.{part}" for reason in reasons for part in ("title", "text", "go")),
    }

    assert wanted - ENGLISH.keys() == set()


def test_each_refusal_of_the_server_has_its_words_on_the_host_s_page():
    """By its reason or its code; so has why a room closed, what the page finds itself, and what is new."""
    said = {kind.reason or kind.code for kind in refusals()}
    said |= {code for path in MODULES for code in OWN_CODE.findall(path.read_text("utf-8"))}
    said |= {"ended", "expired", "kicked", "too_many", "other"}
    texts = {key.removeprefix("host.error.") for key in ENGLISH if key.startswith("host.error.")}
    titles = {name for key in ENGLISH for name in re.findall(r"^host\.failure\.(\w+)_title$", key)}

    assert texts == said
    assert titles <= texts
    assert {f"host.settings.{field.name}" for field in fields(Settings)} <= ENGLISH.keys()


READS_MESSAGE = re.compile(r"\.\s*message\b|\[\W?message\b|\{[^{}()]*\bmessage\b[^{}()]*\}\s*(?:=|\))")
"""As a property, or taken out of an object."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_module_reads_the_server_s_own_words(path):
    """The message of an error is for clients without a catalogue."""
    assert READS_MESSAGE.findall(COMMENT.sub("", path.read_text("utf-8"))) == []


def test_a_module_that_read_them_would_be_found():
    for code in (
        "say(ack.error.message)",
        'error["message"]',
        "({ code, message }) => 0",
        "const { message } = error",
    ):
        assert READS_MESSAGE.search(code), code


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(LOCALES).as_posix())
def test_a_language_has_the_same_texts_with_the_same_places_to_fill(path):
    """And every form of a plural is a text."""
    texts = catalogue(path)

    assert texts.keys() == ENGLISH.keys()
    for key, text in texts.items():
        forms = [text] if isinstance(text, str) else list(text.values())
        assert all(form.strip() for form in forms), key
        assert isinstance(text, str) or "other" in text, key
        assert places(text) == places(ENGLISH[key]), key


def places(text: str | dict[str, str]) -> set[str]:
    """Return the names that a text fills in; a plural form may leave out its number ("one of them")."""
    forms = [text] if isinstance(text, str) else [text["other"]]
    return {name for form in forms for name in re.findall(r"\{(\+?\w+)\}", form)}


TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<regex>/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n\[])+/\w*)|(?P<word>[\w$]+)|.""",
    re.DOTALL,
)
HOLE = "\0"
NOT_SHOWN = {"Error", "error", "closest", "matches", "matchMedia", "querySelector", "querySelectorAll"}
"""What takes words for developers, or selectors."""


class Literals:
    """What stands in a module as text: its strings, and the markup of its templates with their holes."""

    def __init__(self, code: str) -> None:
        self.strings: list[str] = []
        self.markup: list[str] = []
        self._code = code
        self._read_code(0)

    def _read_code(self, at: int) -> int:
        """Read to the brace that closes a hole, or to the end; return the place after it."""
        depth = 0
        before = ["", ""]
        while at < len(self._code):
            token = TOKEN.match(self._code, at)
            assert token is not None
            text = token.group()
            if token.lastgroup == "regex" and re.fullmatch(r"(?!return$)[\w$]+|[)\]]", before[-1]):
                text = "/"  # a division
            at += len(text)
            if token.lastgroup == "skip":
                continue
            is_shown = before[-1] != "(" or before[-2] not in NOT_SHOWN
            if text == "`":
                content, at = self._read_template(at)
                if before[-1] == "html":
                    self.markup.append(content)
                elif is_shown:
                    self.strings.append(content)
            elif token.lastgroup == "string":
                self.strings += [text[1:-1]] if is_shown else []
            elif text == "}" and depth == 0:
                break
            else:
                depth += (text == "{") - (text == "}")
            before = [before[-1], text]
        return at

    def _read_template(self, at: int) -> tuple[str, int]:
        content = ""
        while self._code[at] != "`":
            if self._code.startswith("${", at):
                content += HOLE
                at = self._read_code(at + 2)
            else:
                content += self._code[at]
                at += 1
        return content, at + 1


CLASSES = {name for sheet in SHEETS for name in re.findall(r"\.([a-z][\w-]*)", sheet.read_text("utf-8"))}
NAMES = {"Escape", "io server disconnect"}
"""What a keyboard calls a key, and socket.io an event."""
FOR_MACHINES = re.compile(r"[Mm][\d\sMmHhVvLlAaCcSsZz.,-]+|cubic-bezier\([^)]*\)|(?:\[data-[^\]]*\]\s*)+")
"""A shape, an easing, a selector."""
SAID = re.compile(
    r"""\b(?:aria-(?:label|description|roledescription|valuetext)|title|alt|placeholder|\w*[tT]ext)="([^"]*)\""""
)


def reads_as_prose(text: str) -> bool:
    """Tell whether a string is words for people: a capitalised one, or several that are no classes."""
    if text in NAMES or FOR_MACHINES.fullmatch(text):
        return False
    if re.match(r"[A-Z][a-z]+(?:$|[\s,.:;!?…])", text):
        return True
    words = text.split()
    return len(words) > 1 and any(re.search(r"[^\W\d_]{2}", word) for word in words if not is_a_class(word))


def is_a_class(word: str) -> bool:
    """Tell whether the style sheets know this class, or one that its hole could make of it."""
    pattern = re.compile(r"[\w-]+".join(map(re.escape, word.split(HOLE))))
    return any(pattern.fullmatch(name) for name in CLASSES)


def said_by(markup: str) -> list[str]:
    """Return what markup says by itself: between its tags, and in attributes that are read out."""
    between = re.sub(r"&#?\w+;", "", re.sub(r"<!--.*?-->|<[^>]*>", "\n", markup, flags=re.DOTALL))
    return [
        text.strip() for text in [*between.split("\n"), *SAID.findall(markup)] if re.search(r"[^\W\d_]", text)
    ]


def said_by_page(page: str) -> list[str]:
    """Return what a page says by itself, the strings that its tags show included."""
    strings = [(tag, string) for tag in TAG.findall(page) for string in re.findall(r"""["'](.*?)["']""", tag)]
    return said_by(FOR_THE_TERMINAL.sub("", TAG.sub("", page))) + [
        string
        for tag, string in strings
        if reads_as_prose(string) or (tag.startswith("{{") and not re.match(rf"{SECTION}\.", string))
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_module_says_anything_that_is_not_in_the_catalogue(path):
    """What is thrown or logged for developers excepted."""
    literals = Literals(path.read_text("utf-8"))

    assert [said for markup in literals.markup for said in said_by(markup)] == []
    assert [text for text in literals.strings if reads_as_prose(text)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.parent.name)
def test_no_page_says_anything_that_is_not_in_the_catalogue(path):
    """Not even without JavaScript, where the server fills it in; what one types in a terminal excepted."""
    assert said_by_page(path.read_text("utf-8")) == []


def test_words_in_a_module_or_page_would_be_found():
    """In markup, in what is read out, in a string, in a template; but neither code, classes nor errors."""
    code = """
        const half = size / 2, rest = size / 3; // Half of it
        const quoted = /["'`]/.test(text) ? "Yes, it is" : `${n} of ${of}`;
        throw new Error("The texts could not be loaded");
        return html`<p class="button quiet" title="Go there" onClick=${() => { go("next"); }}>
          Hello ${name && html`<b aria-label=${t("host.name")}>dear</b>`}</p>`;
    """
    literals = Literals(code)

    assert [said for markup in literals.markup for said in said_by(markup)] == [
        "dear",
        "Hello \0",
        "Go there",
    ]
    assert [text for text in literals.strings if reads_as_prose(text)] == ["Yes, it is", "\0 of \0"]
    assert not reads_as_prose("button quiet")

    page = """{% set span = "one" if days == 1 else "Many days" %}
        <p title="There">{{ t("privacy.lead") }} Hello {{shared.title}}</p>
        <p>{{ "word" if days else t("privacy.kept." ~ span) }} <code dir="ltr">--keep-days</code></p>"""
    assert said_by_page(page) == ["Hello", "There", "Many days", "word"]


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


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_grows_from_one_side_grows_from_the_other_where_it_is_read_from_there(path):
    """`transform-origin` has no logical values, so each side has its mirrored rule."""
    sides: dict[str, set[str]] = {"left": set(), "right": set()}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", COMMENT.sub("", path.read_text("utf-8"))):
        for side, value in (("left", "left|0 50%"), ("right", "right|100% 50%")):
            if re.search(rf"transform-origin:\s*(?:{value})", body):
                sides[side].update(selector.strip() for selector in selectors.split(","))

    assert sides["right"] == {f'[dir="rtl"] {selector}' for selector in sides["left"]}


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
    module = path.read_text("utf-8")

    assert re.findall(r"\b(?:margin|padding|border|inset)(?:Left|Right)\b", module) == []
    assert re.findall(r"\.style\.(?:left|right)\b|\b(?:textAlign|float)\W+(?:left|right)\b", module) == []


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
