"""The scenarios: each plays with real phones' traffic and returns rows of the table."""

from __future__ import annotations

import contextlib
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from .contestants import (
    SILENT,
    BareLoop,
    Contestant,
    bare_loop_at_work,
    open_next,
    peer_at_work,
    plenary,
    plenary_at_work,
    room,
)
from .crowd import Broken, Crowd, Loop
from .measuring import Series, Stretch, exponent, memory_bytes, percentile
from .pages import Visit, files_of
from .peers.catalogue import Peer, bare_loop, socketio_peers
from .table import Mark, Row, bottleneck, row

NODE = "Socket.IO on Node.js"
PLAIN = "plain Flask-SocketIO on eventlet"
GEVENT = "plain Flask-SocketIO on gevent"
ALONE = "plain Flask-SocketIO on threading"
"""Not beside the others: its thousand threads would leave them next to nothing of their core. And once alone:
after more than one storm the first of its phones have waited too long for a ping.
"""

BROADCAST_TIMES_LOOP, LAST_TIMES_LOOP, LAST_MORE_MS = 1.6, 2.0, 5.0
STORM_TIMES_PLAIN = 2.5
SPREAD_P99_MS, SPREAD_SERVER_SHARE = 25.0, 0.60
REVEAL_MS = 60.0
JOIN_P99_S, ARRIVAL_PATIENCE_S = 1.0, 120.0
MEMORY_KB = 70.0
LINEAR = 1.1
"""The largest exponent that is still called linear."""
ROOMS, ROOMS_TIMES_ONE = 10, 1.15


@dataclass(frozen=True)
class Plan:
    """How much is done; medians are of `rounds`, after one that does not count."""

    rounds: int
    phones: int = 1_000
    broadcasts: int = 20
    storms: int = 5
    games: int = 7
    """How often a whole question is played in rooms of each kind, after one that does not count."""
    sizes: tuple[int, ...] = (100, 250, 500, 1_000, 2_000)
    servers: int = 5
    """How many servers are started for what each can show only once: a class that arrives, memory."""
    settling_s: float = 3.5
    """Five probes go out within three seconds of joining; what is measured begins after them."""
    arriving_s: float = 10.0
    left_out: tuple[str, ...] = ()
    """The peers for which there is no time; the threading one takes a quarter of a minute for a storm."""


SHORT = Plan(
    rounds=3, broadcasts=10, storms=1, games=2, sizes=(100, 500, 2_000), servers=1, left_out=(GEVENT, ALONE)
)
LONG = Plan(rounds=7)


# --- beside the peers -------------------------------------------------------------------------------


def beside_peers(plan: Plan, loop: Loop, say: Callable[[str], object]) -> list[Row]:
    """Broadcasts and storms of responses, Plenary and its peers in turn, all with their phones connected."""
    peers = [peer for peer in socketio_peers(fetches=True) if peer.name not in plan.left_out]
    left_out = [Row("peers", peer.name, peer.lacks, mark=Mark.NOT_FOUND) for peer in peers if peer.lacks]
    rivals: list[Contestant] = []

    def join(peer: Peer, stack: contextlib.ExitStack) -> None:
        say(f"{plan.phones} phones join {peer.name}")
        try:
            rivals.append(stack.enter_context(peer_at_work(loop, peer, plan.phones)))
        except (Broken, RuntimeError) as error:
            left_out.append(Row("peers", peer.name, str(error), mark=Mark.NOT_REPORTED))

    def work(rival: Contestant, broadcasts: int, storms: int) -> None:
        try:
            rival.work(broadcasts, storms)
        except Broken as error:
            rival.broke = str(error)
            if not (rival.name == ALONE and rival.broadcast_us.values):
                rivals.remove(rival)
                left_out.append(Row("peers", rival.name, rival.broke, mark=Mark.NOT_REPORTED))

    with contextlib.ExitStack() as stack:
        say(f"{plan.phones} phones join Plenary")
        ours: Contestant = stack.enter_context(plenary_at_work(loop, plan.phones))
        limit = stack.enter_context(bare_loop_at_work(loop, bare_loop(), plan.phones))
        for peer in peers:
            if not peer.lacks and peer.name != ALONE:
                join(peer, stack)
        loop.rest(plan.settling_s)
        for number in range(plan.rounds + 1):
            say(f"round {number} of {plan.rounds}" if number else "a round that does not count")
            limit.broadcast(plan.broadcasts)
            ours.work(plan.broadcasts, plan.storms)
            for rival in list(rivals):
                work(rival, plan.broadcasts, plan.storms)
        for series in [limit.cpu_us, limit.wall_ms, *(s for one in [ours, *rivals] for s in one.all_series)]:
            series.drop_first()
    for peer in peers:
        if peer.name == ALONE and not peer.lacks:
            with contextlib.ExitStack() as stack:
                join(peer, stack)
                for rival in [rival for rival in rivals if rival.name == ALONE]:
                    work(rival, plan.broadcasts, 1)
    left_out += [Row("peers", name, "with --long only") for name in plan.left_out]
    return [*_ratios(limit, ours, rivals), *_figures(limit, [ours, *rivals]), *left_out]


