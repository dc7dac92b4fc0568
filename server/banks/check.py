"""The command `check`: what is wrong with which bank, line by line."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from .bank import Bank
from .library import survey
from .loader import load_bank
from .problems import BankError, Problem

OWN_BANKS = Path(__file__).resolve().parents[2] / "question_banks"


def check_files(
    paths: Sequence[Path] | None = None, folders: Sequence[Path] = (OWN_BANKS,)
) -> tuple[list[str], bool]:
    """Return the lines to print about these files, or all banks of the folders, and whether all is well."""
    lines: list[str] = []
    is_well = True
    found = list(survey(folders)) if paths is None else list(_named(paths))
    if not found:
        return [f"There is no bank in {' or '.join(map(str, folders if paths is None else paths))}."], False
    for path, refusal in found:
        try:
            if refusal is not None:
                raise BankError([refusal])
            lines.append(_praise(path, load_bank(path)))
        except BankError as error:
            lines.extend(map(str, error.problems))
            is_well = False
    return lines, is_well


def _named(paths: Sequence[Path]) -> Iterator[tuple[Path, Problem | None]]:
    """Yield the files that a teacher named; a folder stands for the banks in it."""
    for path in paths:
        if os.path.isdir(path):  # Path.is_dir raises where a folder on the way may not be entered
            yield from survey([path])
        else:
            yield path, None


def _praise(path: Path, bank: Bank) -> str:
    counts = Counter(question.type for question in bank.questions)
    types = ", ".join(f"{counts[name]} {name}" for name in bank.types())
    total = len(bank.questions)
    return f"{path.name}: {total} question{'' if total == 1 else 's'}, all well ({types})"
