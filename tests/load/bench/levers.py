"""What each lever gives: Plenary without it, beside Plenary, round by round.

`PYTHONPATH=. .venv/bin/python -m tests.load.bench.levers` prints a table in Markdown, in some minutes.
"""

from __future__ import annotations

import contextlib
import sys

from .__main__ import raise_descriptor_limit
from .contestants import Plenary, plenary_at_work
from .crowd import Loop
from .scenarios import LONG
from .without import LEVERS

BROADCASTS, STORMS = 10, 3


def main() -> None:
    """Measure all of them in turn, and print the medians."""
    raise_descriptor_limit()
    loop = Loop()
    with contextlib.ExitStack() as stack:
        servers: list[Plenary] = []
        for name in ("nothing", *LEVERS):
            print(f"{LONG.phones} phones join the server without {name}", file=sys.stderr, flush=True)
            how = {} if name == "nothing" else {"module": "tests.load.bench.without", "LEVER": name}
            servers.append(stack.enter_context(plenary_at_work(loop, LONG.phones, name, **how)))
        loop.rest(LONG.settling_s)
        for number in range(LONG.rounds + 1):
            for one in servers:
                one.work(BROADCASTS, STORMS)
            print(f"round {number} of {LONG.rounds}", file=sys.stderr, flush=True)
        head = ["without", "broadcast, µs CPU a phone", "response, µs CPU", "responses a second"]
        print(f"| {' | '.join(head)} |\n|{' --- |' * len(head)}")
        for one in servers:
            for series in one.all_series:
                series.drop_first()
            figures = one.broadcast_us.median, one.response_us.median, one.rate.median
            print("| {} | {:.1f} | {:.0f} | {:,.0f} |".format(one.name, *figures))


if __name__ == "__main__":
    main()
