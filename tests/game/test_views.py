"""Views: the exact fields of the protocol, phase by phase and role by role."""

from __future__ import annotations

import json

import pytest

from server.game import commands as do
from server.game.errors import BadRequest, WrongPhase
from server.game.settings import Settings
from server.game.views import (
    host_view,
    network,
    personal_view,
    player_view,
    presenter_view,
    review,
    roster,
    tally,
)
from tests.builders import (
    BANK,
    KINDS,
    a_game,
    drop,
    join,
    play,
    question,
    questions,
    respond,
    right_response,
    room_at,
    step,
)

ALWAYS = {"seq", "now", "room", "game", "phase", "paused", "stalled", "locked", "players", "bank"}
STEM = {"index", "of", "round", "type", "stem", "points", "time_s"}
REVEALED = {"question", "options", "key", "explanation", "distribution", "answered"}
ADDS = {
    "lobby": set(),
    "reading": {"question", "opens_at"},
    "answering": {"question", "options", "opens_at", "closes_at"},
    "reveal": REVEALED,
    "leaderboard": {"leaderboard", "last"},
    "podium": {"leaderboard"},
    "closed": set(),
}
QUESTION = {
    "reading": STEM,
    "answering": STEM | {"options"},
    "reveal": STEM | {"options", "key", "accepted", "void"},
}
ENTRY = {"rank", "previous_rank", "nickname", "score", "gained", "streak"}
FOR_HOSTS = {"shows"}
YOU = {"seq", "nickname", "score", "rank", "streak", "question", "round", "answered"}
VIEWS = [player_view, host_view]


def always(view_of):
    """Return the fields of every view of this role."""
    return ALWAYS | FOR_HOSTS if view_of is host_view else ALWAYS


@pytest.mark.parametrize("view_of", VIEWS)
@pytest.mark.parametrize("phase", ADDS)
@pytest.mark.parametrize("kind", ["choice", "truefalse", "multi"])
def test_a_view_has_exactly_the_fields_of_its_phase(view_of, phase, kind):
    room = room_at(phase, questions=questions(2, type=kind))
    view = view_of(room, "en", 77)
    assert set(view) == always(view_of) | ADDS[phase]
    assert view["phase"] == phase
    assert set(view.get("question", {})) == QUESTION.get(phase, set())
    assert type(view["phase"]) is str
    json.dumps(view)


@pytest.mark.parametrize("view_of", VIEWS)
@pytest.mark.parametrize("phase", ADDS)
def test_without_a_clock_every_view_says_so_and_nothing_else_differs(view_of, phase):
    with_clock, without = (room_at(phase, settings=Settings(clock=clock)) for clock in (True, False))
    assert view_of(without, "en", 0) == view_of(with_clock, "en", 0) | {"clock": False}
    assert without.deadline() == with_clock.deadline()


@pytest.mark.parametrize("view_of", VIEWS)
@pytest.mark.parametrize("phase", ["reading", "answering"])
def test_a_paused_view_adds_what_remains(view_of, phase):
    room = room_at(phase)
    ends_at = room.opens_at if phase == "reading" else room.played[0].closes_at
    assert "remaining_ms" not in view_of(room, "en", 0)
    play(room, do.Pause(), now=room.touched_at + 123)
    view = view_of(room, "en", 0)
    assert set(view) == always(view_of) | ADDS[phase] | {"remaining_ms"}
    assert view["paused"] is True
    assert view["remaining_ms"] == ends_at - room.touched_at


def test_what_remains_is_never_below_nothing():
    room = room_at("answering")
    play(room, do.Pause(), now=room.opens_at + 20_300)
    assert player_view(room, "en", 0)["remaining_ms"] == 0


@pytest.mark.parametrize("view_of", VIEWS)
def test_what_every_view_says(view_of):
    room = a_game(questions(3), players=["ada", "bea"])
    play(room, do.Lock())
    shows = {"shows": {"leaderboard": True, "phones": "text"}} if view_of is host_view else {}
    assert view_of(room, "en", 55, is_stalled=True) == shows | {
        "seq": 4,
        "now": 55,
        "room": "123456",
        "game": 1,
        "phase": "lobby",
        "paused": False,
        "stalled": True,
        "locked": True,
        "players": 2,
        "bank": {"title": "Internationalism", "language": "en", "questions": 3},
    }


