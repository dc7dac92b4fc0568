"""A player in a process of its own: responds as it was told, by the texts that it sees, until the game ends.

The task: `address`, `room`, `nickname`, and `plan`: stem → the texts of the options to choose (null: none)
and how long after the question opens, in ms. After the first game the connection is dropped, the token
returns to the seat, and one question of the second game is played.
"""

from __future__ import annotations

from typing import Any

from tests.live.lone_client import PATIENCE_S, LoneClient, report, task


def main() -> None:
    given = task()
    address, room = given["address"], given["room"]
    client = LoneClient(address, room)
    token = client.ask("player:join", {"room": room, "nickname": given["nickname"]})["token"]
    first = play(client, given["plan"], until="podium")
    client.leave()

    again = LoneClient(address, room)
    ack = again.ask("player:rejoin", {"room": room, "token": token})
    again.news.put(("view", ack["view"]))
    second = play(again, given["plan"], until="leaderboard", game=2)
    again.leave()
    report(token=token, first=first, second=second, standings=client.standings + again.standings)


def play(client: LoneClient, plan: dict[str, Any], until: str, game: int = 1) -> list[dict[str, Any]]:
    """Play until this phase and return what was seen, sent and got, a question each."""
    played: list[dict[str, Any]] = []
    while True:
        name, news = client.news.get(timeout=PATIENCE_S)
        if name == "you" and "result" in news and played and news["question"] == played[-1]["question"]:
            played[-1] |= {name: news[name] for name in ("result", "score", "rank", "streak")}
        elif name == "view" and news["game"] == game:
            if news["phase"] == "answering" and news["question"]["index"] == len(played):
                played.append(answer(client, plan, news))
            elif news["phase"] == "reveal":
                played[-1]["key"] = news["key"]
            elif news["phase"] == until:
                return played


def answer(client: LoneClient, plan: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
    question = view["question"]
    planned = plan[question["stem"]]
    seen = {
        "question": question["index"],
        "stem": question["stem"],
        "points": question["points"],
        "opens_at": view["opens_at"],
        "limit_ms": view["closes_at"] - view["opens_at"],
        "ids": {option["text"]: option["id"] for option in view["options"]},
    }
    if planned["texts"] is None:
        return seen | {"at": None}
    client.wait_until(view["opens_at"] + planned["after_ms"])
    chosen = {
        "question": question["index"],
        "response": [seen["ids"][text] for text in planned["texts"]],
        "at": client.now(),
    }
    return seen | {"at": client.ask("player:answer", chosen)["at"]}


if __name__ == "__main__":
    main()