def _ratios(limit: BareLoop, ours: Contestant, rivals: list[Contestant]) -> list[Row]:
    """Return the rows of the targets."""
    by_name = {one.name: one for one in rivals}
    node, plain = by_name.get(NODE), by_name.get(PLAIN)
    broadcast, last, rate = ours.broadcast_us.median, ours.last_ms.median, ours.rate.median
    ratio = broadcast / limit.cpu_us.median
    beside_node = f"; {NODE}: {node.broadcast_us.median:.1f} µs" if node else f"; no {NODE} here"
    most_ms = LAST_TIMES_LOOP * limit.wall_ms.median + LAST_MORE_MS
    times_plain = rate / plain.rate.median if plain else 0.0
    phones = len(ours.crowd.phones)
    return [
        row(
            "broadcast",
            f"broadcast of a question to {phones:,} phones, CPU a phone",
            f"{broadcast:.1f} µs, {ratio:.2f} × the {limit.name} ({limit.cpu_us.median:.1f} µs){beside_node}",
            f"at most {BROADCAST_TIMES_LOOP} × the bare loop, and below {NODE}",
            is_met=ratio <= BROADCAST_TIMES_LOOP and (not node or broadcast < node.broadcast_us.median),
            by=[ours.broadcast_us, *([node.broadcast_us] if node else [])],
        ),
        row(
            "press",
            f"from the host's press to the last of {phones:,} phones",
            f"{last:.1f} ms (the {limit.name} takes {limit.wall_ms.median:.1f} ms)",
            f"at most {LAST_TIMES_LOOP:g} × the bare loop and {LAST_MORE_MS:g} ms: {most_ms:.1f} ms",
            is_met=last <= most_ms,
            by=[ours.last_ms],
        ),
        row(
            "storm",
            "responses a second, saturated, journalled and acknowledged",
            f"{rate:,.0f}" + (f", {times_plain:.2f} × {PLAIN} ({plain.rate.median:,.0f})" if plain else ""),
            f"at least {STORM_TIMES_PLAIN} × {PLAIN}, which keeps no journal",
            is_met=times_plain >= STORM_TIMES_PLAIN if plain else None,
            by=[ours.rate, *([plain.rate] if plain else [])],
        ),
    ]


def _figures(limit: BareLoop, all_of_them: list[Contestant]) -> list[Row]:
    """Return what each has done, beside each other."""
    rows = [
        Row(
            "peers",
            limit.name,
            f"{limit.cpu_us.median:.1f} µs CPU a phone, all sent within {limit.wall_ms.median:.1f} ms",
        )
    ]
    for one in all_of_them:
        parts = [f"{one.broadcast_us.median:.1f} µs CPU a phone, last after {one.last_ms.median:.1f} ms"]
        if one.rate.values:
            parts.append(
                f"{one.rate.median:,.0f} responses a second, {one.response_us.median:.0f} µs CPU each"
            )
        for n, series in enumerate((one.broadcast_us, one.rate)[: len(parts)]):
            is_busy = bottleneck([series]) if series.is_refused else ""
            parts[n] = is_busy or f"{parts[n]} (generator busy {series.own_share:.0%})"
        parts += [f"then it broke: {one.broke}"] if one.broke else []
        rows.append(Row("peers", one.name, "; ".join(parts)))
    return rows


# --- Plenary alone ----------------------------------------------------------------------------------


def questions(plan: Plan, loop: Loop, say: Callable[[str], object]) -> list[Row]:
    """What a phone that joins and plays holds in memory; responses within a second; the reveal after them."""
    at = Questions()
    for _ in range(plan.servers):
        with plenary() as server:
            crowd = room(loop, server, 0)
            before = memory_bytes(server.pid)
            say(f"{plan.phones} phones join")
            crowd.join(plan.phones + SILENT)
            loop.rest(plan.settling_s)
            at.joined_kb.append((memory_bytes(server.pid) - before) / len(crowd.phones) / 1_000)
            _ask(Questions(), plan.phones, crowd, server.pid)
            at.played_kb.append((memory_bytes(server.pid) - before) / len(crowd.phones) / 1_000)
            for number in range(plan.rounds):
                say(f"question {number + 1} of {plan.rounds}")
                _ask(at, plan.phones, crowd, server.pid)
            crowd.leave()
    return at.rows(plan.phones)


