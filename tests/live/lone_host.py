"""A host in a process of its own: goes through a game, plays again, and ends after the second game's first
question.

The task: `address`, `room`, `token`, `players` (how many to wait for), `after_s` (when a question is closed
in which somebody does not respond).
"""

from __future__ import annotations

import queue
from typing import Any

from tests.live.lone_client import PATIENCE_S, LoneClient, report, task


def main() -> None:
    given = task()
    client = LoneClient(given["address"], given["room"])
    ack = client.ask("host:attach", {"room": given["room"], "token": given["token"]})
    view = ack["view"]
    done: tuple[int, str] | None = None
    while not (view["game"] == 2 and view["phase"] == "podium"):
        here = view["game"], view["phase"]
        if (act := next_act(view, given["players"])) and here != done:
            done = here
            client.ask("host:command", {"do": act})
        view = next_view(client, view, given["after_s"])
    client.ask("host:command", {"do": "end"})
    while (news := client.news.get(timeout=PATIENCE_S))[0] != "closed":
        pass
    report(standings=client.standings, closed=news[1]["reason"])


def next_act(view: dict[str, Any], players: int) -> str | None:
    if view["game"] == 2 and view["phase"] == "leaderboard":
        return "end"
    if view["phase"] == "lobby":
        return "start" if view["players"] == players else None
    return {"reveal": "next", "leaderboard": "next", "podium": "again"}.get(view["phase"])


def next_view(client: LoneClient, view: dict[str, Any], after_s: float) -> dict[str, Any]:
    """Return the next view; close the question that nobody else closes."""
    patience_s = after_s if view["phase"] == "answering" else PATIENCE_S
    while True:
        try:
            name, news = client.news.get(timeout=patience_s)
        except queue.Empty:
            client.ask("host:command", {"do": "skip"})
            patience_s = PATIENCE_S
            continue
        if name == "view":
            later: dict[str, Any] = news
            return later


if __name__ == "__main__":
    main()
