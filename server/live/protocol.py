"""Every wire message, declared once. docs/protocol.md is the same for people; a test compares the two.

`read` turns a client's payload into one of the dataclasses below or raises `BadRequest` with a message that
names the field; nothing else in the program looks at a raw payload.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_type_hints

import orjson
from pydantic import Discriminator, Field, TypeAdapter, ValidationError

from server.game import commands
from server.game.errors import BadRequest, SettingRefused
from server.game.settings import Settings

# Strictness stands at the fields: a strict dataclass would take nothing but an instance of itself.
Code = Annotated[str, Field(strict=True, max_length=20)]
Token = Annotated[str, Field(strict=True, max_length=200)]
DrawnToken = Annotated[str, Field(strict=True, min_length=22, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, Field(strict=True, max_length=100)]
Lang = Annotated[str, Field(strict=True, max_length=35, pattern=r"^[A-Za-z0-9-]*$")]
Id = Annotated[str, Field(strict=True, max_length=64)]
Written = Annotated[str, Field(strict=True, max_length=200)]
Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
Flag = Annotated[bool, Field(strict=True)]
Seconds = Annotated[int, Field(strict=True, ge=1, le=300)]
TimeFactor = Annotated[float, Field(strict=True, ge=1, le=4)]
Milliseconds = Annotated[int, Field(strict=True, ge=0, le=60_000)]


class Incoming(StrEnum):
    """Client → server."""

    CLOCK = "clock"
    JOIN = "player:join"
    REJOIN = "player:rejoin"
    ANSWER = "player:answer"
    SET = "player:set"
    LEAVE = "player:leave"
    REVIEW = "player:review"
    ATTACH = "host:attach"
    COMMAND = "host:command"
    NETWORK = "host:network"
    NOTES = "host:notes"
    NETWORK_TEST = "network:test"


class Outgoing(StrEnum):
    """Server → client."""

    VIEW = "view"
    YOU = "you"
    TALLY = "tally"
    ROSTER = "roster"
    PROBE = "probe"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A payload from a client."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Clock(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class Join(Message):
    """`check` and `team` are for rooms that ask for them; a room that does not ignores them. So does a room
    that gives names with `nickname`, which may be left out there.

    A phone may draw its `token` itself: where only the acknowledgement is lost, joining again finds the seat.
    """

    room: Code
    nickname: Name | None = None
    token: DrawnToken | None = None
    lang: Lang | None = None
    check: Name | None = None
    team: Name | None = None


@dataclass(frozen=True, kw_only=True)
class Rejoin(Message):
    room: Code
    token: Token


@dataclass(frozen=True, kw_only=True)
class Answer(Message):
    question: Whole
    response: Any
    at: Whole
    round: Whole = 1
    opened_ms: Annotated[int, Field(strict=True, ge=0, le=2**31)] | None = None


@dataclass(frozen=True, kw_only=True)
class Set(Message):
    lang: Lang | None = None
    team: Name | None = None
    confidence: Any = None


@dataclass(frozen=True, kw_only=True)
class Leave(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class Review(Message):
    """All questions of a game that is over, for the student who opens them."""


@dataclass(frozen=True, kw_only=True)
class Attach(Message):
    room: Code
    token: Token
    lang: Lang | None = None


@dataclass(frozen=True, kw_only=True)
class Network(Message):
    """What the network did to a question that has been revealed; left out: to the last one."""

    question: Whole | None = None


@dataclass(frozen=True, kw_only=True)
class Notes(Message):
    """The presenter's view: the one message that holds a key before the reveal."""


@dataclass(frozen=True, kw_only=True)
class HostCommand(Message):
    """What a host asks for; `do` names it."""

    do: str


class GameCommand(HostCommand, ABC):
    """What the game takes as it is."""

    @abstractmethod
    def command(self) -> commands.Command:
        """Return it in the game's own form."""


_PLAIN: dict[str, type[commands.Command]] = {
    "start": commands.Start,
    "next": commands.Next,
    "skip": commands.Skip,
    "pause": commands.Pause,
    "resume": commands.Resume,
    "lock": commands.Lock,
    "unlock": commands.Unlock,
    "welcome_joins": commands.WelcomeJoins,
    "end": commands.End,
}
"""The commands without fields."""


