"""One client of a whole game as a process of its own, on python-socketio: the host, or a player.

Started with a JSON object as its argument; it writes one JSON object a line: the host first the room, then
everybody at the end what they saw. A player is right or wrong by a rule, after the bank's own key.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import socketio
from ruamel.yaml import YAML

PATIENCE_S = 60


class Client:
    """A connection that hands out its events one after the other."""

    def __init__(self, address: str, room: str) -> None:
        self.room = room
        self.view: dict[str, Any] = {"seq": 0}
        self.you: dict[str, Any] = {"seq": 0}
        self.leaderboards: dict[str, Any] = {}
        self._came: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._socket = socketio.Client()
        self._socket.on("*", lambda event, payload: self._came.put((event, payload)))
        self._socket.on("probe", lambda payload: {})
        self._socket.connect(f"http://{address}?room={room}", transports=["websocket"])
        sent, now, back = self._clock()
        self._ahead_s = now / 1000 - (sent + back) / 2

    def _clock(self) -> tuple[float, int, float]:
        sent = time.monotonic()
        now: int = self.ask("clock", {})["now"]
        return sent, now, time.monotonic()

    def now(self) -> int:
        return int((time.monotonic() + self._ahead_s) * 1000)

    def ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        ack: dict[str, Any] = self._socket.call(event, payload, timeout=PATIENCE_S)
        if not ack["ok"]:
            raise RuntimeError(f"{event} {payload}: {ack['error']}")
        return ack

    def take(self, event: str, payload: dict[str, Any]) -> None:
        """Show what came: the newest view and `you`, and keep every leaderboard."""
        if event == "view" and payload["seq"] >= self.view["seq"]:
            self.view = payload
            if payload["phase"] in ("leaderboard", "podium"):
                self.leaderboards[str(payload["seq"])] = payload["leaderboard"]
        elif event == "you" and payload["seq"] >= self.you["seq"]:
            self.you = payload

    def wait_for(self, phase: str, question: int | None, game: int) -> dict[str, Any]:
        """Return the view of this moment of the game, with what is personal to it."""

        def is_there() -> bool:
            view, you = self.view, self.you
            shown = view.get("question", {}).get("index")
            is_view = view.get("phase") == phase and view["game"] == game and shown == question
            is_personal = (
                phase not in ("answering", "reveal")
                or you["seq"] == 0
                or (you["question"] == question and (phase == "answering" or "result" in you))
            )
            return is_view and is_personal

        while not is_there():
            self.take(*self._came.get(timeout=PATIENCE_S))
        return self.view

    def close(self) -> None:
        self._socket.disconnect()


def tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def lead(told: dict[str, Any]) -> None:
    """Open a room, wait for the players, and lead two games: one to the podium, one for a question."""
    body = {"bank": told["bank"], "settings": told["settings"]}
    request = urllib.request.Request(
        f"http://{told['address']}/api/rooms",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {told['key']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        opened = json.load(answer)
    host = Client(told["address"], opened["room"])
    ack = host.ask("host:attach", {"room": opened["room"], "token": opened["host_token"]})
    host.take("view", ack["view"])
    tell(opened)
    while host.view["players"] < told["players"]:
        host.take(*host._came.get(timeout=PATIENCE_S))
    count = host.view["bank"]["questions"]

    def do(command: str) -> None:
        host.ask("host:command", {"do": command})

    do("start")
    for index in range(count):
        view = host.wait_for("reveal", index, game=1)
        do("next")
        if view["question"]["points"]:
            host.wait_for("leaderboard", None, game=1)
            do("next")
    host.wait_for("podium", None, game=1)
    first = dict(host.leaderboards)
    do("again")
    host.wait_for("lobby", None, game=2)
    do("start")
    host.wait_for("reveal", 0, game=2)
    do("end")
    podium = host.wait_for("podium", None, game=2)
    tell({"leaderboards": first, "questions": count, "second": podium["leaderboard"]})
    do("end")
    host.close()


def play(told: dict[str, Any]) -> None:
    """Join and respond to every question: wrong to each that the rule names, a little later each time."""
    bank = YAML(typ="safe").load(Path(told["bank_file"]))
    by_stem = {question["stem"]: question for question in bank["questions"]}
    phone = Client(told["address"], told["room"])
    ack = phone.ask("player:join", {"room": told["room"], "nickname": told["nickname"]})
    phone.take("view", ack["view"])
    phone.take("you", ack["you"])
    count = phone.view["bank"]["questions"]
    records = [respond(phone, by_stem, index, told["wrong_every"], game=1) for index in range(count)]
    phone.wait_for("podium", None, game=1)
    while phone.you["question"] != count - 1 or "result" not in phone.you:
        phone.take(*phone._came.get(timeout=PATIENCE_S))
    score, first = phone.you["score"], dict(phone.leaderboards)
    second = respond(phone, by_stem, 0, told["wrong_every"], game=2)
    podium = phone.wait_for("podium", None, game=2)
    again = phone.ask("player:rejoin", {"room": told["room"], "token": ack["token"]})
    tell(
        {
            "nickname": told["nickname"],
            "records": records,
            "score": score,
            "leaderboards": first,
            "second": second | {"score": again["you"]["score"], "podium": podium["leaderboard"]},
            "is_same_seat": again["player"] == ack["player"],
        }
    )
    phone.close()


def respond(
    phone: Client, by_stem: dict[str, Any], index: int, wrong_every: int, game: int
) -> dict[str, Any]:
    view = phone.wait_for("answering", index, game)
    question = by_stem[view["question"]["stem"]]
    is_wrong = index % wrong_every == 0
    response = choose(question, view["options"], is_wrong=is_wrong)
    until = view["opens_at"] + (index % 4) * 300 + 5
    threading.Event().wait(max(0, until - phone.now()) / 1000)
    ack = phone.ask("player:answer", {"question": index, "response": response, "at": phone.now(), "round": 1})
    revealed = phone.wait_for("reveal", index, game)
    return {
        "type": question["type"],
        "options": len(view["options"]),
        "right": [option["id"] for option in view["options"] if is_right(question, option)],
        "response": response,
        "points": view["question"]["points"],
        "opens_at": view["opens_at"],
        "closes_at": view["closes_at"],
        "at": ack["at"],
        "key": revealed["key"],
        "result": phone.you["result"],
    }


def is_right(question: dict[str, Any], option: dict[str, str]) -> bool:
    """Tell from the bank's own file whether an option is right."""
    if question["type"] == "truefalse":
        right: bool = (option["text"] == "True") == question["correct"]
        return right
    return any(o["text"].strip() == option["text"].strip() and o.get("correct") for o in question["options"])


def choose(question: dict[str, Any], options: list[dict[str, str]], *, is_wrong: bool) -> list[str]:
    """Return all right options, or else one wrong one (with one right one where several are)."""
    right = [option["id"] for option in options if is_right(question, option)]
    wrong = [option["id"] for option in options if option["id"] not in right]
    if not is_wrong:
        return right
    return sorted([*right[:1], *wrong[:1]]) if question["type"] == "multi" else wrong[:1]


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    lead(told) if told["role"] == "host" else play(told)