@pytest.mark.parametrize("view_of", VIEWS)
@pytest.mark.parametrize(
    ("asked", "has_formulas"),
    [
        ({"stem": "What is $x^2$?"}, True),
        ({"stem": {"en": "What is it?", "fr": "Que vaut $x$ ?"}}, True),
        ({"explanation": "Since $x = 2$."}, False),
    ],
)
def test_a_view_says_from_the_lobby_on_that_formulas_come(view_of, asked, has_formulas):
    """Of a stem's or an option's, in any language; what only the reveal shows is not told before."""
    room = room_at("lobby", questions=[question(), question(**asked)])
    assert view_of(room, "en", 0)["bank"].get("formulas", False) is has_formulas


@pytest.mark.parametrize("view_of", VIEWS)
def test_a_question_as_it_is_read_and_answered(view_of):
    room = room_at("reading", question=1, questions=[question(), question(points=2_000, time=45)])
    asked = {
        "index": 1,
        "of": 2,
        "round": 1,
        "type": "choice",
        "stem": "What is it?",
        "points": 2_000,
        "time_s": 45,
    }
    view = view_of(room, "en", 0)
    assert view["question"] == asked
    assert view["opens_at"] == room.opens_at
    step(room)
    view = view_of(room, "en", 0)
    assert view["options"] == [{"id": id_, "text": f"Option {id_}"} for id_ in "abcd"]
    assert view["question"] == asked | {"options": view["options"]}
    assert (view["opens_at"], view["closes_at"]) == (room.opens_at, room.opens_at + 45_000)


@pytest.mark.parametrize("view_of", VIEWS)
def test_the_reveal_shows_key_reasons_and_distribution(view_of):
    room = room_at("answering", players=["ada", "bea", "cem"])
    respond(room, "ada", ["b"])
    respond(room, "bea", ["d"])
    step(room)
    view = view_of(room, "en", 0)
    assert view["key"] == view["question"]["key"] == ["b"]
    assert view["explanation"] == "secret explanation"
    assert view["answered"] == 2
    assert view["distribution"] == [{"id": id_, "count": int(id_ in "bd")} for id_ in "abcd"]
    assert [option.get("why") for option in view["options"]] == [
        "secret why a", None, "secret why c", "secret why d",
    ]  # fmt: skip
    assert view["question"]["options"] == view["options"]


def test_a_reveal_without_explanation_has_none():
    room = room_at("reveal", questions=[question(explanation=None)])
    assert set(player_view(room, "en", 0)) == ALWAYS | REVEALED - {"explanation"}


def test_a_regrade_shows_on_every_screen():
    room = room_at("reveal")
    play(room, do.Regrade(0, accept=("d",), void=True))
    for view_of in VIEWS:
        view = view_of(room, "en", 0)
        assert view["key"] == ["b", "d"]
        assert view["question"]["accepted"] == [("d",)]
        assert view["question"]["void"] is True


@pytest.mark.parametrize(
    ("lang", "title", "stem", "option", "explanation", "why"),
    [
        ("en", "Internationalism", "What is it?", "Option a", "secret explanation", "secret why a"),
        ("fr", "Internationalisme", "Qu’est-ce ?", "Choix a", "explication secrète", "pourquoi secret a"),
        ("xx", "Internationalism", "What is it?", "Option a", "secret explanation", "secret why a"),
    ],
)
@pytest.mark.parametrize("view_of", VIEWS)
def test_a_view_speaks_the_language_asked_for_else_the_banks(
    view_of, lang, title, stem, option, explanation, why
):
    view = view_of(room_at("reveal"), lang, 0)
    assert view["bank"]["title"] == title
    assert view["question"]["stem"] == stem
    assert view["explanation"] == explanation
    assert view["options"][0] == {"id": "a", "text": option, "why": why}


def test_true_and_false_are_words_of_the_language():
    room = room_at("answering", questions=[question("truefalse")])
    texts = {
        lang: [option["text"] for option in player_view(room, lang, 0)["options"]]
        for lang in ("en", "fr", "xx")
    }
    assert texts == {"en": ["True", "False"], "fr": ["Vrai", "Faux"], "xx": ["True", "False"]}


