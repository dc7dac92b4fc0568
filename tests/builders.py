"""Builders for tests of the game: a question, a room, a room at a phase, a command played.

Rooms open at `OPENED_AT`. A question is a `choice` whose key is `b` unless a test says otherwise. A player's
id, with a capital, is the nickname too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any

from server.game import commands as do
from server.game import events as ev
from server.game.questions import (
    Choice,
    Distance,
    Item,
    Match,
    Multi,
    Numeric,
    Option,
    Order,
    Pair,
    Poll,
    PollOption,
    Question,
    Slide,
    TrueFalse,
    Typed,
    WordCloud,
    same_or_far,
)
from server.game.room import Phase, Room
from server.game.settings import Settings

OPENED_AT = 1_000_000
BANK = ev.BankInfo(
    id="internationalism", title={"en": "Internationalism", "fr": "Internationalisme"}, language="en"
)


def options(right: str, of: int = 4) -> tuple[Option, ...]:
    """Return `of` options; those whose id stands in `right` are right, the others say why not."""
    return tuple(
        Option(
            text={"en": f"Option {id_}", "fr": f"Choix {id_}"},
            correct=id_ in right,
            why=None if id_ in right else {"en": f"secret why {id_}", "fr": f"pourquoi secret {id_}"},
        )
        for id_ in "abcdefgh"[:of]
    )


def question(type: str = "choice", **fields: Any) -> Question:
    """Return a question of this type with 20 s, arranged as a game shows it; `right` names the right options
    (`True` or `False` for a statement), `of` says how many options there are."""
    given: dict[str, Any] = {
        "id": f"a-{type}",
        "stem": {"en": "What is it?", "fr": "Qu’est-ce ?"},
        "explanation": {"en": "secret explanation", "fr": "explication secrète"},
        "source": "secret source",
        "notes": {"en": "secret notes", "fr": "notes secrètes"},
        "time": 20,
    } | fields
    if type == "truefalse":
        return TrueFalse(correct=given.pop("right", True), why="secret why", **given)
    if type in _FURTHER:
        return _FURTHER[type](given)
    is_multi = type == "multi"
    chosen = options(given.pop("right", "ac" if is_multi else "b"), given.pop("of", 4))
    return Multi(options=chosen, **given) if is_multi else Choice(options=chosen, **given)


def arranged(asked: Question, seed: int = 1) -> Question:
    """Return the question with its options in an order drawn from this seed."""
    random = Random(seed)
    return asked.arranged(lambda things: random.sample(things, len(things)), shuffle_options=False)


def _items(given: dict[str, Any]) -> tuple[Item, ...]:
    ids = "abcdefgh"[: given.pop("of", 4)]
    return tuple(Item(text={"en": f"Item {id_}", "fr": f"Élément {id_}"}) for id_ in ids)


def _pairs(given: dict[str, Any]) -> tuple[Pair, ...]:
    ids = "abcdefgh"[: given.pop("of", 4)]
    return tuple(Pair(left={"en": f"Left {id_}", "fr": f"Gauche {id_}"}, right=f"Right {id_}") for id_ in ids)


def _poll(given: dict[str, Any]) -> Question:
    ids = "abcdefgh"[: given.pop("of", 4)]
    given.setdefault("options", tuple(PollOption(text=f"Opinion {id_}") for id_ in ids))
    return Poll(**given | {"points": 0})


_FURTHER: dict[str, Any] = {
    "poll": _poll,
    "text": lambda given: Typed(**{"accept": ("secret answer", "hidden truth")} | given),
    "numeric": lambda given: Numeric(**{"value": 1945.0, "tolerance": 2.0, "unit": "km"} | given),
    "wordcloud": lambda given: WordCloud(**given | {"points": 0}),
    "order": lambda given: arranged(Order(items=_items(given), **given)),
    "match": lambda given: arranged(Match(pairs=_pairs(given), **given)),
    "slide": lambda given: Slide(
        **{"body": {"en": "Read on.", "fr": "Lisez."}} | given | {"points": 0, "time": None}
    ),
}

KINDS = ("choice", "truefalse", "multi", "poll", "text", "numeric", "wordcloud", "order", "match", "slide")
"""Every question type."""
SCORED = tuple(kind for kind in KINDS if kind not in ("poll", "wordcloud", "slide"))
"""The types that have a key."""


def right_response(asked: Question) -> Any:
    """Return a response to this question as a phone would send it; the right one where there is one."""
    match asked.type:
        case "poll":
            return ["a"]
        case "text":
            return asked.key()[0]
        case "numeric":
            return asked.key()["value"]
        case "wordcloud":
            return "solidarity"
    return asked.key()


def questions(count: int = 5, **fields: Any) -> tuple[Question, ...]:
    return tuple(question(id=f"q{n}", **fields) for n in range(count))


def opened(
    asked: Sequence[Question] | None = None, settings: Settings | None = None, now: int = OPENED_AT
) -> ev.RoomOpened:
    """Return the event that opens a room with this game; five choices where nothing else is said."""
    return ev.RoomOpened(
        now=now,
        code="123456",
        host_token="host-token",
        bank=BANK,
        questions=tuple(questions() if asked is None else asked),
        settings=settings or Settings(),
    )


def a_game(
    questions: Sequence[Question] | None = None,
    settings: Settings | None = None,
    players: Iterable[str] = (),
    distance: Distance = same_or_far,
    is_offensive: Callable[[str], bool] = lambda word: False,
) -> Room:
    """Return a room in the lobby with these players."""
    room = Room(opened(questions, settings), distance, is_offensive)
    for player in players:
        join(room, player)
    return room


def room_at(
    phase: str,
    question: int = 0,
    players: Iterable[str] = ("ada", "bea"),
    questions: Sequence[Question] | None = None,
    settings: Settings | None = None,
) -> Room:
    """Return a room at this phase of this question, to which nobody has responded."""
    room = a_game(questions, settings, players)
    while room.phase != phase or (room.index not in (None, question) and phase not in ("podium", "closed")):
        step(room)
    return room


def step(room: Room) -> list[ev.Event]:
    """Play what brings the room to its next phase: the deadline of a reading, else the host's press."""
    match room.phase:
        case Phase.LOBBY:
            return play(room, do.Start())
        case Phase.READING if room.is_on_slide:
            return play(room, do.Next())
        case Phase.READING:
            return play(room, do.DeadlineReached(), now=room.deadline())
        case Phase.ANSWERING:
            return play(room, do.Skip(), now=max(room.touched_at, room.opens_at + 1_000))
        case Phase.REVEAL | Phase.LEADERBOARD:
            return play(room, do.Next())
        case _:
            return play(room, do.End())


