"""What a slow, a jittering, a silent and a lying phone get: over real sockets, through a bad network.

The rules stand in docs/fairness.md. True time is the server's clock as a client beside it reads it, over the
loopback and around the proxies.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from server.game.events import ResponseAccepted
from server.journal.store import Journal
from tests.live.client import Client
from tests.live.honest_phone import HonestPhone, PhoneClock
from tests.live.proxy import Proxy
from tests.live.server import Server
from tests.live.test_whole_game import points_of

IS_LONG = os.environ.get("PLENARY_LONG") == "1"
GENEROUS = 3
"""So many times a stated time may pass on a machine that does other things too."""

NETWORKS = {
    "5 ms": {"delay_ms": 5},
    "80 ms": {"delay_ms": 80},
    "250 ms": {"delay_ms": 250},
    "0-300 ms": {"jitter_ms": 300},
}
"""What one way takes; the name of the player says it."""
CLOSE_MS = {name: 200 if "jitter_ms" in network else 60 for name, network in NETWORKS.items()}
"""How far the time that counts may lie from the true one."""


@pytest.fixture
def true_clock(connect: Callable[..., Any]) -> Callable[[Server, str], PhoneClock]:
    """Reads a server's clock as exactly as can be from outside: `true_clock(server, code)`."""

    def read(server: Server, code: str) -> PhoneClock:
        beside: Client = connect(Client, server, code)
        clock = PhoneClock(beside.now)
        for _ in range(20):
            clock.sample()
        return clock

    return read


def responses_in_journal(server: Server, code: str, folder: Path) -> dict[tuple[str, int], ResponseAccepted]:
    """Return what a running server has kept of a room's responses: (player, question) → event."""
    for part in server.data.glob("journal.sqlite*"):
        shutil.copy(part, folder)
    journal = Journal(folder)
    try:
        [events] = [events for key, events in journal.unfinished() if key.startswith(code)]
    finally:
        journal.close()
    kept = [event for event in events if isinstance(event, ResponseAccepted)]
    by_place = {(event.player, event.question): event for event in kept}
    assert len(by_place) == len(kept), "a response was kept twice"
    return by_place


def result_of(phone: Any, question: int) -> dict[str, Any]:
    """Wait for what a question was worth to a phone."""
    phone.wait_for(lambda phone: phone.you["question"] == question and "result" in phone.you)
    result: dict[str, Any] = phone.you["result"]
    return result


def test_the_same_instant_earns_the_same_points_on_every_network(
    server, open_room, connect, true_clock, tmp_path, capsys
):
    """Within 1 % of each other; the times that count are the true ones within 60 ms (200 with jitter)."""
    room = open_room(bank="network", leaderboard=False)
    truth = true_clock(server, room.code)
    questions = 8 if IS_LONG else 2
    rows = []
    with ExitStack() as stack, ThreadPoolExecutor(len(NETWORKS)) as at_once:
        proxies = {name: stack.enter_context(Proxy(server.address, **way)) for name, way in NETWORKS.items()}

        def sit_down(name: str) -> HonestPhone:
            phone: HonestPhone = connect(HonestPhone, proxies[name], room.opened)
            phone.join(name)
            phone.wait_until_synced()
            return phone

        phones = list(at_once.map(sit_down, NETWORKS))
        for question in range(questions):
            room.host.do("next" if question else "start")
            opens_at = room.host.wait_for_phase("answering", question)["opens_at"]

            def choose(phone: HonestPhone, question: int, moment: int) -> tuple[float, int]:
                phone.wait_for_phase("answering", question)
                truth.wait_until(moment)
                chosen_at = truth.now()
                return chosen_at, phone.choose(["b"])

            choices = [at_once.submit(choose, phone, question, opens_at + 1_500) for phone in phones]
            for phone, choice in zip(phones, choices, strict=True):
                chosen_at, at = choice.result()
                rows.append((phone, question, opens_at, chosen_at, at, result_of(phone, question)["points"]))
        kept = responses_in_journal(server, room.code, tmp_path)

    lines, uncompensated = [], {}
    for phone, question, opens_at, chosen_at, at, points in rows:
        arrival = kept[phone.id, question].arrival
        bare = points_of(Fraction(1), 1_000, arrival - opens_at, 10_000)
        uncompensated.setdefault(question, []).append(bare)
        lines.append(
            f"  question {question + 1}, {phone.nickname:>8} one way: counted {at - chosen_at:+4.0f} ms from "
            f"the true instant, {points} points; by arrival {arrival - chosen_at:+4.0f} ms, {bare} points"
        )
    with capsys.disabled():
        print(f"\n{server.mode}:", *lines, sep="\n")
    for question in range(questions):
        points = [row[-1] for row in rows if row[1] == question]
        bare = uncompensated[question]
        with capsys.disabled():
            print(f"  question {question + 1}: {spread(points):.2f} % apart; by arrival {spread(bare):.2f} %")
        assert spread(points) <= 1
    for phone, _, _, chosen_at, at, _ in rows:
        assert abs(at - chosen_at) <= GENEROUS * CLOSE_MS[phone.nickname]


def spread(points: list[int]) -> float:
    """Return how far apart the best and the worst are, in % of the best."""
    return 100 * (max(points) - min(points)) / max(points)


class LateProber(HonestPhone):
    """A liar that looks far away: answers probes only after two seconds."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, answers_probes=False, **options)

    def _take(self, frame: str) -> None:
        number, name, _ = frame[2:].partition('["probe"')
        if name:
            threading.Timer(2.0, self._answer_probe, [number]).start()
        super()._take(frame)

    def _answer_probe(self, number: str) -> None:
        if self.is_open:
            self.send_raw(f"43{number}[{{}}]")
