"""orjson in the form in which python-socketio takes a JSON module; it is three times as fast."""

from __future__ import annotations

from typing import Any

import orjson


def dumps(thing: Any, **_: object) -> str:
    """Return compact JSON."""
    return orjson.dumps(thing).decode()


def loads(text: str | bytes, **_: object) -> Any:
    """Return what the JSON says.

    Raises:
        ValueError: it is no JSON.
    """
    return orjson.loads(text)
