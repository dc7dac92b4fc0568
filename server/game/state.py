"""The parts of a room's state: a player at a seat, a question in play, what it was worth to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .questions import Response


@dataclass
class Player:
    """A seat in the room; it outlives the connections that take it.

    `time_factor` None is a player without a clock. `was_away` says that the player was disconnected at some
    moment since the open question opened. `previous_rank` is the rank before the last question with points,
    None before the first. `best_streak` is the longest streak of this game.
    """

    id: str
    nickname: str
    token_digest: str
    lang: str | None
    joined_at: int = 0
    time_factor: float | None = 1.0
    is_connected: bool = True
    has_left: bool = False
    was_away: bool = False
    dropped_at: int | None = None
    last_heard: int = 0
    score: int = 0
    streak: int = 0
    best_streak: int = 0
    gained: int = 0
    previous_rank: int | None = None


@dataclass(frozen=True)
class Given:
    """A response that counts, `elapsed_ms` after the question opened (on a clock that pauses stop).

    It arrived `credited_ms` later than it counts; `opened_ms` is the event's.
    """

    response: Response
    elapsed_ms: int
    round: int
    time_factor: float | None
    is_recovered: bool
    credited_ms: int
    opened_ms: int | None


@dataclass(frozen=True)
class Result:
    """What a question was worth to one player; `response_ms` None: no response."""

    credit: float
    points: int
    response_ms: int | None

    @property
    def is_correct(self) -> bool:
        return self.credit == 1.0


@dataclass
class Played:
    """A question in play or played: who gave what, and by which keys."""

    opens_at: int
    closes_at: int
    extended_ms: int = 0
    is_closed: bool = False
    given: dict[str, Given] = field(default_factory=dict)
    accepted: tuple[Response, ...] = ()
    hidden: frozenset[str] = frozenset()
    """Normal forms of words that no screen shows."""
    filtered: frozenset[str] = frozenset()
    """Normal forms of words that no screen shows unless they are right."""
    is_void: bool = False
    results: dict[str, Result] = field(default_factory=dict)


@dataclass(frozen=True)
class Summary:
    """What the reveal says of all responses, in the forms of the wire."""

    distribution: list[dict[str, Any]]
    placed: list[dict[str, Any]]