# --- leaderboards ---------------------------------------------------------------------------------------


def test_phones_see_the_best_five_hosts_ten_and_on_the_podium_three_and_all():
    players = [f"p{n:02}" for n in range(12)]
    room = a_game(questions(1), players=players)
    step(room), step(room)
    for n, player in enumerate(players):
        respond(room, player, ["b"], after_ms=1_000 * (12 - n))
    step(room), step(room)
    assert room.phase == "leaderboard"
    best = [player.title() for player in reversed(players)]
    names = {view_of: [e["nickname"] for e in view_of(room, "en", 0)["leaderboard"]] for view_of in VIEWS}
    assert names == {player_view: best[:5], host_view: best[:10]}
    step(room)
    names = {view_of: [e["nickname"] for e in view_of(room, "en", 0)["leaderboard"]] for view_of in VIEWS}
    assert names == {player_view: best[:3], host_view: best}


@pytest.mark.parametrize("phase", ["leaderboard", "podium"])
def test_an_entry_of_the_leaderboard(phase):
    room = room_at("answering", question=1, questions=questions(2))
    respond(room, "bea", ["b"], after_ms=10_000)
    while room.phase != phase:
        step(room)
    for view_of in VIEWS:
        first, second = view_of(room, "en", 0)["leaderboard"]
        assert set(first) == set(second) == ENTRY
        assert first == {
            "rank": 1,
            "previous_rank": 1,
            "nickname": "Bea",
            "score": 750,
            "gained": 750,
            "streak": 1,
        }
        assert (second["rank"], second["nickname"], second["gained"]) == (2, "Ada", 0)


def test_the_leaderboard_says_which_is_the_last():
    room = room_at("leaderboard", questions=questions(2))
    assert host_view(room, "en", 0)["last"] is False
    room = room_at("leaderboard", question=1, questions=questions(2))
    assert host_view(room, "en", 0)["last"] is player_view(room, "en", 0)["last"] is True


@pytest.mark.parametrize("view_of", VIEWS)
def test_a_hidden_leaderboard_is_on_no_screen_until_it_is_shown_again(view_of):
    room = room_at("leaderboard")
    shown = view_of(room, "en", 0)
    assert "hidden" not in shown
    play(room, do.Show(leaderboard=False))
    hidden = view_of(room, "en", 0)
    assert (hidden["phase"], hidden["hidden"], hidden["leaderboard"]) == ("leaderboard", True, [])
    assert "Ada" not in json.dumps(hidden)
    play(room, do.Show(leaderboard=True))
    assert view_of(room, "en", 0) == shown | {"seq": room.seq}


def test_a_podium_is_shown_also_where_the_leaderboards_were_hidden():
    room = room_at("leaderboard")
    play(room, do.Show(leaderboard=False))
    play(room, do.End())
    assert [len(view_of(room, "en", 0)["leaderboard"]) for view_of in VIEWS] == [2, 2]
    assert "hidden" not in host_view(room, "en", 0)


def test_the_host_is_told_what_is_shown():
    room = room_at("reading", settings=Settings(leaderboard=False))
    assert host_view(room, "en", 0)["shows"] == {"leaderboard": False, "phones": "text"}
    play(room, do.Show(leaderboard=True, phones="shapes"))
    assert host_view(room, "en", 0)["shows"] == {"leaderboard": True, "phones": "shapes"}


def test_hosts_learn_who_rose_most_wherever_they_stand():
    """All who rose by as many places, the best three by name; phones learn only of themselves."""
    players = [f"p{n:02}" for n in range(20)]
    room = a_game(questions(2), players=players)
    step(room), step(room)
    for n, player in enumerate(players[:13]):
        respond(room, player, ["b"], after_ms=12_000 + 500 * n)
    step(room), step(room)
    assert "climbers" not in host_view(room, "en", 0)
    step(room), step(room)
    for player in players[15:]:
        respond(room, player, ["b"], after_ms=1_000)
    step(room), step(room)
    assert room.phase == "leaderboard"
    view = host_view(room, "en", 0)
    assert view["climbers"] == {"places": 13, "count": 5, "nicknames": ["P15", "P16", "P17"]}
    assert "climbers" not in player_view(room, "en", 0)


