"""The texts of the screens: `locales/<language>.json` holds all of them, of which a page fetches its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import structlog

SHARED = "shared"
"""The section of what more than one page says; every other one is named after its page."""
RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}
"""The list of shared/i18n.js."""

log = structlog.get_logger()


class Texts:
    """All texts of one language, for pages that fetch them and for those that the server fills in."""

    def __init__(self, path: Path) -> None:
        self.language = path.stem
        self.direction = "rtl" if self.language in RIGHT_TO_LEFT else "ltr"
        self.sections: dict[str, dict[str, Any]] = orjson.loads(path.read_bytes())

    def shared(self) -> dict[str, str]:
        """Return the shared texts by full keys, for what a page says before its script runs, or without."""
        return {f"{SHARED}.{key}": text for key, text in self.sections[SHARED].items()}

    def t(self, key: str, **values: object) -> str:
        """Return the text under `key`, each `{name}` replaced by the value of that name.

        What `t` of shared/i18n.js is to a page with a script, but for plural forms: only browsers know which
        number takes which. Here a number that changes the words has a key for each form. A missing key is
        returned itself.
        """
        section, _, name = key.partition(".")
        text = self.sections.get(section, {}).get(name)
        if text is None:
            log.error("text_missing", key=key, language=self.language)
            return key
        return re.sub(r"\{(\w+)\}", lambda place: str(values.get(place[1], place[0])), text)


def read_texts(static: Path) -> dict[str, Texts]:
    """Return the texts of each language that there are some in."""
    return {path.stem: Texts(path) for path in sorted((static / "locales").glob("*.json"))}


def extracts(static: Path) -> dict[str, bytes]:
    """Return what each page fetches, by its path below `static`: its own section and the shared one."""
    return {
        f"locales/{language}/{page}.json": orjson.dumps(
            {name: texts.sections[name] for name in (SHARED, page)}
        )
        for language, texts in read_texts(static).items()
        for page in texts.sections
        if page != SHARED
    }
