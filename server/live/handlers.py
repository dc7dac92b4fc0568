"""Socket.IO: parse, authorise, hand on, acknowledge.

The handlers hang on the python-socketio server under Flask-SocketIO, so that no event pays for a Flask
request context. Every event is answered through its acknowledgement; a refusal is a `GameError`, turned into
one form in one place; anything else is a bug and is logged as one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from server import runtime
from server.game import commands as do
from server.game import views
from server.game.errors import (
    BadRequest,
    BadToken,
    GameError,
    NicknameTaken,
    NotAllowed,
    NotJoined,
    TooMany,
    WrongPhase,
)
from server.game.room import UNDO_MS
from server.game.state import Player

from . import protocol
from .connections import Connection, Connections
from .delivery import Delivery
from .dispatch import Ack, Reply
from .door import Door
from .lines import IS_NEW
from .network_test import NetworkTest, Report
from .openings import Openings
from .probes import Probes
from .protocol import Incoming
from .remotes import Remote, Remotes
from .roles import Role, require
from .rooms import LiveRoom, Rooms

log = structlog.get_logger()

NO_SUCH_EVENT = "event: there is no such event."

_EVENTS = {event.value: event for event in Incoming}
_OVER = TooMany("This connection has sent too much, and ends.")


class ServerFailed(BadRequest):
    """A fault of the server's own, for which the protocol has no code; over HTTP it is `server_error`."""

    reason = "server_error"


@dataclass(frozen=True)
class Later:
    """What a handler returns that need not wait: the acknowledgement is made when the journal holds it."""

    live: LiveRoom
    commands: Sequence[do.Command]
    answer: Callable[[], Ack]


