"""Code → room, and the turn: commands come in, are journalled together, and only then answered and shown.

A command is checked and applied at once, under the one lock. What it caused waits for the flush, which a turn
of the loop makes for all that came in it: one commit, then views, then acknowledgements, then deadlines. So
nothing is acknowledged or shown that the journal does not hold, and a thousand responses in a second cost
some dozens of commits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import structlog

from server import runtime
from server.game import commands as do
from server.game import events as ev
from server.game.errors import GameError, NoSuchRoom, Stalled
from server.game.questions import Distance, same_or_far
from server.game.room import Room
from server.journal.store import Entry, Journal, JournalError

from .measures import Measures

log = structlog.get_logger()

REFUSED = "The teacher's laptop cannot save right now; nothing is lost, try again soon."
BEHIND_RETRY_S = 1.0
"""How soon what could not be sent is sent again."""
STALLED_RETRY_S = 2.0
"""How often a journal that could not be written is tried again."""
BEAT_S = 0.2
"""So much of a running clock a kill can give back at most."""
REST_S = 0.003
"""Between two turns: a commit costs as much for one response as for ten, and many come together."""
EXPIRY_CHECKS = 60
"""How many times in its idle time a room is looked at."""


@dataclass
class LiveRoom:
    """A room with what only this process knows of it: who is connected, what still has to be sent."""

    room: Room
    key: str
    """Its name in the journal."""
    seats: dict[str, str] = field(default_factory=dict)
    """player_id → the sid that has the seat."""
    hosts: dict[str, str | None] = field(default_factory=dict)
    """sid → the language that each projector and remote asked for."""
    stalled_at: int | None = None
    """When the journal could first not be written; None while it can."""
    is_behind: bool = False
    """A flush could not send all that was new: the next one sends everything."""
    is_dirty: bool = False
    """A merged message is due: the next flush sends it."""
    deadline: int | None = None
    timer: runtime.Timer | None = None

    @property
    def is_stalled(self) -> bool:
        return self.stalled_at is not None


class Delivery(Protocol):
    """What sends views; see delivery.py."""

    def deliver(self, live: LiveRoom, events: Sequence[ev.Event]) -> None:
        """Send what the events changed, and what else is due."""


Done = Callable[[Any, Exception | None], None]
"""Takes the answer to a command, or why there is none."""


@dataclass
class _Request:
    """A command's events on their way through a flush, and what its sender waits for."""

    live: LiveRoom
    events: list[ev.Event]
    first_seq: int
    answer: Callable[[], Any] = lambda: None
    done: Done | None = None
    is_finished: bool = False

    def finish(self, result: Any = None, error: Exception | None = None) -> None:
        """Let the sender go on, once: what comes after an answer does not change it."""
        if self.is_finished or self.done is None:
            return
        self.is_finished = True
        try:
            self.done(result, error)
        except Exception:
            log.exception("answer_failed", room=self.live.room.code)


def _waiting() -> tuple[Callable[[], Any], Done]:
    """Return what waits for an answer, and what ends the waiting."""
    signal = runtime.Signal()
    outcome: list[tuple[Any, Exception | None]] = []

    def wait() -> Any:
        signal.wait()
        result, error = outcome[0]
        if error:
            raise error
        return result

    def done(result: Any, error: Exception | None) -> None:
        outcome.append((result, error))
        signal.give()

    return wait, done