@dataclass(frozen=True, kw_only=True)
class Plain(GameCommand):
    do: Literal["start", "next", "skip", "pause", "resume", "lock", "unlock", "welcome_joins", "end"]

    def command(self) -> commands.Command:
        return _PLAIN[self.do]()


@dataclass(frozen=True, kw_only=True)
class Extend(GameCommand):
    do: Literal["extend"]
    seconds: Seconds

    def command(self) -> commands.Command:
        return commands.Extend(self.seconds)


@dataclass(frozen=True, kw_only=True)
class Kick(GameCommand):
    do: Literal["kick"]
    player: Id
    lock: Flag = False

    def command(self) -> commands.Command:
        return commands.Kick(self.player, self.lock)


@dataclass(frozen=True, kw_only=True)
class UndoJoins(HostCommand):
    """All seats first taken since then; the last minute, which the shell knows, where it is left out."""

    do: Literal["undo_joins"]
    since: Whole | None = None
    lock: Flag = False


@dataclass(frozen=True, kw_only=True)
class Reseat(HostCommand):
    """A seat given back to who lost its token; the shell draws the new one."""

    do: Literal["reseat"]
    player: Id


@dataclass(frozen=True, kw_only=True)
class Rename(GameCommand):
    do: Literal["rename"]
    player: Id
    nickname: Name

    def command(self) -> commands.Command:
        return commands.Rename(self.player, self.nickname)


@dataclass(frozen=True, kw_only=True)
class Accommodate(GameCommand):
    do: Literal["accommodate"]
    player: Id
    time_factor: TimeFactor | None

    def command(self) -> commands.Command:
        return commands.Accommodate(self.player, self.time_factor)


@dataclass(frozen=True, kw_only=True)
class Regrade(GameCommand):
    """Either `accept`, at least one further response, or `void`."""

    do: Literal["regrade"]
    question: Whole
    accept: Annotated[list[Any], Field(strict=True, min_length=1, max_length=100)] | None = None
    void: Annotated[bool, Field(strict=True)] | None = None

    def command(self) -> commands.Command:
        if (self.accept is None) == (self.void is None):
            raise BadRequest("accept: send either `accept` with a list of responses, or `void`.")
        return commands.Regrade(self.question, tuple(self.accept or ()), self.void)


@dataclass(frozen=True, kw_only=True)
class Show(GameCommand):
    """At least one of the three."""

    do: Literal["show"]
    leaderboard: Flag | None = None
    phones: Literal["text", "shapes"] | None = None
    reveal: Flag | None = None

    def command(self) -> commands.Command:
        if self.reveal is False:
            raise BadRequest("reveal: send true to go back to it, or leave it out.")
        if self.leaderboard is None and self.phones is None and self.reveal is None:
            raise BadRequest("leaderboard: say what to show: `leaderboard`, `phones` or `reveal`.")
        return commands.Show(self.leaderboard, self.phones, self.reveal or False)


@dataclass(frozen=True, kw_only=True)
class HideWord(HostCommand):
    do: Literal["hide_word"]
    question: Whole
    word: Written

    def command(self) -> commands.Command:
        return commands.HideWord(self.question, self.word)


@dataclass(frozen=True, kw_only=True)
class Again(HostCommand):
    """A new game; the shell draws its questions, since a command of the game carries them."""

    do: Literal["again"]
    bank: Id | None = None
    settings: Annotated[dict[str, Any], Field(strict=True)] | None = None


@dataclass(frozen=True, kw_only=True)
class TestNetwork(Message):
    """What the page that tests a network has measured so far; it gets a summary of all that have it open."""

    round_trip_ms: Milliseconds | None = None
    jitter_ms: Milliseconds | None = None


@dataclass(frozen=True, kw_only=True)
class OpenRoom(Message):
    """The body of `POST /api/rooms`."""

    bank: Id
    settings: Annotated[dict[str, Any], Field(strict=True)] | None = None


@dataclass(frozen=True, kw_only=True)
class ChooseAddress(Message):
    """The body of `POST /api/addresses`."""

    url: Name


@dataclass(frozen=True, kw_only=True)
class AskRemote(Message):
    """The body of `POST /api/remote`."""

    link: Token


@dataclass(frozen=True, kw_only=True)
class DecideRemote(Message):
    """The body of `POST /api/rooms/<code>/remotes/<id>`."""

    allow: Annotated[bool, Field(strict=True)]