def test_on_the_podium_hosts_learn_what_the_class_did_together():
    """Of questions that have a right answer and were not taken out; nothing before, and nothing to phones."""
    asked = (question(id="one"), question(id="two"), question(id="poll", type="poll"), question(id="out"))
    room = a_game(asked, players=("ada", "bea"))
    for index in range(len(room.questions)):
        while room.phase != "answering":
            assert "together" not in host_view(room, "en", 0)
            step(room)
        respond(room, "ada", ["baba"[index]])
        if index != 1:
            respond(room, "bea", ["b"])
        step(room)
    play(room, do.Regrade(3, void=True))
    while room.phase != "podium":
        step(room)
    assert host_view(room, "en", 0)["together"] == {"questions": 2, "answers": 3, "right": 2}
    assert "together" not in player_view(room, "en", 0)


@pytest.mark.parametrize("phase", ["leaderboard", "podium"])
def test_a_kicked_name_leaves_leaderboard_and_podium(phase):
    room = room_at(phase)
    play(room, do.Kick("ada"))
    for view_of in VIEWS:
        assert [entry["nickname"] for entry in view_of(room, "en", 0)["leaderboard"]] == ["Bea"]


# --- shapes ---------------------------------------------------------------------------------------------


def test_phones_that_show_shapes_get_no_text_of_an_option_until_the_reveal():
    room = room_at("answering", settings=Settings(phones_show="shapes"))
    phone, host = player_view(room, "en", 0), host_view(room, "en", 0)
    assert phone["options"] == phone["question"]["options"] == [{"id": id_, "text": ""} for id_ in "abcd"]
    assert phone["question"]["stem"] == "What is it?"
    assert "Option" not in json.dumps(phone)
    assert [option["text"] for option in host["options"]] == [f"Option {id_}" for id_ in "abcd"]
    step(room)
    assert player_view(room, "en", 0)["options"][0]["text"] == "Option a"


def test_what_phones_show_changes_while_a_question_is_open():
    room = room_at("answering")
    as_opened = player_view(room, "en", 0)
    play(room, do.Show(phones="shapes"))
    assert {option["text"] for option in player_view(room, "en", 0)["options"]} == {""}
    play(room, do.Show(phones="text"))
    assert player_view(room, "en", 0) == as_opened | {"seq": room.seq}


# --- you ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "adds"),
    [
        ("lobby", set()),
        ("reading", set()),
        ("answering", {"closes_at"}),
        ("reveal", {"result", "best_streak"}),
        ("leaderboard", {"result", "best_streak"}),
        ("podium", {"result", "best_streak"}),
    ],
)
def test_you_has_exactly_the_fields_of_its_phase(phase, adds):
    room = room_at(phase)
    assert set(personal_view(room, room.players["ada"])) == YOU | adds


def test_you_in_the_lobby():
    room = a_game(players=["ada"])
    assert personal_view(room, room.players["ada"]) == {
        "seq": 2, "nickname": "Ada", "score": 0, "rank": 1, "streak": 0,
        "question": None, "round": 1, "answered": False,
    }  # fmt: skip


def test_you_hold_the_response_once_it_counts_and_the_result_from_the_reveal_on():
    room = room_at("answering")
    respond(room, "ada", ["b"], after_ms=10_000)
    ada, bea = room.players["ada"], room.players["bea"]
    you = personal_view(room, ada)
    assert set(you) == YOU | {"closes_at", "response"}
    assert (you["answered"], list(you["response"]), you["question"]) == (True, ["b"], 0)
    assert (you["score"], you["streak"]) == (0, 0)
    assert set(personal_view(room, bea)) == YOU | {"closes_at"}
    step(room)
    assert personal_view(room, ada)["result"] == {
        "correct": True, "credit": 1.0, "points": 750, "response_ms": 10_000, "answered": True,
    }  # fmt: skip
    nothing = {"correct": False, "credit": 0.0, "points": 0, "response_ms": None, "answered": False}
    assert personal_view(room, bea)["result"] == nothing
    join(room, "cem")
    assert personal_view(room, room.players["cem"])["result"] == nothing
    step(room), step(room)
    assert set(personal_view(room, ada)) == YOU
    assert personal_view(room, ada)["question"] == 1


