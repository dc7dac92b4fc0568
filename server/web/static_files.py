"""The static files: at an address that holds the hash of their content, compressed once, cached for good."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from .texts import extracts

YEAR_S = 31_536_000


class _KeptForAYear(WhiteNoise):  # type: ignore[misc]  # the library has no types
    """Serves a folder whose files never change."""

    FOREVER = YEAR_S


class StaticFiles:
    """Serves a folder under `/static/<hash of its content>/`."""

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder = folder
        self._extracts = extracts(folder)
        self.hash = _hash_of(folder, self._extracts)
        self.prefix = f"/static/{self.hash}"
        self._served = self._compressed_copy(data / "static")

    def wrap(self, application: Callable[..., Any]) -> Callable[..., Any]:
        """Return the application with the static files before it."""
        serving: Callable[..., Any] = _KeptForAYear(
            application,
            root=str(self._served),
            prefix=self.prefix.lstrip("/"),
            allow_all_origins=False,
            immutable_file_test=lambda path, url: True,
        )
        return serving

    def _compressed_copy(self, copies: Path) -> Path:
        """Return the folder's copy with the texts of each page and a `.gz` beside each file that gains by it;
        the folder where none can be made: pages fetch all texts then."""
        copy = copies / self.hash
        if copy.exists():
            return copy
        unfinished = copies / f"{self.hash}.unfinished"
        try:
            shutil.rmtree(copies, ignore_errors=True)  # those of earlier versions
            shutil.copytree(self._folder, unfinished, ignore=_ignored)
            for name, content in self._extracts.items():
                (unfinished / name).parent.mkdir(exist_ok=True)
                (unfinished / name).write_bytes(content)
            compressor = Compressor(use_brotli=False, quiet=True)
            for path in list(unfinished.rglob("*")):
                if path.is_file() and compressor.should_compress(path.name):
                    compressor.compress(str(path))
            unfinished.rename(copy)
        except OSError:
            return self._folder
        return copy


_ignored = shutil.ignore_patterns("*.py", "__pycache__")


def _hash_of(folder: Path, extracts: dict[str, bytes]) -> str:
    content = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts:
            content.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    for name, extract in extracts.items():
        content.update(name.encode() + b"\0" + extract)
    return content.hexdigest()[:16]
