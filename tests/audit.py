"""Asks PyPI whether a package of the locks has a known vulnerability: `python3 tests/audit.py`.

Fails where there is one. Where PyPI cannot be asked it says so and fails nothing: an installation may have no
more than a mirror of the packages.
"""

import json
import re
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

INDEX = "https://pypi.org"
PROJECT = Path(__file__).resolve().parents[1]
LOCKS = [PROJECT / folder / "requirements.lock" for folder in ("server", "tests", "tests/load")]
PATIENCE_S, AT_ONCE = 20, 8


def pinned(locks: list[Path]) -> list[tuple[str, str]]:
    """Return name and version of each package of the locks, once."""
    lines = [line for lock in locks for line in lock.read_text("utf-8").splitlines()]
    found = [re.match(r"([\w.-]+)==([^\s;\\]+)", line) for line in lines]
    return sorted({(match[1], match[2]) for match in found if match})


def ask(index: str, name: str, version: str) -> list[dict[str, Any]] | None:
    """Return the known vulnerabilities of a package, None where nobody answers that."""
    try:
        with urllib.request.urlopen(f"{index}/pypi/{name}/{version}/json", timeout=PATIENCE_S) as answer:
            known: list[dict[str, Any]] = json.load(answer)["vulnerabilities"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return [one for one in known if not one.get("withdrawn")]


def audit(index: str, locks: list[Path]) -> tuple[int, list[str]]:
    """Return the exit code and what is to be said."""
    packages = pinned(locks)
    if not packages or ask(index, *packages[0]) is None:
        return 0, [f"Not audited: {index} cannot be asked about vulnerabilities from here."]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda package: ask(index, *package), packages))
    lines = []
    for (name, version), known in zip(packages, answers, strict=True):
        for one in known or []:
            mended = ", ".join(one.get("fixed_in", [])) or "no version yet"
            lines.append(f"{name} {version}: {one.get('id', 'unnamed')}, mended in {mended}")
    unknown = [
        f"{name} {version}" for (name, version), known in zip(packages, answers, strict=True) if known is None
    ]
    if unknown:
        lines.append(f"Not audited: {', '.join(unknown)}.")
    is_well = all(not known for known in answers)
    if is_well:
        lines.append(f"No known vulnerability in {len(packages) - len(unknown)} packages.")
    return (0 if is_well else 1), lines


if __name__ == "__main__":
    code, said = audit(INDEX, LOCKS)
    print("\n".join(said))
    sys.exit(code)
