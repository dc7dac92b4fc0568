"""The question types: what they read, what they credit, what they show."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.game.errors import BadRequest
from server.game.questions import QUESTION_TYPES, Option, in_language
from tests.builders import KINDS, question

TYPES = ["choice", "truefalse", "multi"]
WRONG_SHAPES = [
    None, True, 0, 1.5, "", "a", "b", b"b", [], {}, {"a": "b"}, [None], [0], [[]], [["b"]], [{}], ["z"],
    ["A"], [""], ["ab"], ["b", "b"], [float("nan")], ["b", None], set("b"), ..., "a" * 10_000, ["é"], [b"b"],
]  # fmt: skip

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from("abcdefgh"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


def test_every_type_is_registered_under_its_name():
    assert {name: cls.__name__ for name, cls in QUESTION_TYPES.items()} == {
        "choice": "Choice",
        "truefalse": "TrueFalse",
        "multi": "Multi",
        "poll": "Poll",
        "text": "Typed",
        "numeric": "Numeric",
        "wordcloud": "WordCloud",
        "order": "Order",
        "match": "Match",
        "slide": "Slide",
    }
    assert tuple(QUESTION_TYPES) == KINDS
    for name in KINDS:
        assert question(name).type == name


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("raw", WRONG_SHAPES)
def test_a_wrong_shape_is_a_bad_request(kind, raw):
    with pytest.raises(BadRequest, match="response"):
        question(kind).read(raw)


@pytest.mark.parametrize(
    ("kind", "raw"), [("choice", ["a", "b"]), ("truefalse", ["a", "b"]), ("truefalse", ["c"])]
)
def test_one_option_means_one_of_those_that_there_are(kind, raw):
    with pytest.raises(BadRequest):
        question(kind).read(raw)


@pytest.mark.parametrize("kind", TYPES)
@given(raw=json_values)
def test_read_returns_a_normal_form_or_refuses(kind, raw):
    asked = question(kind)
    try:
        response = asked.read(raw)
    except BadRequest:
        return
    assert asked.read(list(response)) == response == tuple(sorted(raw))
    assert 0.0 <= asked.grade(response) <= 1.0


@given(
    raw=json_values | st.lists(st.sampled_from("abcd")),
    keys=st.lists(st.sampled_from(["b", "c", "ab", "abcd"])),
)
def test_what_is_read_does_not_depend_on_the_key(raw, keys):
    def outcome(kind, right):
        try:
            return question(kind, right=right).read(raw)
        except BadRequest as error:
            return error.message

    assert outcome("choice", "a") == outcome("choice", "d")
    assert outcome("truefalse", True) == outcome("truefalse", False)
    for key in keys:
        assert outcome("multi", "a") == outcome("multi", key)


@pytest.mark.parametrize("right", "abcd")
def test_a_choice_credits_its_key_alone(right):
    asked = question("choice", right=right)
    assert [asked.grade((id_,)) for id_ in "abcd"] == [1.0 if id_ == right else 0.0 for id_ in "abcd"]
    assert asked.key() == [right]


@pytest.mark.parametrize(("right", "key"), [(True, "a"), (False, "b")])
def test_true_is_a_and_false_is_b(right, key):
    asked = question("truefalse", right=right)
    assert [asked.grade((id_,)) for id_ in "ab"] == [float(id_ == key) for id_ in "ab"]
    assert asked.key() == [key]


@pytest.mark.parametrize("of", range(2, 9))
def test_a_multi_credits_the_share_of_right_minus_the_share_of_wrong_ones(of):
    ids = "abcdefgh"[:of]
    for size in range(1, of + 1):
        for right in combinations(ids, size):
            asked = question("multi", right="".join(right), of=of)
            assert asked.grade(right) == 1.0
            assert asked.key() == list(right)
            assert asked.grade(tuple(ids)) == (1.0 if size == of else 0.0)
            for picked in combinations(ids, min(2, of)):
                hits = len(set(picked) & set(right)) / size
                misses = len(set(picked) - set(right)) / (of - size) if size < of else 0.0
                assert asked.grade(picked) == pytest.approx(max(0.0, hits - misses), abs=1e-12)


@pytest.mark.parametrize(
    ("picked", "credit"),
    [("ac", 1.0), ("a", 0.5), ("b", 0.0), ("ab", 0.0), ("abc", 0.5), ("bd", 0.0), ("abcd", 0.0)],
)
def test_a_multi_of_two_right_and_two_wrong(picked, credit):
    assert question("multi", right="ac").grade(tuple(picked)) == credit


def test_the_order_in_which_options_were_ticked_does_not_matter():
    assert question("multi").read(["c", "a"]) == question("multi").read(["a", "c"]) == ("a", "c")


def test_an_accepted_response_is_right_too():
    choice, statement, multi = question("choice"), question("truefalse"), question("multi", right="ac")
    assert choice.grade(("d",), [("d",)]) == choice.grade(("b",), [("d",)]) == 1.0
    assert choice.grade(("a",), [("d",)]) == 0.0
    assert choice.key([("d",)]) == ["b", "d"]
    assert statement.grade(("b",), [("b",)]) == 1.0
    assert statement.key([("b",)]) == ["a", "b"]
    assert multi.grade(("a", "b"), [("a", "b")]) == 1.0
    assert multi.grade(("b",), [("a", "b")]) == 0.5
    assert multi.grade(("a", "c"), [("a", "b")]) == 1.0


@pytest.mark.parametrize("kind", TYPES)
def test_the_host_may_name_an_accepted_option_with_or_without_a_list(kind):
    asked = question(kind)
    assert asked.read_accepted("b") == asked.read_accepted(["b"]) == ("b",)
    for raw in ("z", "", [], None, 3, ["z"]):
        with pytest.raises(BadRequest):
            asked.read_accepted(raw)


def test_a_distribution_counts_every_option_in_display_order():
    assert question("choice").distribution([("b",), ("d",), ("b",)]) == [
        {"id": "a", "count": 0},
        {"id": "b", "count": 2},
        {"id": "c", "count": 0},
        {"id": "d", "count": 1},
    ]
    assert question("multi", of=3).distribution([("a", "b"), ("b",)]) == [
        {"id": "a", "count": 1},
        {"id": "b", "count": 2},
        {"id": "c", "count": 0},
    ]
    assert question("truefalse").distribution([]) == [{"id": "a", "count": 0}, {"id": "b", "count": 0}]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("lang", ["en", "fr", "xx"])
def test_options_show_why_only_after_the_reveal(kind, lang):
    asked = question(kind)
    hidden = asked.options_view(lang, "en", is_revealed=False)
    shown = asked.options_view(lang, "en", is_revealed=True)
    assert all(set(option) == {"id", "text"} for option in hidden)
    assert [(option["id"], option["text"]) for option in shown] == [
        (option["id"], option["text"]) for option in hidden
    ]
    right = asked.key()
    assert {option["id"] for option in shown if "why" in option} == {o["id"] for o in hidden} - set(right)
    json.dumps(shown)


def test_a_text_is_shown_in_the_language_asked_for_else_the_banks_else_any():
    text = {"fr": "oui", "de": "ja"}
    assert in_language(text, "de", "fr") == "ja"
    assert in_language(text, "en", "fr") == "oui"
    assert in_language(text, "en", "es") == "oui"
    assert in_language({"fr": "oui", "de": ""}, "de", "fr") == "oui"
    assert in_language({}, "de", "fr") == ""
    assert in_language("yes", "de", "fr") == "yes"


@pytest.mark.parametrize("kind", ["choice", "multi"])
def test_shuffled_options_take_their_key_with_them(kind):
    asked = question(kind, right="b")
    turned = asked.arranged(lambda options: list(reversed(options)), shuffle_options=True)
    assert turned.key() == ["c"]
    assert turned.grade(("c",)) == 1.0
    assert [o["id"] for o in turned.options_view("en", "en", is_revealed=False)] == list("abcd")
    assert asked.arranged(lambda options: list(reversed(options)), shuffle_options=False) == asked


def test_true_stays_before_false_however_options_are_shuffled():
    asked = question("truefalse")
    assert asked.arranged(lambda options: list(reversed(options)), shuffle_options=True) == asked


@pytest.mark.parametrize(("stem", "ms"), [("x" * 10, 3_000), ("x" * 100, 6_500), ("x" * 900, 15_000)])
def test_reading_time_follows_the_stem_within_bounds(stem, ms):
    assert question(stem=stem).reading_ms() == ms


@pytest.mark.parametrize(("length", "ms"), [(1, 15_000), (301, 30_000), (302, 35_000), (5_000, 90_000)])
def test_the_time_follows_the_text_unless_the_author_gives_it(length, ms):
    asked = question(stem="x" * length, time=None)  # beside 32 characters of options
    assert asked.time_ms() == ms
    assert question(stem="x" * length, time=7).time_ms() == 7_000


@pytest.mark.parametrize("kind", TYPES)
def test_no_time_follows_from_the_key(kind):
    one, other = (True, False) if kind == "truefalse" else ("a", "bcd" if kind == "multi" else "d")
    times = [
        (q.time_ms(), q.reading_ms())
        for q in (question(kind, right=one, time=None), question(kind, right=other, time=None))
    ]
    assert times[0] == times[1]


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        (question(right=""), ("options",)),
        (question(right="ab"), ("options",)),
        (question("multi", right=""), ("options",)),
        (question("multi", of=1, right="a"), ("options",)),
        (question(stem=" "), ("stem",)),
        (question(stem={}), ("stem",)),
        (question(stem={"en": "What?", "fr": ""}), ("stem",)),
        (question(explanation=""), ("explanation",)),
        (question(id=""), ("id",)),
        (question(time=4), ("time",)),
        (question(time=601), ("time",)),
    ],
)
def test_what_an_author_got_wrong_is_named_with_its_place(asked, where):
    assert where in [path for path, _ in asked.faults()]


def test_two_options_with_one_text_are_a_fault():
    twins = (Option(text="Peace", correct=True), Option(text="peace"))
    asked = type(question())(id="q", stem="What?", options=twins)
    assert [path for path, _ in asked.faults()] == [("options", 1, "text")]


@pytest.mark.parametrize("kind", TYPES)
def test_a_good_question_has_no_fault_and_yields_all_of_its_texts(kind):
    asked = question(kind)
    assert list(asked.faults()) == []
    texts = list(asked.texts())
    assert asked.stem in texts
    assert asked.explanation in texts
    assert any("why" in str(text) for text in texts)
