"""How it is known that a file has changed."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

Stamp: TypeAlias = tuple[int, int] | None


def stamp_of(path: Path) -> Stamp:
    """Return when a file was last changed and how large it is, None where it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
