"""A class plays while three hundred bots flood its server: every answer counts, and the lesson goes on.

The same class plays the same questions first without them. How much later its acknowledgements come, and what
the server's memory is afterwards, is printed and decides nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.live.client import Host
from tests.live.line import Line
from tests.live.server import Opened, Server
from tests.load.flooder import rest

IS_LONG = os.environ.get("PLENARY_LONG") == "1"
PHONES = 100 if IS_LONG else 40
BOTS = 300 if IS_LONG else 98
FLOOD_S = 60 if IS_LONG else 5
QUESTIONS = 25 if IS_LONG else 3
"""How many are asked before the flood; in it, as many as there is time for."""
SLOWEST_S = 1.0
MOST_MEMORY_MB = 200
"""What the flood may add at most, in a server that has 100."""
REST_S = 40 if IS_LONG else 0.5

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(os.name == "nt", reason="needs more descriptors than Windows gives select()"),
]


class Player:
    """A phone that responds once a question and notes how long its acknowledgement took."""

    def __init__(self, nickname: str) -> None:
        self.nickname = nickname
        self.view: dict[str, Any] = {}
        self.waited_ms: list[float] = []
        self.acknowledged: list[int] = []
        self._news = asyncio.Event()
        self._line: Line

    async def join(self, server: Server, room: str) -> None:
        self._line = await Line.open(server.address, room, self._take, limit_s=None)
        ack = await self._line.send("player:join", {"room": room, "nickname": self.nickname})
        assert ack["ok"], ack
        self._take("view", ack["view"])

    async def answer(self, question: int, until_open_s: float) -> None:
        """Respond to the question, some time after it opens, and wait for the acknowledgement."""
        while (self.view["phase"], self.view.get("question", {}).get("index")) != ("answering", question):
            self._news.clear()
            await self._news.wait()
        await rest(until_open_s + random.uniform(0.05, SLOWEST_S))
        response = [self.view["options"][0]["id"]]
        payload = {"question": question, "response": response, "at": self.view["opens_at"] + 600}
        began = time.monotonic()
        ack = await self._line.send("player:answer", payload)
        self.waited_ms.append((time.monotonic() - began) * 1_000)
        assert ack["ok"], ack
        self.acknowledged.append(ack["at"])

    async def leave(self) -> None:
        self._line.cut()
        await self._line.ended()

    def _take(self, event: str, payload: Any) -> None:
        assert event != "closed", payload
        if event == "view" and payload["seq"] >= self.view.get("seq", 0):
            self.view = payload
        self._news.set()


class Lesson:
    """A room with its class."""

    def __init__(self, server: Server, opened: Opened, host: Host) -> None:
        self.server, self.opened, self.host = server, opened, host
        self.players = [Player(f"Player {n}") for n in range(PHONES)]
        self.asked = 0

    async def begin(self) -> None:
        await asyncio.gather(*(player.join(self.server, self.opened.room) for player in self.players))
        await asyncio.to_thread(self.host.do, "lock")

    async def ask(self) -> None:
        """Play one question; at the end of a game the next one begins."""
        await asyncio.to_thread(self._go_on)
        view = self.host.view
        until_open_s = max(0.0, (view["opens_at"] - await asyncio.to_thread(self.host.now)) / 1_000)
        index = view["question"]["index"]
        await asyncio.gather(*(player.answer(index, until_open_s) for player in self.players))
        await asyncio.to_thread(self.host.wait_for_phase, "reveal", index)
        self.asked += 1
        assert self.host.view["answered"] == PHONES

    def _go_on(self) -> None:
        while (phase := self.host.view["phase"]) != "answering":
            self.host.do({"lobby": "start", "podium": "again"}.get(phase, "next"))
            self.host.wait_for(lambda host, left=phase: host.view["phase"] != left)

    def taken(self) -> list[float]:
        """Return how long the acknowledgements since the last time took, in ms."""
        waited = [ms for player in self.players for ms in player.waited_ms]
        for player in self.players:
            player.waited_ms.clear()
        return waited


async def play(lesson: Lesson, flooder: Flooder) -> tuple[list[float], list[float]]:
    """Return how long acknowledgements took without the flood and in it, in ms."""
    await lesson.begin()
    for _ in range(QUESTIONS):
        await lesson.ask()
    calm = lesson.taken()
    flooder.start()
    while flooder.is_running():
        await lesson.ask()
    flooded = lesson.taken()
    for player in lesson.players:
        assert len(player.acknowledged) == lesson.asked
        await player.leave()
    return calm, flooded


class Flooder:
    """The bots, in their own process."""

    def __init__(self, server: Server, **task: Any) -> None:
        self._server, self._task = server, {"address": server.address, **task}
        self._process: subprocess.Popen[bytes]

    def start(self) -> None:
        self.began, self.cpu_s = time.monotonic(), cpu_s(self._server)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.load.flooder"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin
        self._process.stdin.write(json.dumps(self._task).encode())
        self._process.stdin.close()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def counts(self) -> dict[str, int]:
        """Return how often each kind of bot did its thing."""
        assert self._process.stdout
        counts: dict[str, int] = json.loads(self._process.stdout.read())
        return counts


def memory_mb(server: Server) -> float:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1_024


def cpu_s(server: Server) -> float:
    """Return the processor time that the server has used."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the server's memory in /proc")
def test_a_class_plays_on_while_bots_flood_its_server(tmp_path, measured):
    """Each of its answers is acknowledged and counted, nobody loses the connection, memory is bounded."""
    server = Server(tmp_path, "eventlet")
    opened = server.open_room("five", questions=3 if not IS_LONG else 5)
    other = server.open_room("five", max_players=500)
    flooder = Flooder(server, game=opened.room, open=other.room, bots=BOTS, seconds=FLOOD_S)
    with Host(server.address, opened.room) as host:
        host.attach(opened.host_token)
        lesson = Lesson(server, opened, host)
        before = memory_mb(server)
        with ThreadPoolExecutor(max_workers=1) as thread:
            calm, flooded = thread.submit(asyncio.run, play(lesson, flooder)).result()
        most = memory_mb(server)
        took_s, busy_s = time.monotonic() - flooder.began, cpu_s(server) - flooder.cpu_s
        counts = flooder.counts()
        threading.Event().wait(REST_S)
        after = memory_mb(server)
        assert server.get("/healthz").status == 200
        assert {seat["nickname"] for seat in host.roster} == {player.nickname for player in lesson.players}
        host.wait_for(lambda host: not any(seat["connected"] for seat in host.roster))
    measured(
        f"{BOTS} bots for {FLOOD_S} s: {sum(counts.values())} things done, {counts}",
        f"{len(calm)} acknowledgements without them: median {statistics.median(calm):.0f} ms, "
        f"p99 {percentile(calm, 0.99):.0f} ms",
        f"{len(flooded)} with them: median {statistics.median(flooded):.0f} ms, "
        f"p99 {percentile(flooded, 0.99):.0f} ms (aim: under twice)",
        f"the server was busy for {busy_s:.1f} of {took_s:.1f} s",
        f"memory {before:.0f} MB before, {most:.0f} at the end of the flood, {after:.0f} {REST_S:g} s later",
    )
    assert most < before + MOST_MEMORY_MB
    server.stop()
