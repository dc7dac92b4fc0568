"""order and match: credit by neighbours and pairs, and arrangements that tell nothing of the key."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.game.questions import Item, Match, Order, Pair
from server.game.views import host_view
from tests.builders import arranged, question, respond, room_at, step

KINDS = ["order", "match"]


def order_of(count: int) -> Order:
    return Order(id="o", stem="Order?", items=tuple(Item(text=f"Item {n}") for n in range(count)))


def match_of(count: int) -> Match:
    pairs = tuple(Pair(left=f"Left {n}", right=f"Right {n}") for n in range(count))
    return Match(id="m", stem="Match?", pairs=pairs)


def by_text(asked):
    """Return the question's options and targets, by their texts, from text to id."""
    views = [asked.options_view("en", "en", is_revealed=False), asked.targets_view("en", "en")]
    return [{option["text"]: option["id"] for option in view} for view in views]


# --- credit ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "credit"),
    [
        ([0, 1, 2, 3], 1.0),
        ([1, 2, 3, 0], 2 / 3),
        ([3, 2, 1, 0], 0.0),
        ([2, 3, 0, 1], 2 / 3),
        ([0, 1, 3, 2], 1 / 3),
    ],
)
def test_an_order_credits_neighbours_in_the_right_order(texts, credit):
    asked = arranged(order_of(4))
    ids, _ = by_text(asked)
    assert asked.grade(tuple(ids[f"Item {n}"] for n in texts)) == pytest.approx(credit)


@pytest.mark.parametrize(
    ("rights", "credit"),
    [([0, 1, 2, 3], 1.0), ([1, 0, 2, 3], 0.5), ([1, 2, 3, 0], 0.0), ([0, 2, 3, 1], 0.25)],
)
def test_a_match_credits_right_pairs(rights, credit):
    asked = arranged(match_of(4))
    options, targets = by_text(asked)
    response = {options[f"Left {n}"]: targets[f"Right {right}"] for n, right in enumerate(rights)}
    assert asked.grade(asked.read(response)) == credit


@given(seeds=st.tuples(st.integers(), st.integers()), count=st.integers(3, 8), given_=st.randoms())
def test_an_order_is_graded_alike_however_its_options_are_labelled(seeds, count, given_):
    texts = [f"Item {n}" for n in range(count)]
    given_.shuffle(texts)
    credits_ = []
    for seed in seeds:
        asked = arranged(order_of(count), seed)
        ids, _ = by_text(asked)
        credits_.append(asked.grade(asked.read([ids[text] for text in texts])))
    assert credits_[0] == credits_[1]
    assert 0.0 <= credits_[0] <= 1.0


@given(seeds=st.tuples(st.integers(), st.integers()), count=st.integers(3, 8), given_=st.randoms())
def test_a_match_is_graded_alike_however_its_sides_are_labelled(seeds, count, given_):
    rights = list(range(count))
    given_.shuffle(rights)
    credits_ = []
    for seed in seeds:
        asked = arranged(match_of(count), seed)
        options, targets = by_text(asked)
        response = {options[f"Left {n}"]: targets[f"Right {right}"] for n, right in enumerate(rights)}
        credits_.append(asked.grade(asked.read(response)))
    assert credits_[0] == credits_[1] == sum(n == right for n, right in enumerate(rights)) / count


def test_an_accepted_order_or_match_is_a_second_key_and_the_better_credit_counts():
    order, match = arranged(order_of(4)), arranged(match_of(4))
    backwards = tuple(reversed(order.key()))
    assert order.grade(backwards) == 0.0
    assert order.grade(backwards, [backwards]) == order.grade(tuple(order.key()), [backwards]) == 1.0
    turned = dict(zip(match.key(), [*list(match.key().values())[1:], match.key()["a"]], strict=True))
    assert match.grade(turned) == 0.0
    assert match.grade(turned, [turned]) == match.grade(match.key(), [turned]) == 1.0