@dataclass(frozen=True)
class Questions:
    """What was measured while questions were asked."""

    joined_kb: list[float] = field(default_factory=list)
    played_kb: list[float] = field(default_factory=list)
    p50_ms: Series = field(default_factory=Series)
    p99_ms: Series = field(default_factory=Series)
    server_share: Series = field(default_factory=Series)
    reveal_ms: Series = field(default_factory=Series)

    def rows(self, phones: int) -> list[Row]:
        p50, p99, busy = self.p50_ms.median, self.p99_ms.median, self.server_share.median
        reveal, joined, played = (
            self.reveal_ms.median,
            *map(statistics.median, (self.joined_kb, self.played_kb)),
        )
        return [
            row(
                "spread",
                f"{phones:,} responses within one second, journalled and acknowledged",
                f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, the server's core busy {busy:.0%}"
                f" (generator {self.p99_ms.own_share:.0%})",
                f"p99 under {SPREAD_P99_MS:g} ms, the server's core below {SPREAD_SERVER_SHARE:.0%}",
                is_met=p99 < SPREAD_P99_MS and busy < SPREAD_SERVER_SHARE,
                by=[self.p99_ms],
            ),
            row(
                "reveal",
                f"reveal with {phones:,} personal results, from the first to the last arrival",
                f"{reveal:.0f} ms (generator busy {self.reveal_ms.own_share:.0%})",
                f"within {REVEAL_MS:g} ms",
                is_met=reveal <= REVEAL_MS,
                by=[self.reveal_ms],
            ),
            row(
                "memory",
                f"memory a connected phone, of {phones:,}",
                f"{joined:.0f} KB joined, {played:.0f} KB after a question",
                f"at most {MEMORY_KB:g} KB",
                is_met=played <= MEMORY_KB,
                by=[],
            ),
        ]


def _ask(at: Questions, phones: int, crowd: Crowd, pid: int) -> None:
    """Ask one question, have it responded to within a second, and reveal it."""
    open_next(crowd)
    frames = crowd.answers(crowd.phones[:phones])
    crowd.forget()
    with Stretch(pid) as stretch:
        began = perf_counter()
        for line, frame in frames:
            crowd.loop.at(began + random.random(), partial(line.respond, frame))
        crowd.wait_for(acks=phones, yous=phones)
    waits_ms = [wait_s * 1e3 for wait_s in crowd.waits_s]
    at.p50_ms.add(percentile(waits_ms, 0.5), stretch.own_share)
    at.p99_ms.add(percentile(waits_ms, 0.99), stretch.own_share)
    at.server_share.add(stretch.server_share, stretch.own_share)
    crowd.forget()
    with Stretch(pid) as stretch:
        crowd.press("host:command", {"do": "skip"})
        crowd.wait_for(views=len(crowd.phones), yous=len(crowd.phones))
    at.reveal_ms.add((crowd.yous[-1] - crowd.views[0]) * 1e3, stretch.own_share)
    crowd.wait_for_phase("reveal")


def arrivals(plan: Plan, loop: Loop, say: Callable[[str], object]) -> list[Row]:
    """Phones that load the page as a browser does and join, within ten seconds of each other."""
    load, join, server_share = Series(), Series(), Series()
    refused: list[str] = []
    for _ in range(plan.servers):
        say(f"{plan.phones} phones load the page and join within {plan.arriving_s:g} s")
        with plenary() as server:
            crowd = room(loop, server, 0)
            with Stretch(server.pid) as stretch:
                page = server.get(f"/j/{crowd.room}").body.decode()
                loads_s, joins_s, failures = _arrive(plan, crowd, files_of(page))
            for failure in failures[:3]:
                say(failure)
            refused += failures
            crowd.leave()
        load.add(percentile(loads_s, 0.99), stretch.own_share)
        join.add(percentile(joins_s, 0.99), stretch.own_share)
        server_share.add(stretch.server_share, stretch.own_share)
    return [
        row(
            "join",
            f"{plan.phones:,} phones load the page and join within {plan.arriving_s:g} s",
            f"{len(refused)} refused; p99 join {join.median:.2f} s, load {load.median:.2f} s,"
            f" the server's core busy {server_share.median:.0%} (generator {join.own_share:.0%})",
            f"none refused, p99 join under {JOIN_P99_S:g} s",
            is_met=not refused and join.median < JOIN_P99_S,
            by=[join],
        )
    ]


