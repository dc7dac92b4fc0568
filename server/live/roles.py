"""Who may do what: every wire event and every command of a host, each with the roles that may.

handlers.py asks here once for every event, after the payload was read and before anything is looked up;
what is not in the tables is refused. When a command fits the room is another question, and room.py's.
"""

from __future__ import annotations

from enum import StrEnum

from server.game.errors import GameError, NotAllowed, NotJoined

from .protocol import HostCommand, Incoming, Message


class Role(StrEnum):
    """What a connection is in its room; projector and remote are both the host."""

    STRANGER = "stranger"
    """It has no place in a room: it has just come, or has left."""
    PLAYER = "player"
    HOST = "host"


ANYONE = frozenset(Role)
STRANGER = frozenset({Role.STRANGER})
PLAYER = frozenset({Role.PLAYER})
HOST = frozenset({Role.HOST})
NOBODY: frozenset[Role] = frozenset()

EVENTS: dict[Incoming, frozenset[Role]] = {
    Incoming.CLOCK: ANYONE,
    Incoming.JOIN: STRANGER,
    Incoming.REJOIN: STRANGER | PLAYER,  # a player to its own seat alone: an acknowledgement got lost
    Incoming.ANSWER: PLAYER,
    Incoming.SET: PLAYER,
    Incoming.LEAVE: PLAYER,
    Incoming.REVIEW: PLAYER,
    Incoming.ATTACH: STRANGER | HOST,  # a host to its own room alone, for a view in another language
    Incoming.COMMAND: HOST,
    Incoming.NETWORK: HOST,
    Incoming.NOTES: HOST,
    Incoming.NETWORK_TEST: ANYONE,
}

COMMANDS: dict[str, frozenset[Role]] = {
    "start": HOST,
    "next": HOST,
    "skip": HOST,
    "pause": HOST,
    "resume": HOST,
    "extend": HOST,
    "lock": HOST,
    "unlock": HOST,
    "kick": HOST,
    "undo_joins": HOST,
    "welcome_joins": HOST,
    "reseat": HOST,
    "rename": HOST,
    "accommodate": HOST,
    "regrade": HOST,
    "show": HOST,
    "hide_word": HOST,
    "again": HOST,
    "end": HOST,
}
"""What `host:command` may ask for, by its `do`."""


def may(role: Role, event: Incoming, message: Message) -> bool:
    """Tell whether the tables let this role send this message."""
    if role not in EVENTS.get(event, NOBODY):
        return False
    return not isinstance(message, HostCommand) or role in COMMANDS.get(message.do, NOBODY)


def require(role: Role, event: Incoming, message: Message) -> None:
    """Let pass what the tables allow.

    Raises:
        GameError: `not_joined` for what only a seat gives, `not_allowed` for all else.
    """
    if not may(role, event, message):
        raise _refusal(event)


def _refusal(event: Incoming) -> GameError:
    allowed = EVENTS.get(event, NOBODY)
    if allowed == PLAYER:
        return NotJoined("Join the room first.")
    if Role.STRANGER in allowed:
        return NotAllowed("This connection has its place in a room already; leave it first.")
    return NotAllowed("Only the host can do this; attach with the host's token first.")
