"""A class plays on and on while phones come and go: the server's memory stays flat, no descriptor is lost.

The long form (PLENARY_LONG=lesson) is two hours of 300 phones; `pytest -n 0 -s` shows each sample.
Descriptors decide. What memory did is printed, and fails only beyond three times what is stated.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Measured
from tests.live.line import Line, Lost
from tests.live.server import Opened, Server
from tests.load.flooder import rest
from tests.load.screens import Phone, Shown, Teacher

IS_LONG = os.environ.get("PLENARY_LONG") == "lesson"
PHONES = 300 if IS_LONG else 30
LASTS_S, SETTLES_S, SAMPLE_S = (7_200, 600, 10) if IS_LONG else (10, 3, 1)
"""How long the class plays, after how long memory has to be flat, and how often it is looked at."""
QUESTIONS, FEWEST_GAMES = 5 if IS_LONG else 2, 2
SLOWEST_MS = 1_000
PATIENCE_MS = 600
"""How much longer than the slowest the teacher waits for a phone that is not there."""
TROUBLE_S = 1.0 if IS_LONG else 0.2
"""How often something happens to one of the phones."""
ASLEEP_S = 30.0 if IS_LONG else 2.0
"""Longer, in the long form, than the server waits for the answer to a ping."""
STATED_MB, GENEROUS = 5.0, 3
"""How much more the server holds in the last quarter of the time than in the first, once it has settled."""
FEW_DESCRIPTORS = 5
"""By how many the connections of which only one side knows that they are over can differ."""
END_LIMIT_S = 60
STANDSTILL_S = 60
"""After how long without news on the projector the lesson has come to a standstill."""

pytestmark = [
    pytest.mark.timeout(LASTS_S + 300),
    pytest.mark.skipif(sys.platform != "linux", reason="reads the server's memory and descriptors in /proc"),
]


class Recent(Shown):
    """The views that were shown last: two hours of them would not fit."""

    MOST = 200

    def add(self, view: dict[str, Any]) -> None:
        super().add(view)
        if len(self.views) > self.MOST:
            del self.views[next(iter(self.views))]


class Pupil(Phone):
    """A phone to which things happen; of a game that is over it remembers nothing."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._beside: set[asyncio.Transport] = set()
        """What it has open besides its connection."""

    @property
    def connections(self) -> int:
        return len(self._beside) + (self.line is not None)

    def see(self, view: dict[str, Any]) -> None:
        super().see(view)
        if view["phase"] == "lobby":
            for memory in (self.chosen, self.acknowledged, self.results, self.late, self._due_ms):
                memory.clear()

    def take(self, event: str, payload: Any) -> None:
        if event == "closed":
            assert payload == {"reason": "replaced"}
        else:
            super().take(event, payload)

    def end(self) -> None:
        super().end()
        for transport in list(self._beside):
            transport.abort()

    @contextlib.contextmanager
    def _open_beside(self, transport: Any) -> Iterator[None]:
        self._beside.add(transport)
        if self.is_over:
            transport.abort()
        try:
            yield
        finally:
            self._beside.discard(transport)
            transport.abort()

    async def lose_the_network(self) -> None:
        if self.line:
            self.line.cut()

    async def fall_asleep(self) -> None:
        """Read nothing and answer no ping for a while, on the connection as it is."""
        if self.line:
            transport = self.line._writer.transport
            transport.pause_reading()
            await self.rest(ASLEEP_S)
            if not transport.is_closing():
                transport.resume_reading()

    async def load_the_page_again(self) -> None:
        """Leave the connection of the page open, as browsers do, until the server ends it."""
        await self.lose_the_network()
        await self._get(f"/j/{self.room}")

    async def begin_long_polling(self) -> None:
        """Begin a session and never come back to it."""
        await self._get(f"/socket.io/?EIO=4&transport=polling&room={self.room}")

    async def _get(self, path: str) -> None:
        host, _, port = self.address.partition(":")
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(host, int(port))
            with self._open_beside(writer.transport):
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.address}\r\n\r\n".encode())
                head = await reader.readline()
                assert self.is_over or head.startswith(b"HTTP/1.1 200 "), head
                await reader.read()

    async def open_a_second_screen(self) -> None:
        """Have the seat taken by another screen; the phone takes it back."""
        if self.line:
            with contextlib.suppress(Lost):
                second = await Line.open(self.address, self.room, lambda event, payload: None)
                with self._open_beside(second._writer.transport):
                    await second.ask("player:rejoin", {"room": self.room, "token": self.token})
                    await second.ended()

    async def leave(self) -> None:
        """Give the seat up for good."""
        if self.line:
            with contextlib.suppress(Lost):
                await self.line.ask("player:leave", {})
        self.end()


