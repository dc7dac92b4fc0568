"""Events → who gets which view.

Everybody gets a new view when the phase or what all screens show has changed; who joins, leaves or drops
is merged, so that a class that joins costs some dozens of messages and not its square. Nothing goes to all
phones for one phone's response.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog

from server import runtime
from server.game import events as ev
from server.game import views
from server.game.room import Phase
from server.game.state import Player

from . import checks
from .connections import Connection, Connections
from .lateness import Lateness
from .merge import Merged
from .protocol import Outgoing
from .rooms import LiveRoom, Rooms

log = structlog.get_logger()

HOST_MERGE_MS = 200
"""Tallies, rosters and the count of players go to the hosts at most five times a second."""
ROSTER_MS_A_PLAYER = 1
"""The roster of a thousand players is a hundred kilobytes: it goes to the hosts once a second."""
PHONE_MERGE_MS = 1_000
"""The count of players goes to the phones at most once a second."""
LAST_WORDS_S = 0.5
"""How long a connection has to receive `closed` before the server closes it."""

_NEW_VIEW = (
    ev.GameOpened,
    ev.RoomLocked,
    ev.RoomUnlocked,
    ev.QuestionShown,
    ev.QuestionOpened,
    ev.QuestionExtended,
    ev.QuestionClosed,
    ev.QuestionRegraded,
    ev.LeaderboardShown,
    ev.RevealShown,
    ev.ShownChanged,
    ev.GamePaused,
    ev.GameResumed,
    ev.GameEnded,
    ev.RoomRestored,
    ev.PlayerKicked,
    ev.JoinsUndone,
    ev.JoinsWelcomed,
    ev.PlayerRenamed,
)
"""What changes every screen at once."""
_NEW_COUNT = (ev.PlayerJoined, ev.PlayerLeft)
"""What changes the number of players on every screen, soon."""
_NEW_YOU = (
    ev.GameOpened,
    ev.QuestionOpened,
    ev.QuestionExtended,
    ev.QuestionClosed,
    ev.QuestionRegraded,
    ev.GameResumed,
    ev.GameEnded,
    ev.PlayerKicked,
    ev.JoinsUndone,
)
"""What changes something personal for everyone: a bell, a result, a rank."""
_NEW_YOU_FOR_ONE = (ev.ResponseAccepted, ev.PlayerRenamed, ev.PlayerAccommodated)
_NEW_ROSTER = (
    ev.PlayerJoined,
    ev.PlayerConnected,
    ev.PlayerDisconnected,
    ev.PlayerLeft,
    ev.PlayerKicked,
    ev.JoinsUndone,
    ev.PlayerRenamed,
    ev.PlayerAccommodated,
    ev.GameOpened,
    ev.QuestionClosed,
    ev.QuestionRegraded,
    ev.RoomRestored,
)
_NEW_TALLY = (
    ev.ResponseAccepted,
    ev.QuestionOpened,
    ev.PlayerJoined,
    ev.PlayerConnected,
    ev.PlayerDisconnected,
    ev.PlayerLeft,
    ev.PlayerKicked,
    ev.JoinsUndone,
)


class Delivery:
    """Sends views, tallies and rosters; called in the flush, under the rooms' lock, and never waits."""

    def __init__(
        self,
        server: Any,
        rooms: Rooms,
        connections: Connections,
        clock: runtime.Clock,
        probe: Callable[[str], object],
        lateness: Lateness,
    ) -> None:
        self._server = server
        self._rooms = rooms
        self._connections = connections
        self._clock = clock
        self._probe = probe
        self._lateness = lateness
        self._merged: dict[str, dict[str, Merged]] = {}

    # --- what a role sees ---------------------------------------------------------------------------

    def player_view(self, live: LiveRoom, lang: str | None) -> views.View:
        """Return the view of a phone in this language."""
        return views.player_view(
            live.room, self._language(live, lang), self._clock.now(), is_stalled=live.is_stalled
        )

    def host_view(self, live: LiveRoom, lang: str | None) -> views.View:
        """Return the view of a projector or remote in this language."""
        now = self._clock.now()
        view = views.host_view(live.room, self._language(live, lang), now, is_stalled=live.is_stalled)
        if live.room.settings.check:
            view["check"] = checks.pattern_of(live.room, now)
        if self._lateness.late_ms is not None:
            view["late_ms"] = self._lateness.late_ms
        return view

    def review(self, live: LiveRoom, player: Player) -> views.View:
        """Return the questions of a game that is over, in the player's language."""
        return views.review(live.room, player, self._language(live, player.lang))

    def presenter_view(self, live: LiveRoom, lang: str | None) -> views.View:
        """Return what a teacher alone sees, in this language; for whoever asks as a host."""
        return views.presenter_view(live.room, self._language(live, lang))

    def _language(self, live: LiveRoom, lang: str | None) -> str:
        """Return the best of the game's languages for a client's wish such as `fr-CH`."""
        wish = (lang or "").lower()
        for lang in (wish, wish.split("-")[0]):
            if lang in live.room.languages:
                return lang
        return live.room.bank.language

    # --- who gets it --------------------------------------------------------------------------------

    def seat_phone(self, live: LiveRoom, player: Player, sid: str) -> None:
        """Give the seat to this connection; the one that had it is told `replaced`."""
        former = live.seats.get(player.id)
        if former is not None and former != sid:
            self.dismiss(live, former, "replaced")
        live.seats[player.id] = sid
        self.set_language(live, player.lang, sid)

    def set_language(self, live: LiveRoom, lang: str | None, sid: str) -> None:
        """Send a phone the views of this language from now on."""
        connection = self._connections.get(sid)
        if connection is None:
            return
        self._enter(connection, _channel(live, "phones", self._language(live, lang)))

    def show(self, live: LiveRoom, player: Player) -> None:
        """Send one phone its view anew."""
        if sid := live.seats.get(player.id):
            self._server.emit(Outgoing.VIEW, self.player_view(live, player.lang), to=sid)

    def seat_host(self, live: LiveRoom, lang: str | None, sid: str) -> None:
        """Send this connection the host's views of this language from now on."""
        connection = self._connections.get(sid)
        if connection is None:
            return
        live.hosts[sid] = lang
        self._enter(connection, _channel(live, "hosts", self._language(live, lang)))

    def _enter(self, connection: Connection, channel: str | None) -> None:
        if connection.channel:
            self._server.leave_room(connection.sid, connection.channel)
        connection.channel = channel
        if channel:
            self._server.enter_room(connection.sid, channel)

    def unseat(self, live: LiveRoom, connection: Connection) -> None:
        """Take the connection's role; it stays open and may take another."""
        self._enter(connection, None)
        live.hosts.pop(connection.sid, None)
        if connection.player_id and live.seats.get(connection.player_id) == connection.sid:
            del live.seats[connection.player_id]
        connection.release()

    def dismiss(self, live: LiveRoom, sid: str, reason: str) -> None:
        """Tell a connection that this was all, and close it soon."""
        connection = self._connections.get(sid)
        if connection is None:
            return
        self.unseat(live, connection)
        self.say_goodbye(sid, reason)

    def say_goodbye(self, sid: str, reason: str) -> None:
        """Tell a connection without a place that this was all, and close it soon."""
        self._server.emit(Outgoing.CLOSED, {"reason": reason}, to=sid)
        transport = self._server.manager.eio_sid_from_sid(sid, "/")  # it may leave Socket.IO meanwhile
        runtime.Timer(LAST_WORDS_S, lambda: self._hang_up(sid, transport))

    def _hang_up(self, sid: str, transport: str | None) -> None:
        """End a connection, its transport too: Socket.IO alone would leave that to the client."""
        self._server.disconnect(sid)
        if transport is not None:
            self._server.eio.disconnect(transport)

    # --- events -------------------------------------------------------------------------------------

    def deliver(self, live: LiveRoom, events: Sequence[ev.Event]) -> None:
        """Send what the events changed, and the merged messages that are due."""
        merged = self._merged_of(live)
        if any(isinstance(event, ev.GameOpened) for event in events):
            self._choose_languages_anew(live)
        is_view_new = any(isinstance(event, _NEW_VIEW) for event in events)
        is_view_new = is_view_new or live.is_stalled or live.is_behind
        if live.room.phase is not Phase.ANSWERING:  # until the reveal no screen shows a word
            is_view_new = is_view_new or any(isinstance(event, ev.WordHidden) for event in events)
        for event in events:
            if isinstance(event, _NEW_COUNT):
                merged["phones"].mark()
                merged["hosts"].mark()
            if isinstance(event, _NEW_ROSTER):
                merged["roster"].mark()
            if isinstance(event, _NEW_TALLY) and live.room.phase is Phase.ANSWERING:
                merged["tally"].mark()
            for player_id in _kicked_by(event):
                if sid := live.seats.get(player_id):
                    self.dismiss(live, sid, "kicked")
        if is_view_new:
            merged["phones"].mark()
            merged["hosts"].mark()
        if merged["phones"].take(at_once=is_view_new):
            self._to_phones(live)
        if merged["hosts"].take(at_once=is_view_new):
            self._to_hosts(live, Outgoing.VIEW, lambda lang: self.host_view(live, lang))
        self._send_yous(live, events)
        if merged["tally"].take():
            self._to_hosts(live, Outgoing.TALLY, lambda _: views.tally(live.room))
        merged["roster"].interval_ms = max(HOST_MERGE_MS, ROSTER_MS_A_PLAYER * len(live.room.players))
        if merged["roster"].take():
            self._to_hosts(live, Outgoing.ROSTER, lambda _: views.roster(live.room))
        if any(isinstance(event, ev.QuestionShown) for event in events):
            for sid in live.seats.values():
                self._probe(sid)
        if live.room.closed_reason is not None:
            self._close(live, live.room.closed_reason)

    def _choose_languages_anew(self, live: LiveRoom) -> None:
        for player_id, sid in live.seats.items():
            # Who left in this very turn still has a connection here, and no seat in the room.
            if player := live.room.players.get(player_id):
                self.set_language(live, player.lang, sid)
        for sid, lang in live.hosts.items():
            self.seat_host(live, lang, sid)

    def turn_checks(self) -> None:
        """Show the hosts the next check, every time that it changes."""
        self._show_hosts_anew(lambda live: live.room.settings.check)
        left_ms = checks.PERIOD_MS - self._clock.now() % checks.PERIOD_MS
        runtime.Timer(left_ms / 1000, self.turn_checks)

    def show_lateness(self) -> None:
        """Tell all hosts that the loop is late, or well again."""
        self._show_hosts_anew(lambda live: True)

    def _show_hosts_anew(self, is_meant: Callable[[LiveRoom], bool]) -> None:
        with self._rooms.lock:
            for live in filter(is_meant, self._rooms):
                self._merged_of(live)["hosts"].mark()
                self._rooms.make_dirty(live)

    def _merged_of(self, live: LiveRoom) -> dict[str, Merged]:
        if live.key not in self._merged:

            def ask() -> None:
                self._rooms.make_dirty(live)

            self._merged[live.key] = {
                "phones": Merged(PHONE_MERGE_MS, self._clock, ask),
                "hosts": Merged(HOST_MERGE_MS, self._clock, ask),
                "tally": Merged(HOST_MERGE_MS, self._clock, ask),
                "roster": Merged(HOST_MERGE_MS, self._clock, ask),
            }
        return self._merged[live.key]

    def _to_phones(self, live: LiveRoom) -> None:
        for lang in sorted(live.room.languages):
            channel = _channel(live, "phones", lang)
            if self._server.manager.has_members(channel):
                self._server.emit(Outgoing.VIEW, self.player_view(live, lang), to=channel)

    def _to_hosts(self, live: LiveRoom, event: Outgoing, payload: Callable[[str], views.View]) -> None:
        for lang in sorted({self._language(live, wish) for wish in live.hosts.values()}):
            self._server.emit(event, payload(lang), to=_channel(live, "hosts", lang))

    def _send_yous(self, live: LiveRoom, events: Sequence[ev.Event]) -> None:
        if live.is_behind or any(isinstance(event, _NEW_YOU) for event in events):
            receivers: Iterable[str] = live.seats
        else:
            receivers = dict.fromkeys(event.player for event in events if isinstance(event, _NEW_YOU_FOR_ONE))
        for player_id in list(receivers):
            player, sid = live.room.players.get(player_id), live.seats.get(player_id)
            if player is not None and sid is not None:
                self._server.emit(Outgoing.YOU, views.personal_view(live.room, player), to=sid)

    def _close(self, live: LiveRoom, reason: str) -> None:
        for sid in [*live.seats.values(), *live.hosts]:
            self.dismiss(live, sid, reason)
        self._merged.pop(live.key, None)


def _kicked_by(event: ev.Event) -> Iterable[str]:
    """Return the players whose seats an event takes."""
    match event:
        case ev.PlayerKicked(player=player):
            return (player,)
        case ev.JoinsUndone(players=players):
            return players
    return ()


def _channel(live: LiveRoom, role: str, lang: str) -> str:
    """Return the Socket.IO room of those who get the same bytes."""
    return f"{live.key}/{role}/{lang}"
