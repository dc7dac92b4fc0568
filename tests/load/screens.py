"""Screens that cost little and come back by themselves: phones and a projector, hundreds of them in one loop.

They do what static/shared/connection.js and static/player/seat.js do: connect again after every loss, return
to the seat with the token, and send a response until it is acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any

from tests.live.line import Line, Lost

BACKOFF_S, BACKOFF_MAX_S = 0.3, 3.0
RETRY_S, EARLY_RETRY_S = 1.0, 0.15
PASSING = ("stalled", "too_many", "not_joined")
"""Refusals that go away by themselves."""
PORTS = range(20_000, 30_000)
"""Below those that the system gives to clients, one of which could else be the killed server's."""

OUTSIDE = ("now", "late_ms")
"""What a view says of the server and not of the room: it changes between two views of one `seq`."""

Key = tuple[int, int, int]
"""A question as it was asked: game, index, round."""


def free_port() -> int:
    """Return a port on which a server can be started again and again."""
    while True:
        with socket.socket() as trial, contextlib.suppress(OSError):
            port = random.choice(PORTS)
            trial.bind(("127.0.0.1", port))
            return port


class Shown:
    """Every view that the screens of one role have shown, by its `seq`; two that differ are an error."""

    def __init__(self) -> None:
        self.views: dict[int, dict[str, Any]] = {}

    def add(self, view: dict[str, Any]) -> None:
        bare = {name: value for name, value in view.items() if name not in OUTSIDE}
        first = self.views.setdefault(view["seq"], bare)
        assert bare == first, f"two screens differ at seq {view['seq']}:\n{first}\n{bare}"


class Screen:
    """What phone and projector have in common: one connection after another, and the last view."""

    def __init__(self, address: str, room: str, shown: Shown) -> None:
        self.address, self.room = address, room
        self.shown = shown
        self.line: Line | None = None
        """The connection, once its seat is taken."""
        self.view: dict[str, Any] = {}
        self.returned_at: list[float] = []
        """When it had its screen back, or for the first time, in s of the monotonic clock."""
        self.is_over = False
        self._news, self._end = asyncio.Event(), asyncio.Event()
        self._offset_ms = 0.0

    async def hello(self, line: Line) -> None:
        """Take the place in the room. Raises: Lost."""
        raise NotImplementedError

    async def stay_connected(self) -> None:
        """Connect, and again after every loss, later each time in vain, until it is over."""
        tries = 0
        while not self.is_over:
            line = None
            try:
                line = await Line.open(self.address, self.room, self._take)
                tries = 0
                await self.hello(line)
                self.line = line
                if self.is_over:  # It ended while the line was coming.
                    line.cut()
                self.returned_at.append(time.monotonic())
                self._news.set()
                await line.ended()
            except Lost:
                pass
            self.line = None
            if line is not None:
                line.cut()
                await line.ended()
            await self.rest(min(BACKOFF_MAX_S, BACKOFF_S * 2**tries) * random.uniform(0.5, 1.5))
            tries += 1

    async def act(self) -> None:
        """Do what this screen's person and page do, whenever there is news or the time has come."""
        while not self.is_over:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), await self.step())

    async def step(self) -> float | None:
        """Do one thing and return after how many seconds to look again without news."""
        raise NotImplementedError

    async def rest(self, seconds: float) -> None:
        """Let so much time pass, unless it is over."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._end.wait(), seconds)

    def end(self) -> None:
        """Leave for good."""
        self.is_over = True
        self._end.set()
        self._news.set()
        if self.line:
            self.line.cut()

    def now(self) -> int:
        """Return the server's time, as far as its views tell it."""
        return int(time.monotonic() * 1000 + self._offset_ms)

    def see(self, view: dict[str, Any]) -> None:
        self.shown.add(view)
        self._offset_ms = view["now"] - time.monotonic() * 1000
        if view["seq"] >= self.view.get("seq", 0):
            self.view = view

    def _take(self, event: str, payload: Any) -> None:
        if event == "view":
            self.see(payload)
        else:
            self.take(event, payload)
        self._news.set()

    def take(self, event: str, payload: Any) -> None:
        """Take an event that is no view."""
        assert event != "closed", payload


