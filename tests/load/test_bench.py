"""The load generator is right before it is fast, and the server is right while it is fast.

A class whose every response comes in the same instant: each acknowledgement, score and screen is checked.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server.game import events as ev
from server.journal.store import Journal
from tests.conftest import Measured
from tests.live.server import Server
from tests.load.bench import contestants, measuring, scenarios, wire
from tests.load.bench.contestants import open_next
from tests.load.bench.crowd import Broken, Crowd, Loop
from tests.load.bench.measuring import LARGEST_SHARE, Series, exponent, percentile
from tests.load.bench.peers.catalogue import socketio_peers
from tests.load.bench.table import Mark, as_markdown, row
from tests.load.screens import Shown
from tests.load.test_kill import KEYS, OPTIONS, Kept, points_for
from tests.processes import PROJECT

IS_LONG = os.environ.get("PLENARY_LONG") == "1"
PHONES = 1_000 if IS_LONG else 300

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs more descriptors than Windows gives select()")


class Pupil:
    """What one phone was told, and what its student chose."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self.view: dict[str, Any] = {}
        self.you: dict[str, Any] = {}
        self.results: dict[int, dict[str, Any]] = {}
        self.acks: list[dict[str, Any]] = []
        self.chosen: dict[int, list[str]] = {}

    def hear(self, event: str, payload: Any) -> None:
        assert event in ("view", "you", "ack"), event
        if event == "ack":
            self.acks.append(payload)
            return
        assert payload["seq"] >= getattr(self, event).get("seq", 0), "it came out of order"
        setattr(self, event, payload)
        if event == "view":
            self._shown.add(payload)
        elif "result" in payload:
            self.results[payload["question"]] = payload["result"]


def choose(index: int, phone: int) -> list[str]:
    """Return a response: each option is chosen, and of several every number of them."""
    ids = "abcd"[: OPTIONS[index]]
    if len(KEYS[index]) > 1:
        return sorted(random.Random(phone).sample(ids, 1 + phone % len(ids)))
    return [ids[phone % len(ids)]]


def test_every_response_of_a_full_load_is_kept_once_and_scored_by_the_rules(
    tmp_path: Path, measured: Measured
) -> None:
    """All responses of a question in one instant: acknowledged, journalled once, in every result and rank."""
    server = Server(tmp_path, "eventlet")
    try:
        opened = server.open_room("five")
        on_phones, on_projector = Shown(), Shown()
        pupils = [Pupil(on_phones) for _ in range(PHONES)]
        loop = Loop()
        crowd = Crowd(loop, server.address, opened.room)
        crowd.attach(opened.host_token)
        crowd.join(PHONES, hear=lambda number: pupils[number].hear)
        slowest_s = [play(crowd, pupils, index) for index in range(len(KEYS))]
        for phase in ("leaderboard", "podium"):
            crowd.do("next")
            crowd.wait_for_phase(phase)
        loop.run(lambda: all(pupil.view["phase"] == "podium" for pupil in pupils))
        on_projector.add(crowd.view)
        crowd.leave()
    finally:
        server.stop()

    ids = [crowd.joined[number]["player"]["id"] for number in range(PHONES)]
    kept = kept_in(tmp_path)
    assert set(kept) == {(player, index) for player in ids for index in range(len(KEYS))}
    scores = {}
    for number, (player, pupil) in enumerate(zip(ids, pupils, strict=True)):
        points = []
        for index, ack in enumerate(pupil.acks):
            response = kept[player, index]
            assert ack["ok"]
            assert (response.response, response.times) == (pupil.chosen[index], [ack["at"]])
            points.append(points_for(response, index))
            result = pupil.results[index]
            assert (result["points"], result["response_ms"]) == (points[-1], response.elapsed_ms)
            assert result["correct"] == (set(response.response) == KEYS[index])
            assert result["answered"]
        assert pupil.you["score"] == sum(points)
        scores[f"Player {number}"] = sum(points)
    assert {line["nickname"]: line["score"] for line in crowd.view["leaderboard"]} == scores
    for line in crowd.view["leaderboard"]:
        assert line["rank"] == 1 + sum(score > line["score"] for score in scores.values())
    assert len({pupil.view["seq"] for pupil in pupils} | {crowd.view["seq"]}) == 1
    times = ", ".join(f"{seconds * 1000:.0f}" for seconds in slowest_s)
    measured(f"{PHONES} phones, all responses at once: the last acknowledged after {times} ms")


def play(crowd: Crowd, pupils: list[Pupil], index: int) -> float:
    """Play a question to its leaderboard; return how long the slowest acknowledgement took, in s."""
    open_next(crowd)
    assert crowd.view["question"]["index"] == index
    for number, pupil in enumerate(pupils):
        pupil.chosen[index] = choose(index, number)
    frames = crowd.answers(response=lambda number: pupils[number].chosen[index])
    crowd.forget()
    crowd.send(frames)
    # One `you` for the response, one for the result: with the last response the question closes by itself.
    crowd.wait_for(acks=len(pupils), yous=2 * len(pupils))
    crowd.wait_for_phase("reveal")
    for pupil in pupils:
        assert len(pupil.acks) == index + 1
        assert (pupil.view["phase"], pupil.view["answered"]) == ("reveal", len(pupils))
    return max(crowd.waits_s)


