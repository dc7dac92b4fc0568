"""The command `python3 run.py bench`: the machine, then the table. No figure decides the exit code."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from server.cli import PROGRAM

from . import measuring
from .crowd import Broken, Loop
from .scenarios import LONG, SCENARIOS, SHORT
from .table import Mark, Row, as_markdown, as_text

PACKAGES = ("flask-socketio", "python-socketio", "python-engineio", "eventlet", "orjson")
WANTED_DESCRIPTORS = 16_384
NAMES = [name for names in SCENARIOS for name in names]


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} bench",
        description="Measure Plenary with a thousand phones, beside what it is compared with."
        " What the rows mean: docs/benchmarks.md.",
        allow_abbrev=False,
    )
    parser.add_argument("--long", action="store_true", help="more rounds: about a quarter of an hour")
    parser.add_argument(
        "--only", metavar="ROW", action="append", choices=NAMES, help=f"this row alone: {', '.join(NAMES)}"
    )
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the table there too")
    return parser


def main(arguments: list[str]) -> int:
    """Run what is asked for and print it; 1 where a run broke."""
    options = parser().parse_args(arguments)
    raise_descriptor_limit()
    began = time.monotonic()
    machine = describe_machine()
    print("\n".join(machine), end="\n\n", flush=True)
    plan = LONG if options.long else SHORT
    rows: list[Row] = []
    has_broken = False
    for names, scenario in SCENARIOS.items():
        if options.only and not set(names) & set(options.only):
            continue
        try:
            found = scenario(plan, Loop(), partial(say, began))
        except measuring.NotHere as error:
            found = [Row(name, name, str(error), mark=Mark.NOT_FOUND) for name in names]
        except Broken as error:
            found = [Row(name, name, f"the run broke: {error}", mark=Mark.NOT_REPORTED) for name in names]
            has_broken = True
        rows += [row for row in found if not options.only or row.name in options.only]
    print(f"\n{as_text(rows)}\n\nin {time.monotonic() - began:.0f} s", flush=True)
    if options.markdown:
        lines = [*(f"- {line}" for line in machine), "", as_markdown(rows)]
        options.markdown.write_text("\n".join(lines) + "\n", "utf-8")
    return 1 if has_broken else 0


def say(began: float, line: str) -> None:
    """Print what is being done, after how many seconds."""
    print(f"{time.monotonic() - began:4.0f} s  {line}", file=sys.stderr, flush=True)


def describe_machine() -> list[str]:
    """Return what the figures depend on."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return [
        f"{processor()}, {os.cpu_count()} cores; {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}; {versions}",
        f"pinned: {measuring.pinning()}" if measuring.IS_PINNED else measuring.pinning(),
    ]


def processor() -> str:
    """Return the processor's name as the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = cpuinfo.read_text().partition("model name")[2].partition("\n")[0].strip("\t: ")
        if named:
            return named
    if sys.platform == "darwin":
        asked = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True)
        return asked.stdout.strip()
    return platform.processor() or platform.machine()


def raise_descriptor_limit() -> None:
    """Allow a descriptor for every connection of every crowd."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < WANTED_DESCRIPTORS:
        wanted = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(WANTED_DESCRIPTORS, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped; nothing is left running.")