def test_the_reveal_counts_responses_and_right_places():
    for kind in KINDS:
        room = room_at("answering", questions=[question(kind)], players=["ada", "bea", "cem"])
        key = room.question.key()
        other = {**key, "a": key["b"], "b": key["a"]} if kind == "match" else [key[1], key[0], *key[2:]]
        for player, response in zip(("ada", "bea", "cem"), (key, other, key), strict=True):
            respond(room, player, response)
        step(room)
        view = host_view(room, "en", 0)
        assert view["distribution"] == [
            {"value": key, "count": 2, "credit": 1.0},
            {"value": other, "count": 1, "credit": pytest.approx(0.5 if kind == "match" else 1 / 3)},
        ]
        moved = set("ab" if kind == "match" else key[:2])
        assert view["placed"] == [{"id": id_, "count": 2 if id_ in moved else 3} for id_ in "abcd"]
        json.dumps(view)


# --- arrangements ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(3, 9))
def test_the_key_is_never_the_order_that_is_shown(count):
    for seed in range(300):
        assert arranged(order_of(count), seed).key() != list("abcdefgh"[:count])
        key = arranged(match_of(count), seed).key()
        assert list(key.values()) != list("pqrstuvw"[:count])


@pytest.mark.parametrize(("kind", "count"), [("order", 3), ("order", 4), ("match", 3), ("match", 4)])
def test_over_many_rooms_every_other_key_is_equally_likely(kind, count):
    """Chi-square with a fixed seed, the same in every run; one fair draw in a thousand would exceed it."""
    rooms = 6_000
    bank = order_of(count) if kind == "order" else match_of(count)
    random = Random(1945)
    seen = Counter()
    for _ in range(rooms):
        key = bank.arranged(lambda things: random.sample(things, len(things)), shuffle_options=False).key()
        seen["".join(key if kind == "order" else key.values())] += 1
    ids = "abcd"[:count] if kind == "order" else "pqrs"[:count]
    allowed = {"".join(order) for order in permutations(ids)} - {ids}
    assert set(seen) == allowed
    expected = rooms / len(allowed)
    chi_square = sum((seen[key] - expected) ** 2 / expected for key in allowed)
    assert chi_square < {5: 18.5, 23: 48.3}[len(allowed)]


def test_where_the_bank_has_an_option_tells_nothing_of_where_it_is_shown():
    random = Random(1920)
    first = Counter()
    for _ in range(4_000):
        asked = match_of(4).arranged(lambda things: random.sample(things, len(things)), shuffle_options=False)
        first[asked.lefts[0], "left"] += 1
        first[asked.rights[0], "right"] += 1
    assert all(880 < count < 1_120 for count in first.values())
    assert len(first) == 8


@pytest.mark.parametrize("kind", KINDS)
def test_the_settings_cannot_keep_it_from_being_shuffled(kind):
    asked = order_of(5) if kind == "order" else match_of(5)
    drawn = asked.arranged(lambda things: list(reversed(things)), shuffle_options=False)
    assert drawn != asked
    idle = asked.arranged(list, shuffle_options=False)  # nobody shuffles so; it must neither hang nor tell
    assert idle.key() not in (list("abcde"), dict(zip("abcde", "pqrst", strict=True)))


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_arranged_cannot_be_shown(kind):
    asked = order_of(4) if kind == "order" else match_of(4)
    with pytest.raises(ValueError, match="not been arranged"):
        asked.options_view("en", "en", is_revealed=False)


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        (order_of(2), ("items",)),
        (order_of(9), ("items",)),
        (match_of(2), ("pairs",)),
        (match_of(9), ("pairs",)),
        (replace(order_of(3), items=(*order_of(2).items, Item(text="item 0"))), ("items", 2, "text")),
        (
            replace(match_of(3), pairs=(*match_of(2).pairs, Pair(left="L", right="right 0"))),
            ("pairs", 2, "right"),
        ),
        (
            replace(match_of(3), pairs=(*match_of(2).pairs, Pair(left="LEFT 1", right="R"))),
            ("pairs", 2, "left"),
        ),
        (replace(match_of(3), pairs=(*match_of(2).pairs, Pair(left="", right="R"))), ("pairs", 2, "left")),
        (replace(order_of(3), items=(*order_of(2).items, Item(text={"en": ""}))), ("items", 2, "text")),
    ],
)
def test_what_an_author_got_wrong_is_named_with_its_place(asked, where):
    assert where in [path for path, _ in asked.faults()]
