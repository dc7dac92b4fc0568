"""The page on what is kept says what this server is set to."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest

from server.live.results import Results
from server.web.site import Site
from tests.processes import PROJECT


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
    """To everybody, in the best language that there is; no template is left in it."""
    nothing: Any = None
    parts: dict[str, Any] = {field.name: nothing for field in fields(Site)}
    parts |= {
        "pages": PROJECT / "static",
        "static_prefix": "/static/0123456789abcdef",
        "results": Results(nothing, nothing, nothing, keep_days=days),
    }
    answer = Site(**parts).app().test_client().get("/privacy", headers={"Accept-Language": languages})

    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    text = re.sub(r"\s+", " ", answer.text)
    assert text.startswith('<!doctype html> <html lang="en"')
    assert f"Both are kept on the teacher’s computer {kept}." in text
    assert erasure in text
    assert f"it is {days} here and now" in text
    assert not re.search(r"\{[{%]|[%}]\}", text)
    assert '"/static/0123456789abcdef/privacy/page.css"' in text
