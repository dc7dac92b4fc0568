"""One class at its screens: the state machine of the game.

`Room.handle(command, now)` checks a command against the state and returns the events that it causes, or
raises a `GameError`; either way the room stays as it was. `Room.apply(event)` is the only code that changes
state. Replaying a room's events gives the same room, to the last field.
"""

from __future__ import annotations

import copy
import math
from bisect import bisect_left
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from typing import Any, Literal

from . import commands as do
from . import events as ev
from .errors import (
    BadRequest,
    BadToken,
    Full,
    GameError,
    IsPaused,
    Locked,
    NicknameTaken,
    NoSuchPlayer,
    NoSuchRoom,
    NotJoined,
    TooLate,
    TooManyAccepted,
    WrongPhase,
)
from .leaderboard import next_better, rank_by_score
from .nicknames import clean_nickname, same_name
from .questions import Distance, Question, Response, languages_of, normal_form, same_or_far, versions_of
from .scoring import points_for, streak_after, streak_bonus
from .settings import Settings
from .state import Given, Played, Player, Result, Summary


class Phase(StrEnum):
    LOBBY = "lobby"
    READING = "reading"
    ANSWERING = "answering"
    REVEAL = "reveal"
    LEADERBOARD = "leaderboard"
    PODIUM = "podium"
    CLOSED = "closed"


_QUESTION = {Phase.READING, Phase.ANSWERING}
"""Where the next question begins: without reading time it opens at once."""

TRANSITIONS: dict[Phase, set[Phase]] = {
    Phase.LOBBY: {*_QUESTION, Phase.PODIUM, Phase.CLOSED},
    Phase.READING: {*_QUESTION, Phase.PODIUM, Phase.CLOSED},
    Phase.ANSWERING: {Phase.REVEAL, Phase.PODIUM, Phase.CLOSED},
    Phase.REVEAL: {Phase.LEADERBOARD, *_QUESTION, Phase.PODIUM, Phase.CLOSED},
    Phase.LEADERBOARD: {Phase.REVEAL, *_QUESTION, Phase.PODIUM, Phase.CLOSED},
    Phase.PODIUM: {Phase.LOBBY, Phase.CLOSED},
    Phase.CLOSED: set(),
}
"""Every allowed transition; a game may be paused in `reading` and `answering`, which are no transitions."""

LEAD_MS = 500
"""The view with the options goes out this long before they open, so that late phones open on time too."""
GRACE_MS = 400
"""How long after the bell a response in flight may still arrive."""
ROUND_TRIP_MAX_MS = 400
"""The most that a slow network explains; taken where no round trip has been measured."""
RECOVERY_MAX_MS = 5_000
"""The most that a lost connection explains."""
PATIENCE_MS = 10_000
"""A player who dropped less than this ago still counts as connected."""

ROUND = 1
"""Every question is asked once; the wire has room for a second round."""

BURST_MS = 5_000
"""Joins within so long are counted together."""
BURST_IN_A_GAME, BURST_IN_A_LOBBY = 8, 40
"""So many of them are a burst: latecomers come by ones and twos, a class of 30 takes longer to come in."""
UNDO_MS = 60_000
"""What is offered to be undone goes back so long before a burst was noticed."""
BURST_SHOWN_MS = 120_000
"""How long after its last join the host is told of a burst."""

MAX_ACCEPTED = 100
"""So many further answers the host can accept for one question."""

_CHANGES_NO_SUMMARY = (
    ev.PlayerJoined,
    ev.PlayerConnected,
    ev.PlayerDisconnected,
    ev.PlayerLeft,
    ev.LanguageChosen,
    ev.JoinsWelcomed,
    ev.RoomLocked,
    ev.RoomUnlocked,
)
"""What comes in crowds or often while a reveal is on the screens, and changes nothing of it."""