def test_response_ms_is_the_acknowledged_time_minus_the_views_opening():
    room = room_at("answering")
    respond(room, "ada", ["b"], after_ms=3_333)
    play(room, do.Pause(), now=room.opens_at + 4_000)
    play(room, do.Resume(), now=room.touched_at + 50_000)
    at, opens_at = room.acknowledged_at("ada", 0, 1), player_view(room, "en", 0)["opens_at"]
    step(room)
    assert personal_view(room, room.players["ada"])["result"]["response_ms"] == at - opens_at == 3_333


def test_an_open_question_that_was_ended_is_nobodys_result():
    room = room_at("answering")
    respond(room, "ada", ["b"])
    play(room, do.End())
    assert set(personal_view(room, room.players["ada"])) == YOU | {"best_streak"}


def test_a_new_game_shows_nothing_of_the_last():
    room = room_at("podium")
    play(room, do.Again(BANK, questions(2), Settings()))
    assert set(personal_view(room, room.players["ada"])) == YOU
    assert player_view(room, "en", 0)["game"] == 2
    assert set(player_view(room, "en", 0)) == ALWAYS


# --- accommodation --------------------------------------------------------------------------------------


def seen_by_others(room):
    return [*(view_of(room, "en", 0) for view_of in VIEWS), personal_view(room, room.players["bea"])]


@pytest.mark.parametrize(("time_factor", "bell_ms"), [(2.0, 40_000), (None, None)])
def test_an_accommodated_bell_is_in_that_players_you_alone(time_factor, bell_ms):
    plain, room = a_game(players=["ada", "bea"]), a_game(players=["ada", "bea"])
    play(room, do.Accommodate("ada", time_factor))
    while room.phase != "closed":
        if room.phase == "answering":
            bell = personal_view(room, room.players["ada"])["closes_at"]
            assert bell == (None if bell_ms is None else room.opens_at + bell_ms)
        one, other = ([view | {"seq": 0} for view in seen_by_others(each)] for each in (plain, room))
        assert one == other
        step(plain), step(room)


# --- tally and roster -----------------------------------------------------------------------------------


def test_the_tally_counts_those_who_responded_and_those_awaited():
    room = room_at("answering", players=["ada", "bea", "cem"])
    assert tally(room) == {"question": 0, "answered": 0, "players": 3}
    respond(room, "ada", ["b"])
    drop(room, "ada", after_ms=1_100)
    drop(room, "bea", after_ms=1_200)
    assert tally(room) == {"question": 0, "answered": 1, "players": 2}
    respond(room, "cem", ["b"], after_ms=1_300)
    assert tally(room) == {"question": 0, "answered": 2, "players": 2}


def test_the_roster_is_every_seat_as_the_host_sees_it():
    room = room_at("answering")
    play(room, do.Accommodate("bea", 1.5))
    drop(room, "ada")
    assert roster(room) == {
        "players": [
            {"id": "ada", "nickname": "Ada", "connected": False, "score": 0, "time_factor": 1.0},
            {"id": "bea", "nickname": "Bea", "connected": True, "score": 0, "time_factor": 1.5},
        ]
    }


def test_the_host_sees_what_the_network_did_to_a_question():
    """How far apart the screens opened, and how much earlier than it arrived each response counts."""
    room = room_at("answering", players=("ada", "bea", "cyd", "dan"))
    opens_at = room.opens_at
    late = do.Respond("ada", 0, ["b"], opens_at + 900, round_trip_ms=380, opened_ms=30)
    play(room, late, now=opens_at + 1_000)
    play(room, do.Pause(), now=opens_at + 1_500)
    play(room, do.Resume(), now=opens_at + 9_500)
    opens_at = room.opens_at
    drop(room, "bea", 1_600)
    play(room, do.Connect("bea"), now=opens_at + 4_000)
    lost = do.Respond("bea", 0, ["b"], opens_at + 1_700, round_trip_ms=80, opened_ms=730)
    play(room, lost, now=opens_at + 4_100)
    respond(room, "cyd", ["a"], 4_200)
    with pytest.raises(WrongPhase):
        network(room, None)
    with pytest.raises(WrongPhase):
        network(room, 0)
    step(room)
    seen = network(room, None)

    assert seen == network(room, 0)
    assert [seen[name] for name in ("question", "revealed", "answered", "known", "spread_ms")] == [
        0,
        [0],
        3,
        2,
        700,
    ]
    assert seen["players"] == [
        {"id": "ada", "nickname": "Ada", "opened_ms": 30, "credited_ms": 100, "recovered": False},
        {"id": "bea", "nickname": "Bea", "opened_ms": 730, "credited_ms": 2_400, "recovered": True},
        {"id": "cyd", "nickname": "Cyd", "opened_ms": None, "credited_ms": 0, "recovered": False},
    ]
    for index in (-1, 5, 2**53):
        with pytest.raises(BadRequest):
            network(room, index)
    with pytest.raises(WrongPhase):
        network(room, 1)