def digest_of(token: str) -> str:
    """Return what the room keeps of a player's token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Handlers:
    """What each event from a client does."""

    def __init__(
        self,
        server: Any,
        rooms: Rooms,
        connections: Connections,
        delivery: Delivery,
        probes: Probes,
        openings: Openings,
        door: Door,
        network_test: NetworkTest,
        remotes: Remotes,
        clock: runtime.Clock,
    ) -> None:
        self._server = server
        self._rooms = rooms
        self._connections = connections
        self._delivery = delivery
        self._probes = probes
        self._openings = openings
        self._door = door
        self._network_test = network_test
        self._remotes = remotes
        self._clock = clock
        self._handlers: dict[Incoming, Callable[[Connection, Any], Ack | Later]] = {
            Incoming.CLOCK: self._clock_asked,
            Incoming.JOIN: self._join,
            Incoming.REJOIN: self._rejoin,
            Incoming.ANSWER: self._answer,
            Incoming.SET: self._set,
            Incoming.LEAVE: self._leave,
            Incoming.REVIEW: self._review,
            Incoming.ATTACH: self._attach,
            Incoming.COMMAND: self._command,
            Incoming.NETWORK: self._network,
            Incoming.NOTES: self._notes,
            Incoming.NETWORK_TEST: self._test_network,
        }

    def register(self) -> None:
        """Hang on the python-socketio server what it asks for itself; events come in by `handle`."""
        on = self._server.on
        on("connect", self._connected)
        on("disconnect", self._disconnected)
        on("*", self._unknown)
        self._remotes.dismiss = self._dismiss_remote

    # --- every event --------------------------------------------------------------------------------

    def handle(self, sid: str, name: str, arguments: Sequence[object], reply: Reply) -> None:
        """Do what an event asks for and acknowledge it: now, or when the journal holds it."""
        now = self._clock.now()
        connection = self._connections.open(sid, now)
        connection.last_heard = now

        def answer(result: Ack | None, error: Exception | None) -> None:
            reply({"ok": True, **(result or {})} if error is None else self._refused(connection, name, error))

        try:
            result = self._do(connection, name, arguments)
            if isinstance(result, Later):
                self._rooms.submit(result.live, result.commands, result.answer, answer)
            else:
                answer(result, None)
        except Exception as error:  # noqa: BLE001  (a refusal is no fault, and `_refused` logs what is one)
            answer(None, error)

    def _do(self, connection: Connection, name: str, arguments: Sequence[object]) -> Ack | Later:
        if connection.is_thrown_out:
            raise _OVER
        event = _EVENTS.get(name)
        if event is None:
            raise BadRequest(NO_SUCH_EVENT)
        message = protocol.read(event, tuple(arguments))
        require(Role(connection.role or Role.STRANGER), event, message)
        return self._handlers[event](connection, message)

    def _refused(self, connection: Connection, name: str, error: Exception) -> Ack:
        """Return the acknowledgement of what was refused, or has failed."""
        match error:
            case BadRequest():
                return self._nonsense(connection, error)
            case GameError():
                return _refusal(error)
        room = connection.live.room.code if connection.live else None
        log.error("handler_failed", wire_event=name if name in _EVENTS else None, room=room, exc_info=error)
        return _refusal(ServerFailed("Something went wrong on the server; please try again."))

    def _unknown(self, event: str, *arguments: Any) -> Ack:
        # The library hands over the event's name before the sid, but not where a client named it `*`.
        sid = event if self._connections.get(event) else arguments[0]
        connection = self._connections.open(sid, self._clock.now())
        if connection.is_thrown_out:
            return _refusal(_OVER)
        return self._nonsense(connection, BadRequest(NO_SUCH_EVENT))

    def _nonsense(self, connection: Connection, error: BadRequest) -> Ack:
        """Refuse what is no message of ours, and close a connection that sends little else."""
        if not connection.nonsense.take():
            self.throw_out(connection.sid)
        return _refusal(error)

    def throw_out(self, sid: str) -> None:
        """Close a connection that sends too much; its seat waits for whoever has the token."""
        connection = self._connections.get(sid)
        if connection is None or connection.is_thrown_out:
            return
        connection.is_thrown_out = True
        log.info("thrown_out", room=connection.live.room.code if connection.live else None)
        if connection.live is not None:
            self._give_up_seat(connection, connection.live)
        self._delivery.say_goodbye(sid, "too_many")

    def _connected(self, sid: str, *given: Any) -> Ack | Literal[False] | None:
        if self._connections.get(sid) is not None:  # an event that a client named `connect`
            return self._unknown("connect", sid)
        environ = given[0]
        if not environ.pop(IS_NEW, False):
            return False  # it left Socket.IO and comes back on the same line, as if it had done nothing
        self._connections.open(sid, self._clock.now(), environ.get("REMOTE_ADDR", ""))
        return None

    def _disconnected(self, sid: str, *_: object) -> Ack | None:
        if self._server.manager.is_connected(sid, "/"):  # an event that a client named `disconnect`
            return self._unknown("disconnect", sid)
        self._network_test.forget(sid)
        connection = self._connections.close(sid)
        if connection is not None and connection.live is not None:
            self._give_up_seat(connection, connection.live)
        return None

    def _give_up_seat(self, connection: Connection, live: LiveRoom) -> None:
        with self._rooms.lock:
            player_id = connection.player_id
            has_seat = player_id is not None and live.seats.get(player_id) == connection.sid
            self._delivery.unseat(live, connection)
            if player_id is not None and has_seat:
                self._rooms.post(live, do.Disconnect(player_id, connection.last_heard))

    # --- anyone -------------------------------------------------------------------------------------

    def _clock_asked(self, connection: Connection, message: protocol.Clock) -> Ack:
        return {"now": self._clock.now()}

    def _test_network(self, connection: Connection, message: protocol.TestNetwork) -> Ack:
        now = self._clock.now()
        is_polling = self._is_polling(connection.sid)
        report = Report(now, is_polling, message.round_trip_ms, message.jitter_ms)
        summary = self._network_test.report(connection.sid, report)
        return {"now": now, "transport": "polling" if is_polling else "websocket", **summary}

    def _is_polling(self, sid: str) -> bool:
        transport = self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(sid, "/"))
        return transport is not None and not transport.upgraded

    # --- players ------------------------------------------------------------------------------------

    def _join(self, connection: Connection, message: protocol.Join) -> Ack:
        live = self._door.room(
            connection, message.room, lambda live: self._door.has_secret(live, message.check)
        )
        if (rejoin := _own_seat(live, message)) is None:
            self._door.check(connection, live, message.check)
            rejoin = _own_seat(live, message)  # the same join may have come in while this one waited
        if rejoin:
            return self._rejoin(connection, rejoin)
        player_id = "p" + secrets.token_hex(6)
        token = message.token or secrets.token_urlsafe(16)
        while True:
            name = self._door.name_for(live, message)
            join = do.Join(player_id, name, digest_of(token), message.lang)
            try:
                return self._take_seat(connection, live, [join], player_id, token)
            except NicknameTaken:  # in threading mode two phones can be given the same in one moment
                if live.room.settings.nicknames != "given":
                    raise

    def _rejoin(self, connection: Connection, message: protocol.Rejoin) -> Ack:
        digest = digest_of(message.token)
        live = self._door.room(
            connection, message.room, lambda live: live.room.player_with_token(digest) is not None
        )
        player = live.room.player_with_token(digest)
        if player is None:
            raise BadToken("This seat is no longer there; join again with a name.")
        if connection.player_id == player.id and connection.live is live:
            return self._take_seat(connection, live, [], player.id, message.token)
        _require_free(connection)
        commands: list[do.Command] = [do.Connect(player.id)]
        former = self._connections.get(live.seats.get(player.id, ""))
        if former is not None:
            commands.insert(0, do.Disconnect(player.id, former.last_heard))
        return self._take_seat(connection, live, commands, player.id, message.token)

    def _take_seat(
        self,
        connection: Connection,
        live: LiveRoom,
        commands: list[do.Command],
        player_id: str,
        token: str,
    ) -> Ack:
        is_new_seat = any(isinstance(command, do.Join) for command in commands)

        def seated() -> Ack:
            player = live.room.players.get(player_id)
            if player is None:
                raise BadToken("This seat is no longer there; join again with a name.")
            is_new_here = connection.player_id is None
            is_gone = self._connections.get(connection.sid) is not connection
            # By long-polling two messages of one connection can be here at once, and both found it free.
            is_taken = connection.role is not None and connection.player_id != player_id
            if is_gone or is_taken:
                if is_new_seat:  # nobody ever gets its token, so nobody shall find its name taken
                    self._rooms.post(live, do.Withdraw(player_id))
                elif live.seats.get(player_id) is None:
                    self._rooms.post(live, do.Disconnect(player_id, connection.last_heard))
                if is_taken:
                    _require_free(connection)
                raise NotJoined("The connection was lost while joining.")
            connection.role, connection.live, connection.player_id = "player", live, player_id
            self._delivery.seat_phone(live, player, connection.sid)
            if not player.is_connected:  # the seat's former connection ended between command and flush
                self._rooms.post(live, do.Connect(player_id))
            if is_new_here:
                runtime.spawn(self._probes.begin, connection)
            return {
                "token": token,
                "player": {"id": player.id, "nickname": player.nickname},
                "view": self._delivery.player_view(live, player.lang),
                "you": views.personal_view(live.room, player),
            }

        ack: Ack = self._rooms.execute(live, commands, seated)
        return ack

    def _answer(self, connection: Connection, message: protocol.Answer) -> Later:
        live, player = _seat(connection)
        respond = do.Respond(
            player=player.id,
            question=message.question,
            response=message.response,
            at=message.at,
            round=message.round,
            round_trip_ms=connection.round_trip_ms(self._clock.now()),
            opened_ms=message.opened_ms,
        )

        def acknowledged() -> Ack:
            at = live.room.acknowledged_at(player.id, message.question, message.round)
            if at is None:  # the host ended the game, or took the seat, in the same instant
                raise WrongPhase("The game went on before this answer could be kept.")
            return {"at": at}

        return Later(live, [respond], acknowledged)

    def _set(self, connection: Connection, message: protocol.Set) -> Ack:
        live, player = _seat(connection)
        if message.team is not None:
            raise NotAllowed("team: this room plays without teams.")
        if message.confidence is not None:
            raise NotAllowed("confidence: this room does not ask how sure you are.")
        if message.lang is None:
            return {}

        def chosen() -> Ack:
            self._delivery.set_language(live, message.lang, connection.sid)
            self._delivery.show(live, player)
            return {}

        ack: Ack = self._rooms.execute(live, [do.ChooseLanguage(player.id, message.lang)], chosen)
        return ack

    def _leave(self, connection: Connection, message: protocol.Leave) -> Ack:
        live, player = _seat(connection)

        def left() -> Ack:
            self._delivery.unseat(live, connection)
            return {}

        ack: Ack = self._rooms.execute(live, [do.Leave(player.id)], left)
        return ack

    def _review(self, connection: Connection, message: protocol.Review) -> Ack:
        with self._rooms.lock:
            live, player = _seat(connection)
            return self._delivery.review(live, player)

    # --- hosts --------------------------------------------------------------------------------------

    def _attach(self, connection: Connection, message: protocol.Attach) -> Ack:
        def is_room_s_own(live: LiveRoom) -> bool:
            return secrets.compare_digest(message.token.encode(), live.room.host_token.encode())

        def is_host_of(live: LiveRoom) -> bool:
            return is_room_s_own(live) or self._remotes.with_token(live, message.token) is not None

        live = self._door.room(connection, message.room, is_host_of)
        remote = None if is_room_s_own(live) else self._remotes.with_token(live, message.token)
        if not (is_room_s_own(live) or remote):
            self._door.count_failure(connection)
            raise BadToken("This is not the host's token of this room; open the room from the host's page.")
        if not (connection.role == "host" and connection.live is live):
            _require_free(connection)

        def attached() -> Ack:
            if not (connection.role == "host" and connection.live is live):
                _require_free(connection)
            if remote and not self._remotes.with_token(live, message.token):
                raise BadToken("This remote was signed out; scan the QR code of the host's page again.")
            if self._connections.get(connection.sid) is connection:
                connection.role, connection.live = "host", live
                connection.remote_id = remote.id if remote else None
                self._delivery.seat_host(live, message.lang, connection.sid)
            return {
                "view": self._delivery.host_view(live, message.lang),
                "roster": views.roster(live.room),
                "tally": views.tally(live.room),
            }

        ack: Ack = self._rooms.execute(live, [], attached)
        return ack

    def _dismiss_remote(self, remote: Remote) -> None:
        for sid in list(remote.live.hosts):
            connection = self._connections.get(sid)
            if connection is not None and connection.remote_id == remote.id:
                self._delivery.dismiss(remote.live, sid, "kicked")

    def _command(
        self,
        connection: Connection,
        message: protocol.GameCommand | protocol.Again | protocol.Reseat | protocol.UndoJoins,
    ) -> Ack:
        live = _place(connection)
        if isinstance(message, protocol.Reseat):
            token = secrets.token_urlsafe(16)
            self._rooms.execute(live, [do.Reseat(message.player, digest_of(token))])
            return {"token": token}
        if isinstance(message, protocol.Again):
            command: do.Command = self._openings.again(live.room, message.bank, message.settings)
        elif isinstance(message, protocol.UndoJoins):
            since = self._clock.now() - UNDO_MS if message.since is None else message.since
            command = do.UndoJoins(since, message.lock)
        else:
            command = message.command()
        self._rooms.execute(live, [command])
        return {}

    def _network(self, connection: Connection, message: protocol.Network) -> Ack:
        with self._rooms.lock:
            return views.network(_place(connection).room, message.question)

    def _notes(self, connection: Connection, message: protocol.Notes) -> Ack:
        with self._rooms.lock:
            live = _place(connection)
            return self._delivery.presenter_view(live, live.hosts.get(connection.sid))


def _refusal(error: GameError) -> Ack:
    return {"ok": False, "error": error.on_the_wire()}


def _own_seat(live: LiveRoom, message: protocol.Join) -> protocol.Rejoin | None:
    """Return how a phone that joins with the token of a seat takes that one again."""
    if message.token is None or live.room.player_with_token(digest_of(message.token)) is None:
        return None
    return protocol.Rejoin(room=message.room, token=message.token)


def _require_free(connection: Connection) -> None:
    if connection.role is not None:
        raise NotAllowed("This connection has its place in a room already; leave it first.")


def _place(connection: Connection) -> LiveRoom:
    if connection.live is None:  # it was sent away in this very moment
        raise NotJoined("This connection has no place in a room any more.")
    return connection.live


def _seat(connection: Connection) -> tuple[LiveRoom, Player]:
    live = _place(connection)
    player = live.room.players.get(connection.player_id or "")
    if player is None:
        raise NotJoined("This seat is no longer there; join again with a name.")
    return live, player
