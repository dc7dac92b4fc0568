"""All banks of a server: found in their folders, and read again when a teacher has edited them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .bank import Bank
from .loader import ENDINGS, load_bank
from .media import Pictures
from .problems import BankError, Problem
from .stamps import Stamp, stamp_of

PATIENCE_S = 1
"""How long somebody waits for what another is just reading; many new pictures take longer."""


def survey(folders: Sequence[Path]) -> Iterator[tuple[Path, Problem | None]]:
    """Yield every bank's file in order, with the reason why it is left out, None where it is not.

    A folder that does not exist has no banks. Of two files with the same id the first one counts, so that
    no bank is silently another than the one that a teacher knows.
    """
    owners: dict[str, Path] = {}
    for folder in folders:
        try:
            paths = sorted(folder.iterdir())
        except FileNotFoundError:
            continue
        except OSError as error:
            yield folder, Problem(folder, None, None, f"the folder cannot be opened ({error.strerror})")
            continue
        for path in paths:
            # Names with a dot are a system's or an editor's own, such as macOS's "._quiz.yaml".
            if path.name.startswith(".") or path.suffix.lower() not in ENDINGS or os.path.isdir(path):
                continue
            problem = _refusal(path, folder, owners)
            if problem is None:
                owners[path.stem.casefold()] = path
            yield path, problem


def _refusal(path: Path, folder: Path, owners: dict[str, Path]) -> Problem | None:
    # realpath and not Path.resolve, which raises for links that go in a circle.
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        return Problem(path, None, None, "this is a link to a file elsewhere; copy the file itself here")
    if (owner := owners.get(path.stem.casefold())) is not None:
        return Problem(
            path, None, None, f"there is a bank of this name already ({owner}); give this file another name"
        )
    return None


@dataclass(frozen=True)
class _File:
    """A file as it was when it was last read, and the pictures that it names; `bank` is its last good
    version."""

    stamp: Stamp
    pictures: Mapping[Path, Stamp]
    bank: Bank | None
    problems: tuple[str, ...]


class Banks:
    """The banks of several folders; those of an earlier folder come first and keep their names.

    `problems` says, a line each, what is wrong with the files as they were last read.
    """

    def __init__(self, folders: Sequence[Path], pictures: Pictures | None = None) -> None:
        self._pictures = pictures or Pictures()
        self.problems: list[str] = []
        self._folders = tuple(folders)
        self._files: dict[Path, _File] = {}
        self._banks: dict[str, Bank] = {}
        self._is_reading = threading.Lock()
        self._refresh()

    def summaries(self, lang: str) -> list[dict[str, Any]]:
        """Return what `GET /api/banks` answers."""
        self._refresh()
        return [bank.summary(lang) for bank in self._banks.values()]

    def get(self, bank_id: str) -> Bank | None:
        """Return the bank with this id, None where there is none; an id is never used as a path."""
        self._refresh()
        return self._banks.get(bank_id)

    def _refresh(self) -> None:
        """Read what has changed; while somebody else does, and for long, the banks stay as they last were."""
        if self._is_reading.acquire(timeout=PATIENCE_S):
            try:
                self._read_all()
            finally:
                self._is_reading.release()

    def _read_all(self) -> None:
        problems: list[str] = []
        files: dict[Path, _File] = {}
        for path, refusal in survey(self._folders):
            if refusal is not None:
                problems.append(str(refusal))
                continue
            files[path] = _read(path, self._files.get(path), self._pictures)
            problems.extend(files[path].problems)
        self._files = files
        self._banks = {file.bank.id: file.bank for file in files.values() if file.bank is not None}
        self.problems = problems


def _read(path: Path, before: _File | None, pictures: Pictures) -> _File:
    """Return the file as it is now; a bank that turned bad stays as it last was good."""
    stamp = stamp_of(path)
    if before is not None and before.stamp == stamp and _are_unchanged(before.pictures):
        return before
    try:
        bank = load_bank(path, pictures)
    except BankError as error:
        return _File(stamp, error.pictures, before.bank if before else None, tuple(map(str, error.problems)))
    return _File(stamp, bank.pictures, bank, ())


def _are_unchanged(pictures: Mapping[Path, Stamp]) -> bool:
    return all(stamp_of(path) == stamp for path, stamp in pictures.items())
