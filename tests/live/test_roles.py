"""The matrix of roles, commands and phases, generated from the tables in server/live/roles.py."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest

from server.game.errors import NotAllowed, NotJoined
from server.live import protocol
from server.live.protocol import Incoming
from server.live.roles import COMMANDS, EVENTS, PLAYER, Role, may
from tests.live import test_refusals as payloads
from tests.live.client import Client
from tests.live.room import RoomAtWork

PHASES = ["lobby", "reading", "answering", "reveal", "leaderboard", "podium"]
STAGES = [*PHASES, "reading, paused", "answering, paused"]
ONE_MODE = pytest.mark.parametrize("server", ["eventlet"], indirect=True)
BY_ROLE = {NotAllowed.code, NotJoined.code}


def test_every_event_and_every_command_stands_in_the_tables():
    """A new one is refused to everybody until it does, and then it is in the matrix below."""
    kinds = get_args(protocol._COMMANDS)
    commands = {name for kind in kinds for name in get_args(get_type_hints(kind)["do"])}

    assert set(EVENTS) == set(Incoming)
    assert set(COMMANDS) == commands == set(payloads.COMMANDS)
    assert set(payloads.MESSAGES) | {Incoming.COMMAND.value} == {event.value for event in Incoming}


def test_what_is_not_in_the_tables_is_refused_to_everybody():
    """Also where the event as such is allowed."""
    unheard_of = protocol.HostCommand(do="unheard_of")

    assert not any(may(role, Incoming.COMMAND, unheard_of) for role in Role)


ASKED = [(Incoming(event), "") for event in payloads.MESSAGES]
ASKED += [(Incoming.COMMAND, name) for name in payloads.COMMANDS]
"""Every event, `host:command` once for each command."""

USE_IT_UP = {Incoming.REJOIN, Incoming.LEAVE, "kick", "reseat", "end"}
"""After these the first player's phone has its seat no more, or the room may have closed."""


def payload_of(room: RoomAtWork, event: Incoming, command: str) -> dict[str, Any]:
    """Return a payload that would do in this room; rejoining is the first player's."""
    if event is Incoming.COMMAND:
        return {"do": command, **payloads.filled(payloads.COMMANDS[command][0], room)}
    fields, optional = payloads.MESSAGES[event]
    needed = {name: value for name, value in fields.items() if name not in optional or name == "lang"}
    payload = payloads.filled(needed, room)
    return payload | {"token": room.phones[0].token} if event is Incoming.REJOIN else payload


def is_allowed(role: Role, event: Incoming, command: str) -> bool:
    return role in EVENTS[event] and (not command or role in COMMANDS[command])


def at(stage: str, open_room: Any) -> RoomAtWork:
    """Return a room at this stage, with two players who have not responded."""
    phase = stage.partition(",")[0]
    room: RoomAtWork = open_room("Ada", "Bea", reading_time=300 if phase == "reading" else "off")
    moves = {"lobby": [], "podium": ["end"], "reveal": ["start", "skip"]}
    moves["leaderboard"] = [*moves["reveal"], "next"]
    for move in moves.get(phase, ["start"]):
        room.host.do(move)
    if stage != phase:
        room.host.do("pause")
    room.everyone_sees(phase)
    return room


def in_the_role(role: Role, room: RoomAtWork) -> Client:
    if role is Role.STRANGER:
        return room.stranger()
    return room.host if role is Role.HOST else room.phones[0]


def is_at(stage: str, view: dict[str, Any]) -> bool:
    return stage == view["phase"] + (", paused" if view["paused"] else "")


@ONE_MODE
@pytest.mark.parametrize("stage", STAGES)
def test_what_a_role_may_not_do_is_refused_and_leaves_the_room_equal(open_room, stage):
    """For a stranger, a player, and a host, who may be another room's."""
    room, other = at(stage, open_room), open_room()
    asking: list[tuple[Role, Client]] = [
        (Role.STRANGER, room.stranger()),
        (Role.PLAYER, room.phones[0]),
        (Role.HOST, room.host),
        (Role.HOST, other.host),
    ]
    before = room.state()
    for event, command in ASKED:
        for role, client in asking:
            if is_allowed(role, event, command):
                continue
            code = NotJoined.code if EVENTS[event] == PLAYER else NotAllowed.code
            assert client.refusal(event, payload_of(room, event, command)) == code, (role, event, command)
            assert room.state() == before, (role, event, command)


@ONE_MODE
@pytest.mark.parametrize("stage", STAGES)
def test_what_a_role_may_do_is_never_refused_for_the_role(open_room, stage):
    """It may be refused for the phase, and that too leaves the room equal."""
    room = at(stage, open_room)
    for event, command in ASKED:
        for role in sorted(EVENTS[event]):
            if not is_allowed(role, event, command):
                continue
            client = in_the_role(role, room)
            before = room.state()
            ack = client.acknowledgement(client.send(event, payload_of(room, event, command)))
            if not ack["ok"]:
                assert ack["error"]["code"] not in BY_ROLE, (role, event, command, ack)
                assert room.state() == before, (role, event, command)
            elif {event, command} & USE_IT_UP or not is_at(stage, room.state()["view"]):
                room = at(stage, open_room)


@ONE_MODE
def test_a_host_of_another_room_moves_nothing_here(open_room):
    """Its commands are its own room's, and neither token nor seat of this one is lent to it."""
    room, other = at("reveal", open_room), at("reveal", open_room)
    before = room.state()
    for name in ("next", "lock"):
        other.host.do(name)
    for name in ("kick", "rename", "accommodate", "reseat"):
        fields = payloads.filled(payloads.COMMANDS[name][0], room)
        assert other.host.refused_to(name, **fields) == "bad_request", name
    attach = {"room": room.code, "token": room.opened.host_token}
    assert other.host.refusal("host:attach", attach) == "not_allowed"
    assert other.host.refusal("host:attach", attach | {"token": other.opened.host_token}) == "bad_token"

    assert room.state() == before
