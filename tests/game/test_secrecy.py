"""The key stays home: nothing that leaves the server before a reveal lets anyone work out the key."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from server.game import commands as do
from server.game.errors import BadRequest
from server.game.questions import Item, Pair
from server.game.settings import Settings
from server.game.views import host_view, personal_view, player_view, roster, tally
from tests.builders import KINDS, a_game, play, question, respond, step

FORBIDDEN = {
    "key", "why", "correct", "right", "explanation", "accepted", "void", "credit", "result", "distribution",
    "source", "notes", "tags", "token", "host_token", "token_digest",
}  # fmt: skip
PLAYERS = ["ada", "bea"]

TEXTS = ("one", "two", "three", "four")


def an_order(places):
    """Return an order that is shown as one, two, three, four, each at this place of the key."""
    items = tuple(Item(text=TEXTS[places.index(place)]) for place in range(4))
    return replace(question("order"), items=items, shown=places)


def a_match(places):
    """Return a match shown as one, two, three, four on both sides, each option to this place's target."""
    pairs = tuple(Pair(left=TEXTS[n], right=f"to {TEXTS[place]}") for n, place in enumerate(places))
    rights = tuple(places.index(place) for place in range(4))
    return replace(question("match"), pairs=pairs, lefts=(0, 1, 2, 3), rights=rights)


def sendable(asked, picked):
    """Return a response in the form of the question's type; it has nothing to do with the key."""
    turned = "dcba" if picked == "a" else "abdc"
    forms = {
        "text": picked, "numeric": ord(picked), "order": list(turned),
        "match": dict(zip(turned, "pqrs", strict=True)),
    }  # fmt: skip
    return forms.get(asked.type, [picked])


PAIRS = {
    "choice": (question("choice", right="a"), question("choice", right="d")),
    "choice of two": (question("choice", right="a", of=2), question("choice", right="b", of=2)),
    "truefalse": (question("truefalse", right=True), question("truefalse", right=False)),
    "multi": (question("multi", right="ab"), question("multi", right="cd")),
    "multi of other size": (question("multi", right="a"), question("multi", right="abcd")),
    "untimed": (question("choice", right="a", time=None), question("choice", right="d", time=None)),
    "text": (
        question("text", accept=("secret a",), time=None),
        question(
            "text", accept=("secret b", "secret c"), refuse=("secret d",), rivals=("secret e",), time=None
        ),
    ),
    "numeric": (question("numeric", value=1, tolerance=0), question("numeric", value=500, tolerance=99)),
    "nearness": (
        question("numeric", value=1, tolerance=2, closeness=True),
        question("numeric", value=500, tolerance=99, closeness=True),
    ),
    "order": (an_order((3, 1, 2, 0)), an_order((1, 0, 3, 2))),
    "match": (a_match((3, 1, 2, 0)), a_match((1, 3, 2, 0))),
}
"""Two questions that differ in their key alone (and in the reasons that go with it)."""


def everything(room):
    """Return all that leaves for any screen at this moment."""
    return [
        *(
            view(room, lang, 7, is_stalled=False)
            for view in (player_view, host_view)
            for lang in ("en", "fr", "xx")
        ),
        *(personal_view(room, player) for player in room.players.values()),
        tally(room),
        roster(room),
    ]


def names_in(value):
    """Yield every field name, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from names_in(inner)


def is_before_the_reveal(room):
    return room.phase in ("lobby", "reading", "answering")


@pytest.mark.parametrize("phones_show", ["text", "shapes"])
@pytest.mark.parametrize("reading_time", ["auto", "off"])
def test_no_view_before_a_reveal_names_or_holds_what_is_secret(phones_show, reading_time):
    asked = [one for pair in PAIRS.values() for one in pair]
    room = a_game(asked, Settings(phones_show=phones_show, reading_time=reading_time), PLAYERS)
    looked_at = []
    while room.phase != "podium":
        if is_before_the_reveal(room):
            for view in everything(room):
                assert not FORBIDDEN & set(names_in(view))
                assert "secret" not in json.dumps(view, ensure_ascii=False)
                assert "secrète" not in json.dumps(view, ensure_ascii=False)
                assert "notes" not in json.dumps(view, ensure_ascii=False)
            looked_at.append(room.phase.value)
            if room.phase == "answering":
                respond(room, "ada", sendable(room.question, "b"))
                play(room, do.Pause())
                assert not FORBIDDEN & set(names_in(everything(room)))
                play(room, do.Resume())
        step(room)
    assert looked_at.count("answering") == len(asked)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    "settings", [Settings(), Settings(phones_show="shapes", reading_time="off", auto_advance=3)]
)
def test_games_that_differ_in_a_key_alone_are_the_same_bytes_until_its_reveal(name, settings):
    first = question("choice")
    rooms = [a_game([first, asked, first], settings, PLAYERS) for asked in PAIRS[name]]

    def go_on():
        for room in rooms:
            if room.phase == "answering":
                for player, picked in zip(PLAYERS, "ab", strict=True):
                    respond(room, player, sendable(room.question, picked))
            step(room)

    while (rooms[0].phase, rooms[0].index) != ("reveal", 1):
        assert rooms[0].deadline() == rooms[1].deadline()
        one, other = (json.dumps(everything(room)) for room in rooms)
        assert one == other
        go_on()

    one, other = (json.dumps(everything(room)) for room in rooms)
    assert one != other


@pytest.mark.parametrize("name", PAIRS)
def test_nothing_is_graded_before_the_reveal(name, monkeypatch):
    """So that the time that an acknowledgement takes cannot tell right from wrong."""
    asked = PAIRS[name][0]
    room = a_game([asked], players=PLAYERS, is_offensive=lambda word: True)
    step(room), step(room)
    graded = []
    grade = type(asked).grade
    monkeypatch.setattr(type(asked), "grade", lambda *given: graded.append(1) or grade(*given))
    for player, picked in zip(PLAYERS, "ab", strict=True):
        respond(room, player, sendable(asked, picked))
        everything(room)
    assert graded == []
    step(room)
    assert graded


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    "raw",
    [
        ["a"],
        ["b"],
        ["d"],
        ["a", "b"],
        ["a", "b", "c", "d"],
        ["z"],
        [],
        None,
        "a",
        "secret a",
        1,
        "500,0",
        {"a": "q"},
        {"a": "p", "b": "q", "c": "r", "d": "s"},
    ],
)
def test_a_refusal_and_an_acknowledgement_tell_nothing_of_the_key(name, raw):
    def answer(asked):
        room = a_game([asked], players=PLAYERS)
        step(room), step(room)
        try:
            return respond(room, "ada", raw), room.acknowledged_at("ada", 0, 1), room.deadline()
        except BadRequest as refusal:
            return refusal.message

    assert answer(PAIRS[name][0]) == answer(PAIRS[name][1])


def test_what_the_teacher_wants_to_say_is_in_no_view_ever():
    """Not in the reveal either, nor on the podium; on the projector no more than on the phones."""
    room = a_game([question(kind) for kind in KINDS], players=PLAYERS)
    while room.phase != "closed":
        assert "notes" not in json.dumps(everything(room), ensure_ascii=False)
        step(room)