TROUBLES = (
    Pupil.lose_the_network,
    Pupil.fall_asleep,
    Pupil.load_the_page_again,
    Pupil.begin_long_polling,
    Pupil.open_a_second_screen,
    Pupil.leave,
)


class ImpatientTeacher(Teacher):
    """Goes on without those who are not there."""

    def _wanted(self) -> str | None:
        view = self.view
        if view.get("phase") == "answering" and self.now() > view["opens_at"] + SLOWEST_MS + PATIENCE_MS:
            return "skip"
        return super()._wanted()


@dataclass(frozen=True)
class Sample:
    """The server at one moment; sizes in MB, `cpu` its share of a core since the sample before."""

    at_s: float
    games: int
    connections: int
    descriptors: int
    rss: float
    pss: float
    threads: int
    journal: float
    cpu: float

    HEAD = "     s  games  connections  descriptors  RSS MB  PSS MB  threads  journal MB   CPU"

    def __str__(self) -> str:
        return (
            f"{self.at_s:6.0f}{self.games:7}{self.connections:13}{self.descriptors:13}"
            f"{self.rss:8.1f}{self.pss:8.1f}{self.threads:9}{self.journal:12.1f}{self.cpu:6.0%}"
        )


class Watched:
    """What /proc says of the server."""

    def __init__(self, server: Server) -> None:
        self._folder = Path(f"/proc/{server.pid}")
        self._data = server.data
        self._used_s, self._at = self._cpu_s(), time.monotonic()

    def descriptors(self) -> int:
        return len(os.listdir(self._folder / "fd"))

    def sample(self, at_s: float, games: int, connections: int) -> Sample:
        memory = self._fields("smaps_rollup")
        before_s, before = self._used_s, self._at
        self._used_s, self._at = self._cpu_s(), time.monotonic()
        return Sample(
            at_s=at_s,
            games=games,
            connections=connections,
            descriptors=self.descriptors(),
            rss=memory["Rss"] / 1_024,
            pss=memory["Pss"] / 1_024,
            threads=self._fields("status")["Threads"],
            journal=sum(file.stat().st_size for file in self._data.glob("journal.sqlite*")) / 2**20,
            cpu=(self._used_s - before_s) / (self._at - before),
        )

    def _cpu_s(self) -> float:
        user, system = (self._folder / "stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _fields(self, file: str) -> dict[str, int]:
        lines = (line.split() for line in (self._folder / file).read_text().splitlines())
        return {line[0].rstrip(":"): int(line[1]) for line in lines if len(line) > 1 and line[1].isdigit()}


class LongLesson:
    """The class at its screens, and what was seen of the server meanwhile."""

    def __init__(self, server: Server, opened: Opened) -> None:
        self._here = (server.address, opened.room)
        self._server = Watched(server)
        self._shown = Recent()
        self._numbers = itertools.count(1)
        self._began = time.monotonic()
        self.teacher = ImpatientTeacher(*self._here, opened.host_token, Recent())
        self.phones: list[Pupil] = []
        self.samples: list[Sample] = []
        self.descriptors_before, self.descriptors_after = self._server.descriptors(), 0
        """Those of the server before anybody came, and when all had gone."""
        self.happened: Counter[str] = Counter()
        self._news_seq, self._news_at = 0, self._began

    async def play(self) -> None:
        """Play game after game until the time is over and the last game at its podium."""
        self.teacher.is_class_here = lambda: all(phone.id for phone in self.phones)
        self.teacher.plays_again = lambda: not self._is_over()
        print(f"\n{Sample.HEAD}")
        async with asyncio.TaskGroup() as tasks:
            self._sit_down(tasks, self.teacher)
            for _ in range(PHONES):
                self._come_in(tasks)
            trouble = tasks.create_task(self._make_trouble(tasks))
            while not (self._is_over() and self.teacher.view.get("phase") == "podium"):
                await self.teacher.rest(SAMPLE_S)
                self._take_sample()
                self._look_for_news()
            trouble.cancel()
            for screen in (self.teacher, *self.phones):
                screen.end()
        give_up_at = time.monotonic() + END_LIMIT_S
        while (now := self._server.descriptors()) > self.descriptors_before and time.monotonic() < give_up_at:
            await rest(0.1)
        self.descriptors_after = now

    @property
    def games(self) -> int:
        game: int = self.teacher.view.get("game", 0)
        return game

    def _is_over(self) -> bool:
        return time.monotonic() - self._began > LASTS_S and self.games >= FEWEST_GAMES

    def _sit_down(self, tasks: asyncio.TaskGroup, screen: Phone | Teacher) -> None:
        tasks.create_task(screen.stay_connected())
        tasks.create_task(screen.act())

    def _come_in(self, tasks: asyncio.TaskGroup) -> None:
        phone = Pupil(*self._here, f"Player {next(self._numbers)}", self._shown, SLOWEST_MS)
        self.phones.append(phone)
        self._sit_down(tasks, phone)

    async def _make_trouble(self, tasks: asyncio.TaskGroup) -> None:
        """Let things happen to phones; whoever leaves makes room for another."""
        for trouble in itertools.cycle(TROUBLES):
            await self.teacher.rest(random.uniform(0.5, 1.5) * TROUBLE_S)
            phone = random.choice(self.phones)
            if phone.line is None:
                continue
            self.happened[trouble.__name__] += 1
            tasks.create_task(trouble(phone))
            if trouble is Pupil.leave:
                self.phones.remove(phone)
                self._come_in(tasks)

    def _take_sample(self) -> None:
        connections = 1 + sum(phone.connections for phone in self.phones)
        self.samples.append(self._server.sample(time.monotonic() - self._began, self.games, connections))
        print(self.samples[-1], flush=True)

    def _look_for_news(self) -> None:
        """Fail, and say where the lesson stands, where nothing has happened for long."""
        seq = self.teacher.view.get("seq", 0)
        if seq > self._news_seq:
            self._news_seq, self._news_at = seq, time.monotonic()
        view = {name: self.teacher.view.get(name) for name in ("seq", "game", "phase", "paused", "stalled")}
        assert time.monotonic() - self._news_at < STANDSTILL_S, (
            f"a standstill: projector {'' if self.teacher.line else 'not '}connected, its view {view}, "
            f"phones without a seat {[phone.nickname for phone in self.phones if not phone.id]}"
        )

    def settled(self) -> list[Sample]:
        return [sample for sample in self.samples if sample.at_s > SETTLES_S]

    def growth(self, of: Callable[[Sample], float]) -> float:
        """Return how much more it is in the last quarter of the settled time than in the first: medians."""
        values = [of(sample) for sample in self.settled()]
        quarter = max(1, len(values) // 4)
        return statistics.median(values[-quarter:]) - statistics.median(values[:quarter])

    def slope_mb_an_hour(self) -> float:
        """Return the slope of the line through the settled time's memory."""
        settled = self.settled()
        line = statistics.linear_regression(
            [sample.at_s for sample in settled], [sample.rss for sample in settled]
        )
        return line.slope * 3_600


def test_a_long_lesson_leaks_nothing(tmp_path: Path, measured: Measured) -> None:
    """Memory is flat once the server has settled; when all have gone it has the descriptors of the start."""
    server = Server(tmp_path, "eventlet")
    try:
        lesson = LongLesson(server, server.open_room("five", questions=QUESTIONS))
        # In a thread: after a browser test, Playwright's own loop runs in this one.
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(asyncio.run, lesson.play()).result()
    finally:
        server.stop()

    last = lesson.samples[-1]
    happened = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in lesson.happened.items())
    more_mb = lesson.growth(lambda at: at.rss)
    more_descriptors = lesson.growth(lambda at: at.descriptors - at.connections)
    measured(
        f"{PHONES} phones, {last.games} games in {last.at_s:.0f} s; {happened}",
        f"once settled ({SETTLES_S} s): RSS {more_mb:+.1f} MB from first to last quarter (stated "
        f"{STATED_MB:g} MB), slope {lesson.slope_mb_an_hour():+.2f} MB an hour, at the end {last.rss:.1f} MB",
        f"descriptors beyond the connections {more_descriptors:+g} from first to last quarter; "
        f"{lesson.descriptors_before} before anybody came, {lesson.descriptors_after} when all had gone",
        f"{last.threads} threads; journal {last.journal:.1f} MB",
    )
    assert lesson.descriptors_after <= lesson.descriptors_before
    assert more_descriptors <= FEW_DESCRIPTORS
    assert more_mb < GENEROUS * STATED_MB
