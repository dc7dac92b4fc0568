"""What a slow, a jittering, a lying, a stopped and a silent phone get: real sockets, a bad network.

The rules stand in docs/fairness.md. True time is the server's clock as a client beside it reads it, over the
loopback and around the proxies.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from server.game.events import ResponseAccepted
from server.journal.store import Journal
from tests.conftest import MODES, Measured
from tests.live.client import Client, Host
from tests.live.honest_phone import HonestPhone, PhoneClock
from tests.live.proxy import Proxy
from tests.live.room import RoomAtWork
from tests.live.server import Server
from tests.live.test_whole_game import points_of, reports_of, start

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
SLOWEST_MS = {name: sum(way.values()) for name, way in NETWORKS.items()}
HELD_UP_MS = 50
"""More than this on top of the slowest way is none of the network's doing."""
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


def is_gone(roster: list[dict[str, Any]], nickname: str) -> bool:
    """Return whether the roster has this player, and not connected."""
    return any(seat["nickname"] == nickname and not seat["connected"] for seat in roster)


def result_of(phone: Any, question: int) -> dict[str, Any]:
    """Wait for what a question was worth to a phone."""
    phone.wait_for(lambda phone: phone.you["question"] == question and "result" in phone.you)
    result: dict[str, Any] = phone.you["result"]
    return result


def test_the_same_instant_earns_the_same_points_on_every_network(
    server, open_room, connect, true_clock, tmp_path, measured
):
    """Within 1 % of each other; the times that count are the true ones within 60 ms (200 with jitter)."""
    room = open_room(bank="network", leaderboard=False)
    truth = true_clock(server, room.code)
    wanted = 7 if IS_LONG else 2
    rows, opened = [], {}
    with ExitStack() as stack, ThreadPoolExecutor(len(NETWORKS)) as at_once:
        proxies = {name: stack.enter_context(Proxy(server.address, **way)) for name, way in NETWORKS.items()}

        def sit_down(name: str) -> HonestPhone:
            phone: HonestPhone = connect(HonestPhone, proxies[name], room.opened)
            phone.join(name)
            phone.wait_until_synced()
            return phone

        phones = list(at_once.map(sit_down, NETWORKS))
        for question in range(8):
            room.host.do("next" if question else "start")
            opens_at = room.host.wait_for_phase("answering", question)["opens_at"]

            def choose(phone: HonestPhone, question: int, opens_at: int) -> tuple[float, float, int]:
                phone.wait_for_phase("answering", question)
                phone.clock.wait_until(opens_at)
                opened_at = truth.now()
                truth.wait_until(opens_at + 800)
                chosen_at = truth.now()
                return opened_at, chosen_at, phone.choose(["b"])

            choices = [at_once.submit(choose, phone, question, opens_at) for phone in phones]
            asked = []
            for phone, choice in zip(phones, choices, strict=True):
                opened_at, chosen_at, at = choice.result()
                opened.setdefault(phone, []).append(opened_at - opens_at)
                asked.append((phone, question, opens_at, chosen_at, at, result_of(phone, question)["points"]))
            if not was_held_up(room.host, asked):
                rows += asked
            if len(rows) == wanted * len(phones):
                break
        kept = responses_in_journal(server, room.code, tmp_path)
    assert len(rows) == wanted * len(phones), "this machine held up a response in nearly every question"

    lines, fair, uncompensated = [], {}, {}
    for phone, question, opens_at, chosen_at, at, points in rows:
        arrival = kept[phone.id, question].arrival
        bare = points_of(Fraction(1), 1_000, arrival - opens_at, 10_000)
        uncompensated.setdefault(question, []).append(bare)
        # A busy machine lets one tap a little later than the others: then its own instant is what is due.
        due = points_of(Fraction(1), 1_000, round(chosen_at) - opens_at, 10_000)
        fair.setdefault(question, []).append(points / due)
        lines.append(
            f"question {question + 1}, {phone.nickname:>8} one way: counted {at - chosen_at:+4.0f} ms from "
            f"the true instant, {points} points; by arrival {arrival - chosen_at:+4.0f} ms, {bare} points"
        )
    measured(*lines)
    for phone, late_ms in opened.items():
        measured(f"{phone.nickname} one way: opened {late_ms[-1]:+.0f} ms from the announced instant")
        assert abs(min(late_ms, key=abs)) <= GENEROUS * CLOSE_MS[phone.nickname]
    for question in fair:
        apart, bare = spread(fair[question]), spread(uncompensated[question])
        measured(f"question {question + 1}: {apart:.2f} % apart; by arrival {bare:.2f} %")
        assert apart <= 1
    for phone, _, _, chosen_at, at, _ in rows:
        assert abs(at - chosen_at) <= GENEROUS * CLOSE_MS[phone.nickname]


