"""Remotes on the wire: a link that works once, a press that lets in, a token of its own."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from server import runtime
from server.game.errors import BadRequest, NotAllowed
from server.game.room import Room
from server.live.remotes import LINK_MS, Remotes
from server.live.rooms import LiveRoom, Rooms
from tests.builders import opened
from tests.live.room import RoomAtWork
from tests.live.server import Answer, Server

ONE_MODE = pytest.mark.parametrize("server", ["eventlet"], indirect=True)


class Device:
    """A phone's browser that scans."""

    def __init__(self, server: Server, link: str) -> None:
        self._server = server
        self.answer = server.request("POST", "/api/remote", {"link": link})
        self.cookie = self.answer.headers.get("set-cookie", "").partition(";")[0]

    def get(self, path: str) -> Answer:
        return self._server.get(path, Cookie=self.cookie)

    def post(self, path: str, body: object = None) -> Answer:
        return self._server.request("POST", path, body, {"Cookie": self.cookie})

    @property
    def host_token(self) -> str:
        [room] = self.get("/api/rooms").json()
        token: str = room["host_token"]
        return token


def remotes_of(room: RoomAtWork) -> Any:
    return room.server.as_host("GET", f"/api/rooms/{room.code}/remotes").json()


def decide(room: RoomAtWork, remote_id: str, allow: object) -> Answer:
    return room.server.as_host("POST", f"/api/rooms/{room.code}/remotes/{remote_id}", {"allow": allow})


def scanned(room: RoomAtWork) -> Device:
    """Return a device that has scanned a new code of the room."""
    invited = room.server.as_host("POST", f"/api/rooms/{room.code}/remotes").json()
    return Device(room.server, invited["url"].partition("#remote=")[2])


def allowed(room: RoomAtWork) -> Device:
    """Return a device that is a remote."""
    device = scanned(room)
    [asking] = [remote for remote in remotes_of(room) if not remote["allowed"]]
    assert decide(room, asking["id"], True).status == 200
    return device


@ONE_MODE
def test_a_link_for_a_remote_works_once(open_room):
    """The newest of a room alone; its secret is in the fragment, where no server and no log sees it."""
    room = open_room()
    path = f"/api/rooms/{room.code}/remotes"
    older, newer = (room.server.as_host("POST", path).json() for _ in range(2))
    assert newer["url"].startswith(f"http://{room.server.address}/host#remote=")
    assert newer["qr"].startswith("<svg")
    secrets = [made["url"].partition("#remote=")[2] for made in (older, newer)]
    assert all(len(secret) >= 22 for secret in secrets)

    for link in (secrets[0], "x", "", "é", room.opened.host_token):
        void = Device(room.server, link)
        assert (void.answer.status, void.answer.code, void.cookie) == (401, "not_allowed", "")
    assert remotes_of(room) == []
    first, second = (Device(room.server, secrets[1]) for _ in range(2))
    assert (first.answer.status, second.answer.status) == (200, 401)
    attributes = set(first.answer.headers["set-cookie"].split("; "))
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= attributes
    assert first.answer.json() == {
        "room": room.code,
        "number": remotes_of(room)[0]["number"],
        "allowed": False,
    }
    for body in ({}, {"link": 5}, {"link": "x" * 201}, {"link": "x", "more": 1}, [], None):
        assert room.server.request("POST", "/api/remote", body).code == "bad_request", body


@ONE_MODE
def test_who_has_scanned_is_nobody_until_the_host_says_so(open_room):
    """Nor after the host has refused; a press that answers nobody is an error."""
    room = open_room()
    device = scanned(room)
    [asking] = remotes_of(room)
    for path in ("/api/rooms", "/api/banks", "/api/addresses", f"/api/rooms/{room.code}/remotes"):
        assert device.get(path).status == 401, path
    assert device.get("/host").status == 401
    assert device.get("/api/remote").json()["allowed"] is False
    for body in ("yes", 1, None):
        assert decide(room, asking["id"], body).code == "bad_request"
    assert decide(room, "0" * 12, True).code == "bad_request"
    other = open_room()
    assert decide(other, asking["id"], True).code == "bad_request"
    assert device.get("/api/rooms").status == 401

    assert decide(room, asking["id"], False).json() == []
    assert device.get("/api/remote").status == 401
    assert decide(room, asking["id"], True).code == "bad_request"


