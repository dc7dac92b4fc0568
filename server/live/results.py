"""The results of past rooms: listed for the host, deleted by the host or when they are old."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from server import runtime
from server.game.errors import NoSuchRoom, Stalled, WrongPhase
from server.journal.keeping import Kept, Until
from server.journal.store import Journal, JournalError

from .rooms import REFUSED, Rooms

log = structlog.get_logger()

CHECK_S = 3_600
"""How often it is looked whether something is old by now."""
QUIET_CHECK_S = 5.0
"""How often it is looked whether no clock is running, so that the file can be written anew."""

_R = TypeVar("_R")


class StillOpen(WrongPhase):
    """The room is not over."""

    reason = "still_open"


class NothingKept(NoSuchRoom):
    """Of this room the journal has nothing, or nothing any more."""

    reason = "nothing_kept"


class Results:
    """What the journal keeps of rooms that are over; a room that is open is none of its business."""

    def __init__(self, journal: Journal, rooms: Rooms, clock: runtime.Clock, keep_days: int) -> None:
        self._journal = journal
        self._rooms = rooms
        self._clock = clock
        self.keep_days = keep_days
        """How long they are kept after their rooms were closed; 0: not at all."""
        self._is_rewrite_due = False

    def start(self) -> None:
        """Delete what is old, now, before the rooms come back, and from now on."""
        self._check()
        if self.keep_days == 0:
            self._rooms.on_closed = lambda: runtime.spawn(self._delete_old)

    def kept(self) -> list[Kept]:
        """Return what is kept, the latest first.

        Raises:
            Stalled: the journal cannot be read.
        """
        with self._rooms.lock:
            live = self._live()
            return [kept for kept in self._told(self._journal.kept) if kept.room not in live]

    def delete(self, room: str) -> None:
        """Delete what is kept of one room.

        Raises:
            NothingKept: nothing is.
            StillOpen: the room is not over.
            Stalled: the journal cannot be written.
        """
        with self._rooms.lock:
            if room in self._live():
                raise StillOpen("This room is still open; end it first.")
            if all(kept.room != room for kept in self._told(self._journal.kept)):
                raise NothingKept("Nothing is kept of this room.")
            self._told(lambda: self._journal.delete(room))
            log.info("results_deleted", count=1)
            self._rewrite_soon()

    def delete_all(self) -> int:
        """Delete what is kept of all rooms that are not open, and return how many those were.

        Raises:
            Stalled: the journal cannot be written.
        """
        with self._rooms.lock:
            count = self._told(lambda: self._delete(Until.everything()))
            self._rewrite_soon()
            return count

    # --- when they are old --------------------------------------------------------------------------

    def _check(self) -> None:
        runtime.Timer(CHECK_S, self._check)
        self._delete_old()

    def _delete_old(self) -> None:
        with self._rooms.lock:
            try:
                # Not the rooms' clock: a room of a wrong year sets it forward, a sleeping laptop stops it.
                now = int(time.time() * 1000) if self.keep_days else self._clock.now()
                self._delete(Until.days_before(now, self.keep_days))
                if self._journal.has_remains():
                    self._rewrite_soon()
            except JournalError as error:
                log.error("results_not_deleted", error=str(error))

    def _delete(self, until: Until) -> int:
        count = self._journal.delete_old(until, self._live())
        if count:
            log.info("results_deleted", count=count)
        return count

    def _live(self) -> set[str]:
        return {live.key for live in self._rooms}

    # --- for good -----------------------------------------------------------------------------------

    def _rewrite_soon(self) -> None:
        """Write the file anew at once, or as soon as no clock is running: a large one takes a second."""
        if any(live.room.is_clock_running for live in self._rooms):
            if not self._is_rewrite_due:
                self._is_rewrite_due = True
                runtime.Timer(QUIET_CHECK_S, self._rewrite_later)
            return
        try:
            self._journal.rewrite()
        except JournalError as error:
            log.error("journal_not_rewritten", error=str(error))

    def _rewrite_later(self) -> None:
        with self._rooms.lock:
            self._is_rewrite_due = False
            self._rewrite_soon()

    @staticmethod
    def _told(do: Callable[[], _R]) -> _R:
        try:
            return do()
        except JournalError as error:
            raise Stalled(REFUSED) from error
