"""What happened in a room. A room is the sum of its events: `Room.replay` makes it again from them.

`now` is when it happened, in ms of the server's clock, as are all times without a unit in their name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .questions import Question, Response, Text
from .settings import Settings


@dataclass(frozen=True)
class BankInfo:
    """What a game keeps of its bank besides the questions."""

    id: str
    title: Text
    language: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """Anything that `Room.apply` takes."""

    now: int


@dataclass(frozen=True, kw_only=True)
class RoomOpened(Event):
    """A room with its first game: the questions as they will be played, in every language."""

    code: str
    host_token: str
    bank: BankInfo
    questions: tuple[Question, ...]
    settings: Settings


@dataclass(frozen=True, kw_only=True)
class GameOpened(Event):
    """A further game in the same room, scores anew."""

    bank: BankInfo
    questions: tuple[Question, ...]
    settings: Settings


@dataclass(frozen=True, kw_only=True)
class PlayerJoined(Event):
    player: str
    nickname: str
    token_digest: str
    lang: str | None


@dataclass(frozen=True, kw_only=True)
class PlayerConnected(Event):
    player: str


@dataclass(frozen=True, kw_only=True)
class PlayerDisconnected(Event):
    player: str
    last_heard: int


@dataclass(frozen=True, kw_only=True)
class PlayerLeft(Event):
    """The player gave up: the seat goes with them from a lobby; in a game it stays, with its score."""

    player: str


@dataclass(frozen=True, kw_only=True)
class PlayerKicked(Event):
    """The seat is gone; `is_barred` says that its token is refused from now on."""

    player: str
    is_barred: bool = True


@dataclass(frozen=True, kw_only=True)
class JoinsUndone(Event):
    """All these seats are gone at once, and their tokens are refused from now on."""

    players: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class JoinsWelcomed(Event):
    """The host has seen the burst of joins, and all of them stay."""


@dataclass(frozen=True, kw_only=True)
class PlayerReseated(Event):
    """The seat has a new token."""

    player: str
    token_digest: str


@dataclass(frozen=True, kw_only=True)
class PlayerRenamed(Event):
    player: str
    nickname: str


@dataclass(frozen=True, kw_only=True)
class PlayerAccommodated(Event):
    player: str
    time_factor: float | None


@dataclass(frozen=True, kw_only=True)
class LanguageChosen(Event):
    player: str
    lang: str


@dataclass(frozen=True, kw_only=True)
class RoomLocked(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class RoomUnlocked(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class QuestionShown(Event):
    """The stem is on the screens, to be read until `opens_at`; None: until the host goes on."""

    question: int
    opens_at: int | None


@dataclass(frozen=True, kw_only=True)
class QuestionOpened(Event):
    """The options are out; responses count from `opens_at` to `closes_at`."""

    question: int
    opens_at: int
    closes_at: int


@dataclass(frozen=True, kw_only=True)
class ResponseAccepted(Event):
    """A response counts, chosen at `at`: the phone's claim as far as the network explains it.

    `claimed`, `arrival` and `round_trip_ms` are what `at` was made from; `is_recovered` says that the
    player had been disconnected while the question was open, which allows more than a round trip.
    `opened_ms` is how long after `opens_at` the phone says that it showed the options, if it says so.
    """

    player: str
    question: int
    round: int
    response: Response
    claimed: int
    arrival: int
    round_trip_ms: int | None
    at: int
    is_recovered: bool
    opened_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class QuestionExtended(Event):
    seconds: int


@dataclass(frozen=True, kw_only=True)
class QuestionClosed(Event):
    """No further response counts; the key is revealed and the points are given."""

    question: int


@dataclass(frozen=True, kw_only=True)
class LeaderboardShown(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class RevealShown(Event):
    """From the leaderboard back to the reveal of the question just played."""


@dataclass(frozen=True, kw_only=True)
class ShownChanged(Event):
    """Whether this game shows a leaderboard, and what its phones show, from now on."""

    leaderboard: bool
    phones: Literal["text", "shapes"]


@dataclass(frozen=True, kw_only=True)
class GamePaused(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class GameResumed(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class QuestionRegraded(Event):
    """`accepted` are all further keys of the question from now on; void takes it out of the scores."""

    question: int
    accepted: tuple[Response, ...]
    void: bool


@dataclass(frozen=True, kw_only=True)
class WordHidden(Event):
    """No screen shows this word any more; `word` is its normal form. The host hid it, or the filter.

    What the filter hides is shown where it is right; the event is the same, so that `seq` tells nobody.
    """

    question: int
    word: str
    is_by_filter: bool = False


@dataclass(frozen=True, kw_only=True)
class GameEnded(Event):
    """The podium. A question that was still open counts for nothing."""


@dataclass(frozen=True, kw_only=True)
class RoomClosed(Event):
    """`reason` is `ended` or `expired`."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class RoomRestored(Event):
    """The server came back: everyone is disconnected, and a running clock stands at `stopped_at`."""

    stopped_at: int
