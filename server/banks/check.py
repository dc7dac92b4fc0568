"""The command `check`: what is wrong with which bank, and what could be better, line by line."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from .advice import advice_on
from .bank import Bank
from .counts import table
from .library import survey
from .loader import read_bank
from .problems import BankError, Problem

OWN_BANKS = Path(__file__).resolve().parents[2] / "question_banks"


def check_files(
    paths: Sequence[Path] | None = None,
    folders: Sequence[Path] = (OWN_BANKS,),
    *,
    is_strict: bool = False,
    with_counts: bool = False,
) -> tuple[list[str], bool]:
    """Return the lines to print about these files, or all banks of the folders, and whether all is well.

    What could be better stands below the line of its bank, indented; where `is_strict` it is a mistake
    like any other. `with_counts` adds how many questions there are, by bank, type and language.
    """
    lines: list[str] = []
    good: list[Bank] = []
    is_well = True
    found = list(survey(folders)) if paths is None else list(_named(paths))
    if not found:
        return [f"There is no bank in {' or '.join(map(str, folders if paths is None else paths))}."], False
    for path, refusal in found:
        try:
            if refusal is not None:
                raise BankError([refusal])
            bank, source = read_bank(path)
        except BankError as error:
            lines.extend(map(str, error.problems))
            is_well = False
            continue
        good.append(bank)
        advice = advice_on(bank, source, path)
        if advice and is_strict:
            lines.extend(map(str, advice))
            is_well = False
            continue
        lines.append(_praise(path, bank, len(advice)))
        lines.extend(f"    {problem}" for problem in advice)
    if with_counts and good:
        lines += ["", *table(good)]
    return lines, is_well


def _named(paths: Sequence[Path]) -> Iterator[tuple[Path, Problem | None]]:
    """Yield the files that a teacher named; a folder stands for the banks in it."""
    for path in paths:
        if os.path.isdir(path):  # Path.is_dir raises where a folder on the way may not be entered
            yield from survey([path])
        else:
            yield path, None


def _praise(path: Path, bank: Bank, could_be_better: int) -> str:
    counts = Counter(question.type for question in bank.questions)
    types = ", ".join(f"{counts[name]} {name}" for name in bank.types())
    total = len(bank.questions)
    verdict = "all well" if not could_be_better else "it can be played"
    better = "" if not could_be_better else f"; {could_be_better} could be better:"
    return f"{path.name}: {total} question{'' if total == 1 else 's'}, {verdict} ({types}){better}"
