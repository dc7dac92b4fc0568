"""slide: a page to read, which stands until the host goes on."""

from __future__ import annotations

import pytest

from server.game import commands as do
from server.game.errors import BadRequest, TooLate, WrongPhase
from server.game.room import Room
from server.game.settings import Settings
from server.game.views import host_view, personal_view, player_view, tally
from tests.builders import a_game, opened, play, question, respond, room_at, step

SLIDE = question("slide", id="page")


@pytest.mark.parametrize("reading_time", ["auto", "off", 5])
@pytest.mark.parametrize("auto_advance", ["off", 3])
def test_a_slide_has_no_clock_whatever_the_settings(reading_time, auto_advance):
    settings = Settings(reading_time=reading_time, auto_advance=auto_advance)
    room = a_game([SLIDE, question()], settings, ["ada"])
    step(room)
    assert room.phase == "reading"
    assert room.deadline() is None
    assert room.handle(do.DeadlineReached(), room.touched_at + 10**7) == []


def test_what_every_screen_shows_of_a_slide():
    room = room_at("reading", questions=[SLIDE, question()])
    for view_of in (player_view, host_view):
        view = view_of(room, "fr", 0)
        assert view["opens_at"] is None
        assert "remaining_ms" not in view
        assert view["question"] == {
            "index": 0, "of": 2, "round": 1, "type": "slide", "stem": "Qu’est-ce ?",
            "points": 0, "body": "Lisez.",
        }  # fmt: skip
    you = personal_view(room, room.players["ada"])
    assert you["answered"] is False
    assert not {"result", "closes_at"} & set(you)
    assert tally(room)["answered"] == 0


@pytest.mark.parametrize("press", [do.Next(), do.Skip()])
@pytest.mark.parametrize(
    ("after", "phase", "index"),
    [([question()], "reading", 1), ([SLIDE], "reading", 1), ([], "podium", 0)],
)
def test_the_host_goes_on_to_the_next_question_or_the_podium(press, after, phase, index):
    room = room_at("reading", questions=[SLIDE, *after])
    play(room, press)
    assert (room.phase, room.index) == (phase, index)


def test_without_reading_time_the_next_question_opens_at_once():
    room = a_game([SLIDE, question()], Settings(reading_time="off"), ["ada"])
    step(room)
    play(room, do.Next())
    assert (room.phase, room.index) == ("answering", 1)


def test_next_does_not_end_the_reading_of_a_question():
    room = room_at("reading", questions=[question(), SLIDE])
    with pytest.raises(WrongPhase):
        room.handle(do.Next(), room.touched_at)


def test_there_is_nothing_to_answer_to_pause_to_extend_or_to_regrade():
    room = room_at("reading", questions=[SLIDE, question()])
    before = room.snapshot()
    for command in (do.Pause(), do.Extend(5), do.Regrade(0, void=True), do.Respond("ada", 0, ["a"], 0)):
        with pytest.raises(WrongPhase):
            room.handle(command, room.touched_at)
    assert room.snapshot() == before
    play(room, do.Next())
    with pytest.raises(TooLate):
        respond(room, "ada", ["a"], question=0)
    with pytest.raises(BadRequest):
        SLIDE.read("anything")


def test_a_slide_between_questions_changes_no_score_no_streak_and_no_rank():
    room = room_at("answering", questions=[question(), SLIDE, question()])
    respond(room, "ada", ["b"])
    while room.index != 1:
        step(room)
    ada = room.players["ada"]
    before = (ada.score, ada.streak, ada.gained, ada.previous_rank)
    step(room)
    assert (room.index, (ada.score, ada.streak, ada.gained, ada.previous_rank)) == (2, before)


def test_a_restart_finds_the_page_as_it_was_and_not_paused():
    log = [opened([SLIDE, question()])]
    room = Room.replay(log)
    log.extend(play(room, do.Join("ada", "Ada", "d")))
    log.extend(step(room))
    again = Room.replay(log)
    play(again, do.Restore(stopped_at=again.touched_at), now=again.touched_at + 60_000)
    assert again.is_on_slide
    assert not again.is_paused
    play(again, do.Next())
    assert (again.phase, again.index) == ("reading", 1)


def test_a_slide_gives_no_points_and_has_no_time():
    faults = dict(question("slide").faults())
    assert faults == {}
    slide = type(SLIDE)(id="s", stem="S", body=" ", points=1000, time=20)
    assert {path for path, _ in slide.faults()} == {("body",), ("points",), ("time",)}
    assert "no clock" in dict(slide.faults())[("time",)]
