"""What is asked of a room: by the host, by a player, by the shell. All times in ms of the server's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .events import BankInfo
from .questions import Question
from .settings import Settings


@dataclass(frozen=True)
class Command:
    """Anything that `Room.handle` takes."""


# --- the host -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Start(Command):
    """Begin the game."""


@dataclass(frozen=True)
class Next(Command):
    """From the reveal to the leaderboard, from the leaderboard to the next question or the podium."""


@dataclass(frozen=True)
class Skip(Command):
    """End the reading now; close the open question now."""


@dataclass(frozen=True)
class Pause(Command):
    """Stop the clock."""


@dataclass(frozen=True)
class Resume(Command):
    """Let the clock go on where it stopped."""


@dataclass(frozen=True)
class Extend(Command):
    """Give everyone more time for the open question."""

    seconds: int


@dataclass(frozen=True)
class Lock(Command):
    """Let nobody else join."""


@dataclass(frozen=True)
class Unlock(Command):
    """Let late players join again."""


@dataclass(frozen=True)
class Kick(Command):
    """Take a player's seat, keep its token out for good, and let nobody else join where `lock` says so."""

    player: str
    lock: bool = False


@dataclass(frozen=True)
class UndoJoins(Command):
    """Take all seats that were first taken at `since` or later, as `Kick` does."""

    since: int
    lock: bool = False


@dataclass(frozen=True)
class WelcomeJoins(Command):
    """Say that whoever came in a burst of joins belongs here: no host is told of it any more."""


@dataclass(frozen=True)
class Reseat(Command):
    """Give a player's seat a new token: it alone takes the seat from now on."""

    player: str
    token_digest: str


@dataclass(frozen=True)
class Rename(Command):
    player: str
    nickname: str


@dataclass(frozen=True)
class Accommodate(Command):
    """Give one player a clock of their own: 1 to 4 times the time, or none (None)."""

    player: str
    time_factor: float | None


@dataclass(frozen=True)
class Regrade(Command):
    """Accept further responses as right, or take the question out of the scores (None: as it was)."""

    question: int
    accept: tuple[object, ...] = ()
    void: bool | None = None


@dataclass(frozen=True)
class Show(Command):
    """Change what the screens show for the rest of the game (None: as it is), or go back to the reveal of the
    question just played."""

    leaderboard: bool | None = None
    phones: Literal["text", "shapes"] | None = None
    reveal: bool = False


@dataclass(frozen=True)
class HideWord(Command):
    """Show a word of a word cloud or a typed answer, in whatever spelling, on no screen."""

    question: int
    word: str


@dataclass(frozen=True)
class Again(Command):
    """Open a new game in the same room; the shell has drawn its questions."""

    bank: BankInfo
    questions: tuple[Question, ...]
    settings: Settings


@dataclass(frozen=True)
class End(Command):
    """Before the podium: go there; at the podium: close the room."""


# --- a player -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Join(Command):
    """Take a seat; the shell has drawn the id and the token, of which the room keeps a digest."""

    player: str
    nickname: str
    token_digest: str
    lang: str | None = None


@dataclass(frozen=True)
class Respond(Command):
    """Respond to the open question.

    `at` is the phone's claim of when the student chose. `round_trip_ms` is the highest of the last five
    round trips that the server measured on this connection, None while none is known. `opened_ms` is how long
    after the announced instant the phone says that it showed the options; it decides nothing.
    """

    player: str
    question: int
    response: object
    at: int
    round: int = 1
    round_trip_ms: int | None = None
    opened_ms: int | None = None


@dataclass(frozen=True)
class Leave(Command):
    player: str


@dataclass(frozen=True)
class ChooseLanguage(Command):
    player: str
    lang: str


# --- the shell ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Withdraw(Command):
    """Take back a seat whose phone was never told of it; its token may join again."""

    player: str


@dataclass(frozen=True)
class Connect(Command):
    """A connection took the player's seat (after `Join` it has one already)."""

    player: str


@dataclass(frozen=True)
class Disconnect(Command):
    """The seat's connection is gone; the server last heard from it at `last_heard`."""

    player: str
    last_heard: int


@dataclass(frozen=True)
class DeadlineReached(Command):
    """The room's own deadline has come; ignored where it has not."""


@dataclass(frozen=True)
class Expire(Command):
    """Close the room because nobody has used it for long."""


@dataclass(frozen=True)
class Restore(Command):
    """The server is back; it stopped at about `stopped_at`."""

    stopped_at: int
