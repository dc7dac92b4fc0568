"""Every command in every phase: where it leads, and that a refused one changes nothing."""

from __future__ import annotations

from itertools import product

import pytest

from server.game import commands as do
from server.game import events as ev
from server.game.errors import GameError, NoSuchRoom, TooLate, WrongPhase
from server.game.room import BURST_IN_A_GAME, LEAD_MS, TRANSITIONS, Phase, Room
from server.game.settings import Settings
from tests.builders import BANK, a_game, join, opened, play, question, questions, respond, room_at, step

PHASES = [phase.value for phase in Phase]
PAUSED = ["reading, paused", "answering, paused"]
STATES = PHASES + PAUSED
OPEN = set(STATES) - {"closed"}

COMMANDS: dict[str, tuple[do.Command, set[str]]] = {
    "start": (do.Start(), {"lobby"}),
    "next": (do.Next(), {"reveal", "leaderboard"}),
    "skip": (do.Skip(), {"reading", "answering"}),
    "pause": (do.Pause(), {"reading", "answering"}),
    "resume": (do.Resume(), set(PAUSED)),
    "extend": (do.Extend(10), {"answering", "answering, paused"}),
    "regrade": (do.Regrade(0, accept=("c",)), {"reveal", "leaderboard", "podium"}),
    "show": (do.Show(leaderboard=False, phones="shapes"), OPEN),
    "show the reveal": (do.Show(reveal=True), {"leaderboard"}),
    "again": (do.Again(BANK, questions(2), Settings()), {"podium"}),
    "respond": (do.Respond("ada", 0, ["b"], at=10**9), {"answering"}),
    "lock": (do.Lock(), OPEN),
    "unlock": (do.Unlock(), OPEN),
    "kick": (do.Kick("ada"), OPEN),
    "reseat": (do.Reseat("ada", "a new digest"), OPEN),
    "rename": (do.Rename("ada", "Ada L."), OPEN),
    "accommodate": (do.Accommodate("ada", 2.0), OPEN),
    "end": (do.End(), OPEN),
    "join": (do.Join("cem", "Cem", "digest of cem"), OPEN),
    "leave": (do.Leave("ada"), OPEN),
    "choose language": (do.ChooseLanguage("ada", "fr"), OPEN),
    "connect": (do.Connect("ada"), OPEN),
    "disconnect": (do.Disconnect("ada", last_heard=0), OPEN),
    "deadline": (do.DeadlineReached(), OPEN),
    "expire": (do.Expire(), OPEN),
    "restore": (do.Restore(stopped_at=0), OPEN),
}
"""Each command with the states in which the rules take it."""

LEADS_TO = {
    ("start", "lobby"): "reading",
    ("skip", "reading"): "answering",
    ("skip", "answering"): "reveal",
    ("next", "reveal"): "leaderboard",
    ("next", "leaderboard"): "reading",
    ("show the reveal", "leaderboard"): "reveal",
    ("again", "podium"): "lobby",
    ("end", "podium"): "closed",
    ("deadline", "reading"): "answering",
    ("deadline", "answering"): "reveal",
    **{("end", state): "podium" for state in OPEN - {"podium"}},
    **{("expire", state): "closed" for state in OPEN},
}
"""The phase after a command; where none stands here it stays."""

ALLOWED = {
    "lobby": {"reading", "answering", "podium", "closed"},
    "reading": {"reading", "answering", "podium", "closed"},  # from a page to read to the next question
    "answering": {"reveal", "podium", "closed"},
    "reveal": {"leaderboard", "reading", "answering", "podium", "closed"},
    "leaderboard": {"reveal", "reading", "answering", "podium", "closed"},
    "podium": {"lobby", "closed"},
    "closed": set(),
}

ENTERS = {
    "reading": ev.QuestionShown(now=2 * 10**6, question=1, opens_at=2 * 10**6),
    "answering": ev.QuestionOpened(now=2 * 10**6, question=1, opens_at=2 * 10**6, closes_at=3 * 10**6),
    "reveal": ev.QuestionClosed(now=2 * 10**6, question=0),
    "leaderboard": ev.LeaderboardShown(now=2 * 10**6),
    "podium": ev.GameEnded(now=2 * 10**6),
    "lobby": ev.GameOpened(now=2 * 10**6, bank=BANK, questions=questions(2), settings=Settings()),
    "closed": ev.RoomClosed(now=2 * 10**6, reason="ended"),
}