@pytest.mark.parametrize("phase", ADDS)
def test_every_view_can_be_built_in_every_phase(phase):
    room = room_at(phase)
    before = room.snapshot()
    for view in (tally(room), roster(room), *(personal_view(room, p) for p in room.players.values())):
        json.dumps(view)
    assert room.snapshot() == before


@pytest.mark.parametrize("phase", ["reveal", "leaderboard", "podium"])
def test_you_say_how_many_points_are_missing_to_the_next_rank(phase):
    room = room_at("answering", players=["ada", "bea", "cem", "dan"])
    for player, response, after_ms in (("ada", "b", 0), ("bea", "b", 4_000), ("cem", "b", 4_000)):
        respond(room, player, [response], after_ms=after_ms)
    step(room)
    while room.phase != phase:
        play(room, do.Next() if phase == "leaderboard" else do.End())
    join(room, "eve")
    yous = {player.id: personal_view(room, player) for player in room.players.values()}
    assert {id_: you["rank"] for id_, you in yous.items()} == {
        "ada": 1,
        "bea": 2,
        "cem": 2,
        "dan": 4,
        "eve": 4,
    }
    assert "next_rank" not in yous["ada"]
    assert yous["bea"]["next_rank"] == yous["cem"]["next_rank"] == {"rank": 1, "points": 100}
    assert yous["dan"]["next_rank"] == yous["eve"]["next_rank"] == {"rank": 2, "points": 900}


def test_you_say_from_which_rank_one_comes():
    room = room_at("answering")
    for picked, ranks in ({"bea": "b"}, {"ada": 2, "bea": 1}), ({"ada": "b"}, {"ada": 1, "bea": 1}):
        before = {id_: room.rank_of(player) for id_, player in room.players.items()}
        for player, option in picked.items():
            respond(room, player, [option])
        assert "previous_rank" not in personal_view(room, room.players["ada"])
        for _ in ("reveal", "leaderboard"):
            step(room)
            assert {id_: room.rank_of(player) for id_, player in room.players.items()} == ranks
            for id_, player in room.players.items():
                previous = personal_view(room, player).get("previous_rank")
                assert previous == (before[id_] if room.index else None)
        step(room), step(room)


def test_the_best_streak_stays_when_the_streak_ends():
    room = room_at("answering")
    for picked in "bbab":
        respond(room, "ada", [picked])
        step(room), step(room), step(room), step(room)
    step(room)
    you = personal_view(room, room.players["ada"])
    assert (you["streak"], you["best_streak"]) == (0, 2)
    play(room, do.Regrade(2, accept=("a",)))
    assert personal_view(room, room.players["ada"])["best_streak"] == 4
    play(room, do.End())
    play(room, do.Again(BANK, questions(2), Settings()))
    assert room.players["ada"].best_streak == 0


# --- the review -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["lobby", "reading", "answering", "reveal", "leaderboard"])
def test_there_is_no_review_before_the_podium(phase):
    room = room_at(phase)
    with pytest.raises(WrongPhase):
        review(room, room.players["ada"], "en")


