"""Events as JSON and back: every kind of event, with whatever it can hold, comes back the same."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from server.game import events as ev
from server.game.questions import (
    QUESTION_TYPES,
    Choice,
    Item,
    Match,
    Media,
    Multi,
    Numeric,
    Option,
    Order,
    Pair,
    Poll,
    PollOption,
    Question,
    Slide,
    Text,
    TrueFalse,
    Typed,
    WordCloud,
)
from server.game.settings import Settings
from server.journal.codec import EVENT_KINDS, decode, encode

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WHOLE = st.integers(min_value=0, max_value=2**53)
LANGUAGE = st.sampled_from(["en", "fr", "zh", "ar"])
ANY_TEXT: st.SearchStrategy[Text] = TEXT | st.dictionaries(LANGUAGE, TEXT, min_size=1)
ANY_RESPONSE = st.one_of(
    st.lists(st.sampled_from("abcdefgh")).map(tuple),
    TEXT,
    st.floats(allow_nan=False, allow_infinity=False),
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from("pqrs")),
)
MEDIA = st.none() | st.builds(
    Media, file=TEXT, alt=ANY_TEXT, credit=st.none() | ANY_TEXT, digest=TEXT, width=WHOLE, height=WHOLE
)
WHY = {"why": st.none() | ANY_TEXT, "misconception": st.none() | ANY_TEXT}
OPTION = st.builds(Option, text=ANY_TEXT, media=MEDIA, correct=st.booleans(), **WHY)
POLL_OPTION = st.builds(PollOption, text=ANY_TEXT, media=MEDIA)
ITEM = st.builds(Item, text=ANY_TEXT, media=MEDIA)
PAIR = st.builds(Pair, left=ANY_TEXT, right=ANY_TEXT, media=MEDIA)
PLACES = st.permutations(range(4)).map(tuple) | st.just(())
NUMBER = st.floats(-1e15, 1e15)
COMMON = {
    "id": TEXT,
    "stem": ANY_TEXT,
    "media": MEDIA,
    "difficulty": st.sampled_from([None, "easy", "medium", "hard"]),
    "objective": st.none() | ANY_TEXT,
    "explanation": st.none() | ANY_TEXT,
    "source": st.none() | ANY_TEXT,
    "notes": st.none() | ANY_TEXT,
    "time": st.none() | st.integers(5, 600),
    "points": st.sampled_from([0, 1000, 2000]),
    "tags": st.lists(TEXT, max_size=2).map(tuple),
}
QUESTIONS: dict[type[Question], st.SearchStrategy[Question]] = {
    Choice: st.builds(Choice, options=st.lists(OPTION, max_size=4).map(tuple), **COMMON),
    Multi: st.builds(Multi, options=st.lists(OPTION, max_size=4).map(tuple), **COMMON),
    TrueFalse: st.builds(TrueFalse, correct=st.booleans(), **WHY, **COMMON),
    Poll: st.builds(Poll, options=st.lists(POLL_OPTION, max_size=4).map(tuple), **COMMON),
    Typed: st.builds(
        Typed,
        accept=st.lists(ANY_TEXT, max_size=3).map(tuple),
        refuse=st.lists(ANY_TEXT, max_size=3).map(tuple),
        rivals=st.lists(TEXT, max_size=3).map(tuple),
        **COMMON,
    ),
    Numeric: st.builds(
        Numeric,
        value=NUMBER,
        tolerance=NUMBER,
        unit=st.none() | ANY_TEXT,
        closeness=st.booleans(),
        **COMMON,
    ),
    WordCloud: st.builds(WordCloud, **COMMON),
    Order: st.builds(Order, items=st.lists(ITEM, max_size=4).map(tuple), shown=PLACES, **COMMON),
    Match: st.builds(
        Match, pairs=st.lists(PAIR, max_size=4).map(tuple), lefts=PLACES, rights=PLACES, **COMMON
    ),
    Slide: st.builds(Slide, body=ANY_TEXT, **COMMON),
}
SETTINGS = st.builds(
    Settings,
    scoring=st.sampled_from(["speed", "accuracy"]),
    streak_bonus=st.booleans(),
    reading_time=st.sampled_from(["auto", "off"]) | st.integers(1, 300) | st.floats(1, 300),
    time_factor=st.floats(1, 4),
    shuffle_questions=st.booleans(),
    shuffle_options=st.booleans(),
    auto_advance=st.just("off") | st.integers(1, 300) | st.floats(1, 300),
    leaderboard=st.booleans(),
    questions=st.none() | st.integers(1, 1_000) | st.lists(TEXT, min_size=1, unique=True).map(tuple),
    max_players=st.integers(1, 2_000),
    phones_show=st.sampled_from(["text", "shapes"]),
    nicknames=st.sampled_from(["own", "given"]),
    check=st.booleans(),
    clock=st.booleans(),
)
FIELDS = {
    "accepted": st.lists(ANY_RESPONSE, max_size=3).map(tuple),
    "bank": st.builds(ev.BankInfo, id=TEXT, title=ANY_TEXT, language=LANGUAGE),
    "is_barred": st.booleans(),
    "leaderboard": st.booleans(),
    "phones": st.sampled_from(["text", "shapes"]),
    "is_recovered": st.booleans(),
    "is_by_filter": st.booleans(),
    "lang": st.none() | LANGUAGE,
    "players": st.lists(TEXT, max_size=3).map(tuple),
    "questions": st.lists(st.one_of(*QUESTIONS.values()), max_size=3).map(tuple),
    "response": ANY_RESPONSE,
    "opened_ms": st.none() | WHOLE,
    "round_trip_ms": st.none() | WHOLE,
    "settings": SETTINGS,
    "time_factor": st.none() | st.floats(1, 4),
    "void": st.booleans(),
    **dict.fromkeys(["code", "host_token", "player", "nickname", "token_digest", "reason", "word"], TEXT),
    **dict.fromkeys(
        ["now", "question", "round", "seconds", "opens_at", "closes_at", "claimed", "arrival", "at"], WHOLE
    ),
    **dict.fromkeys(["last_heard", "stopped_at"], WHOLE),
}


def test_every_question_type_is_tried():
    """A further type needs a line above."""
    assert set(QUESTIONS) == set(QUESTION_TYPES.values())


@pytest.mark.parametrize("kind", ev.Event.__subclasses__(), ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_an_event_comes_back_the_same(kind, data):
    """To the last field, and each of the same type."""
    event = kind(**{field.name: data.draw(FIELDS[field.name], field.name) for field in fields(kind)})
    if isinstance(event, ev.QuestionShown) and data.draw(st.booleans(), "a page to read"):
        event = ev.QuestionShown(now=event.now, question=event.question, opens_at=None)
    if isinstance(event, ev.LanguageChosen):
        event = ev.LanguageChosen(now=event.now, player=event.player, lang=event.lang or "en")

    again = decode(*encode(event))
    assert again == event
    assert type(again) is kind
    assert repr(again) == repr(event)


def test_every_event_has_a_kind_of_its_own():
    """By which it is read again."""
    assert set(EVENT_KINDS.values()) == set(ev.Event.__subclasses__())
    assert not [kind for kind in EVENT_KINDS.values() if kind.__subclasses__()]


def test_what_is_no_event_is_refused():
    """An unknown kind, a missing field, a wrong type, no JSON."""
    with pytest.raises(KeyError):
        decode("NoSuchEvent", b"{}")
    for body in (b"{}", b'{"now": "1", "player": 5}', b"[]", b"", b"\xff"):
        with pytest.raises(ValidationError):
            decode("PlayerConnected", body)