class Phone(Screen):
    """A student's phone, its student included, who responds within `slowest_ms` of the opening."""

    def __init__(self, address: str, room: str, nickname: str, shown: Shown, slowest_ms: int) -> None:
        super().__init__(address, room, shown)
        self.nickname, self.slowest_ms = nickname, slowest_ms
        self.token, self.id = secrets.token_hex(16), ""
        self.you: dict[str, Any] = {}
        self.pending: dict[str, Any] | None = None
        """What was chosen and is not yet acknowledged."""
        self.chosen: dict[Key, Any] = {}
        """Every response, acknowledged or not."""
        self.acknowledged: dict[Key, int | None] = {}
        """Key → the time that counts; None where only the screen said that the response is there."""
        self.results: dict[Key, dict[str, Any]] = {}
        """What it was told of each question after its reveal."""
        self.late: list[Key] = []
        self._due_ms: dict[Key, float] = {}

    async def hello(self, line: Line) -> None:
        seat = {"room": self.room, "token": self.token}
        if self.id:
            ack = await line.ask("player:rejoin", seat)
        else:  # perhaps once more, where the server was killed before it could acknowledge
            ack = await line.ask("player:join", seat | {"nickname": self.nickname})
        assert ack["ok"], ack
        self.id = self.id or ack["player"]["id"]
        assert ack["token"] == self.token
        assert ack["player"] == {"id": self.id, "nickname": self.nickname}
        self.see(ack["view"])
        self.take("you", ack["you"])

    def take(self, event: str, payload: Any) -> None:
        super().take(event, payload)
        if event == "you" and payload["seq"] >= self.you.get("seq", 0):
            self.you = payload
            if "result" in payload:
                key = (self.view["game"], payload["question"], payload["round"])
                self.results[key] = payload["result"]

    async def step(self) -> float | None:
        if self.pending:
            return await self._send()
        key = key_of(self.view)
        if key is None or self.view["paused"] or key in self.chosen:
            return None
        due_ms = self._due_ms.setdefault(key, random.uniform(50, self.slowest_ms))
        left_ms = self.view["opens_at"] + due_ms - self.now()
        if left_ms > 0:
            return left_ms / 1000
        self.pending = {"key": key, "response": self._choose(), "at": self.now()}
        self.chosen[key] = self.pending["response"]
        return 0

    def _choose(self) -> list[str]:
        ids = [option["id"] for option in self.view["options"]]
        is_multi = self.view["question"]["type"] == "multi"
        return sorted(random.sample(ids, random.randint(1, len(ids)) if is_multi else 1))

    async def _send(self) -> float | None:
        """Send the pending response once, as seat.js does, and return when to look again."""
        assert self.pending
        key, line = self.pending["key"], self.line
        if line is None:
            return None
        is_there = self.you.get("answered") and (self.view["game"], self.you["question"]) == key[:2]
        if (
            is_there and random.random() < 0.5
        ):  # seat.js is always content with it; here the time is asked for too
            return self._settle(None)
        if key_of(self.view) == key and self.view["paused"]:
            return None
        answer = {name: self.pending[name] for name in ("response", "at")}
        try:
            ack = await line.ask("player:answer", {"question": key[1], "round": key[2], **answer})
        except Lost:
            line.cut()
            return RETRY_S
        if ack["ok"]:
            return self._settle(ack["at"])
        code = ack["error"]["code"]
        if code in PASSING:
            return RETRY_S
        assert code in ("wrong_phase", "too_late"), ack
        if code == "wrong_phase" and key_of(self.view) == key:
            return EARLY_RETRY_S
        self.late.append(key)
        self.pending = None
        return 0

    def _settle(self, at: int | None) -> float:
        assert self.pending
        self.acknowledged[self.pending["key"]] = at
        self.pending = None
        return 0


class Teacher(Screen):
    """The projector with its teacher, who goes on wherever the game stands and plays again as asked."""

    def __init__(self, address: str, room: str, token: str, shown: Shown) -> None:
        super().__init__(address, room, shown)
        self.token = token
        self.roster: list[dict[str, Any]] = []
        self.resumed = 0
        self.is_class_here: Callable[[], bool] = lambda: True
        self.plays_again: Callable[[], bool] = lambda: False

    async def hello(self, line: Line) -> None:
        ack = await line.ask("host:attach", {"room": self.room, "token": self.token})
        assert ack["ok"], ack
        self.take("roster", ack["roster"])
        self.see(ack["view"])

    def take(self, event: str, payload: Any) -> None:
        super().take(event, payload)
        if event == "roster":
            self.roster = payload["players"]

    async def step(self) -> float | None:
        await self.rest(random.uniform(0.1, 0.5))  # nobody presses at once
        command, line = self._wanted(), self.line
        if command and line:
            try:
                ack = await line.ask("host:command", {"do": command})
            except Lost:
                line.cut()
                return RETRY_S
            assert ack["ok"] or ack["error"]["code"] == "wrong_phase", ack
            self.resumed += command == "resume" and ack["ok"]
        return EARLY_RETRY_S

    def _wanted(self) -> str | None:
        phase = self.view.get("phase")
        if phase == "lobby":
            return "start" if self.is_class_here() else None
        if phase == "podium":
            return "again" if self.plays_again() else None
        if phase in ("reveal", "leaderboard"):
            return "next"
        return "resume" if self.view.get("paused") else None


def key_of(view: dict[str, Any]) -> Key | None:
    """Return the question that can be responded to on this screen, None where there is none."""
    if view.get("phase") != "answering":
        return None
    return view["game"], view["question"]["index"], view["question"]["round"]
