"""What holds for every question type: credit, key, shapes, scores, and the way through the journal."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from server.game import commands as do
from server.game import events as ev
from server.game.errors import BadRequest, GameError
from server.game.questions import QUESTION_TYPES, Media
from server.game.room import Room
from server.game.settings import Settings
from server.game.views import host_view, personal_view, player_view
from server.journal.codec import decode, encode
from tests.builders import (
    KINDS,
    SCORED,
    a_game,
    arranged,
    opened,
    play,
    question,
    questions,
    respond,
    right_response,
    room_at,
    scores,
    step,
)

WRONG_SHAPES = [
    None, True, [], {}, [None], [[]], [{}], ["z"], [""], ["b", "b"], [1], {"a": None}, {"a": ["p"]}, {1: "p"},
    {"a": "p", "b": "p", "c": "q", "d": "r"}, {"a": "p", "b": "q", "c": "r"}, ["a", "b", "c"], "",
    " \u200b\n", "\ud800", "x" * 201, "x" * 10_000, float("nan"), float("inf"), 10**16, -(10**400),
    ["a", "b", "c", "d", "e"], {"a": "p", "b": "q", "c": "r", "d": "z"}, "1.2.3,4,5", b"b", ...,
    set("ab"), ["a"] * 5_000,
]  # fmt: skip
READABLE = [("text", "1.2.3,4,5"), ("wordcloud", "1.2.3,4,5"), ("multi", ["a", "b", "c"])]
responses = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["a", "b", "1945", "1 945,5", "secret answer", "hidden truht"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.permutations("abcd")
        | st.permutations("pqrs").map(lambda targets: dict(zip("abcd", targets, strict=True)))
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raw", WRONG_SHAPES)
def test_a_wrong_shape_is_refused_and_changes_nothing(kind, raw):
    asked = question(kind)
    if (kind, raw) in READABLE:
        return
    with pytest.raises(BadRequest, match=r"^response"):
        asked.read(raw)
    if not asked.has_responses:
        return
    room = room_at("answering", questions=[asked])
    before = room.snapshot()
    with pytest.raises(BadRequest):
        respond(room, "ada", raw)
    assert room.snapshot() == before


@pytest.mark.parametrize("kind", KINDS)
@given(raw=responses)
def test_a_credit_lies_between_0_and_1_and_what_was_read_reads_the_same_again(kind, raw):
    asked = question(kind)
    try:
        response = asked.read(raw)
    except BadRequest:
        return
    assert asked.read(list(response) if isinstance(response, tuple) else response) == response
    assert 0.0 <= asked.grade(response, (), OSA.distance) <= 1.0
    json.dumps(asked.distribution([response]))


@pytest.mark.parametrize("kind", SCORED)
@pytest.mark.parametrize("seed", range(5))
def test_a_key_earns_full_credit(kind, seed):
    asked = arranged(question(kind), seed)
    assert asked.grade(asked.read(right_response(asked))) == 1.0


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in SCORED])
def test_what_has_no_key_gives_no_credit_and_no_points(kind):
    asked = question(kind)
    assert asked.points == 0
    assert asked.key() is None
    with pytest.raises(BadRequest):
        asked.read_accepted(["a"])
    assert [path for path, _ in replace(asked, points=1000).faults()] == [("points",)]


@pytest.mark.parametrize("kind", ["poll", "wordcloud"])
def test_a_question_without_a_key_leaves_streaks_and_scores_alone(kind):
    room = room_at("answering", questions=[question(), question(kind), question()])
    respond(room, "ada", ["b"], after_ms=0)
    step(room), step(room), step(room), step(room)
    before = scores(room)
    respond(room, "ada", right_response(room.question))
    step(room)
    assert scores(room) == before
    assert room.players["ada"].streak == 1
    assert personal_view(room, room.players["ada"])["result"] == {
        "correct": False, "credit": 0.0, "points": 0, "response_ms": 1_000, "answered": True,
    }  # fmt: skip
    assert personal_view(room, room.players["bea"])["result"]["answered"] is False
    view = host_view(room, "en", 0)
    assert "key" not in view
    assert "key" not in view["question"]
    step(room)
    assert (room.phase, room.index) == ("reading", 2)  # no leaderboard where nobody got points


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_and_its_response_come_back_from_the_journal_as_they_were(kind):
    picture = Media(file="a.png", alt={"en": "A", "fr": "Un"}, credit="C", digest="0" * 32, width=9, height=5)
    asked = question(kind, media=picture, difficulty="easy", objective="Know it", tags=("a", "b"))
    log: list[ev.Event] = [opened([asked, question(kind)])]
    room = Room.replay(log, OSA.distance)

    def tell(caused):
        log.extend(caused)

    for player in ("ada", "bea"):
        tell(play(room, do.Join(player, player.title(), player)))
    while room.phase != "podium":
        if room.phase == "answering":
            tell(respond(room, "ada", right_response(room.question)))
        tell(step(room))
        if room.phase == "reveal":
            if kind in SCORED:
                tell(play(room, do.Regrade(room.index, accept=(right_response(room.question),))))
            if kind == "wordcloud":
                tell(play(room, do.HideWord(room.index, "Solidarity!")))

    again = [decode(*encode(event)) for event in log]
    assert again == log
    assert Room.replay(again, OSA.distance).snapshot() == room.snapshot()


@pytest.mark.parametrize("kind", SCORED)
def test_a_void_question_is_worth_nothing_and_comes_back(kind):
    room = room_at("answering", questions=[question(kind)])
    respond(room, "ada", right_response(room.question), after_ms=0)
    step(room)
    assert scores(room) == {"ada": 1_000, "bea": 0}
    play(room, do.Regrade(0, void=True))
    assert scores(room) == {"ada": 0, "bea": 0}
    play(room, do.Regrade(0, void=False))
    assert scores(room) == {"ada": 1_000, "bea": 0}


ACCEPTED = {
    "text": ("autonomy", "Autonomy!"),
    "numeric": (1_900, "1 900"),
    "order": (list("abcd"), list("abcd")),
    "match": (dict(zip("abcd", "pqrs", strict=True)), dict(zip("abcd", "pqrs", strict=True))),
}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_a_response_that_the_host_accepts_is_right_for_everyone(kind):
    accepted, given = ACCEPTED[kind]
    asked = next(
        one
        for one in (arranged(question(kind), seed) for seed in range(50))
        if kind not in ("order", "match") or one.grade(one.read(given)) == 0.0
    )
    room = room_at("answering", questions=[asked], settings=Settings(scoring="accuracy"))
    respond(room, "ada", given)
    respond(room, "bea", right_response(asked))
    step(room)
    assert scores(room) == {"ada": 0, "bea": 1_000}
    play(room, do.Regrade(0, accept=(accepted,)))
    assert scores(room) == {"ada": 1_000, "bea": 1_000}
    for view_of in (player_view, host_view):
        groups = view_of(room, "en", 0)["distribution"]
        assert [group["credit"] for group in groups] == [1.0, 1.0]
        assert view_of(room, "en", 0)["question"]["accepted"] == [
            asked.read(given) if kind != "text" else accepted
        ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_shape_cannot_be_accepted_either(kind):
    room = room_at("reveal", questions=[question(kind)]) if kind != "slide" else a_game([question(kind)])
    for raw in (None, [], {}, ["z"], "", True, 10**16):
        before = room.snapshot()
        with pytest.raises(GameError):
            room.handle(do.Regrade(0, accept=(raw,)), room.touched_at)
        assert room.snapshot() == before


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_come_with_what_they_belong_to_and_in_the_size_of_the_screen(kind):
    picture = Media(file="secret.png", alt="A map", credit="Who", digest="ab" * 16, width=1_600, height=900)
    asked = question(kind, media=picture)
    room = room_at("reading", questions=[asked])
    phone, host = (view_of(room, "en", 0)["question"]["media"] for view_of in (player_view, host_view))
    assert phone == {
        "url": f"/media/{'ab' * 16}-800.webp", "alt": "A map", "credit": "Who", "width": 800, "height": 450,
    }  # fmt: skip
    assert host == phone | {"url": f"/media/{'ab' * 16}-1600.webp", "width": 1_600, "height": 900}
    assert "secret" not in json.dumps(player_view(room, "en", 0))


def test_a_picture_of_an_option_waits_for_the_options():
    picture = Media(file="a.png", alt="secret alt", digest="cd" * 16, width=10, height=10)
    for kind in ("choice", "multi", "poll", "order"):
        asked = question(kind)
        name = "items" if kind == "order" else "options"
        pictured = tuple(replace(option, media=picture) for option in getattr(asked, name))
        room = room_at("reading", questions=[question(), replace(asked, **{name: pictured})], question=1)
        assert "cd" * 16 not in json.dumps([player_view(room, "en", 0), host_view(room, "en", 0)])
        step(room)
        for option in player_view(room, "en", 0)["options"]:
            assert option["media"]["url"] == f"/media/{'cd' * 16}-800.webp"


@pytest.mark.parametrize("kind", KINDS)
def test_phones_that_show_shapes_keep_the_texts_that_cannot_be_shapes(kind):
    if kind == "slide":
        return
    room = room_at("answering", questions=[question(kind)], settings=Settings(phones_show="shapes"))
    view = player_view(room, "en", 0)
    texts = [option["text"] for option in view.get("options", []) + view.get("targets", [])]
    assert all(texts) if kind in ("order", "match") else not any(texts)


@pytest.mark.parametrize("kind", ["choice", "text", "wordcloud", "order", "match"])
def test_what_a_reveal_sums_up_is_never_older_than_what_happened(kind):
    asked = question(kind)
    log: list[ev.Event] = [opened([asked, question("text"), question(kind)])]
    room = Room.replay(log)

    def views_now(room):
        return [view_of(room, "en", 0) for view_of in (player_view, host_view)]

    def tell(*commands):
        for command in commands:
            views_now(room)
            with suppress(GameError):
                log.extend(play(room, command))
            assert views_now(room) == views_now(Room.replay(log)), command

    def go_on():
        views_now(room)
        log.extend(step(room))
        assert views_now(room) == views_now(Room.replay(log))

    def everyone_responds():
        wrong = {"choice": ["a"], "text": "nonsense", "wordcloud": "quiet"}.get(kind, right_response(asked))
        for player, response in (("ada", right_response(room.question)), ("bea", wrong), ("cem", wrong)):
            with suppress(GameError):
                log.extend(respond(room, player, response))

    tell(*(do.Join(player, player.title(), f"digest of {player}") for player in ("ada", "bea", "cem")))
    go_on(), go_on()
    everyone_responds()
    go_on()
    assert room.phase == "reveal"
    tell(
        do.Disconnect("bea", 0), do.Connect("bea"), do.ChooseLanguage("bea", "fr"), do.Lock(), do.Unlock(),
        do.Rename("ada", "Eve"), do.Accommodate("ada", 2.0), do.Join("dan", "Dan", "digest of dan"),
        do.Regrade(0, accept=("nonsense",)), do.Regrade(0, accept=(["a"],)), do.Regrade(0, void=True),
        do.Kick("bea"), do.HideWord(0, "quiet"), do.HideWord(0, "nonsense"), do.Leave("cem"),
        do.Connect("cem"), do.Restore(room.touched_at),
    )  # fmt: skip
    while room.phase != "podium":
        go_on()
        if room.phase == "answering":
            everyone_responds()
        tell(do.HideWord(1, "secret answer"), do.Regrade(0, void=False))
    tell(do.Again(log[0].bank, (question(kind),), Settings()))
    go_on(), go_on()
    everyone_responds()
    go_on()
    assert room.phase == "reveal"
    assert room.game == 2


def test_every_type_has_a_default_for_all_that_a_bank_may_leave_out():
    for cls in QUESTION_TYPES.values():
        assert "is_drawn" not in str(cls.__doc__)
        for field in cls.__dataclass_fields__.values():
            if field.metadata.get("is_drawn"):
                assert field.default == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_question_of_every_kind_has_no_fault(kind):
    assert list(question(kind).faults()) == []
    assert len(list(question(kind).texts())) >= 2


def test_a_draw_does_not_change_what_the_bank_has():
    for asked in questions(1, type="order") + questions(1, type="match"):
        before = repr(asked)
        arranged(asked, 5)
        assert repr(asked) == before
        assert asked.arranged(lambda things: Random(3).sample(things, len(things)), shuffle_options=True)
