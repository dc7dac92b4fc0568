"""Banks for tests: one good bank as text, and ways to spoil it."""

from pathlib import Path

from server.banks.bank import Bank
from server.banks.loader import load_bank

GOOD = """\
title: Small
language: en
description: A bank for tests.
questions:
  - id: one
    type: choice
    stem: Which one?
    options:
      - text: First
        correct: true
      - text: Second
        why: It comes later.
  - id: two
    type: truefalse
    stem: Is it so?
    correct: false
    time: 30
"""

HEAD = "title: Small\nlanguage: en\ndescription: A bank for tests.\n"


def spoiled(old: str, new: str) -> str:
    """Return the good bank with one thing in it exchanged."""
    assert GOOD.count(old) == 1, f"{old!r} is not there just once"
    return GOOD.replace(old, new)


def write(folder: Path, text: str | bytes, name: str = "quiz.yaml") -> Path:
    """Write a bank's file, byte for byte."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def bank_of(folder: Path, count: int, *, options: int = 4) -> Bank:
    """Return a bank of so many choices, `q0` and on, whose option texts say which is right."""
    questions = ""
    for n in range(count):
        questions += f"  - id: q{n}\n    type: choice\n    stem: Question {n}\n    options:\n"
        for m in range(options):
            right = "right\n        correct: true" if m == n % options else "wrong"
            questions += f"      - text: {m} of {n}, {right}\n"
    return load_bank(write(folder, HEAD + "questions:\n" + questions))
