"""The table that a run prints: what was measured, what is aimed at, and a mark."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .measuring import LARGEST_SHARE, Series


class Mark(StrEnum):
    MET = "met"
    MISSED = "missed"
    NOT_REPORTED = "not reported"
    NOT_FOUND = "not found here"
    NONE = ""
    """Nothing is aimed at."""


@dataclass(frozen=True)
class Row:
    """One line of the table; `name` is what `--only` takes."""

    name: str
    what: str
    measured: str
    target: str = ""
    mark: Mark = Mark.NONE


def row(name: str, what: str, measured: str, target: str, *, is_met: bool | None, by: list[Series]) -> Row:
    """Return a row whose figures were taken `by` these series; refused, where the generator was too busy.

    `is_met` is None where what the target compares with is not there.
    """
    if any(series.is_refused for series in by):
        return Row(name, what, bottleneck(by), target, Mark.NOT_REPORTED)
    if is_met is None:
        return Row(name, what, measured, target, Mark.NOT_FOUND)
    return Row(name, what, measured, target, Mark.MET if is_met else Mark.MISSED)


def bottleneck(by: list[Series]) -> str:
    """Say why there is no figure."""
    share = max(series.own_share for series in by)
    return f"the generator was the bottleneck: busy {share:.0%}, over {LARGEST_SHARE:.0%}"


def as_text(rows: list[Row]) -> str:
    """Return the rows for a terminal, one block each; long lines are left to it."""
    width = max(len(row.name) for row in rows)
    lines = []
    for row in rows:
        mark = f"  [{row.mark}]" if row.mark else ""
        lines.append(f"{row.name:<{width}}  {row.what}: {row.measured}{mark}")
        if row.target:
            lines.append(f"{'':<{width}}  target: {row.target}")
    return "\n".join(lines)


def as_markdown(rows: list[Row]) -> str:
    """Return the rows as a table of Markdown."""
    lines = ["| row | what | measured | target | |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| `{row.name}` | {row.what} | {row.measured} | {row.target} | {row.mark} |" for row in rows]
    return "\n".join(lines)