def test_a_review_holds_every_question_that_was_revealed_with_what_the_player_gave():
    room = room_at("answering", questions=[question("choice", of=2), question("poll"), *questions(2)])
    respond(room, "ada", ["a"])
    step(room), step(room), step(room), step(room)
    respond(room, "ada", ["b"])
    step(room), step(room), step(room)
    play(room, do.End())
    of_ada, of_bea = (review(room, room.players[player], "en")["questions"] for player in ("ada", "bea"))
    assert of_ada[0] == {
        "question": 0,
        "type": "choice",
        "stem": "What is it?",
        "answered": True,
        "response": ("a",),
        "correct": False,
        "credit": 0.0,
        "points": 0,
        "void": False,
        "key": ["b"],
        "options": [
            {"id": "a", "text": "Option a", "why": "secret why a"},
            {"id": "b", "text": "Option b"},
        ],
        "explanation": "secret explanation",
    }
    nothing = {"answered": False, "response": None}
    assert of_bea[0] == of_ada[0] | nothing
    assert [(one["question"], one["response"], one.get("key")) for one in of_ada] == [
        (0, ("a",), ["b"]),
        (1, ("b",), None),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_review_has_of_every_type_what_its_reveal_showed(kind):
    room = room_at("reading", questions=[question(kind)])
    step(room)
    if kind != "slide":
        respond(room, "ada", right_response(room.question))
        step(room)
        revealed = host_view(room, "fr", 0)
        play(room, do.End())
    reviewed = review(room, room.players["ada"], "fr")["questions"]
    if kind == "slide":
        assert reviewed == []
        return
    shown = {"stem", "type", "options", "targets", "key", "unit", "void"} & revealed["question"].keys()
    assert {name: reviewed[0][name] for name in shown} == {name: revealed["question"][name] for name in shown}
    assert reviewed[0]["explanation"] == revealed["explanation"]
    assert reviewed[0]["correct"] is (revealed["question"]["points"] > 0)
    assert "notes" not in json.dumps(reviewed)


def test_a_review_for_who_came_later_holds_the_questions_too():
    room = room_at("reveal")
    join(room, "cem")
    play(room, do.Regrade(0, void=True))
    play(room, do.End())
    [reviewed] = review(room, room.players["cem"], "en")["questions"]
    assert (reviewed["answered"], reviewed["points"], reviewed["void"]) == (False, 0, True)


# --- the presenter's view -------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["reading", "answering", "reveal", "leaderboard"])
def test_the_presenter_sees_notes_and_key_in_every_phase_of_a_question(phase):
    room = room_at(phase, questions=[question(objective="To know"), question("poll", stem="And you?")])
    whys = [{"why": f"secret why {id_}"} if id_ != "b" else {} for id_ in "abcd"]
    assert presenter_view(room, "en") == {
        "question": {
            "index": 0,
            "of": 2,
            "round": 1,
            "type": "choice",
            "stem": "What is it?",
            "points": 1_000,
            "time_s": 20,
            "options": [
                {"id": id_, "text": f"Option {id_}"} | why for id_, why in zip("abcd", whys, strict=True)
            ],
            "key": ["b"],
            "explanation": "secret explanation",
            "source": "secret source",
            "notes": "secret notes",
            "objective": "To know",
        },
        "next": {"index": 1, "type": "poll", "stem": "And you?"},
    }


def test_the_presenter_sees_what_comes_first_and_nothing_after_the_last():
    assert presenter_view(room_at("lobby"), "fr") == {
        "question": None,
        "next": {"index": 0, "type": "choice", "stem": "Qu’est-ce ?"},
    }
    assert presenter_view(room_at("answering", question=4), "en")["next"] is None
    assert presenter_view(room_at("podium"), "en") == {"question": None, "next": None}


@pytest.mark.parametrize("kind", KINDS)
def test_the_presenter_has_before_the_reveal_what_the_reveal_shows(kind):
    room = room_at("reading", questions=[question(kind)])
    early = presenter_view(room, "fr")["question"]
    assert early["notes"] == "notes secrètes"
    if kind == "slide":
        assert (early["body"], "key" in early) == ("Lisez.", False)
        return
    step(room), step(room)
    revealed = host_view(room, "fr", 0)["question"]
    for name in revealed.keys() - {"accepted", "void"}:
        assert early[name] == revealed[name]


def test_the_presenter_s_key_includes_what_was_accepted():
    room = room_at("reveal")
    play(room, do.Regrade(0, accept=("d",)))
    assert presenter_view(room, "en")["question"]["key"] == ["b", "d"]
