"""text, numeric and wordcloud: what counts as the same, as a slip, as near, and what no screen shows."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from server.game import commands as do
from server.game import events as ev
from server.game.errors import BadRequest, WrongPhase
from server.game.questions import normal_form
from server.game.questions.spelling import allowance, cleaned
from server.game.questions.typed import number_in
from server.game.room import Room
from server.game.settings import Settings
from server.game.views import host_view, personal_view, player_view
from tests.builders import a_game, join, opened, play, question, respond, room_at, scores, step


def credit(response: str, *accept, **fields) -> float:
    asked = question("text", accept=accept, **fields)
    return asked.grade(asked.read(response), (), OSA.distance)


# --- the same -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Self-Determination", "self   determination"),
        ("ÉGALITÉ", "egalite"),
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("Ελευθερία", "ΕΛΕΥΘΕΡΙΑ"),
        ("ещё", "еще"),
        ("U.N.", "UN"),
        ("U. N.", "un"),
        ("“peace”!", "peace"),
        ("ｆｕｌｌ", "full"),
        ("nai\u0308ve", "naïve"),
        ("Việt Nam", "viet nam"),
        ("pea\u200bce", "peace"),
        ("e\u200d\u0301galite\u0301", "egalite"),
        ("مُحَمَّد", "محمد"),
        ("الأُمَم المُتَّحِدَة", "الامم المتحدة"),
        ("الـعـدل", "العدل"),
        ("שָׁלוֹם", "שלום"),
        ("١٩٤٥", "1945"),
        ("1,5", "1.5"),
        ("½", "1/2"),
        ("\u22125", "-5"),
        ("–5", "-5"),
        ("“-5”", "-5"),
        ("٣٫٥", "3.5"),
        ("हिन्दी", "हिंदी"),
        ("शान्ति", "शांति"),
        ("1914–1918", "1914-1918"),
        ("l’Internationale", "L'internationale"),
        ("❤️", "❤"),
    ],
)
def test_case_accents_punctuation_and_spaces_make_no_difference(one, other):
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("กิน", "กน"),  # Thai vowel signs
        ("हिन्दी", "हनद"),  # Hindi ones
        ("C++", "C"),
        ("C#", "C"),
        ("1.5", "15"),
        ("1/2", "12"),
        ("2:1", "21"),
        ("-5", "5"),
        ("x = -5", "x = 5"),
        ("$-5", "$5"),
        ("Article 1, 2", "Article 12"),
        ("-", "+"),
        ("?", "!"),
        ("한국", "한구"),
    ],
)
def test_what_is_another_word_stays_one(one, other):
    assert normal_form(one) != normal_form(other)


@given(st.text(max_size=40))
def test_a_normal_form_is_stable_and_of_something_is_something(text):
    shown = cleaned(text)
    form = normal_form(shown)
    assert normal_form(form) == form
    assert bool(form) == bool(shown)
    assert cleaned(shown) == shown


def test_what_a_screen_shows_of_a_response_holds_no_trick():
    asked = question("text")
    assert asked.read("  a\u202eb\tc\n d ") == "ab c d"
    assert asked.read("e" + "\u0301" * 50 + "x") == "é" + "\u0301" * 3 + "x"
    assert asked.read("e" + "\u0301\u200d" * 50 + "x").count("\u0301") == 3
    assert asked.read("می‌خواهم") == "می‌خواهم"


@pytest.mark.parametrize(
    "response", ["\u200d", "\u3164", " \u200c \u2800", "\ufe0f", "\u200d\ufe0f \u034f", "\ufdfa" * 100]
)
def test_a_response_that_shows_nothing_or_swells_is_refused(response):
    with pytest.raises(BadRequest):
        question("text").read(response)


# --- a slip ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "slips"),
    [
        ("iraq", 0),
        ("peace", 1),
        ("alliance", 1),
        ("communism", 2),
        ("nationalisms", 2),
        ("self determinat", 3),
    ],
)
def test_the_allowance_grows_with_the_length(word, slips):
    assert allowance(word, (), OSA.distance) == slips


@pytest.mark.parametrize(
    ("response", "is_right"),
    [
        ("internationalism", True),
        ("Internationalizm", True),
        ("internatoinalism", True),  # two letters exchanged are one slip
        ("intrnationalsm", True),
        ("intrntionalsm", True),
        ("intrntonalsm", False),
        ("nationalism", False),
        ("i", False),
    ],
)
def test_a_long_word_forgives_three_slips(response, is_right):
    assert credit(response, "internationalism") == float(is_right)


def test_a_short_word_forgives_none():
    assert credit("Iran", "Iraq") == 0.0
    assert credit("Pace", "Peace") == 1.0


def test_a_digit_is_never_a_slip():
    assert credit("Agenda 2031", "Agenda 2030") == 0.0
    assert credit("Agneda 2030", "Agenda 2030") == 1.0


@pytest.mark.parametrize(
    ("accepted", "other"),
    [
        ("Article 1, 2", "Article 12"),
        ("15.25", "1525"),
        ("12.50", "12:50"),
        ("-1945", "1945"),
        ("y=-2x", "y=2x"),
        ("12.345.678", "123.45.678"),
        ("the year 1945", "the year 1 945"),
    ],
)
def test_no_sign_or_space_in_a_number_is_a_slip(accepted, other):
    assert credit(other, accepted) == credit(accepted, other) == 0.0


@pytest.mark.parametrize(
    ("accepted", "other"),
    [
        ("Louis XIV", "Louis XVI"),
        ("World War II", "World War I"),
        ("World War I", "World War"),
        ("Charles V", "Charles X"),
        ("Hepatitis A", "Hepatitis B"),
        ("North Korea", "South Korea"),
        ("East Germany", "West Germany"),
        ("it is not legal", "it is now legal"),
        ("国际主义者", "国家主义者"),
        ("インターナショナリズム", "インターナショナリスト"),
    ],
)
def test_no_short_word_passes_for_another_behind_a_long_one(accepted, other):
    assert credit(other, accepted) == credit(accepted, other) == 0.0


@pytest.mark.parametrize(
    ("accepted", "slip"),
    [
        ("League of Nations", "Leage of Natoins"),
        ("self-determination", "selfdetermination"),
        ("selfdetermination", "self determination"),
        ("Komintern", "Kominterm"),
        ("международный", "междунородный"),
    ],
)
def test_slips_are_forgiven_word_by_word(accepted, slip):
    assert credit(slip, accepted) == 1.0


def test_a_refused_text_is_wrong_and_so_is_what_is_as_near_to_it():
    assert credit("rationalism", "nationalism") == 1.0
    assert credit("rationalism", "nationalism", refuse=("rationalism",)) == 0.0
    assert (
        credit("nationalizm", "nationalism", refuse=("rationalism",)) == 0.0
    )  # one slip from it, none is left
    assert credit("nationalism", "nationalism", refuse=("rationalism",)) == 1.0
    assert credit("multilateralizm", "multilateralism", refuse=("unilateralism",)) == 1.0
    assert credit("unilateralizm", "multilateralism", refuse=("unilateralism",)) == 0.0


def test_no_slip_makes_an_accepted_answer_of_another_question():
    assert credit("socialism", "Sozialismus", rivals=("socialism",)) == 0.0
    assert credit("bilateralism", "unilateralism", rivals=("bilateralism",)) == 0.0


def test_what_other_questions_accept_is_measured_once_and_not_for_every_response():
    rivals = tuple(f"rationalism {letter}" for letter in "abcdefgh") + tuple(
        f"completely else {n}" for n in range(500)
    )
    asked = question("text", accept=("internationalism",), rivals=rivals)
    measured: list[str] = []

    def distance(one: str, other: str) -> int:
        measured.append(other)
        return OSA.distance(one, other)

    responses = [f"internationali{letter}m" for letter in "abcdefghijklmnopqr"]
    assert all(asked.grade(response, (), distance) == 1.0 for response in responses)
    assert len(measured) < len(rivals) + 20 * len(responses)


def test_two_spellings_of_the_same_answer_do_not_narrow_each_other():
    assert credit("kolour", "colour", "color") == 1.0


words = st.text("abcdef ", min_size=1, max_size=20).filter(str.strip)


@given(accept=words, rival=words)
def test_a_rival_is_never_right(accept, rival):
    if normal_form(accept) != normal_form(rival):
        assert credit(rival, accept, rivals=(normal_form(rival),)) == 0.0
        assert credit(accept, accept, rivals=(normal_form(rival),)) == 1.0


@given(words)
def test_without_a_measure_only_the_same_is_right(word):
    asked = question("text", accept=("internationalism",))
    assert asked.grade(word) == float(normal_form(word) == "internationalism")


def test_every_language_s_text_is_right():
    accept = {"en": "peace", "fr": "paix"}
    assert credit("Paix", accept) == credit("PEACE", accept) == 1.0
    assert question("text", accept=(accept,)).key(lang="fr", fallback="en") == ["paix"]


def test_the_key_and_the_groups_show_what_the_host_accepted():
    room = a_game([question("text", accept=("peace",))], Settings(scoring="accuracy"), distance=OSA.distance)
    for player in "abcdef":
        join(room, player, f"Player {player}")
    step(room), step(room)
    for player, response in zip("abcdef", ["Paece", "quiet", "QUIET!", "quiet", "war", "quite"], strict=True):
        respond(room, player, response)
    step(room)
    assert host_view(room, "en", 0)["distribution"] == [
        {"value": "quiet", "count": 3, "credit": 0.0},
        {"value": "Paece", "count": 1, "credit": 1.0},
        {"value": "war", "count": 1, "credit": 0.0},
        {"value": "quite", "count": 1, "credit": 0.0},
    ]
    play(room, do.Regrade(0, accept=("Quiet",)))
    view = player_view(room, "en", 0)
    assert view["key"] == ["peace", "Quiet"]
    assert [group["credit"] for group in view["distribution"]] == [1.0, 1.0, 0.0, 1.0]  # “quite” is a slip
    assert scores(room) == {"a": 1000, "b": 1000, "c": 1000, "d": 1000, "e": 0, "f": 1000}


def test_at_most_fifty_groups_are_listed():
    asked = question("text")
    groups = asked.distribution([f"word {n % 60}" for n in range(200)])
    assert len(groups) == 50
    assert groups[0]["count"] == 4


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"accept": ()}, ("accept",)),
        ({"accept": (" ",)}, ("accept", 0)),
        ({"accept": ("x" * 201,)}, ("accept", 0)),
        ({"accept": ("a",), "refuse": ("A!",)}, ("refuse", 0)),
        ({"accept": ("a",), "refuse": ("",)}, ("refuse", 0)),
    ],
)
def test_what_an_author_of_a_text_question_got_wrong(fields, where):
    assert where in [path for path, _ in question("text", **fields).faults()]


# --- numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1945", 1945), ("1945,5", 1945.5), ("1945.5", 1945.5), ("1 945", 1945), ("1\u202f945,5", 1945.5),
        ("1.945,5", 1945.5), ("1,945.5", 1945.5), ("1'945", 1945), ("1.945.000", 1_945_000),
        ("12,34,567", 1_234_567), ("1.945", 1.945), ("1,945", 1.945), ("−3", -3), ("+4", 4), (".5", 0.5),
        ("5.", 5), ("١٩٤٥", 1945), ("٣٫٥", 3.5), ("20 %", 20), ("% 20", 20), ("007", 7), ("-0", 0),
        ("1  945", 1945), ("-% 5", -5), ("% -5", -5), ("- 5", -5), ("1945\u200e", 1945), ("\u200f٣", 3),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(written, number):
    assert number_in(written, ["%"]) == number
    assert question("numeric", unit="%").read(written) == number


@pytest.mark.parametrize(
    ("unit", "written"), [("Fuß", "100Fuß"), ("Fuß", "100 FUSS"), ("İ", "100İ"), ("km", "100Km")]
)
def test_a_unit_cuts_no_digit_off(unit, written):
    assert question("numeric", unit=unit).read(written) == 100


@pytest.mark.parametrize(
    "written",
    ["", "-", ".", "1e5", "1 9", "1..2", "1,,945", "1.2.3", "12.345.6", "1.945.000.0", "abc", "5 km", "²",
     "--3", "+-5", "++5", "-%-5", "1 945.000,5.6", "0x10", "inf", "NaN", "9" * 81, "9" * 20],
)  # fmt: skip
def test_what_is_no_number_is_refused(written):
    with pytest.raises(BadRequest, match=r"^response"):
        question("numeric", unit="%").read(written)


@given(st.text(max_size=12) | st.text("0123456789., '-+", max_size=12))
def test_no_text_makes_a_number_raise_anything_else(written):
    with suppress(BadRequest):
        assert abs(question("numeric").read(written)) <= 10**15


def test_a_number_is_right_up_to_the_tolerance_exactly():
    asked = question("numeric", value=0.3, tolerance=0.1)
    assert [asked.grade(x) for x in (0.2, 0.3, 0.4, 0.41, 0.19)] == [1.0, 1.0, 1.0, 0.0, 0.0]
    exact = question("numeric", tolerance=0)
    assert [exact.grade(x) for x in (1945.0, 1945.000001)] == [1.0, 0.0]


def test_an_estimate_scores_by_nearness_and_not_by_speed():
    asked = question("numeric", value=100, tolerance=20, closeness=True)
    assert [asked.grade(float(x)) for x in (100, 90, 115, 80, 120, 121, 0)] == [1.0, 0.5, 0.25, 0, 0, 0, 0]
    for after_ms in (0, 19_000):
        room = room_at("answering", questions=[asked])
        respond(room, "ada", 90, after_ms=after_ms)
        step(room)
        assert scores(room)["ada"] == 500
        assert room.players["ada"].streak == 0
    view = player_view(room, "en", 0)
    assert view["key"] == {"value": 100, "tolerance": 20}
    assert view["distribution"] == [{"value": 90.0, "count": 1, "credit": 0.5}]
    assert view["question"]["closeness"] is True
    assert view["question"]["unit"] == "km"


def test_without_closeness_speed_counts_as_ever():
    room = room_at("answering", questions=[question("numeric")])
    respond(room, "ada", "1 946,0", after_ms=10_000)
    step(room)
    assert scores(room)["ada"] == 750
    assert personal_view(room, room.players["ada"])["response"] == 1946


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"tolerance": -1}, ("tolerance",)),
        ({"closeness": True, "tolerance": 0}, ("tolerance",)),
        ({"value": float("inf")}, ("value",)),
        ({"value": float("nan")}, ("value",)),
        ({"value": 1e16}, ("value",)),
        ({"unit": ""}, ("unit",)),
    ],
)
def test_what_an_author_of_a_numeric_question_got_wrong(fields, where):
    assert where in [path for path, _ in question("numeric", **fields).faults()]


# --- word clouds ----------------------------------------------------------------------------------------


def words_shown(room: Room) -> list[tuple[str, int]]:
    """Return the cloud, which is the same on every screen."""
    on_host, on_phone = (view_of(room, "en", 0)["distribution"] for view_of in (host_view, player_view))
    assert on_host == on_phone
    return [(group["value"], group["count"]) for group in on_host]


def a_cloud(*responses: str, is_offensive=lambda word: False) -> Room:
    """Return a room to whose word cloud these were sent."""
    players = [f"p{n}" for n in range(len(responses))]
    room = Room(opened([question("wordcloud")]), is_offensive=is_offensive)
    for player in players:
        join(room, player)
    step(room), step(room)
    for player, response in zip(players, responses, strict=True):
        respond(room, player, response)
    return room


def test_words_are_counted_without_case_and_accents_in_their_commonest_spelling():
    room = a_cloud("Solidarité", "solidarite", "Solidarité", "peace", "PEACE!", "unity")
    step(room)
    assert words_shown(room) == [("Solidarité", 3), ("peace", 2), ("unity", 1)]


def test_a_hidden_word_is_on_no_screen_whatever_its_spelling():
    room = a_cloud("Peace", "péace", "war")
    step(room)
    play(room, do.HideWord(0, "PEACE…"))
    assert words_shown(room) == [("war", 1)]
    assert room.handle(do.HideWord(0, "peace"), room.touched_at) == []
    assert host_view(room, "en", 0)["answered"] == 3


def test_a_word_can_be_hidden_while_others_still_write():
    room = a_cloud("peace", "war")
    play(room, do.HideWord(0, "war"))
    step(room)
    assert words_shown(room) == [("peace", 1)]


def test_no_word_is_in_a_view_before_the_reveal():
    room = a_cloud("zebra", "zebra")
    seen = [view_of(room, "en", 0) for view_of in (host_view, player_view)]
    assert "zebra" not in json.dumps(seen)


def test_what_the_filter_catches_is_hidden_from_the_start_and_in_every_replay():
    log: list[ev.Event] = [opened([question("wordcloud")])]
    room = Room.replay(log, is_offensive=lambda word: "damn" in word.lower())
    for player in ("ada", "bea", "cem"):
        log.extend(join(room, player))
    for _ in range(2):
        log.extend(step(room))
    for player, word in (("ada", "DAMN it"), ("bea", "peace"), ("cem", "damn it!")):
        log.extend(respond(room, player, word))
    log.extend(step(room))
    assert words_shown(room) == [("peace", 1)]
    assert sum(isinstance(event, ev.WordHidden) for event in log) == 1
    assert Room.replay(log).snapshot() == room.snapshot()
    assert personal_view(room, room.players["ada"])["response"] == "DAMN it"


def test_the_filter_sees_through_what_cannot_be_seen():
    room = a_cloud("da\u200dmn", "dаmn", is_offensive=lambda word: "damn" in word)
    step(room)
    assert words_shown(room) == [("dаmn", 1)]  # the Cyrillic letter is the filter's own affair


def test_a_typed_answer_is_filtered_and_hidden_like_a_word_but_never_where_it_is_right():
    room = a_game([question("text", accept=("Damn",))], is_offensive=lambda word: "damn" in word.lower())
    for player in ("ada", "bea", "cem"):
        join(room, player)
    step(room), step(room)
    for player, response in (("ada", "damn"), ("bea", "damn you"), ("cem", "nonsense")):
        respond(room, player, response)
    step(room)
    assert words_shown(room) == [("damn", 1), ("nonsense", 1)]
    play(room, do.HideWord(0, "Nonsense!"))
    assert words_shown(room) == [("damn", 1)]


def test_the_filter_makes_the_same_events_of_a_right_and_a_wrong_response():
    """Or a phone could tell by the view's `seq` whether an offensive answer is right."""
    kinds = []
    for accept in ("Damn", "Something else"):
        room = a_game([question("text", accept=(accept,))], is_offensive=lambda word: "damn" in word.lower())
        for player in ("ada", "bea"):
            join(room, player)
        step(room), step(room)
        events = [event for player in ("ada", "bea") for event in respond(room, player, "damn")]
        kinds.append([type(event) for event in events])
        step(room)
        assert words_shown(room) == ([("damn", 2)] if accept == "Damn" else [])

    assert kinds[0] == kinds[1] == [ev.ResponseAccepted, ev.WordHidden, ev.ResponseAccepted]