def was_held_up(host: Host, asked: list[tuple[Any, ...]]) -> bool:
    """Tell whether a response took longer than its network does: then a busy machine has kept it."""
    sent = {phone.id: (phone.nickname, at - chosen_at) for phone, _, _, chosen_at, at, _ in asked}
    seen = host.ask("host:network", {"question": asked[0][1]})["players"]
    return any(
        late_ms + row["credited_ms"] > SLOWEST_MS[name] + HELD_UP_MS
        for row in seen
        for name, late_ms in [sent[row["id"]]]
    )


def spread(points: list[float]) -> float:
    """Return how far apart the best and the worst are, in % of the best."""
    return 100 * (max(points) - min(points)) / max(points)


class LateProber(HonestPhone):
    """A liar that looks far away: answers probes late."""

    LATE_S = 0.6

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.has_answered = threading.Event()
        super().__init__(*arguments, answers_probes=False, **options)

    def _take(self, frame: str) -> None:
        number, probe, _ = frame[2:].partition('["probe"')
        if probe:
            threading.Timer(self.LATE_S, self._answer_probe, [number]).start()
        super()._take(frame)

    def _answer_probe(self, number: str) -> None:
        if self.is_open:
            self.send_raw(f"43{number}[{{}}]")
            self.has_answered.set()


LOST_MS, GIVEN_BACK_MS = 400, 5_000
"""The most that a round trip explains, and the most that a lost connection explains."""
POINTS = {LOST_MS: 22.5, GIVEN_BACK_MS: 137.5}
"""What each is worth at most, of 1,000 points at 20 s, the 500 ms that cost nobody anything included."""


class Lies:
    """A question of 20 s in a room of liars, and one who is honest."""

    def __init__(self, room: Any, connect: Callable[..., Any], truth: PhoneClock) -> None:
        self.room, self.truth = room, truth
        self._connect = connect
        self.players: dict[str, HonestPhone] = {}
        self.rows: list[tuple[str, float, int]] = []
        """Who responded, when in truth, and the time that was acknowledged."""

    def sit_down(self, name: str, kind: type[HonestPhone] = HonestPhone, to: Any = None) -> None:
        phone = self._connect(kind, to or self.room.server, self.room.opened)
        phone.join(name)
        self.players[name] = phone

    def open_question(self) -> int:
        """Open the question and return when."""
        self.room.host.do("start")
        opens_at: int = self.room.host.wait_for_phase("answering")["opens_at"]
        for player in self.players.values():
            if player.is_open:
                player.wait_for_phase("answering")
        return opens_at

    def come_back(self, name: str) -> None:
        phone = self._connect(type(self.players[name]), self.room.server, self.room.opened)
        phone.rejoin(self.players[name].token)
        self.players[name] = phone

    def answer(self, claims: dict[str, float]) -> None:
        """Have them all respond now, each with the time that it claims."""
        asked = {}
        for name, claim in claims.items():
            lie = {"question": 0, "response": ["b"], "at": round(claim)}
            asked[name] = self.truth.now(), self.players[name].send("player:answer", lie)
        for name, (sent_at, number) in asked.items():
            self.rows.append((name, sent_at, self.players[name].acknowledgement(number)["at"]))

    def assert_gains(self, gain_ms: int, marked: set[str], folder: Path, measured: Measured) -> None:
        """Wait for the reveal; nobody has gained more than this, and the journal marks these."""
        results = {name: result_of(player, 0) for name, player in self.players.items()}
        honest = results["honest"]["points"]
        kept = responses_in_journal(self.room.server, self.room.code, folder)
        lines = []
        for name, sent_at, at in self.rows:
            event, gained = kept[self.players[name].id, 0], results[name]["points"] - honest
            lines.append(
                f"{name:>12} gained {sent_at - at:+6.0f} of {gain_ms} ms, {gained:+4d} of {POINTS[gain_ms]} "
                f"points, round trip {event.round_trip_ms} ms{', marked' if event.is_recovered else ''}"
            )
        measured(*lines)
        for name, _, at in self.rows:
            event = kept[self.players[name].id, 0]
            assert event.at == at >= event.arrival - gain_ms
            assert event.response == ("b",)
            assert event.is_recovered == (name in marked)
            assert results[name]["points"] - honest <= POINTS[gain_ms] + 1  # a point for rounding


