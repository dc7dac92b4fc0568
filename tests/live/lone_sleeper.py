"""A player in a process of its own that another one stops (SIGSTOP) while a question is open, and wakes.

The task: `address`, `room`, `nickname`, `response`. Once awake it connects again, as the phone's page
does when its connection is dead, takes its seat with its token, and responds to the question, which is still
open.
"""

from __future__ import annotations

import queue
import time
from contextlib import suppress

from tests.live.lone_client import PATIENCE_S, LoneClient, report, task

LOOK_S = 0.2
SLEPT_S = 10
"""No busy machine holds a process up for so long."""


def read_until_woken(client: LoneClient) -> None:
    """Return when this process has been stopped for a while and goes on."""
    looked = time.monotonic()
    while time.monotonic() - looked < SLEPT_S:
        looked = time.monotonic()
        with suppress(queue.Empty):
            client.news.get(timeout=LOOK_S)


def main() -> None:
    given = task()
    address, room = given["address"], given["room"]
    client = LoneClient(address, room)
    token = client.ask("player:join", {"room": room, "nickname": given["nickname"]})["token"]
    read_until_woken(client)

    again = LoneClient(address, room)
    ack = again.ask("player:rejoin", {"room": room, "token": token})
    answer = {
        "question": ack["view"]["question"]["index"],
        "response": given["response"],
        "at": again.now(),
    }
    at = again.ask("player:answer", answer)["at"]
    while "result" not in (news := again.news.get(timeout=PATIENCE_S))[1] or news[0] != "you":
        pass
    again.leave()
    report(claimed=answer["at"], at=at, phase=ack["view"]["phase"], result=news[1]["result"])


if __name__ == "__main__":
    main()