def play(room: Room, command: do.Command, now: int | None = None) -> list[ev.Event]:
    """Handle a command, by default at the time of the last event, and apply what it causes."""
    caused = room.handle(command, room.touched_at if now is None else now)
    for event in caused:
        room.apply(event)
    return caused


def join(room: Room, player: str, nickname: str | None = None, now: int | None = None) -> list[ev.Event]:
    return play(room, do.Join(player, nickname or player.title(), f"digest of {player}"), now)


def respond(
    room: Room, player: str, response: object, after_ms: int = 1_000, question: int | None = None
) -> list[ev.Event]:
    """Respond to the question on the screens, chosen and arrived `after_ms` after it opened."""
    at = room.opens_at + after_ms
    index = (room.index or 0) if question is None else question
    return play(room, do.Respond(player, index, response, at, round_trip_ms=0), now=at)


def drop(room: Room, player: str, after_ms: int = 1_000, heard_ms: int | None = None) -> list[ev.Event]:
    """Lose a player's connection `after_ms` after the question opened, last heard `heard_ms` after that."""
    now = room.opens_at + after_ms
    heard = now if heard_ms is None else room.opens_at + heard_ms
    return play(room, do.Disconnect(player, last_heard=heard), now=now)


def scores(room: Room) -> dict[str, int]:
    return {player.id: player.score for player in room.players.values()}
