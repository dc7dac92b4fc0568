"""What the server has of eventlet, in a process of its own: to patch is for good."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.processes import PROJECT

TURNSTILE = """
import json

from server import runtime

runtime.patch()
turnstile, seen = runtime.Turnstile(), []


def load(number):
    turnstile.wait()
    seen.append(number)


def play():
    while len([one for one in seen if one != "class"]) < 20:
        seen.append("class")
        runtime.sleep(0)


for number in range(20):
    runtime.spawn(load, number)
runtime.spawn(play)
while 19 not in seen:
    runtime.sleep(0)
print(json.dumps([runtime.REQUESTS_A_TURN, seen]))
"""


def test_who_loads_a_page_waits_in_line_and_the_class_has_its_turn_between():
    ran = subprocess.run(
        [sys.executable, "-c", TURNSTILE], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
    )
    a_turn, seen = json.loads(ran.stdout)

    assert [one for one in seen if one != "class"] == list(range(20))
    between = "".join("c" if one == "class" else "p" for one in seen).split("c")
    assert max(map(len, between)) == a_turn
