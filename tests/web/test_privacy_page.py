"""The page on what is kept says what this server is set to."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import pytest

from server.live.results import Results
from server.web.site import Site
from server.web.texts import Texts, read_texts
from tests.processes import PROJECT

STATIC = PROJECT / "static"


def page(days: int, languages: str, texts: dict[str, Texts]) -> str:
    """Return the page of a server that keeps results for so many days, as this browser gets it."""
    nothing: Any = None
    parts: dict[str, Any] = {field.name: nothing for field in fields(Site)}
    parts |= {
        "pages": STATIC,
        "static_prefix": "/static/0123456789abcdef",
        "texts": texts,
        "results": Results(nothing, nothing, nothing, keep_days=days),
    }
    answer = Site(**parts).app().test_client().get("/privacy", headers={"Accept-Language": languages})
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    return re.sub(r"\s+", " ", answer.text)


@pytest.mark.parametrize(
    ("days", "kept", "erasure"),
    [
        (30, "for 30 days after the room was closed", "30 days after the end, by itself"),
        (1, "for one day after the room was closed", "1 day after the end, by itself"),
        (0, "until the room is closed, and no longer", "When the room is closed, by itself"),
    ],
)
@pytest.mark.parametrize("languages", ["en", "fr-CH, fr;q=0.9", ""])
def test_the_page_states_the_time_that_is_set(days, kept, erasure, languages):
    """To everybody, in the best language that there is; no template and no key is left in it."""
    text = page(days, languages, read_texts(STATIC))

    assert text.startswith('<!doctype html> <html lang="en" dir="ltr">')
    assert f"Both are kept on the teacher’s computer {kept}." in text
    assert text.count(f"<p>Kept {kept}.</p>") == 3
    assert erasure in text
    assert f'Here and now it is: <code dir="ltr">--keep-days {days}</code>' in text
    assert "under “Results on this computer” on the page" in text
    assert not re.search(r"[{}]|\b(?:shared|player|host|privacy)\.\w", text)
    assert '"/static/0123456789abcdef/privacy/page.css"' in text


def test_a_further_language_is_nothing_but_its_texts(tmp_path):
    """The page is the same, read from the language's own side; a text is never taken for markup."""
    english = json.loads((STATIC / "locales/en.json").read_bytes())
    arabic = english | {"privacy": english["privacy"] | {"heading": "ما <b>يُحفظ</b>"}}
    (tmp_path / "locales").mkdir()
    for language, sections in (("en", english), ("ar", arabic)):
        (tmp_path / "locales" / f"{language}.json").write_text(json.dumps(sections), "utf-8")
    texts = read_texts(tmp_path)

    translated = page(30, "ar-EG, ar;q=0.9, en;q=0.5", texts)
    assert '<html lang="ar" dir="rtl">' in translated
    assert "<h1>ما &lt;b&gt;يُحفظ&lt;/b&gt;</h1>" in translated
    assert '<html lang="en" dir="ltr">' in page(30, "en, ar;q=0.5", texts)
