"""Anything in any order: the invariants of the game over thousands of random steps.

Every step goes through `ARoom.ask`, which holds the room to its promises: `handle` alone changes nothing,
refused or not; only `apply` does. What must hold between steps stands below as invariants.
"""

from __future__ import annotations

import json
import os
from fractions import Fraction

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from server.game import commands as do
from server.game import events as ev
from server.game.errors import GameError
from server.game.questions import normal_form
from server.game.room import TRANSITIONS, Room
from server.game.settings import Settings
from server.game.views import host_view, personal_view, player_view, roster, tally
from tests.builders import BANK, KINDS, opened, question

IS_LONG = os.environ.get("PLENARY_LONG") == "1"
pytestmark = pytest.mark.timeout(1_800 if IS_LONG else 300)

BEFORE_THE_REVEAL = ("lobby", "reading", "answering")
SECRETS = ('"key"', '"why"', '"correct"', '"explanation"', '"distribution"', '"result"', "secret")

PRESSES = [do.Start(), do.Next(), do.Skip(), do.Pause(), do.Resume(), do.Extend(5), do.Lock(), do.Unlock()]
WORDS = ["Peace", "péace!", "war", "", "…"]
NICKNAMES = ["Ada", "ADA", "Bea", "Cem", "Ｄan", "Eve\u202e", "x" * 21, "", "Fay", "Gus"]
PICKS = ["a", "b", "ab", "ac"]
RESPONSES = [
    ["a"], ["b"], ["c"], ["a", "c"], ["a", "b", "c", "d"], ["z"], [], None, "b", {"a": "b"}, 1944, "1944,0",
    {"a": "p", "b": "q", "c": "r", "d": "s"}, "Hidden truth!", "Peace",
]  # fmt: skip

picks = st.lists(st.sampled_from(PICKS), min_size=1, max_size=4)
seats = st.integers(0, 7)
rarely = st.integers(0, 30)
"""A seat that is there once in a while only: a class that always leaves plays no game."""
moments = st.integers(0, 3_000) | st.integers(0, 40_000)
round_trips = st.none() | st.integers(0, 900)
all_settings = st.builds(
    Settings,
    scoring=st.sampled_from(["speed", "accuracy"]),
    streak_bonus=st.booleans(),
    reading_time=st.sampled_from(["auto", "off", 2]),
    time_factor=st.sampled_from([1.0, 1.5]),
    auto_advance=st.sampled_from(["off", 3]),
    leaderboard=st.booleans(),
    max_players=st.sampled_from([3, 2_000]),
    phones_show=st.sampled_from(["text", "shapes"]),
    clock=st.booleans(),
)
kinds = st.sampled_from(KINDS)
all_questions = st.lists(
    st.builds(question, kinds, points=st.sampled_from([0, 1_000, 1_000, 2_000]))
    | st.just(question("numeric", closeness=True)),
    min_size=1,
    max_size=3,
)


def by_score(player):
    return player.score