def _arrive(plan: Plan, crowd: Crowd, files: list[str]) -> tuple[list[float], list[float], list[str]]:
    """Return how long each load and each join took, in s, and what failed."""
    loads_s: list[float] = []
    joins_s: list[float] = []
    visits: list[Visit] = []
    failures: list[str] = []

    def begin() -> None:
        began = perf_counter()

        def loaded(failed: list[str]) -> None:
            loads_s.append(perf_counter() - began)
            failures.extend(failed)
            pressed = perf_counter()
            crowd.open_one(then=lambda: joins_s.append(perf_counter() - pressed))

        look = f"/api/rooms/{crowd.room}"
        visits.append(Visit(crowd.loop, crowd.address, f"/j/{crowd.room}", files, look, loaded))

    now = perf_counter()
    for _ in range(plan.phones):
        crowd.loop.at(now + random.uniform(0, plan.arriving_s), begin)
    crowd.loop.run(
        lambda: (
            len(visits) == plan.phones and len(joins_s) + len(crowd.lost) + len(crowd.refused) >= plan.phones
        ),
        plan.arriving_s + ARRIVAL_PATIENCE_S,
    )
    for visit in visits:
        visit.leave()
    return loads_s, joins_s, [*failures, *crowd.lost, *crowd.refused]


def growth(plan: Plan, loop: Loop, say: Callable[[str], object]) -> list[Row]:
    """What a whole question costs in rooms of different sizes."""
    costs: dict[int, Series] = {}
    with plenary() as server:
        for size in plan.sizes:
            say(f"questions in a room of {size}")
            crowd = room(loop, server, size, reading_time="auto")
            loop.rest(plan.settling_s)
            costs[size] = Series()
            for number in range(plan.games + 1):
                with Stretch(server.pid) as stretch:
                    play([crowd])
                if number:
                    costs[size].add(stretch.server_s, stretch.own_share)
            crowd.leave()
    slope = exponent({size: series.median for size, series in costs.items()})
    a_phone = ", ".join(f"{size:,}: {costs[size].median / size * 1e6:.0f} µs" for size in costs)
    return [
        row(
            "growth",
            f"a room's cost a question, from {min(costs):,} to {max(costs):,} phones",
            f"grows with the power {slope:.2f} of the phones; a phone and question {a_phone}",
            f"linearly: a power of at most {LINEAR}",
            is_met=slope <= LINEAR,
            by=list(costs.values()),
        )
    ]


def rooms(plan: Plan, loop: Loop, say: Callable[[str], object]) -> list[Row]:
    """Ten rooms that play at the same time, in turn with one of the same number of phones."""
    of_ten, of_one = Series(), Series()
    each = plan.phones // ROOMS
    with plenary() as server:
        say(f"{ROOMS} rooms of {each} and one of {plan.phones}")
        small = [room(loop, server, each, reading_time="auto") for _ in range(ROOMS)]
        large = [room(loop, server, plan.phones, reading_time="auto")]
        loop.rest(plan.settling_s)
        for number in range(plan.games + 1):
            for series, crowds in ((of_ten, small), (of_one, large)):
                with Stretch(server.pid) as stretch:
                    play(crowds)
                if number:
                    series.add(stretch.server_s, stretch.own_share)
        for crowd in [*small, *large]:
            crowd.leave()
    ratio = of_ten.median / of_one.median
    return [
        row(
            "rooms",
            f"CPU a question, {ROOMS} rooms of {each} beside one of {plan.phones:,}",
            f"{ratio:.2f} × ({of_ten.median * 1e3:.0f} and {of_one.median * 1e3:.0f} ms)",
            f"at most {ROOMS_TIMES_ONE} ×",
            is_met=ratio <= ROOMS_TIMES_ONE,
            by=[of_ten, of_one],
        )
    ]


def play(crowds: list[Crowd]) -> None:
    """Play one question in all these rooms at once: shown, read, opened, responded to, revealed, ranked."""
    _together(crowds, "start" if crowds[0].view["phase"] == "lobby" else "next", "reading", "answering")
    if crowds[0].view["phase"] == "reading":
        _together(crowds, "skip", "answering")
    for crowd in crowds:
        crowd.wait_until_open()
    for crowd in crowds:
        crowd.forget()
        crowd.send(crowd.answers())
    for crowd in crowds:  # a `you` for the response, and one for the result
        size = len(crowd.phones)
        crowd.wait_for(acks=size, yous=2 * size, views=size)
        crowd.wait_for_phase("reveal")
    _together(crowds, "next", "leaderboard")


def _together(crowds: list[Crowd], command: str, *phases: str) -> None:
    """Give a command in all rooms, and wait until all phones have what follows."""
    for crowd in crowds:
        crowd.forget()
        crowd.press("host:command", {"do": command})
    for crowd in crowds:
        crowd.wait_for(views=len(crowd.phones))
        crowd.wait_for_phase(*phases)


Scenario = Callable[[Plan, Loop, Callable[[str], object]], list[Row]]

SCENARIOS: dict[tuple[str, ...], Scenario] = {
    ("broadcast", "press", "storm", "peers"): beside_peers,
    ("spread", "reveal", "memory"): questions,
    ("join",): arrivals,
    ("growth",): growth,
    ("rooms",): rooms,
}
"""The rows that each scenario gives, in the order of the table."""