def room_in(state: str) -> Room:
    phase, _, pause = state.partition(", ")
    room = room_at(phase)
    if phase == "answering":
        play(room, do.ChooseLanguage("bea", "en"), now=room.opens_at + 1)  # time passes
    if pause:
        play(room, do.Pause())
    return room


@pytest.mark.parametrize(("name", "state"), list(product(COMMANDS, STATES)))
def test_a_command_is_taken_in_its_states_and_elsewhere_changes_nothing(name, state):
    command, taken_in = COMMANDS[name]
    room = room_in(state)
    before = room.snapshot()
    due = room.deadline() if name == "deadline" else None
    now = max(room.touched_at, due or 0)

    if state not in taken_in:
        with pytest.raises(NoSuchRoom if state == "closed" else (WrongPhase, TooLate)):
            room.handle(command, now)
        assert room.snapshot() == before
        return

    caused = room.handle(command, now)
    assert room.snapshot() == before
    for event in caused:
        room.apply(event)
    assert room.phase == LEADS_TO.get((name, state), state.partition(", ")[0])
    assert room.seq == before["seq"] + len(caused)


def test_the_table_of_transitions_is_that_of_the_design():
    assert {phase.value: {to.value for to in targets} for phase, targets in TRANSITIONS.items()} == ALLOWED


@pytest.mark.parametrize(("phase", "target"), list(product(PHASES, PHASES)))
def test_no_event_makes_a_transition_that_is_not_in_the_table(phase, target):
    room = room_at(phase)
    if target in ALLOWED[phase]:
        room.apply(ENTERS[target])
        assert room.phase == target
    else:
        with pytest.raises(WrongPhase):
            room.apply(ENTERS[target])
        assert room.phase == phase


def test_a_whole_game_passes_all_phases_question_by_question():
    room = a_game(questions(3), players=["ada"])
    path = [(room.phase.value, room.index)]
    while room.phase != "closed":
        step(room)
        path.append((room.phase.value, room.index))
    of_a_question = ["reading", "answering", "reveal", "leaderboard"]
    assert path == [
        ("lobby", None),
        *((phase, index) for index in range(3) for phase in of_a_question),
        ("podium", 2),
        ("closed", 2),
    ]
    assert room.closed_reason == "ended"


def test_next_goes_straight_on_where_the_leaderboard_is_off():
    room = room_at("reveal", settings=Settings(leaderboard=False))
    play(room, do.Next())
    assert (room.phase, room.index) == ("reading", 1)


def test_next_goes_straight_on_after_a_question_without_points():
    room = room_at("reveal", questions=[question(points=0), question()])
    play(room, do.Next())
    assert (room.phase, room.index) == ("reading", 1)


def test_next_goes_from_the_last_reveal_to_the_podium_where_the_leaderboard_is_off():
    room = room_at("reveal", question=1, questions=questions(2), settings=Settings(leaderboard=False))
    play(room, do.Next())
    assert room.phase == "podium"


def test_the_host_turns_the_leaderboard_off_and_on_for_the_rest_of_the_game():
    room = room_at("answering")
    play(room, do.Show(leaderboard=False))
    step(room), step(room)
    assert (room.phase, room.index) == ("reading", 1)
    assert room.handle(do.Show(leaderboard=False), room.touched_at) == []
    play(room, do.Show(leaderboard=True))
    step(room), step(room), step(room)
    assert (room.phase, room.index) == ("leaderboard", 1)


def test_another_game_begins_with_its_own_settings_whatever_was_shown_in_the_last():
    room = room_at("podium", settings=Settings(phones_show="shapes"))
    play(room, do.Show(leaderboard=False, phones="text"))
    assert room.settings == Settings(phones_show="shapes")
    play(room, do.Again(BANK, questions(2), room.settings))
    assert (room.has_leaderboard, room.phones_show) == (True, "shapes")


def unmoved(room):
    """Return the state without what every event moves, and entering a phase anew."""
    moved = {"seq", "touched_at", "phase_since"}
    return {name: value for name, value in room.snapshot().items() if name not in moved}


def test_from_the_leaderboard_back_to_the_reveal_and_on_again():
    room = room_at("answering")
    respond(room, "ada", ["b"])
    step(room)
    revealed = unmoved(room)
    step(room)
    play(room, do.Show(reveal=True), now=room.touched_at + 5_000)
    assert unmoved(room) == revealed
    assert room.phase_since == room.touched_at
    step(room)
    assert (room.phase, room.index) == ("leaderboard", 0)
    step(room)
    assert (room.phase, room.index) == ("reading", 1)