@pytest.fixture
def lies(open_room: Any, connect: Any, true_clock: Any) -> Lies:
    room = open_room(bank="network", time_factor=2, leaderboard=False)
    return Lies(room, connect, true_clock(room.server, room.code))


def test_a_lie_about_time_gains_no_more_than_fairness_says(lies, tmp_path, measured):
    """Who claims early, answers probes late or both gains 400 ms; who shows the options early, the lead."""
    lies.sit_down("honest")
    lies.sit_down("early")
    lies.sit_down("late probes", LateProber)
    lies.sit_down("both", LateProber)
    for name in ("late probes", "both"):
        assert lies.players[name].has_answered.wait(20)
    assert lies.players["honest"].clock.is_synced.wait(20)
    opens_at = lies.open_question()
    too_early = {"question": 0, "response": ["b"], "at": opens_at}
    assert lies.truth.now() < opens_at
    assert lies.players["both"].refusal("player:answer", too_early) == "wrong_phase"

    # Where it pays most: what was chosen after the free 500 ms is claimed to have been within them.
    lies.truth.wait_until(opens_at + 870)
    honest = lies.players["honest"].clock.now()
    lies.answer({"honest": honest, "early": opens_at, "late probes": opens_at + 490, "both": 0})
    lies.assert_gains(LOST_MS, set(), tmp_path, measured)


# The rule is the same in both modes, and the test is long.
@pytest.mark.parametrize("server", MODES if IS_LONG else MODES[:1], indirect=True)
def test_to_lose_the_connection_on_purpose_gains_no_more_than_fairness_says(server, lies, tmp_path, measured):
    """Dropped, dropped with late probes, away from before the question, silent: 5 s, once, and marked."""
    gone = ("drops", "drops, both", "away before", "silent")
    with Proxy(server.address) as network:
        lies.sit_down("honest")
        lies.sit_down("drops")
        lies.sit_down("drops, both", LateProber)
        lies.sit_down("away before")
        lies.sit_down("silent", to=network)
        lies.players["away before"].drop()
        lies.room.host.wait_for(lambda host: is_gone(host.roster, "away before"))
        opens_at = lies.open_question()
        lies.truth.wait_until(opens_at + 20)
        network.go_silent()
        for name in ("drops", "drops, both"):
            lies.players[name].drop()
        # Later than the 5 s by less than the free 500 ms: where it pays most.
        lies.truth.wait_until(opens_at + 5_200)
        for name in gone:
            lies.come_back(name)
        lies.truth.wait_until(opens_at + 5_350)
        lies.answer({"honest": lies.players["honest"].clock.now(), **dict.fromkeys(gone, opens_at)})
        first = {name: at for name, _, at in lies.rows}
        for name in ("drops", "silent"):
            lies.players[name].drop()
            lies.come_back(name)
            again = {"question": 0, "response": ["a"], "at": opens_at}
            assert lies.players[name].ask("player:answer", again)["at"] == first[name]
        lies.assert_gains(GIVEN_BACK_MS, set(gone), tmp_path, measured)