class Room:
    """A room and the game in it. Times are ms of the server's clock.

    `distance` measures slips of typing and `is_offensive` judges words; the shell has libraries and lists for
    both. The first is part of grading, so a replay needs the same one; what the second says is an event.
    """

    def __init__(
        self,
        opened: ev.RoomOpened,
        distance: Distance = same_or_far,
        is_offensive: Callable[[str], bool] = lambda word: False,
    ) -> None:
        self._distance = distance
        self._is_offensive = is_offensive
        self.code = opened.code
        self.host_token = opened.host_token
        self.seq = 0
        self.touched_at = opened.now
        self.is_locked = False
        self.closed_reason: str | None = None
        self.players: dict[str, Player] = {}
        self.game = 0
        self.phase = Phase.LOBBY
        self.phase_since = opened.now
        self.bank: ev.BankInfo
        self.questions: tuple[Question, ...]
        self.settings: Settings
        self.has_leaderboard = True
        """Whether this game shows one after a question: as in its settings until the host says otherwise."""
        self.phones_show: Literal["text", "shapes"] = "text"
        """What phones show of options to choose: likewise."""
        self.languages: set[str]
        """The languages that the game's texts are written in."""
        self.has_formulas: bool
        """Whether a stem or an option may hold one; of what is first shown in a reveal this says nothing."""
        self.index: int | None = None
        self.opens_at = 0
        self.paused_at: int | None = None
        self.played: dict[int, Played] = {}
        self.awaited: set[str] = set()
        """The connected players who have not yet responded to the open question."""
        self.accommodated: set[str] = set()
        self.barred: set[str] = set()
        """Digests of the tokens whose seats the host has taken: they never get another."""
        self.joins: list[int] = []
        """When the latest players joined, as far back as a burst is counted."""
        self.burst: tuple[int, int] | None = None
        """A burst of joins: since when it could be undone, and when its latest join was."""
        self.welcomed_at: int | None = None
        """When the host last said that all who had come in a burst belong here."""
        self._names: dict[str, str] = {}
        self._seats: dict[str, str] = {}
        self._ranks: dict[int, int] | None = None
        self._better: dict[int, int] = {}
        self._summary: Summary | None = None
        self.apply(opened)

    @classmethod
    def replay(
        cls,
        events: Iterable[ev.Event],
        distance: Distance = same_or_far,
        is_offensive: Callable[[str], bool] = lambda word: False,
    ) -> Room:
        """Return the room that these events make; the first one opens it."""
        first, *rest = events
        if not isinstance(first, ev.RoomOpened):
            raise TypeError(f"a room's first event opens it, not {type(first).__name__}")
        room = cls(first, distance, is_offensive)
        for event in rest:
            room.apply(event)
        return room

    def snapshot(self) -> dict[str, Any]:
        """Return a copy of the whole state, for comparison."""
        left_out = {"_ranks", "_better", "_summary", "_distance", "_is_offensive"}
        return copy.deepcopy({name: value for name, value in vars(self).items() if name not in left_out})

    # --- what the state says ------------------------------------------------------------------------

    @property
    def question(self) -> Question | None:
        """The question that is, or was last, on the screens."""
        return self.questions[self.index] if self.index is not None else None

    @property
    def is_last(self) -> bool:
        return self.index == len(self.questions) - 1

    def summary(self) -> Summary:
        """Return what the reveal says of all responses to the question; kept until that can change."""
        if self._summary is None:
            index = self._index()
            question, played = self.questions[index], self.played[index]
            responses = [
                given.response
                for given in played.given.values()
                if not self._is_off_screens(index, given.response)
            ]
            self._summary = Summary(
                question.distribution(responses, partial(self._credit, index)), question.placed(responses)
            )
        return self._summary

    def _is_off_screens(self, index: int, response: Response) -> bool:
        """Tell whether the host, or the filter, has hidden a written response.

        What is right cannot be offensive, whatever the filter says.
        """
        played = self.played[index]
        if not (played.hidden or played.filtered):
            return False
        word = normal_form(str(response))
        if word in played.hidden:
            return True
        return word in played.filtered and self.questions[index].grade(response, (), self._distance) == 0

    def _credit(self, index: int, response: Response) -> float:
        return self.questions[index].grade(response, self.played[index].accepted, self._distance)

    @property
    def is_on_slide(self) -> bool:
        """Whether the screens show a page to read, which stands until the host goes on."""
        return self.phase is Phase.READING and self.question is not None and not self.question.has_responses

    @property
    def is_leaderboard_hidden(self) -> bool:
        """Whether the screens are at the leaderboard and the host has taken it off them."""
        return self.phase is Phase.LEADERBOARD and not self.has_leaderboard

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    def rank_of(self, player: Player) -> int:
        return self._rank_by_score()[player.score]

    def next_rank_of(self, player: Player) -> tuple[int, int] | None:
        """Return the next better rank and how many points are missing to share it; None for the first."""
        ranks = self._rank_by_score()
        better = self._better.get(player.score)
        return None if better is None else (ranks[better], better - player.score)

    def _rank_by_score(self) -> dict[int, int]:
        """Return the rank of each score; kept until a score can change."""
        if self._ranks is None:
            self._ranks = rank_by_score(player.score for player in self.players.values())
            self._better = next_better(self._ranks)
        return self._ranks

    def standings(self) -> list[Player]:
        """Return the players, best first; among equals those who joined earlier first."""
        return sorted(self.players.values(), key=lambda player: -player.score)

    def has_name(self, nickname: str) -> bool:
        return same_name(nickname) in self._names

    def player_with_token(self, token_digest: str) -> Player | None:
        return self.players.get(self._seats.get(token_digest, ""))

    def played_now(self) -> Played | None:
        """Return the record of the question on the screens, once it has opened."""
        return self.played.get(self.index) if self.index is not None else None

    def bell_for(self, player: Player) -> int | None:
        """Return when the open question closes for this player; None for one without a clock."""
        played = self.played_now()
        if played is None or player.time_factor is None:
            return None
        return played.opens_at + self._limit_ms(self._index(), player.time_factor)

    def acknowledged_at(self, player_id: str, question: int, round_: int) -> int | None:
        """Return the time that counts of a response that was accepted before, None where none was."""
        played = self.played.get(question)
        given = played.given.get(player_id) if played else None
        if played is None or given is None or given.round != round_:
            return None
        return played.opens_at + given.elapsed_ms

    def deadline(self) -> int | None:
        """Return when the room next changes by itself; the past where it should have already."""
        if self.is_paused or self.is_on_slide:
            return None
        if self.phase is Phase.READING:
            return self.opens_at - LEAD_MS
        if self.phase is Phase.ANSWERING:
            due = min(self._everyone_responded_at(), self._time_is_up_at())
            return None if due == math.inf else int(due)
        if self.phase in (Phase.REVEAL, Phase.LEADERBOARD) and self.settings.auto_advance != "off":
            return self.phase_since + round(self.settings.auto_advance * 1000)
        return None

    @property
    def is_clock_running(self) -> bool:
        """Whether time counts for somebody; a question may be open without a deadline, where a player has no
        clock."""
        return self.deadline() is not None or (self.phase is Phase.ANSWERING and not self.is_paused)

    def _everyone_responded_at(self) -> float:
        """Return when the last player who counts as connected has responded or ceases to count.

        Never where nobody is connected: a class whose network is gone keeps its time.
        """
        played = self.played[self._index()]
        if self.awaited or not any(player.is_connected for player in self.players.values()):
            return math.inf
        return max(
            (
                player.dropped_at + PATIENCE_MS
                for player in self.players.values()
                if player.dropped_at is not None and player.id not in played.given
            ),
            default=self.opens_at,
        )

    def _time_is_up_at(self) -> float:
        """Return the end of the grace after the last bell that the room waits for."""
        played = self.played[self._index()]
        up = float(played.closes_at)
        for player_id in self.accommodated:
            player = self.players[player_id]
            if player_id in played.given:
                continue
            bell = self.bell_for(player)
            own = math.inf if bell is None else float(bell)
            if not player.is_connected:
                waited = -math.inf if player.dropped_at is None else player.dropped_at + PATIENCE_MS
                own = min(own, waited)
            up = max(up, own)
        return up + GRACE_MS

    def _limit_ms(self, index: int, time_factor: float) -> int:
        """Return T: the question's time, times the room's and the player's factor, plus what was added."""
        base = self.questions[index].time_ms() * self.settings.time_factor * time_factor
        played = self.played.get(index)
        return round(base) + (played.extended_ms if played else 0)

    def _index(self) -> int:
        if self.index is None:
            raise WrongPhase("No question is on the screens yet.")
        return self.index

    # --- commands -----------------------------------------------------------------------------------

    def handle(self, command: do.Command, now: int) -> list[ev.Event]:
        """Return the events that the command causes, none where it changes nothing.

        Raises:
            GameError: the rules refuse it; its code says why.
        """
        if self.phase is Phase.CLOSED:
            raise NoSuchRoom("This room is closed.")
        match command:
            case do.DeadlineReached():
                return self._on_deadline(now)
            case do.Respond():
                return self._respond(command, now)
            case do.Join():
                return self._join(command, now)
            case do.Withdraw(player):
                self._player(player, NotJoined)
                return [ev.PlayerKicked(now=now, player=player, is_barred=False)]
            case do.Connect(player):
                seat = self._player(player, NotJoined)
                return [] if seat.is_connected else [ev.PlayerConnected(now=now, player=player)]
            case do.Disconnect(player, last_heard):
                seat = self._player(player, NotJoined)
                gone = ev.PlayerDisconnected(now=now, player=player, last_heard=min(last_heard, now))
                return [gone] if seat.is_connected else []
            case do.Leave(player):
                self._player(player, NotJoined)
                return [ev.PlayerLeft(now=now, player=player)]
            case do.ChooseLanguage(player, lang):
                seat = self._player(player, NotJoined)
                return [] if seat.lang == lang else [ev.LanguageChosen(now=now, player=player, lang=lang)]
            case do.Expire():
                return [ev.RoomClosed(now=now, reason="expired")]
            case do.Restore(stopped_at):
                ran_until = min(max(stopped_at, self.touched_at), now)  # it ran at the last event
                return [ev.RoomRestored(now=now, stopped_at=ran_until)]
            case _:
                return self._handle_host(command, now)

    def _handle_host(self, command: do.Command, now: int) -> list[ev.Event]:
        match command:
            case do.Start():
                self._require(Phase.LOBBY, to="start")
                return [self._begin_question(0, now)]
            case do.Next():
                return [self._next(now)]
            case do.Skip():
                self._require(*_QUESTION, to="skip")
                self._require_clock_runs()
                if self.is_on_slide:
                    return [self._go_on(self._index(), now)]
                if self.phase is Phase.READING:
                    return [self._open_question(self._index(), now + LEAD_MS, now)]
                return [ev.QuestionClosed(now=now, question=self._index())]
            case do.Pause():
                self._require(*_QUESTION, to="pause")
                self._require_clock_runs()
                if self.is_on_slide:
                    raise WrongPhase("This page has no clock to pause; it stands until you go on.")
                return [ev.GamePaused(now=now)]
            case do.Resume():
                if not self.is_paused:
                    raise WrongPhase("The game is not paused.")
                return [ev.GameResumed(now=now)]
            case do.Extend(seconds):
                self._require(Phase.ANSWERING, to="give more time")
                return [ev.QuestionExtended(now=now, seconds=seconds)]
            case do.Lock():
                return self._lock(True, now)
            case do.Unlock():
                return [ev.RoomUnlocked(now=now)] if self.is_locked else []
            case do.Kick(player, lock):
                self._player(player)
                return [ev.PlayerKicked(now=now, player=player), *self._lock(lock, now)]
            case do.UndoJoins(since, lock):
                late = tuple(player.id for player in self.players.values() if player.joined_at >= since)
                undone: list[ev.Event] = [ev.JoinsUndone(now=now, players=late)] if late else []
                return [*undone, *self._lock(lock, now)]
            case do.WelcomeJoins():
                return [ev.JoinsWelcomed(now=now)] if self.burst_now(now) else []
            case do.Reseat(player, token_digest):
                self._player(player)
                return [ev.PlayerReseated(now=now, player=player, token_digest=token_digest)]
            case do.Rename(player, nickname):
                self._player(player)
                nickname = self._free_nickname(nickname, but=player)
                return [ev.PlayerRenamed(now=now, player=player, nickname=nickname)]
            case do.Accommodate(player, time_factor):
                self._player(player)
                return [ev.PlayerAccommodated(now=now, player=player, time_factor=time_factor)]
            case do.Regrade():
                return self._regrade(command, now)
            case do.Show():
                return self._show(command, now)
            case do.HideWord():
                return self._hide_word(command, now)
            case do.Again(bank, questions, settings):
                self._require(Phase.PODIUM, to="play again")
                return [ev.GameOpened(now=now, bank=bank, questions=questions, settings=settings)]
            case do.End():
                if self.phase is Phase.PODIUM:
                    return [ev.RoomClosed(now=now, reason="ended")]
                return [ev.GameEnded(now=now)]
            case _:
                raise TypeError(f"not a command: {command!r}")

    def _lock(self, lock: bool, now: int) -> list[ev.Event]:
        return [ev.RoomLocked(now=now)] if lock and not self.is_locked else []

    def _require(self, *phases: Phase, to: str) -> None:
        if self.phase not in phases:
            raise WrongPhase(f"You can {to} in {' or '.join(phases)}; the room is in {self.phase}.")

    def _require_clock_runs(self) -> None:
        if self.is_paused:
            raise IsPaused("The game is paused; resume it first.")

    def _player(self, player_id: str, error: type[GameError] = NoSuchPlayer) -> Player:
        player = self.players.get(player_id)
        if player is None:
            raise error("player: nobody in this room has that id.")
        return player

    def _free_nickname(self, raw: str, *, but: str | None = None) -> str:
        nickname = clean_nickname(raw)
        if self._names.get(same_name(nickname), but) != but:
            raise NicknameTaken("Somebody in this room has that name already; choose another.")
        return nickname

    def _next(self, now: int) -> ev.Event:
        if not self.is_on_slide:
            self._require(Phase.REVEAL, Phase.LEADERBOARD, to="go on")
        index = self._index()
        if self.phase is Phase.REVEAL and self.has_leaderboard and self.questions[index].points:
            return ev.LeaderboardShown(now=now)
        return self._go_on(index, now)

    def _go_on(self, index: int, now: int) -> ev.Event:
        """Return what comes after a question."""
        return ev.GameEnded(now=now) if self.is_last else self._begin_question(index + 1, now)

    def _begin_question(self, index: int, now: int) -> ev.Event:
        question = self.questions[index]
        if not question.has_responses:
            return ev.QuestionShown(now=now, question=index, opens_at=None)
        reading = self.settings.reading_time
        if reading == "off":
            return self._open_question(index, now + LEAD_MS, now)
        reading_ms = question.reading_ms() if reading == "auto" else round(reading * 1000)
        return ev.QuestionShown(now=now, question=index, opens_at=now + reading_ms)

    def _open_question(self, index: int, opens_at: int, now: int) -> ev.Event:
        closes_at = opens_at + self._limit_ms(index, 1.0)
        return ev.QuestionOpened(now=now, question=index, opens_at=opens_at, closes_at=closes_at)

    def _on_deadline(self, now: int) -> list[ev.Event]:
        due = self.deadline()
        if due is None or now < due:
            return []  # a stale timer: the deadline has moved since it was armed
        if self.phase is Phase.READING:
            # A timer that is a little late keeps the announced instant; one that is not gives a new one.
            opens_at = self.opens_at if now <= self.opens_at - LEAD_MS // 2 else now + LEAD_MS
            return [self._open_question(self._index(), opens_at, now)]
        if self.phase is Phase.ANSWERING:
            return [ev.QuestionClosed(now=now, question=self._index())]
        return [self._next(now)]

    def burst_now(self, now: int) -> tuple[int, int] | None:
        """Return what the host is to be told of a burst of joins: since when it can be undone, and how many
        seats that takes; None where there was none lately."""
        if self.burst is None or now - self.burst[1] > BURST_SHOWN_MS:
            return None
        since = self.burst[0]
        players = list(self.players.values())  # in the order in which they came
        count = len(players) - bisect_left(players, since, key=lambda player: player.joined_at)
        return (since, count) if count else None

    def _join(self, command: do.Join, now: int) -> list[ev.Event]:
        if command.token_digest in self.barred:
            raise BadToken("The teacher has taken this seat; ask them to let you in again.")
        if self.is_locked:
            raise Locked("The teacher has locked this room; ask them to unlock it.")
        if len(self.players) >= self.settings.max_players:
            raise Full(f"All {self.settings.max_players} seats of this room are taken.")
        return [
            ev.PlayerJoined(
                now=now,
                player=command.player,
                nickname=self._free_nickname(command.nickname),
                token_digest=command.token_digest,
                lang=command.lang,
            )
        ]

    def _respond(self, command: do.Respond, now: int) -> list[ev.Event]:
        player = self._player(command.player, NotJoined)
        if not 0 <= command.question < len(self.questions):
            raise BadRequest(f"question: there is no question {command.question} in this game.")
        if self.acknowledged_at(player.id, command.question, command.round) is not None:
            return []
        self._require_open(command, now)
        response = self.questions[command.question].read(command.response)
        at, is_recovered = self._chosen_at(player, command, now)
        bell = self.bell_for(player)
        if bell is not None and at > bell:
            raise TooLate("The time was up before this answer was chosen.")
        accepted = ev.ResponseAccepted(
            now=now,
            player=player.id,
            question=command.question,
            round=command.round,
            response=response,
            claimed=command.at,
            arrival=now,
            round_trip_ms=command.round_trip_ms,
            at=at,
            is_recovered=is_recovered,
            opened_ms=command.opened_ms,
        )
        return [accepted, *self._filtered(command.question, response, now)]

    def _filtered(self, index: int, response: Response, now: int) -> list[ev.Event]:
        """Return the event that hides an offensive response from the screens, where it is not hidden yet.

        Right and wrong responses have the same events, or a phone could tell them apart by `seq`.
        """
        question = self.questions[index]
        if not question.is_written or not isinstance(response, str):
            return []
        word = normal_form(response)
        played = self.played[index]
        if word in played.hidden | played.filtered or not (
            self._is_offensive(response) or self._is_offensive(word)
        ):
            return []
        return [ev.WordHidden(now=now, question=index, word=word, is_by_filter=True)]

    def _require_open(self, command: do.Respond, now: int) -> None:
        """Check that the question is open for this response.

        Raises:
            TooLate: the question, or its round, has closed.
            WrongPhase: it has not opened yet, or the game is paused.
        """
        index = -1 if self.index is None else self.index
        played = self.played.get(command.question)
        if command.question < index or (played is not None and played.is_closed):
            raise TooLate("The time for this question is over.")
        if command.question > index or played is None or self.phase is not Phase.ANSWERING:
            raise WrongPhase("This question is not open.")
        if self.is_paused:
            raise WrongPhase("The game is paused; the answer can be sent when it goes on.")
        if command.round != ROUND:
            raise WrongPhase("This round of the question is not open.")
        if now < played.opens_at:
            raise WrongPhase("This question has not opened yet.")

    def _chosen_at(self, player: Player, command: do.Respond, arrival: int) -> tuple[int, bool]:
        """Return when the student chose, as far as the network explains the claim, and whether a lost
        connection is part of the explanation (design: The game, Response time)."""
        measured = command.round_trip_ms
        compensation = ROUND_TRIP_MAX_MS if measured is None else min(measured, ROUND_TRIP_MAX_MS)
        by_round_trip = arrival - compensation
        earliest = by_round_trip
        if player.was_away:
            earliest = min(earliest, max(player.last_heard, arrival - RECOVERY_MAX_MS))
        at = max(self.opens_at, earliest, min(command.at, arrival))
        return at, at < by_round_trip

    def _regrade(self, command: do.Regrade, now: int) -> list[ev.Event]:
        played = self.played.get(command.question)
        if played is None or not played.is_closed:
            raise WrongPhase("Only a question that has been revealed can be regraded.")
        question = self.questions[command.question]
        accepted = list(played.accepted)
        for raw in command.accept:
            response = question.read_accepted(raw)
            if question.grade(response, accepted, self._distance) < 1:
                accepted.append(response)
        if len(accepted) > MAX_ACCEPTED:
            raise TooManyAccepted(
                f"accept: a question takes {MAX_ACCEPTED} further answers; take it out instead.",
                limit=MAX_ACCEPTED,
            )
        is_void = played.is_void if command.void is None else command.void
        if tuple(accepted) == played.accepted and is_void == played.is_void:
            return []
        return [
            ev.QuestionRegraded(now=now, question=command.question, accepted=tuple(accepted), void=is_void)
        ]

    def _show(self, command: do.Show, now: int) -> list[ev.Event]:
        if command.reveal:
            self._require(Phase.LEADERBOARD, to="go back to the reveal")
        leaderboard = self.has_leaderboard if command.leaderboard is None else command.leaderboard
        phones = command.phones or self.phones_show
        caused: list[ev.Event] = []
        if (leaderboard, phones) != (self.has_leaderboard, self.phones_show):
            caused.append(ev.ShownChanged(now=now, leaderboard=leaderboard, phones=phones))
        return [*caused, ev.RevealShown(now=now)] if command.reveal else caused

    def _hide_word(self, command: do.HideWord, now: int) -> list[ev.Event]:
        played = self.played.get(command.question)
        if played is None:
            raise WrongPhase("This question has not been asked yet, so nobody has sent a word.")
        if not self.questions[command.question].is_written:
            raise BadRequest("question: only what students have written can be hidden.")
        word = normal_form(command.word)
        if not word:
            raise BadRequest("word: name the word to hide.")
        return [] if word in played.hidden else [ev.WordHidden(now=now, question=command.question, word=word)]

    # --- events -------------------------------------------------------------------------------------

    def apply(self, event: ev.Event) -> None:
        """Change the state by one event; only an event that `handle` returned, or a journal, fits."""
        self.seq += 1
        self.touched_at = event.now
        if not isinstance(event, _CHANGES_NO_SUMMARY):
            self._summary = None
        match event:
            case ev.ResponseAccepted():
                self._apply_response(event)
            case (
                ev.PlayerJoined()
                | ev.PlayerConnected()
                | ev.PlayerDisconnected()
                | ev.PlayerLeft()
                | ev.PlayerKicked()
                | ev.JoinsUndone()
                | ev.JoinsWelcomed()
                | ev.PlayerReseated()
                | ev.PlayerRenamed()
                | ev.PlayerAccommodated()
                | ev.LanguageChosen()
            ):
                self._apply_to_player(event)
            case _:
                self._apply_to_game(event)

    def _apply_to_game(self, event: ev.Event) -> None:
        match event:
            case ev.RoomOpened() | ev.GameOpened():
                self._open_game(event)
            case ev.RoomLocked():
                self.is_locked = True
            case ev.RoomUnlocked():
                self.is_locked = False
            case ev.QuestionShown():
                self._enter(Phase.READING, event)
                self.index = event.question
                self.opens_at = event.now if event.opens_at is None else event.opens_at
            case ev.QuestionOpened():
                self._enter(Phase.ANSWERING, event)
                self.index, self.opens_at = event.question, event.opens_at
                self.played[event.question] = Played(event.opens_at, event.closes_at)
                for player in self.players.values():
                    player.was_away = not player.is_connected
                self.awaited = {player.id for player in self.players.values() if player.is_connected}
            case ev.QuestionExtended():
                played = self.played[self._index()]
                played.closes_at += event.seconds * 1000
                played.extended_ms += event.seconds * 1000
            case ev.QuestionClosed():
                self._enter(Phase.REVEAL, event)
                self.played[event.question].is_closed = True
                self._score(event.question, list(self.players.values()))
            case ev.QuestionRegraded():
                played = self.played[event.question]
                played.accepted, played.is_void = event.accepted, event.void
                self._score_anew()
            case ev.WordHidden():
                played = self.played[event.question]
                if event.is_by_filter:
                    played.filtered |= {event.word}
                else:
                    played.hidden |= {event.word}
            case ev.LeaderboardShown():
                self._enter(Phase.LEADERBOARD, event)
            case ev.RevealShown():
                self._enter(Phase.REVEAL, event)
            case ev.ShownChanged():
                self.has_leaderboard, self.phones_show = event.leaderboard, event.phones
            case ev.GamePaused():
                self.paused_at = event.now
            case ev.GameResumed():
                self._resume(event.now)
            case ev.GameEnded():
                self._enter(Phase.PODIUM, event)
                open_question = self.played_now()
                if self.index is not None and open_question and not open_question.is_closed:
                    del self.played[self.index]
            case ev.RoomClosed():
                self._enter(Phase.CLOSED, event)
                self.closed_reason = event.reason
            case ev.RoomRestored():
                self._restore(event)
            case _:
                raise TypeError(f"not an event: {event!r}")

    def _open_game(self, event: ev.RoomOpened | ev.GameOpened) -> None:
        if self.game:
            self._enter(Phase.LOBBY, event)
        self.game += 1
        self.phase = Phase.LOBBY
        self.phase_since = event.now
        self.bank = event.bank
        self.questions = event.questions
        texts = (text for question in self.questions for text in question.texts())
        self.languages = {self.bank.language, *(lang for text in texts for lang in languages_of(text))}
        asked = (text for question in self.questions for text in (question.stem, *question.options_texts()))
        self.has_formulas = any("$" in version for text in asked for version in versions_of(text))
        self.settings = event.settings
        self.has_leaderboard = event.settings.leaderboard
        self.phones_show = event.settings.phones_show
        self.index = None
        self.opens_at = 0
        self.paused_at = None
        self.played = {}
        self.awaited = set()
        # Who left in the last game gave the seat up; it stood only for the score.
        self.players = {player.id: player for player in self.players.values() if not player.has_left}
        for player in self.players.values():
            player.score = player.streak = player.best_streak = player.gained = 0
            player.previous_rank = None
        self._index_players()

    def _index_players(self) -> None:
        """Build what is looked up by name, by token or by accommodation from the players."""
        self._names = {same_name(player.nickname): player.id for player in self.players.values()}
        self._seats = {player.token_digest: player.id for player in self.players.values()}
        self.accommodated = {player.id for player in self.players.values() if player.time_factor != 1.0}
        self._ranks = None

    def _enter(self, phase: Phase, event: ev.Event) -> None:
        if phase not in TRANSITIONS[self.phase]:
            raise WrongPhase(f"The room cannot go from {self.phase} to {phase}.")
        if self.phase is Phase.LOBBY:
            self.joins = []  # who came in time is no latecomer
        self.phase = phase
        self.phase_since = event.now
        self.paused_at = None
        self.awaited = set()

    def _apply_to_player(self, event: ev.Event) -> None:
        match event:
            case ev.PlayerJoined():
                player = Player(event.player, event.nickname, event.token_digest, event.lang, event.now)
                player.last_heard = event.now
                self._note_join(event.now)
                self.players[player.id] = player
                self._names[same_name(player.nickname)] = player.id
                self._seats[player.token_digest] = player.id
                self._await(player)
            case ev.PlayerConnected():
                player = self.players[event.player]
                player.is_connected, player.has_left, player.dropped_at = True, False, None
                self._await(player)
            case ev.PlayerDisconnected():
                player = self.players[event.player]
                self._drop(player, dropped_at=event.now, last_heard=event.last_heard)
            case ev.PlayerLeft():
                player = self.players[event.player]
                self._drop(player, dropped_at=None, last_heard=event.now)
                player.has_left = True
                if self.phase is Phase.LOBBY:
                    self._remove([player])
            case ev.PlayerKicked():
                player = self.players[event.player]
                if event.is_barred:
                    self.barred.add(player.token_digest)
                self._remove([player])
            case ev.JoinsUndone():
                undone = [self.players[player_id] for player_id in event.players]
                self.barred |= {player.token_digest for player in undone}
                self.burst, self.joins = None, []
                self._remove(undone)
            case ev.JoinsWelcomed():
                self.burst, self.joins, self.welcomed_at = None, [], event.now
            case ev.PlayerReseated():
                player = self.players[event.player]
                self.barred.add(player.token_digest)
                player.token_digest = event.token_digest
                self._index_players()
            case ev.PlayerRenamed():
                player = self.players[event.player]
                player.nickname = event.nickname
                self._index_players()
            case ev.PlayerAccommodated():
                player = self.players[event.player]
                player.time_factor = event.time_factor
                self._index_players()
            case ev.LanguageChosen():
                self.players[event.player].lang = event.lang

    def _await(self, player: Player) -> None:
        played = self.played_now()
        if self.phase is Phase.ANSWERING and played and player.id not in played.given:
            self.awaited.add(player.id)

    def _drop(self, player: Player, *, dropped_at: int | None, last_heard: int) -> None:
        player.is_connected = False
        player.dropped_at, player.last_heard = dropped_at, last_heard
        player.was_away = True
        self.awaited.discard(player.id)

    def _remove(self, players: Iterable[Player]) -> None:
        for player in players:
            del self.players[player.id]
            self.awaited.discard(player.id)
            for played in self.played.values():
                played.given.pop(player.id, None)
                played.results.pop(player.id, None)
        self._index_players()

    def _note_join(self, now: int) -> None:
        """Notice when more join at once than come in by ones and twos."""
        self.joins = [*(at for at in self.joins if now - at < BURST_MS), now][-BURST_IN_A_LOBBY:]
        is_lobby = self.phase is Phase.LOBBY and self.game == 1
        if len(self.joins) >= (BURST_IN_A_LOBBY if is_lobby else BURST_IN_A_GAME):
            is_new = self.burst is None or now - self.burst[1] > UNDO_MS
            since = now - UNDO_MS if is_new or self.burst is None else self.burst[0]
            if self.welcomed_at is not None:
                since = max(since, self.welcomed_at + 1)
            self.burst = (since, now)

    def _apply_response(self, event: ev.ResponseAccepted) -> None:
        player = self.players[event.player]
        self.played[event.question].given[player.id] = Given(
            response=event.response,
            elapsed_ms=event.at - self.opens_at,
            round=event.round,
            time_factor=player.time_factor,
            is_recovered=event.is_recovered,
            credited_ms=event.arrival - event.at,
            opened_ms=event.opened_ms,
        )
        self.awaited.discard(player.id)

    def _resume(self, now: int) -> None:
        """Move the question's times, and what was seen of players before, later by the pause."""
        if self.paused_at is None:
            raise WrongPhase("The game is not paused.")
        paused_ms = now - self.paused_at
        self.opens_at += paused_ms
        if (played := self.played_now()) is not None and self.phase is Phase.ANSWERING:
            played.opens_at += paused_ms
            played.closes_at += paused_ms
        for player in self.players.values():
            player.last_heard = min(player.last_heard, self.paused_at) + paused_ms
            if player.dropped_at is not None:
                player.dropped_at = min(player.dropped_at, self.paused_at) + paused_ms
        self.paused_at = None

    def _restore(self, event: ev.RoomRestored) -> None:
        """Stop a running clock; while the server was gone nobody could come back, so no patience ran out."""
        stood_ms = event.now - event.stopped_at
        if self.phase in _QUESTION and not self.is_paused and not self.is_on_slide:
            self.paused_at = event.stopped_at
        for player in self.players.values():
            if player.is_connected:
                self._drop(player, dropped_at=event.now, last_heard=event.stopped_at)
            elif player.dropped_at is not None and not self.is_paused:  # in a pause, its end moves this
                player.dropped_at += stood_ms
        self.phase_since += stood_ms  # auto-advance stood still meanwhile

    # --- scores -------------------------------------------------------------------------------------

    def _score(self, index: int, players: list[Player]) -> None:
        """Give these players what the question was worth to them."""
        question, played = self.questions[index], self.played[index]
        counts = question.points > 0 and not played.is_void
        has_ranks = any(
            self.questions[earlier].points and record.is_closed
            for earlier, record in self.played.items()
            if earlier < index
        )
        ranks = {player.id: self.rank_of(player) for player in players}
        for player in players:
            given = played.given.get(player.id)
            credit = None if given is None else self._credit(index, given.response)
            points = 0
            if counts:
                player.streak = streak_after(player.streak, credit)
                player.best_streak = max(player.best_streak, player.streak)
                points = self._points(index, given, credit or 0.0)
                if self.settings.streak_bonus and credit == 1.0:
                    points += streak_bonus(player.streak)
            if question.points:
                player.gained = points
                player.previous_rank = ranks[player.id] if has_ranks else None
            player.score += points
            elapsed_ms = None if given is None else given.elapsed_ms
            played.results[player.id] = Result(credit or 0.0, points, elapsed_ms)
        self._ranks = None

    def _points(self, index: int, given: Given | None, credit: float) -> int:
        if given is None:
            return 0
        limit_ms = None if given.time_factor is None else self._limit_ms(index, given.time_factor)
        question = self.questions[index]
        policy = "accuracy" if question.is_scored_by_nearness else self.settings.scoring
        return points_for(credit, question.points, given.elapsed_ms, limit_ms, policy)

    def _score_anew(self) -> None:
        """Give all points again, from the first question on: a regrade changes streaks after it too."""
        for player in self.players.values():
            player.score = player.streak = player.best_streak = player.gained = 0
            player.previous_rank = None
        self._ranks = None
        for index in sorted(self.played):
            played = self.played[index]
            if played.is_closed:  # for those alone who were there: who joined later has no rank before it
                self._score(
                    index, [player for player in self.players.values() if player.id in played.results]
                )

    def responses_to(self, index: int) -> list[Response]:
        """Return what was given to a question, in the order in which it came."""
        return [given.response for given in self.played[index].given.values()]