def test_a_refused_return_to_the_reveal_changes_nothing_else_either():
    room = room_at("reveal")
    with pytest.raises(WrongPhase):
        room.handle(do.Show(leaderboard=False, reveal=True), room.touched_at)


def test_hidden_and_gone_back_from_in_one_the_next_is_the_next_question():
    room = room_at("leaderboard")
    play(room, do.Show(leaderboard=False, reveal=True))
    assert room.phase == "reveal"
    step(room)
    assert (room.phase, room.index) == ("reading", 1)


def test_a_void_question_still_has_a_leaderboard():
    room = room_at("reveal")
    play(room, do.Regrade(0, void=True))
    play(room, do.Next())
    assert room.phase == "leaderboard"


@pytest.mark.parametrize("phase", ["lobby", "leaderboard"])
def test_without_reading_time_the_question_opens_at_once_after_the_lead(phase):
    room = room_at(phase, settings=Settings(reading_time="off"))
    now = room.touched_at + 5_000
    play(room, do.Start() if phase == "lobby" else do.Next(), now=now)
    assert room.phase == "answering"
    assert room.opens_at == now + LEAD_MS


def test_reading_lasts_as_long_as_the_stem_needs():
    asked = question(stem="x" * 100)
    room = room_at("reading", questions=[asked])
    assert room.opens_at == room.touched_at + asked.reading_ms()


@pytest.mark.parametrize(("seconds", "ms"), [(7, 7_000), (2.5, 2_500), (1, 1_000)])
def test_reading_lasts_as_long_as_the_teacher_says(seconds, ms):
    room = room_at("reading", settings=Settings(reading_time=seconds))
    assert room.opens_at == room.touched_at + ms


def test_skipping_the_reading_opens_the_question_after_the_lead():
    room = room_at("reading")
    now = room.touched_at + 100
    play(room, do.Skip(), now=now)
    assert room.phase == "answering"
    assert room.opens_at == now + LEAD_MS
    assert room.played[0].closes_at == room.opens_at + 20_000


def test_ending_in_the_middle_of_a_question_counts_it_for_nothing():
    room = room_at("answering", question=1)
    respond(room, "ada", ["b"])
    play(room, do.End())
    assert room.phase == "podium"
    assert 1 not in room.played
    assert {player.score for player in room.players.values()} == {0}
    with pytest.raises(WrongPhase):
        room.handle(do.Regrade(1, accept=("c",)), room.touched_at)


def test_ending_while_paused_leaves_no_pause_behind():
    room = room_at("answering")
    play(room, do.Pause(), now=room.opens_at + 10)
    play(room, do.End())
    assert (room.phase, room.is_paused) == ("podium", False)


def test_a_room_without_a_question_played_can_end_too():
    room = room_at("lobby")
    play(room, do.End())
    assert room.phase == "podium"


def test_again_keeps_seats_tokens_lock_and_accommodations_and_starts_scores_anew():
    room = a_game(questions(1), Settings(streak_bonus=True), players=["ada", "bea"])
    play(room, do.Accommodate("bea", 2.0))
    play(room, do.Lock())
    step(room), step(room)
    respond(room, "ada", ["b"])
    while room.phase != "podium":
        step(room)
    assert room.players["ada"].score == 975

    play(room, do.Again(BANK, questions(4), Settings(scoring="accuracy")))

    assert (room.phase, room.game, room.index, room.code) == ("lobby", 2, None, "123456")
    assert room.settings == Settings(scoring="accuracy")
    assert len(room.questions) == 4
    assert room.is_locked
    assert room.players["bea"].time_factor == 2.0
    assert room.played == {}
    for name in ("ada", "bea"):
        player = room.player_with_token(f"digest of {name}")
        assert player is not None
        assert (player.id, player.score, player.streak, player.gained, player.previous_rank) == (
            name,
            0,
            0,
            0,
            None,
        )
        assert room.rank_of(player) == 1
    step(room)
    assert (room.phase, room.index) == ("reading", 0)