def kept_in(data: Path) -> dict[tuple[str, int], Kept]:
    """Return what the journal has of each player's response to each question, each of which is there once."""
    journal = Journal(data)
    [(_, events)] = journal.unfinished()
    journal.close()
    opens_at = {event.question: event.opens_at for event in events if isinstance(event, ev.QuestionOpened)}
    accepted = [event for event in events if isinstance(event, ev.ResponseAccepted)]
    kept = {
        (event.player, event.question): Kept(
            list(event.response), event.at - opens_at[event.question], [event.at]
        )
        for event in accepted
    }
    assert len(kept) == len(accepted), "a response was kept twice"
    return kept


# --- the generator ----------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 125, 126, 65_535, 65_536])
def test_a_frame_is_masked_and_says_how_long_it_is(length):
    payload = bytes(n % 251 for n in range(length))
    frame = wire.frame(payload)
    lengths = {126: 2, 127: 8}
    more = lengths.get(frame[1] & 0x7F, 0)
    mask, masked = frame[2 + more : 6 + more], frame[6 + more :]

    assert frame[:1] == b"\x81"
    assert frame[1] & 0x80
    assert (int.from_bytes(frame[2 : 2 + more]) if more else frame[1] & 0x7F) == length
    assert bytes(byte ^ mask[n % 4] for n, byte in enumerate(masked)) == payload


def test_a_phone_offers_to_compress_as_browsers_do_and_nothing_may_come_compressed():
    """Where a server takes the offer, what it sends cannot be told by its first bytes: the run breaks."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        loop = Loop()
        crowd = Crowd(loop, f"127.0.0.1:{listening.getsockname()[1]}", "123456")
        crowd.open_one()
        server, _ = listening.accept()
        with server:
            server.setblocking(False)
            came = bytearray()

            def has_asked() -> bool:
                with contextlib.suppress(BlockingIOError):
                    came.extend(server.recv(4_096))
                return came.endswith(b"\r\n\r\n")

            loop.run(has_asked)
            server.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
            )
            loop.run(lambda: crowd.lost)

    assert b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" in came
    for header in (b"User-Agent", b"Accept-Language", b"Accept-Encoding", b"Origin"):
        assert b"\r\n%s: " % header in came
    assert b"Cookie" not in came
    with pytest.raises(Broken, match="accepted an extension"):
        crowd.check()


def test_a_refused_phone_breaks_the_run():
    """A figure of phones of which some were refused would be that of fewer phones."""
    crowd = Crowd(Loop(), "127.0.0.1:9")
    crowd.refused.append('7: 431[{"ok":false}]')

    with pytest.raises(Broken, match="1 refused: 7: 431"):
        crowd.wait_for(acks=1)


@pytest.mark.parametrize(
    ("share", "mark"), [(LARGEST_SHARE, Mark.MET), (LARGEST_SHARE + 0.01, Mark.NOT_REPORTED)]
)
def test_a_generator_that_was_the_bottleneck_reports_nothing(share, mark):
    """It was too busy in one round of three: then no figure of the row stands."""
    series = Series()
    for own_share in (0.2, share, 0.3):
        series.add(12_345, own_share)
    told = row("storm", "responses a second", "12,345", "at least 1", is_met=True, by=[series])

    assert told.mark is mark
    assert ("12,345" in as_markdown([told])) == (mark is Mark.MET)


def test_the_figures_of_a_series_and_of_sizes():
    assert percentile([float(n) for n in range(101)], 0.99) == 99
    assert exponent({100: 3.0, 1_000: 30.0, 2_000: 60.0}) == pytest.approx(1)
    assert exponent({100: 1.0, 1_000: 100.0}) == pytest.approx(2)


# --- the command ------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells another process's processor time")
def test_every_scenario_runs_to_its_end(monkeypatch):
    """With a handful of phones, which shows nothing but that it works."""
    # What has to be fetched first is none of a test's; the other peers have theirs in test_peers.py.
    monkeypatch.setattr(scenarios, "socketio_peers", lambda fetches: socketio_peers()[:1])
    monkeypatch.setattr(measuring, "IS_PINNED", False)  # or the tests after this one would share a core
    few = {"rounds": 1, "broadcasts": 2, "storms": 1, "games": 1, "servers": 1}
    plan = scenarios.Plan(**few, phones=20, sizes=(5, 10), settling_s=0.1, arriving_s=0.5)
    told = []
    with contestants.plenary() as server:  # one for all of them
        for module in (contestants, scenarios):
            monkeypatch.setattr(module, "plenary", lambda: contextlib.nullcontext(server))
        for scenario in scenarios.SCENARIOS.values():
            told += scenario(plan, Loop(), lambda line: None)

    assert {row.name for row in told} == {name for names in scenarios.SCENARIOS for name in names}
    assert all(row.measured for row in told)


def test_the_command_explains_itself():
    """Also before anything is installed; the page that it points to describes every row."""
    told = subprocess.run(
        [sys.executable, PROJECT / "run.py", "bench", "--help"], capture_output=True, text=True
    )

    assert told.returncode == 0, told.stderr
    assert {"--long", "--only", "--markdown"} <= set(re.findall(r"--\w+", told.stdout))
    page = (PROJECT / "docs" / "benchmarks.md").read_text("utf-8").partition("## What came out")[0]
    for name in (name for names in scenarios.SCENARIOS for name in names):
        assert f"| `{name}` |" in page