def test_what_is_right_already_needs_no_accepting_and_a_hundred_answers_are_enough():
    room = room_at("reveal", questions=[question("text", accept=("peace",))])
    assert room.handle(do.Regrade(0, accept=("Peace!",)), room.touched_at) == []
    play(room, do.Regrade(0, accept=("quiet", "QUIET", "calm")))
    assert room.played[0].accepted == ("quiet", "calm")
    play(room, do.Regrade(0, accept=tuple(f"word {n}" for n in range(98))))
    with pytest.raises(BadRequest, match="100 further answers"):
        room.handle(do.Regrade(0, accept=("one more",)), room.touched_at)
    assert len(room.played[0].accepted) == 100


def test_only_what_students_wrote_to_a_question_that_was_asked_can_be_hidden():
    room = room_at("reveal", questions=[question(), question("wordcloud")])
    for command, error in (
        (do.HideWord(0, "peace"), BadRequest),
        (do.HideWord(1, "peace"), WrongPhase),
        (do.HideWord(7, "peace"), WrongPhase),
        (do.HideWord(-1, "peace"), WrongPhase),
    ):
        with pytest.raises(error):
            room.handle(command, room.touched_at)
    with pytest.raises(BadRequest, match=r"^word"):
        a_cloud("peace").handle(do.HideWord(0, " \n"), 2_000_000)


@pytest.mark.parametrize(
    ("word", "is_taken"), [("x" * 40, True), ("x" * 41, False), (" x ", True), ("\u200b", False)]
)
def test_a_word_has_1_to_40_characters(word, is_taken):
    if is_taken:
        assert question("wordcloud").read(word) == word.strip()
    else:
        with pytest.raises(BadRequest):
            question("wordcloud").read(word)
