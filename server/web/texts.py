"""The texts of the screens: `locales/<language>.json` holds all of them, of which a page fetches its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

SHARED = "shared"
"""The section of what more than one page says; every other one is named after its page."""


def extracts(static: Path) -> dict[str, bytes]:
    """Return what each page fetches, by its path below `static`: its own section and the shared one."""
    return {
        f"locales/{path.stem}/{page}.json": orjson.dumps({SHARED: sections[SHARED], page: sections[page]})
        for path in sorted((static / "locales").glob("*.json"))
        for sections in [_sections(path)]
        for page in sections
        if page != SHARED
    }


def shared_texts(static: Path, language: str = "en") -> dict[str, str]:
    """Return the shared texts by their full keys, for what a page says before its script runs, or without."""
    shared = _sections(static / "locales" / f"{language}.json")[SHARED]
    return {f"{SHARED}.{key}": text for key, text in shared.items()}


def _sections(path: Path) -> dict[str, dict[str, Any]]:
    sections: dict[str, dict[str, Any]] = orjson.loads(path.read_bytes())
    return sections
