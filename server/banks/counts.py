"""How many questions there are, by bank, type and language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from server.game.questions import QUESTION_TYPES

from .bank import Bank


def table(banks: Sequence[Bank]) -> list[str]:
    """Return the lines of a table: a row for each bank and for all, a column for each type that is used."""
    used = [name for name in QUESTION_TYPES if any(name in bank.types() for bank in banks)]
    head = ["bank", "questions", *used, "languages"]
    rows = [[bank.id, *_numbers([bank], used), " ".join(bank.languages())] for bank in banks]
    by_language = Counter[str]()
    for bank in banks:
        by_language.update(dict.fromkeys(bank.languages(), len(bank.questions)))
    spoken = " ".join(f"{lang} {count}" for lang, count in by_language.most_common())
    rows.append([f"{len(banks)} banks", *_numbers(banks, used), spoken])
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    return [_line(row, widths) for row in [head, *rows]]


def _numbers(banks: Sequence[Bank], types: Sequence[str]) -> list[str]:
    counts = Counter(question.type for bank in banks for question in bank.questions)
    return [str(counts.total()), *(str(counts[name]) for name in types)]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Return a row with its first and last column to the left and the numbers to the right."""
    middle = [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
    return "  ".join([row[0].ljust(widths[0]), *middle, row[-1]])
