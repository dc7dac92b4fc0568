"""Who may hold a connection and for how long: the gate's rules, over real sockets and without waiting."""

from __future__ import annotations

import socket
import time

import pytest

from server import gate as gates
from server.gate import Allowance, Gate, SlowLane, Stage, Visit


class Guest:
    """A connection and its visit; `is_cut` when the gate has ended it."""

    def __init__(self, gate: Gate, stage: Stage, age_s: float = 0.0) -> None:
        self.near, self.far = socket.socketpair()
        self.far.setblocking(False)
        self.visit: Visit = gate.admit(self.near)
        self.visit.enter(stage)
        self.visit.since -= age_s

    @property
    def is_cut(self) -> bool:
        try:
            return self.far.recv(1) == b""
        except BlockingIOError:
            return False


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.OPEN])
def test_who_stays_too_long_at_a_stage_is_ended(stage):
    """Whatever it sends meanwhile: a byte a second does not hold a connection for good."""
    gate = Gate(10)
    guests = [Guest(gate, stage, age_s) for age_s in (stage.limit_s - 1, stage.limit_s + 1)]
    gate.sweep()
    assert [guest.is_cut for guest in guests] == [False, True]


def test_a_websocket_may_stay():
    """Engine.IO's pings watch over it."""
    gate = Gate(10)
    guest = Guest(gate, Stage.OPEN, 1e6)
    gate.sweep()
    assert not guest.is_cut


def test_when_all_places_are_taken_the_oldest_that_has_not_asked_makes_room():
    """Nobody who plays and nobody who is being answered does."""
    gate = Gate(5)
    playing, answered = Guest(gate, Stage.OPEN, 50), Guest(gate, Stage.ANSWERING, 40)
    slow, silent = Guest(gate, Stage.ASKING, 5), Guest(gate, Stage.WAITING, 3)
    half = Guest(gate, Stage.GREETING, 2)
    Guest(gate, Stage.WAITING)
    assert [guest.is_cut for guest in (playing, answered, slow, silent, half)] == [False] * 2 + [True] + [
        False
    ] * 2
    Guest(gate, Stage.WAITING)
    assert silent.is_cut
    assert not half.is_cut


def test_those_who_have_not_asked_are_bounded_before_the_places_are(monkeypatch):
    """But nobody goes who has only just come, as a whole school does at the bell."""
    monkeypatch.setattr(gates, "MAX_UNFINISHED", 3)
    gate = Gate(100)
    old, *young = [Guest(gate, Stage.WAITING, 2), *(Guest(gate, Stage.WAITING) for _ in range(3))]
    assert old.is_cut
    Guest(gate, Stage.WAITING)
    assert not any(guest.is_cut for guest in young)


def test_who_has_left_takes_no_place():
    gate = Gate(1)
    for _ in range(3):
        guest = Guest(gate, Stage.WAITING)
        gate.leave(guest.visit)
        assert not guest.is_cut
    assert len(gate) == 0


def test_an_allowance_is_so_much_at_once_and_so_much_a_second(monkeypatch):
    """A connection that rests has its whole allowance again, and no more."""
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    allowance = Allowance(3, 2)
    assert [allowance.take() for _ in range(5)] == [True] * 3 + [False] * 2
    now += 1
    assert [allowance.take() for _ in range(3)] == [True] * 2 + [False]
    now += 1_000
    assert [allowance.take() for _ in range(4)] == [True] * 3 + [False]


def test_in_the_slow_lane_all_share_what_is_done_in_a_second(monkeypatch):
    """One alone hardly waits; of many, each waits for all before."""
    now, waited = 100.0, []
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(time, "sleep", waited.append)
    lane = SlowLane(10)
    for _ in range(4):
        lane.wait()
    now += 60
    lane.wait()
    assert waited == pytest.approx([0, 0.1, 0.2, 0.3, 0])


def test_a_flood_that_is_over_slows_nobody_for_long(monkeypatch):
    """Turns of those who have gone are not waited for without an end."""
    now, waited = 100.0, []
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(time, "sleep", waited.append)
    lane = SlowLane(10)
    for _ in range(1_000):
        lane.wait()
    assert max(waited) <= gates.LONGEST_WAIT_S
    now += gates.LONGEST_WAIT_S + 1
    lane.wait()
    assert waited[-1] == 0


def test_behind_a_proxy_a_connection_carries_everybody_s_requests(monkeypatch):
    """Such a connection is as fast at its thousandth request as at its first."""
    monkeypatch.setattr(gates.slow_lane, "wait", lambda: pytest.fail("it waits in the slow lane"))
    guest = Guest(Gate(10, are_shared=True), Stage.ASKING)
    turns: list[None] = []
    for _ in range(1_000):
        guest.visit.take_turn(lambda: turns.append(None))
    assert len(turns) == 1_000