@ONE_MODE
def test_a_remote_commands_its_own_room_and_has_no_other_right(open_room):
    """It sees its room alone, by a token of its own, opens no room and lets nobody in."""
    room, other = open_room("Ada"), open_room()
    device = allowed(room)
    assert device.get("/host").status == 200
    [listed] = device.get("/api/rooms").json()
    assert (listed["room"], listed["remote"]) == (room.code, True)
    assert listed["host_token"] not in ("", room.opened.host_token)
    assert device.get("/api/banks").status == device.get("/api/addresses").status == 200
    remote = room.stranger()
    remote.attach(device.host_token)
    remote.do("lock")
    room.host.wait_for(lambda host: host.view["locked"])

    attach = {"room": other.code, "token": device.host_token}
    assert other.stranger().refusal("host:attach", attach) == "bad_token"
    assert device.post("/api/rooms", {"bank": "five"}).status == 401
    for path in (f"/api/rooms/{room.code}/remotes", f"/api/rooms/{room.code}/remotes/{'0' * 12}"):
        assert device.post(path, {"allow": True}).status == 401
    assert device.get(f"/api/rooms/{room.code}/remotes").status == 401


@ONE_MODE
def test_all_remotes_are_taken_away_at_once(open_room):
    """Their connections end, cookies and tokens are void; the projector stays, and other rooms' remotes."""
    room, other = open_room(), open_room()
    devices, elsewhere = [allowed(room) for _ in range(2)], allowed(other)
    tokens = [device.host_token for device in devices]
    remotes = [room.stranger() for _ in devices]
    for remote, token in zip(remotes, tokens, strict=True):
        remote.attach(token)
    unused = room.server.as_host("POST", f"/api/rooms/{room.code}/remotes").json()["url"]

    assert room.server.as_host("DELETE", f"/api/rooms/{room.code}/remotes").json() == []
    for remote, device, token in zip(remotes, devices, tokens, strict=True):
        remote.wait_for(lambda remote: remote.closed == "kicked")
        remote.wait_for(lambda remote: not remote.is_open)
        assert device.get("/api/rooms").status == 401
        attach = {"room": room.code, "token": token}
        assert room.stranger().refusal("host:attach", attach) == "bad_token"
    assert Device(room.server, unused.partition("#remote=")[2]).answer.status == 401
    room.host.do("lock")
    assert elsewhere.get("/api/rooms").status == 200


@ONE_MODE
def test_a_room_that_closes_takes_its_remotes_along(open_room):
    """No cookie outlives it."""
    room = open_room()
    device = allowed(room)
    remote = room.stranger()
    remote.attach(device.host_token)
    for _ in range(2):
        remote.do("end")

    remote.wait_for(lambda remote: remote.closed == "ended")
    assert device.get("/api/remote").status == 401
    assert device.get("/api/rooms").status == 401


class OpenRooms(list[LiveRoom]):
    """Rooms without a journal."""

    lock = threading.RLock()


class SetClock(runtime.Clock):
    """A clock that a test sets."""

    time = 1_000_000

    def now(self) -> int:
        return self.time


def test_code_and_press_have_two_minutes_each():
    """Then the code is void, and the device that waited in vain has to scan again; who is in stays in."""
    clock, live = SetClock(), LiveRoom(Room(opened()), "key")
    remotes = Remotes(cast(Rooms, OpenRooms([live])), clock)
    link = remotes.make_link(live)
    clock.time += LINK_MS + 1
    with pytest.raises(NotAllowed):
        remotes.ask(link)

    link = remotes.make_link(live)
    clock.time += LINK_MS
    asking = remotes.ask(link)
    clock.time += LINK_MS + 1
    assert remotes.with_secret(asking.secret) is None
    with pytest.raises(BadRequest):
        remotes.decide(live, asking.id, is_allowed=True)

    asking = remotes.ask(remotes.make_link(live))
    clock.time += LINK_MS
    assert remotes.with_token(live, asking.token) is None
    remotes.decide(live, asking.id, is_allowed=True)
    clock.time += 100 * LINK_MS
    assert remotes.with_token(live, asking.token) is asking
