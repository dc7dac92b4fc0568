"""A thousand phones on one server: all join, all see the question, all respond, and no message is lost."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Measured
from tests.live.client import Host
from tests.live.line import Line
from tests.live.server import Server

PHONES = 1_000
PATIENCE_S = 60
STATED_S = {"joined": 5.0, "question": 1.0, "acknowledged": 3.0, "reveal": 1.0}
"""What the times below should be on two cores that are busy with the phones as well."""
GENEROUS = 5

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs more descriptors than Windows gives select()")


class SparePhone:
    """A phone that costs little and keeps of what comes only the latest."""

    def __init__(self, nickname: str) -> None:
        self.nickname = nickname
        self.phases: dict[str, float] = {}
        """Phase → when its view came, in s."""
        self.view: dict[str, Any] = {}
        self.result: dict[str, Any] | None = None
        self._line: Line
        self._news = asyncio.Event()

    async def join(self, address: str, room: str) -> None:
        self._line = await Line.open(address, room, self._take, limit_s=None)
        ack = await self.ask("player:join", {"room": room, "nickname": self.nickname})
        self._see(ack["view"])

    async def ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        ack: dict[str, Any] = await self._line.send(event, payload)
        assert ack["ok"], ack
        return ack

    async def until(self, is_so: Callable[[SparePhone], object]) -> None:
        while not is_so(self):
            self._news.clear()
            await self._news.wait()

    async def leave(self) -> None:
        self._line.cut()
        await self._line.ended()

    def _take(self, event: str, payload: Any) -> None:
        if event == "view":
            self._see(payload)
        elif event == "you":
            self.result = payload.get("result")
        self._news.set()

    def _see(self, view: dict[str, Any]) -> None:
        if view["seq"] >= self.view.get("seq", 0):
            self.view = view
            self.phases.setdefault(view["phase"], time.monotonic())


async def play(server: Server, room: str, host: Host) -> dict[str, float]:
    """Play one question and return how long each step took until the last phone had it, in s."""
    took: dict[str, float] = {}
    phones = [SparePhone(f"Player {n}") for n in range(PHONES)]

    began = time.monotonic()
    await asyncio.gather(*(phone.join(server.address, room) for phone in phones))
    took["joined"] = time.monotonic() - began
    assert server.get("/healthz").json()["players"] == PHONES

    await asyncio.to_thread(host.do, "start")
    await everybody(phones, lambda phone: "answering" in phone.phases)
    took["question"] = spread(phone.phases["answering"] for phone in phones)
    await asyncio.to_thread(host.wait_until, host.view["opens_at"])

    began = time.monotonic()
    opens_at = host.view["opens_at"]
    answers = [
        {"question": 0, "response": ["b" if n % 4 else "a"], "at": opens_at + 600} for n in range(PHONES)
    ]
    acks = await asyncio.gather(
        *(phone.ask("player:answer", answer) for phone, answer in zip(phones, answers, strict=True))
    )
    took["acknowledged"] = time.monotonic() - began
    assert all(ack["at"] >= opens_at for ack in acks)

    await everybody(phones, lambda phone: "reveal" in phone.phases and phone.result)
    took["reveal"] = spread(phone.phases["reveal"] for phone in phones)
    for phone, answer, ack in zip(phones, answers, acks, strict=True):
        assert phone.view["answered"] == PHONES
        assert phone.view["distribution"][1]["count"] == PHONES * 3 // 4
        assert phone.result
        assert phone.result["correct"] == (answer["response"] == ["b"])
        assert phone.result["response_ms"] == ack["at"] - opens_at
    await asyncio.gather(*(phone.leave() for phone in phones))
    return took


async def everybody(phones: list[SparePhone], is_so: Callable[[SparePhone], object]) -> None:
    await asyncio.gather(*(phone.until(is_so) for phone in phones))


def spread(times: Iterable[float]) -> float:
    """Return how long after the first the last came."""
    known = list(times)
    return max(known) - min(known)


def test_a_thousand_phones_play_a_question(tmp_path: Path, measured: Measured) -> None:
    """Own listener, no limit at 1,024, no frame compressed; every response acknowledged and counted."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2 * PHONES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * PHONES, hard), hard))
    server = Server(tmp_path, "eventlet")
    try:
        opened = server.open_room("five")
        with Host(server.address, opened.room) as host:
            host.attach(opened.host_token)
            game = asyncio.wait_for(play(server, opened.room, host), PATIENCE_S)
            # In a thread: after a browser test, Playwright's own loop runs in this one.
            with ThreadPoolExecutor(max_workers=1) as thread:
                took = thread.submit(asyncio.run, game).result()
            host.wait_for(lambda host: host.view["phase"] == "reveal")
            host.wait_for(lambda host: len(host.roster) == PHONES)
    finally:
        server.stop()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    times = ", ".join(
        f"{step} {seconds:.2f} s (stated {STATED_S[step]:g} s)" for step, seconds in took.items()
    )
    measured(f"{PHONES} phones: {times}")
    for step, seconds in took.items():
        assert seconds < GENEROUS * STATED_S[step], step