NOTICED_S = 20
WAITED_FOR_S = 10
"""Who has dropped less than this ago is still waited for."""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="only Unix stops a process")
def test_a_stopped_and_a_silent_phone_are_noticed_and_may_still_answer_when_they_return(
    tmp_path, connect, measured
):
    """Within 20 s; a class in which they do not return waits 10 s more for them, and not to the bell."""
    with ThreadPoolExecutor(len(MODES)) as at_once:
        for lines in at_once.map(lambda mode: silence_in(mode, tmp_path / mode, connect), MODES):
            measured(*lines)


def silence_in(mode: str, folder: Path, connect: Callable[..., Any]) -> list[str]:
    """Play it in two rooms of one server: they return to the question of the first, not of the second."""
    folder.mkdir()
    server = Server(folder, mode)
    back, left = (RoomAtWork(server, server.open_room(time_factor=4), connect) for _ in range(2))
    task = {"address": server.address, "room": back.code, "nickname": "stopped", "response": ["b"]}
    sleeper = start("lone_sleeper", task)
    try:
        with Proxy(server.address) as network:
            began = fall_silent(network, sleeper, back, left, connect)
            noticed = [noticed_after(back.host, name, began) for name in ("stopped", "silent")]
            network.speak()
            sleeper.send_signal(signal.SIGCONT)
            silent = connect(HonestPhone, network, back.opened)
            silent.rejoin(back.phones[1].token)
            # What the student tapped meanwhile comes with the time of the tap, as far as that is believed.
            opens_at = silent.view["opens_at"]
            at = silent.answer(["b"], at=opens_at + 1)
            assert opens_at + 1 < at < silent.now()
            back.host.wait_for_phase("reveal")
            closed_at = back.host.view["now"]
            assert back.host.view["answered"] == 3
            assert closed_at < bell_of(back)
            [report] = reports_of([sleeper])
            assert report["phase"] == "answering"
            assert report["at"] == report["claimed"]
            assert report["result"]["points"] > 0
            assert result_of(silent, 0)["points"] > 0

            noticed.append(noticed_after(left.host, "silent", began))
            left.host.wait_for_phase("reveal")
            waited_s = (
                came_at(left.host, "view", lambda view: view["phase"] == "reveal") - began - noticed[-1]
            )
            assert left.host.view["answered"] == 1
            assert left.host.view["now"] < bell_of(left)
            assert waited_s <= GENEROUS * WAITED_FOR_S
    finally:
        sleeper.kill()
        server.stop()
    return [
        f"{mode}: stopped and silent, noticed after {', '.join(f'{s:.1f}' for s in noticed)} s (stated: "
        f"{NOTICED_S}); who did not return was waited for {waited_s:.1f} s more (stated: {WAITED_FOR_S})"
    ]


def fall_silent(
    network: Proxy, sleeper: Any, back: RoomAtWork, left: RoomAtWork, connect: Callable[..., Any]
) -> float:
    """Open the questions, stop one phone, silence the others, and return when, in s."""
    for room in (back, left):
        room.fill("Ada")
        silent = connect(HonestPhone, network, room.opened)
        silent.join("silent")
        room.phones.append(silent)
    back.host.wait_for(lambda host: len(host.roster) == 3)
    for room in (back, left):
        room.open_question()
        room.phones[0].answer(["b"])
    network.go_silent()
    sleeper.send_signal(signal.SIGSTOP)
    return time.monotonic()


def noticed_after(host: Host, nickname: str, began: float) -> float:
    """Wait until the host is told that a player is gone; return how long after this moment, in s."""
    host.wait_for(lambda host: is_gone(host.roster, nickname), GENEROUS * NOTICED_S)
    return came_at(host, "roster", lambda roster: is_gone(roster["players"], nickname)) - began


def came_at(client: Client, event: str, is_it: Callable[[Any], bool]) -> float:
    """Return when the first such event came, in s."""
    with client._changed:
        both = list(zip(client.arrivals, client.events, strict=True))
    return next(came for (came, name), (_, payload) in both if name == event and is_it(payload))


def bell_of(room: RoomAtWork) -> int:
    """Return when the first question would have closed by itself."""
    [bell] = {payload["closes_at"] for name, payload in room.host.events if "closes_at" in payload}
    return bell