def test_a_response_of_the_last_game_is_forgotten_in_the_next():
    room = a_game(questions(1), players=["ada"])
    step(room), step(room)
    respond(room, "ada", ["b"])
    while room.phase != "podium":
        step(room)
    play(room, do.Again(BANK, questions(1), Settings()))
    assert room.acknowledged_at("ada", 0, 1) is None
    step(room), step(room)
    assert respond(room, "ada", ["c"])


def test_a_closed_room_is_no_room_for_anyone():
    room = room_at("closed")
    for command in (do.Join("cem", "Cem", "x"), do.End(), do.Restore(0), do.DeadlineReached()):
        with pytest.raises(NoSuchRoom):
            room.handle(command, room.touched_at)


def test_an_idle_room_expires_with_its_reason():
    room = room_at("leaderboard")
    play(room, do.Expire())
    assert (room.phase, room.closed_reason) == ("closed", "expired")


def test_a_replay_begins_with_the_event_that_opens_the_room():
    with pytest.raises(TypeError):
        Room.replay([ev.RoomLocked(now=0)])


def test_what_is_no_command_and_no_event_is_a_bug_not_a_refusal():
    room = a_game()
    with pytest.raises(TypeError):
        room.handle(do.Command(), 0)
    with pytest.raises(TypeError):
        room.apply(ev.Event(now=0))


def test_a_story_with_every_event_replays_to_the_same_room():
    """Whoever adds an event adds it here: the log of this story holds one of each."""
    log: list[ev.Event] = [opened([*questions(1), question("wordcloud")])]
    room = Room.replay(log)

    def tell(command: do.Command, after: int = 10) -> None:
        log.extend(play(room, command, now=room.touched_at + after))
        assert Room.replay(log).snapshot() == room.snapshot()

    log.extend(join(room, "ada"))
    for player in ("bea", "cem"):
        tell(do.Join(player, player.title(), f"digest of {player}", "fr"))
    tell(do.Lock())
    tell(do.Unlock())
    tell(do.Rename("ada", "Ada L."))
    tell(do.Reseat("ada", "a new digest"))
    tell(do.Accommodate("bea", None))
    tell(do.ChooseLanguage("ada", "fr"))
    tell(do.Start())
    tell(do.Skip())
    tell(do.Disconnect("bea", last_heard=room.touched_at - 5))
    tell(do.Respond("ada", 0, ["b"], at=room.opens_at + 700, round_trip_ms=40), after=1_500)
    tell(do.Connect("bea"))
    tell(do.Extend(5))
    tell(do.Pause())
    tell(do.Restore(stopped_at=room.touched_at + 3), after=9_000)
    tell(do.Connect("ada"))
    tell(do.Resume())
    tell(do.Skip())
    tell(do.Regrade(0, accept=(["c"],)))
    tell(do.Next())
    tell(do.Show(leaderboard=False, phones="shapes"))
    tell(do.Show(reveal=True))
    tell(do.Next())
    tell(do.Skip())
    tell(do.HideWord(1, "Oh!"))
    tell(do.Leave("bea"))
    tell(do.Kick("cem"))
    since = room.touched_at + 5
    tell(do.Join("dan", "Dan", "digest of dan"))
    tell(do.UndoJoins(since))
    for n in range(BURST_IN_A_GAME):
        tell(do.Join(f"late {n}", f"Late {n}", f"digest of late {n}"))
    tell(do.WelcomeJoins())
    tell(do.End())
    tell(do.Again(BANK, questions(3), Settings(reading_time="off")))
    tell(do.Start())
    tell(do.Expire())

    declared = {cls for cls in vars(ev).values() if isinstance(cls, type) and issubclass(cls, ev.Event)}
    assert {type(event) for event in log} == declared - {ev.Event}
    assert room.seq == len(log)


def test_a_snapshot_is_a_copy():
    room = room_at("answering")
    before = room.snapshot()
    respond(room, "ada", ["b"])
    assert before != room.snapshot()
    assert before["played"][0].given == {}


@pytest.mark.parametrize(
    "command", [do.Kick("zoe"), do.Reseat("zoe", "x"), do.Rename("zoe", "Zoe"), do.Accommodate("zoe", 2.0)]
)
def test_a_host_cannot_act_on_a_player_who_is_not_there(command):
    room = room_at("lobby")
    before = room.snapshot()
    with pytest.raises(GameError) as refusal:
        room.handle(command, room.touched_at)
    assert refusal.value.code == "bad_request"
    assert room.snapshot() == before