@dataclass(frozen=True, kw_only=True)
class SeatLink(Message):
    """The body of `POST /api/rooms/<code>/seat.svg`."""

    token: Annotated[str, Field(strict=True, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


_COMMANDS: Any = Union[  # noqa: UP007
    Plain, Extend, Kick, UndoJoins, Reseat, Rename, Accommodate, Regrade, Show, HideWord, Again
]

_READERS: dict[Incoming, TypeAdapter[Any]] = {
    Incoming.CLOCK: TypeAdapter(Clock),
    Incoming.JOIN: TypeAdapter(Join),
    Incoming.REJOIN: TypeAdapter(Rejoin),
    Incoming.ANSWER: TypeAdapter(Answer),
    Incoming.SET: TypeAdapter(Set),
    Incoming.LEAVE: TypeAdapter(Leave),
    Incoming.REVIEW: TypeAdapter(Review),
    Incoming.ATTACH: TypeAdapter(Attach),
    Incoming.NETWORK: TypeAdapter(Network),
    Incoming.NOTES: TypeAdapter(Notes),
    Incoming.NETWORK_TEST: TypeAdapter(TestNetwork),
    Incoming.COMMAND: TypeAdapter(Annotated[_COMMANDS, Discriminator("do")]),
}

_SETTINGS = TypeAdapter(Settings)

_M = TypeVar("_M")


def read(event: Incoming, arguments: tuple[Any, ...]) -> Any:
    """Return the message that a client sent with this event.

    Raises:
        BadRequest: there is not exactly one payload, or it does not fit; the message names the field.
    """
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise BadRequest(f"{event.value}: send one object as the payload.")
    reader = _READERS[event]
    return _validated(lambda: reader.validate_python(arguments[0]), is_tagged=event is Incoming.COMMAND)


_BODIES: dict[Any, TypeAdapter[Any]] = {
    OpenRoom: TypeAdapter(OpenRoom),
    ChooseAddress: TypeAdapter(ChooseAddress),
    SeatLink: TypeAdapter(SeatLink),
    AskRemote: TypeAdapter(AskRemote),
    DecideRemote: TypeAdapter(DecideRemote),
}


def read_body(kind: type[_M], raw: object) -> _M:
    """Return the body of an HTTP request.

    Raises:
        BadRequest: it is no JSON object, or does not fit; the message names the field.
    """
    if not isinstance(raw, dict):
        raise BadRequest("body: send one JSON object, with Content-Type: application/json.")
    body: _M = _validated(lambda: _BODIES[kind].validate_python(raw))
    return body


def read_settings(raw: dict[str, Any] | None, base: Settings | None = None) -> Settings:
    """Return the settings that a host chose; what is left out is as in `base`, else the default.

    Raises:
        SettingRefused: a setting is out of its bounds; message and values name it.
        BadRequest: there is no such setting.
    """
    chosen = {**(vars(base) if base else {}), **(raw or {})}
    try:
        as_json = orjson.dumps(chosen)
    except TypeError as error:
        raise BadRequest(f"settings: {error}.") from None
    try:
        return _SETTINGS.validate_json(as_json)
    except ValidationError as error:
        name, remedy = _problem_of(error)
        message = f"settings.{name}: {remedy}"
        is_known = name in get_type_hints(Settings)
        raise (SettingRefused(message, setting=name) if is_known else BadRequest(message)) from None


def _validated(validate: Callable[[], _M], *, is_tagged: bool = False) -> _M:
    try:
        return validate()
    except ValidationError as error:
        field, remedy = _problem_of(error, is_tagged=is_tagged)
        raise BadRequest(f"{field}: {remedy}") from None


def _problem_of(error: ValidationError, *, is_tagged: bool = False) -> tuple[str, str]:
    """Return the first field that does not fit, and what to do about it."""
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = problem["loc"][1:] if is_tagged else problem["loc"]
    return str(path[0]) if path else "do", _remedy(problem)


_COMMAND_NAMES = sorted(name for kind in get_args(_COMMANDS) for name in get_args(get_type_hints(kind)["do"]))


def _remedy(problem: Any) -> str:
    match problem["type"]:
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return "is missing."
        case "unexpected_keyword_argument":
            return "is not a field of this message."
        case "union_tag_invalid" | "union_tag_not_found":
            return f"send one of {', '.join(_COMMAND_NAMES)}."
    return f"{problem['msg'][0].lower()}{problem['msg'][1:]}."