class ARoom(RuleBasedStateMachine):
    """A room, everything that happened in it, and what a class could remember of that."""

    @initialize(
        asked=all_questions,
        settings=all_settings,
        present=st.sampled_from([2, 3, 4, 0]),
        course=st.lists(picks, max_size=8),
    )
    def open(self, asked, settings, present, course):
        """Begin anywhere: an empty lobby, a class in the middle of its game."""
        self.log = [opened(asked, settings)]
        self.room = Room.replay(self.log)
        self.now = self.room.touched_at
        self.known = self.room.snapshot()
        self.seats_drawn = 0
        self.joined = {}
        self.barred = set()
        self.counted = {}
        for nickname in ("Ada", "Bea", "Cem", "Gus")[:present]:
            self.join(nickname)
        for picked in course:
            self.go_on(picked)

    def ask(self, command):
        """Play a command; return its events, or None where it was refused."""
        try:
            caused = self.room.handle(command, self.now)
        except GameError:
            assert self.room.snapshot() == self.known
            return None
        assert self.room.snapshot() == self.known

        phase, scores = self.room.phase, self.scores()
        for event in caused:
            self.room.apply(event)
            self.log.append(event)
            self.remember(event)
            assert self.room.phase is phase or self.room.phase in TRANSITIONS[phase]
            phase = self.room.phase
        self.known = self.room.snapshot()

        if not any(isinstance(event, ev.QuestionRegraded | ev.GameOpened) for event in caused):
            is_scored = any(isinstance(event, ev.QuestionClosed) for event in caused)
            for player, score in self.scores().items():
                assert score >= scores.get(player, 0) if is_scored else score == scores.get(player, 0)
        return caused

    def remember(self, event):
        if not isinstance(event, ev.ResponseAccepted):
            return
        response = (self.room.game, event.question, event.round, event.player)
        assert response not in self.counted
        self.counted[response] = event
        assert self.room.phase == "answering"
        assert self.room.opens_at <= event.at <= event.arrival == self.now
        slack = (
            5_000
            if event.is_recovered
            else min(400, 400 if event.round_trip_ms is None else event.round_trip_ms)
        )
        assert event.at >= event.arrival - slack

    def scores(self):
        return {player.id: player.score for player in self.room.players.values()}

    def seat(self, n):
        """Return a player's id: of one who is there, where anyone is."""
        there = list(self.room.players)
        return there[n % len(there)] if there else "nobody"

    def fitting(self, picked):
        """Return a response that the question on the screens can read."""
        n = PICKS.index(picked)
        match self.room.question.type:
            case "multi":
                return list(picked)
            case "text":
                return ["Hidden truth", "hidden lie", "truth hidden", "HIDDEN  TRUTH"][n]
            case "numeric":
                return [1945, "1946", 1_944.5, 0][n]
            case "wordcloud":
                return ["Peace", "peace", "war", "aid"][n]
            case "order":
                return list(["abcd", "badc", "dcba", "cdab"][n])
            case "match":
                return dict(zip("abcd", ["pqrs", "qpsr", "srqp", "rspq"][n], strict=True))
        return [picked[-1].replace("c", "b")]

    # --- a class ----------------------------------------------------------------------------------------

    @rule(nickname=st.sampled_from(NICKNAMES))
    def join(self, nickname):
        self.seats_drawn += 1
        if self.ask(do.Join(f"p{self.seats_drawn}", nickname, f"digest {self.seats_drawn}")):
            self.joined[f"p{self.seats_drawn}"] = self.now

    @precondition(lambda self: self.barred)
    @rule(n=seats)
    def join_with_a_token_whose_seat_was_taken(self, n):
        digest = sorted(self.barred)[n % len(self.barred)]
        assert self.room.player_with_token(digest) is None
        assert self.ask(do.Join("nobody yet", "Zoe", digest)) is None

    @rule(n=seats, heard_ago=moments)
    def drop(self, n, heard_ago):
        self.ask(do.Disconnect(self.seat(n), last_heard=self.now - heard_ago))

    @rule(n=seats)
    def rejoin(self, n):
        if self.ask(do.Connect(self.seat(n))) is not None:
            assert self.room.players[self.seat(n)].is_connected

    @rule(n=rarely)
    def leave(self, n):
        if n < len(self.room.players):
            self.ask(do.Leave(self.seat(n)))

    @precondition(lambda self: any(not player.is_connected for player in self.room.players.values()))
    @rule()
    def everyone_rejoins(self):
        for player in self.room.players:
            self.ask(do.Connect(player))

    @rule(n=seats, lang=st.sampled_from(["en", "fr"]))
    def choose_language(self, n, lang):
        self.ask(do.ChooseLanguage(self.seat(n), lang))

    @precondition(lambda self: self.room.phase == "answering")
    @rule(
        n=seats,
        picked=st.sampled_from(PICKS),
        early=st.sampled_from([0, 0, 200]),
        late=st.integers(0, 900),
        round_trip=round_trips,
    )
    def respond(self, n, picked, early, late, round_trip):
        """Respond to the open question, the claim older than the arrival: responses come out of order."""
        self.now = max(self.now, self.room.opens_at - early)
        command = do.Respond(
            self.seat(n), self.room.index, self.fitting(picked), self.now - late, round_trip_ms=round_trip
        )
        self.ask(command)

    @precondition(lambda self: self.room.phase == "answering" and not self.room.is_paused)
    @rule(picked=picks)
    def everyone_responds(self, picked):
        """Respond for all seats; the question closes early once nobody is left to wait for."""
        self.now = max(self.now, self.room.opens_at)
        for n, player in enumerate(self.room.players):
            self.now += 700
            self.ask(do.Connect(player))
            self.ask(do.Respond(player, self.room.index, self.fitting(picked[n % len(picked)]), self.now))
        if self.room.players and not self.room.awaited:
            assert self.room.deadline() <= self.now

    @rule(
        n=seats,
        picked=st.sampled_from(RESPONSES),
        ahead=st.integers(-2, 2),
        odd=st.integers(-(10**7), 10**7) | st.integers(-6_000, 6_000),
        round_=st.sampled_from([1, 1, 1, 0, 2]),
        round_trip=round_trips,
    )
    def respond_oddly(self, n, picked, ahead, odd, round_, round_trip):
        """Respond to any question, at any time, with anything."""
        index = (self.room.index or 0) + ahead
        self.ask(do.Respond(self.seat(n), index, picked, self.now + odd, round_, round_trip))

    @precondition(lambda self: self.counted)
    @rule(n=seats, picked=st.sampled_from(RESPONSES))
    def duplicate(self, n, picked):
        """Send a response again, or another in its place, at any later time and in any phase."""
        player, room = self.seat(n), self.room
        for index, played in list(room.played.items()):
            if player in played.given and room.phase != "closed":
                at = room.acknowledged_at(player, index, 1)
                assert at == played.opens_at + played.given[player].elapsed_ms
                assert self.ask(do.Respond(player, index, picked, self.now)) == []
                assert room.acknowledged_at(player, index, 1) == at

    # --- a teacher --------------------------------------------------------------------------------------

    @precondition(lambda self: self.room.phase != "closed")
    @rule(picked=picks)
    def go_on(self, picked):
        """Press the key that goes on, whatever it is now; an open question is responded to before."""
        room = self.room
        if room.phase == "answering" and not room.is_paused:
            self.everyone_responds(picked)
        press = {"lobby": do.Start(), "reveal": do.Next(), "leaderboard": do.Next(), "podium": None}
        command = do.Resume() if room.is_paused else press.get(room.phase, do.Skip())
        if command is not None:
            assert self.ask(command)

    @rule(command=st.sampled_from(PRESSES))
    def press_anything(self, command):
        self.ask(command)

    @precondition(lambda self: self.room.phase in ("reading", "answering"))
    @rule()
    def pause(self):
        self.ask(do.Pause())

    @precondition(lambda self: self.room.is_paused)
    @rule(after=moments)
    def resume(self, after):
        room = self.room
        elapsed = room.paused_at - room.opens_at
        given = {p: room.acknowledged_at(p, room.index, 1) for p in room.players}
        shown = player_view(room, "en", self.now)
        self.now += after
        moved = self.now - room.paused_at
        assert self.ask(do.Resume())
        assert self.now - room.opens_at == elapsed
        for player, at in given.items():
            assert room.acknowledged_at(player, room.index, 1) == (None if at is None else at + moved)
        for name in {"opens_at", "closes_at"} & set(shown):
            assert player_view(room, "en", self.now)[name] == shown[name] + moved

    @precondition(lambda self: self.room.phase == "answering")
    @rule(seconds=st.integers(1, 300))
    def extend(self, seconds):
        self.ask(do.Extend(seconds))

    @rule(n=rarely, lock=st.booleans())
    def kick(self, n, lock):
        if n < len(self.room.players):
            player = self.room.players[self.seat(n)]
            if self.ask(do.Kick(player.id, lock)) is not None:
                self.barred.add(player.token_digest)
                assert self.room.is_locked or not lock

    @rule(n=rarely)
    def withdraw(self, n):
        if n < len(self.room.players):
            self.ask(do.Withdraw(self.seat(n)))

    @rule(ago=moments, n=rarely, lock=st.sampled_from([False, False, True]))
    def undo_joins(self, ago, n, lock):
        if n > 3:
            return
        since, before = self.now - ago, list(self.room.players.values())
        undone = [player for player in before if self.joined[player.id] >= since]
        caused = self.ask(do.UndoJoins(since, lock))
        if caused is not None:
            assert [type(event) for event in caused].count(ev.JoinsUndone) == bool(undone)
            assert list(self.room.players.values()) == [player for player in before if player not in undone]
            self.barred |= {player.token_digest for player in undone}

    @rule(n=seats)
    def reseat(self, n):
        self.seats_drawn += 1
        digest = f"digest {self.seats_drawn} anew"
        player = self.room.players.get(self.seat(n))
        before = player.token_digest if player else None
        if self.ask(do.Reseat(self.seat(n), digest)) is not None:
            self.barred.add(before)
            assert self.room.player_with_token(digest).id == self.seat(n)

    @rule(n=seats, nickname=st.sampled_from(NICKNAMES))
    def rename(self, n, nickname):
        self.ask(do.Rename(self.seat(n), nickname))

    @rule(n=seats, time_factor=st.sampled_from([1.0, 1.25, 2.0, 4.0, None]))
    def accommodate(self, n, time_factor):
        self.ask(do.Accommodate(self.seat(n), time_factor))

    @precondition(lambda self: self.room.played)
    @rule(n=seats, accept=st.lists(st.sampled_from(RESPONSES), max_size=2), void=st.booleans())
    def regrade(self, n, accept, void):
        index = list(self.room.played)[n % len(self.room.played)]
        self.ask(do.Regrade(index, tuple(accept), void))

    @precondition(lambda self: self.room.played)
    @rule(n=seats, word=st.sampled_from(WORDS))
    def hide_word(self, n, word):
        index = list(self.room.played)[n % len(self.room.played)]
        if self.ask(do.HideWord(index, word)) is not None and index == self.room.index:
            for view in (player_view(self.room, "en", self.now), host_view(self.room, "en", self.now)):
                shown = [normal_form(group["value"]) for group in view.get("distribution", [])]
                assert normal_form(word) not in shown

    @rule(
        leaderboard=st.sampled_from([None, None, True, False]),
        phones=st.sampled_from([None, None, "text", "shapes"]),
        back=st.booleans(),
    )
    def show(self, leaderboard, phones, back):
        room, phase = self.room, self.room.phase
        before = {"leaderboard": room.has_leaderboard, "phones": room.phones_show}
        wished = {"leaderboard": leaderboard, "phones": phones}
        is_taken = self.ask(do.Show(leaderboard, phones, back)) is not None
        assert is_taken == (phase == "leaderboard" if back else phase != "closed")
        assert room.phase == ("reveal" if is_taken and back else phase)
        wanted = {name: value for name, value in wished.items() if is_taken and value is not None}
        assert host_view(room, "en", self.now)["shows"] == before | wanted

    @precondition(lambda self: self.room.phase == "leaderboard")
    @rule()
    def look_back(self):
        """Back to the reveal of the same question, with the same scores."""
        index, scores = self.room.index, self.scores()
        assert self.ask(do.Show(reveal=True))
        assert (self.room.phase, self.room.index, self.scores()) == ("reveal", index, scores)

    @rule(n=rarely)
    def end(self, n):
        if n < 2:
            self.ask(do.End())

    @precondition(lambda self: self.room.phase == "podium")
    @rule(asked=all_questions, settings=all_settings)
    def again(self, asked, settings):
        seats = [(p.id, p.nickname, p.token_digest) for p in self.room.players.values() if not p.has_left]
        assert self.ask(do.Again(BANK, tuple(asked), settings))
        assert [(p.id, p.nickname, p.token_digest) for p in self.room.players.values()] == seats
        assert set(self.scores().values()) <= {0}

    # --- time -------------------------------------------------------------------------------------------

    @rule(ms=moments)
    def wait(self, ms):
        self.now += ms

    @rule(late=st.integers(0, 800))
    def deadline_passes(self, late):
        due = self.room.deadline()
        if due is None:
            assert self.ask(do.DeadlineReached()) in ([], None)
        else:
            self.now = max(self.now, due + late)
            assert self.ask(do.DeadlineReached())

    @rule()
    def stale_deadline(self):
        due = self.room.deadline()
        if due is None or self.now < due:
            assert self.ask(do.DeadlineReached()) in ([], None)

    @precondition(lambda self: self.room.phase != "closed")
    @rule(down=st.integers(0, 60_000), ago=moments)
    def restart(self, down, ago):
        """The process dies, and another makes the room again from its events."""
        stopped_at = self.now - ago
        self.now += down
        self.room = Room.replay(self.log)
        assert self.room.snapshot() == self.known
        phase = self.room.phase
        assert self.ask(do.Restore(stopped_at))
        assert self.room.phase is phase
        assert self.room.is_paused == (phase in ("reading", "answering") and not self.room.is_on_slide)
        assert not any(player.is_connected for player in self.room.players.values())

    # --- what always holds ------------------------------------------------------------------------------

    @invariant()
    def the_events_make_the_same_room(self):
        again = Room.replay(self.log)
        assert again.snapshot() == self.room.snapshot()
        assert again.deadline() == self.room.deadline()
        assert self.room.seq == len(self.log)
        if self.room.phase == "reveal":
            assert self.room.summary() == again.summary()  # what is kept is what it would be

    @invariant()
    def ranks_and_results_agree_with_scores(self):
        room = self.room
        for player in room.players.values():
            assert room.rank_of(player) == 1 + sum(p.score > player.score for p in room.players.values())
            better = min(
                (p for p in room.players.values() if p.score > player.score), key=by_score, default=None
            )
            ahead = None if better is None else (room.rank_of(better), better.score - player.score)
            assert room.next_rank_of(player) == ahead
            earned = (played.results.get(player.id) for played in room.played.values())
            assert player.score == sum(result.points for result in earned if result)

    @invariant()
    def scores_and_streaks_are_the_sum_of_what_was_accepted(self):
        room = self.room
        for player in room.players.values():
            score = streak = best = 0
            for index, played in sorted(room.played.items()):
                asked, result = room.questions[index], played.results.get(player.id)
                if not played.is_closed or played.is_void or not asked.points or result is None:
                    continue
                event = self.counted.get((room.game, index, 1, player.id))
                credit = asked.grade(event.response, played.accepted) if event else 0.0
                streak = streak + 1 if credit == 1.0 else 0
                best = max(best, streak)
                score += self.worth(asked, played, player.id, credit)
                if room.settings.streak_bonus and streak > 1:
                    score += min(500, 100 * (streak - 1))
            assert (player.score, player.streak, player.best_streak) == (score, streak, best)

    def worth(self, asked, played, player, credit):
        """Return the points without a bonus, by the formula of the design."""
        exact = Fraction(credit).limit_denominator(100) * asked.points
        if exact and self.room.settings.scoring == "speed" and not asked.is_scored_by_nearness:
            given = played.given[player]
            if given.time_factor is not None:
                factors = self.room.settings.time_factor * given.time_factor
                limit_ms = round(asked.time_ms() * factors) + played.extended_ms
                exact *= 1 - Fraction(given.elapsed_ms if given.elapsed_ms >= 500 else 0, limit_ms) / 2
        return int(exact + Fraction(1, 2))

    @invariant()
    def a_seat_that_was_taken_stays_taken(self):
        assert self.room.barred == self.barred
        assert not self.barred & {player.token_digest for player in self.room.players.values()}
        assert {p.id: p.joined_at for p in self.room.players.values()}.items() <= self.joined.items()

    @invariant()
    def those_awaited_are_there_and_have_not_responded(self):
        room = self.room
        given = room.played[room.index].given if room.phase == "answering" else {}
        there = {player.id for player in room.players.values() if player.is_connected}
        assert room.awaited == (there - set(given) if room.phase == "answering" else set())
        assert all(set(played.given) <= set(room.players) for played in room.played.values())

    @invariant()
    def a_response_is_kept_as_it_was_accepted(self):
        for index, played in self.room.played.items():
            for player, given in played.given.items():
                event = self.counted[self.room.game, index, 1, player]
                assert given.response == event.response

    @invariant()
    def every_view_can_be_built_and_none_tells_too_early(self):
        room = self.room
        room.deadline()
        for lang in ("en", "fr"):
            views = [player_view(room, lang, self.now), host_view(room, lang, self.now)]
            assert len({json.dumps(view.get("leaderboard", [])[:3]) for view in views}) == 1
            views += [personal_view(room, player) for player in room.players.values()]
            views += [tally(room), roster(room)]
            sent = json.dumps(views)
            if room.phase in BEFORE_THE_REVEAL:
                assert not [secret for secret in SECRETS if secret in sent]
        assert room.snapshot() == self.known


TestARoom = ARoom.TestCase
if not IS_LONG:  # to shrink a failure takes minutes; the long run has them
    TestARoom.settings = settings(phases=[Phase.generate])