class Rooms:
    """The rooms of this server; `distance` and `is_offensive` are what they judge written responses by."""

    def __init__(
        self,
        journal: Journal,
        clock: runtime.Clock,
        idle_hours: float,
        distance: Distance = same_or_far,
        is_offensive: Callable[[str], bool] = lambda word: False,
        measures: Measures | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self._journal = journal
        self._distance = distance
        self._is_offensive = is_offensive
        self._measures = measures or Measures()
        self._idle_ms = int(idle_hours * 3_600_000)
        self._rooms: dict[str, LiveRoom] = {}
        self._requests: list[_Request] = []
        self._is_flush_due = False
        self._rests_until = 0.0
        self._delivery: Delivery | None = None
        self.on_closed: Callable[[], None] = lambda: None
        """Called under the lock when a room has closed."""
        self.gather: Callable[[], AbstractContextManager[None]] = nullcontext
        """Within it, what goes to one connection is sent in one piece."""

    def start(self, delivery: Delivery) -> None:
        """Bring back the unfinished rooms, and begin to send."""
        self._delivery = delivery
        alive_at = self._journal.alive_at()
        for key, events in self._journal.unfinished():
            self._restore(key, events, alive_at)
        self._beat()
        if self._idle_ms:
            self._expire_later()

    def _beat(self) -> None:
        """Note while a clock runs that it does: after a kill it goes on from there."""
        with self.lock:
            if any(live.room.is_clock_running and not live.is_stalled for live in self):
                with suppress(JournalError):  # the next event tells
                    self._journal.note_alive(self.clock.now())
        runtime.Timer(BEAT_S, self._beat)

    def _restore(self, key: str, events: list[ev.Event], alive_at: int) -> None:
        try:
            room = self._replay(events)
        except (GameError, KeyError, TypeError) as error:
            log.error("room_not_restored", room=key, error=type(error).__name__)
            return
        stopped_at = max(room.touched_at, alive_at)
        self.clock.not_before(stopped_at)
        live = self._rooms[room.code] = LiveRoom(room, key)
        self.post(live, do.Restore(stopped_at))

    def _replay(self, events: Sequence[ev.Event]) -> Room:
        return Room.replay(events, self._distance, self._is_offensive)

    # --- looking up ---------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[LiveRoom]:
        return iter(list(self._rooms.values()))

    def __len__(self) -> int:
        return len(self._rooms)

    def __contains__(self, code: str) -> bool:
        return code in self._rooms

    def get(self, code: str) -> LiveRoom:
        """Return the room with this code.

        Raises:
            NoSuchRoom: there is none.
        """
        live = self._rooms.get(code)
        if live is None:
            raise NoSuchRoom("There is no room with this code; look at the screen and type it again.")
        return live

    # --- commands -----------------------------------------------------------------------------------

    def open(self, opened: ev.RoomOpened) -> None:
        """Open a room and return once the journal holds it."""
        wait, done = _waiting()
        with self.lock:
            live = LiveRoom(self._replay([opened]), f"{opened.code}-{opened.now}")
            self._rooms[opened.code] = live
            self._add(live, [opened], done=done)
        wait()

    def execute(
        self, live: LiveRoom, commands: Sequence[do.Command], answer: Callable[[], Any] = lambda: None
    ) -> Any:
        """Do the commands and return the answer, which is made when the journal holds what they caused.

        Raises:
            GameError: the rules refuse one; those before it are done.
        """
        wait, done = _waiting()
        self.submit(live, commands, answer, done)
        return wait()

    def submit(
        self, live: LiveRoom, commands: Sequence[do.Command], answer: Callable[[], Any], done: Done
    ) -> None:
        """Do the commands, and hand over the answer when the journal holds what they caused.

        Raises:
            GameError: the rules refuse one; those before it are done, and `done` is not called.
        """
        with self.lock:
            for command in commands[:-1]:
                self._add(live, self._apply(live, command))
            events = self._apply(live, commands[-1]) if commands else []
            self._add(live, events, answer, done)

    def post(self, live: LiveRoom, command: do.Command) -> None:
        """Do a command that nobody waits for; a refusal is a line in the log."""
        with self.lock:
            try:
                events = self._apply(live, command)
            except GameError as error:
                log.info("refused", room=live.room.code, command=type(command).__name__, code=error.code)
                return
            if events:
                self._add(live, events)

    def make_dirty(self, live: LiveRoom) -> None:
        """Have the next flush send what is due to this room."""
        with self.lock:
            live.is_dirty = True
            self._request_flush()

    def _apply(self, live: LiveRoom, command: do.Command) -> list[ev.Event]:
        if live.is_stalled:
            raise Stalled(REFUSED)
        events = live.room.handle(command, self.clock.now())
        for event in events:
            live.room.apply(event)
        return events

    def _add(
        self,
        live: LiveRoom,
        events: list[ev.Event],
        answer: Callable[[], Any] = lambda: None,
        done: Done | None = None,
    ) -> None:
        self._requests.append(_Request(live, events, live.room.seq - len(events) + 1, answer, done))
        self._request_flush()

    # --- the flush ----------------------------------------------------------------------------------

    def _request_flush(self) -> None:
        if self._is_flush_due:
            return
        self._is_flush_due = True
        left_s = self._rests_until - time.monotonic()
        if left_s > 0:
            runtime.Timer(left_s, self._flush)
        else:
            runtime.spawn(self._flush)

    def _flush(self) -> None:
        with self.lock:
            try:
                while self._requests or any(live.is_dirty for live in self._rooms.values()):
                    self._flush_once()
            finally:
                self._is_flush_due = False
                self._rests_until = time.monotonic() + REST_S

    def _flush_once(self) -> None:
        requests, self._requests = self._requests, []
        try:
            self._flush_requests(requests)
        except Exception as error:
            log.exception("flush_failed")
            for live in self._rooms.values():
                live.is_dirty = False
            for request in requests:
                request.finish(error=error)

    def _flush_requests(self, requests: list[_Request]) -> None:
        events: dict[str, list[ev.Event]] = {}
        touched: dict[str, LiveRoom] = {live.key: live for live in self._rooms.values() if live.is_dirty}
        for request in requests:
            touched[request.live.key] = request.live
            events.setdefault(request.live.key, []).extend(request.events)
        if not self._commit(requests):
            return
        began_at = time.perf_counter()
        with self.gather():
            for key, live in touched.items():
                live.is_dirty = False
                try:
                    self._deliver(live, events.get(key, []))
                    live.is_behind = False
                except Exception:
                    log.exception("delivery_failed", room=live.room.code)
                    live.is_behind = True
                    runtime.Timer(BEHIND_RETRY_S, partial(self.make_dirty, live))
            for request in requests:
                self._finish(request)
        self._measures.broadcast.observe(time.perf_counter() - began_at)
        for live in touched.values():
            self._after(live)

    def _commit(self, requests: list[_Request]) -> bool:
        entries = [
            Entry(request.live.key, request.first_seq + n, event)
            for request in requests
            for n, event in enumerate(request.events)
        ]
        if not entries:
            return True
        try:
            began_at = time.perf_counter()
            self._journal.append(entries)
            self._measures.commit.observe(time.perf_counter() - began_at)
        except Exception as error:
            # Any other error may quote the events.
            reason = str(error) if isinstance(error, JournalError) else type(error).__name__
            log.exception("journal_failed", error=reason)
            self._stall(requests)
            return False
        for entry in entries:
            if not isinstance(entry.event, ev.ResponseAccepted):  # a thousand of them come in a second
                log.info(type(entry.event).__name__, room=entry.room, seq=entry.seq)
        return True

    def _deliver(self, live: LiveRoom, events: Sequence[ev.Event]) -> None:
        if self._delivery:
            self._delivery.deliver(live, events)

    def _finish(self, request: _Request) -> None:
        if request.done is None:
            return
        try:
            result = request.answer()
        except Exception as error:  # noqa: BLE001  (it is the sender's, who hears of it)
            request.finish(error=error)
        else:
            request.finish(result)

    def _after(self, live: LiveRoom) -> None:
        """Arm the room's next deadline, or let it go where it has closed."""
        if live.room.closed_reason is not None:
            self._disarm(live)
            self._rooms.pop(live.room.code, None)
            self.on_closed()
            return
        due = None if live.is_stalled else live.room.deadline()
        if due is not None and due <= self.clock.now():
            self.post(live, do.DeadlineReached())
        elif due != live.deadline or live.timer is None:
            self._disarm(live)
            live.deadline = due
            if due is not None:
                delay_s = (due - self.clock.now()) / 1000
                live.timer = runtime.Timer(delay_s, partial(self._on_timer, live))

    def _on_timer(self, live: LiveRoom) -> None:
        with self.lock:
            live.timer = None
            self.post(live, do.DeadlineReached())
            self.make_dirty(live)  # a timer that came early is armed again

    def _disarm(self, live: LiveRoom) -> None:
        if live.timer is not None:
            live.timer.cancel()
        live.timer, live.deadline = None, None

    # --- a journal that cannot be written -----------------------------------------------------------

    def _stall(self, requests: list[_Request]) -> None:
        """Take back what could not be written: the rooms are as the journal has them, and wait."""
        for live in {request.live.key: request.live for request in requests if request.events}.values():
            if live.stalled_at is None:
                live.stalled_at = self._stopped_at(live, requests)
                runtime.Timer(STALLED_RETRY_S, partial(self._retry, live))
            self._disarm(live)
            if self._read_back(live):
                self._deliver(live, [])
        for request in requests:
            request.finish(error=Stalled(REFUSED))

    def _stopped_at(self, live: LiveRoom, requests: list[_Request]) -> int:
        """Return since when the room stands still: also where its return could not be written."""
        events = (event for request in requests if request.live is live for event in request.events)
        stopped = (event.stopped_at for event in events if isinstance(event, ev.RoomRestored))
        return min(stopped, default=self.clock.now())

    def _read_back(self, live: LiveRoom) -> bool:
        """Make the room what the journal has of it; return False where that cannot be read now."""
        try:
            events = self._journal.room(live.key)
        except JournalError as error:
            log.error("journal_unreadable", room=live.room.code, error=str(error))
            return False
        if not events:  # not even its opening was written
            self._rooms.pop(live.room.code, None)
            return False
        live.room = self._replay(events)
        return True

    def _retry(self, live: LiveRoom) -> None:
        with self.lock:
            if live.stalled_at is None or self._rooms.get(live.room.code) is not live:
                return
            if not self._read_back(live):
                runtime.Timer(STALLED_RETRY_S, partial(self._retry, live))
                return
            stopped_at, live.stalled_at = live.stalled_at, None
            self.post(live, do.Restore(stopped_at))
            for player in set(live.seats) & set(live.room.players):
                self.post(live, do.Connect(player))

    # --- idle rooms ---------------------------------------------------------------------------------

    def _expire_later(self) -> None:
        runtime.Timer(self._idle_ms / 1000 / EXPIRY_CHECKS, self._expire)

    def _expire(self) -> None:
        now = self.clock.now()
        for live in self:
            if now - live.room.touched_at >= self._idle_ms:
                self.post(live, do.Expire())
        self._expire_later()
