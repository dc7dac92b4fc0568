"""What `kill -9` costs: nothing that was acknowledged. Real servers, killed and started in their folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.game.room import Room
from server.game.views import host_view, personal_view, player_view, roster
from server.journal.store import Journal
from server.live import wire_json
from tests.conftest import MODES
from tests.live.client import Host, Phone
from tests.live.room import RoomAtWork
from tests.live.server import Server


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers in the test's folder; at the end those that still run are stopped, and are well."""
    servers: list[Server] = []

    def start(mode: str, *options: str) -> Server:
        server = Server(tmp_path, mode, *options)
        servers.append(server)
        return server

    yield start
    for server in servers:
        if server._process._child.poll() is None:
            server.stop()


def restarted(server: Server, start: Callable[..., Server]) -> Server:
    """Kill the server and start it again on its port."""
    port = server.address.rpartition(":")[2]
    server.kill()
    again = start(server.mode, "--port", port)
    assert again.address == server.address
    return again


def a_room(server: Server, connect: Callable[..., Any], *nicknames: str, **settings: Any) -> RoomAtWork:
    room = RoomAtWork(server, server.open_room(**settings), connect)
    room.fill(*nicknames)
    return room


def as_sent(payload: dict[str, Any]) -> Any:
    return wire_json.loads(wire_json.dumps(payload))


def without(payload: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in names}


@pytest.mark.parametrize("mode", MODES)
def test_killed_in_the_middle_of_a_question_the_room_is_back_and_paused(start, connect, mode):
    """Code, tokens, names, scores, streaks, accommodations, the response and the remaining time."""
    server = start(mode)
    room = a_room(server, connect, "Ada", "Bea", "Cyd")
    [ada, bea, cyd] = room.phones
    room.host.do("accommodate", player=cyd.id, time_factor=2)
    room.host.do("rename", player=bea.id, nickname="Béa")
    room.open_question()
    room.reveal(["b"], ["a"], ["b"])
    room.host.do("next")
    room.everyone_sees("leaderboard")
    scores = {phone.id: phone.you["score"] for phone in room.phones}
    assert scores[ada.id] > 0
    room.open_question()
    for phone in room.phones:
        phone.wait_for(lambda phone: phone.you["question"] == 1)
    ada.wait_until(ada.view["opens_at"] + 700)
    payload = ada.answer_payload(["a", "c"])
    before = ada.now()
    at = ada.ask("player:answer", payload)["at"]
    after = room.host.now()
    room.host.wait_for(lambda host: host.tally.get("answered") == 1)
    ada.wait_for(lambda phone: phone.you["answered"])
    seq, opens_at, closes_at = ada.you["seq"], room.host.view["opens_at"], room.host.view["closes_at"]
    server = restarted(server, start)

    assert server.get("/healthz").json() == {"ok": True, "rooms": 1, "players": 0}
    host = connect(Host, server, room.opened)
    view = host.attach(room.opened.host_token)["view"]
    assert (view["phase"], view["paused"], view["stalled"]) == ("answering", True, False)
    assert (view["question"]["index"], view["game"], view["players"]) == (1, 1, 3)
    assert view["seq"] >= seq
    assert closes_at - after <= view["remaining_ms"] <= closes_at - before
    assert [seat["connected"] for seat in host.roster] == [False] * 3
    phones = {phone.id: connect(Phone, server, room.opened) for phone in room.phones}
    for former in room.phones:
        you = phones[former.id].rejoin(former.token)["you"]
        assert phones[former.id].id == former.id
        assert phones[former.id].view["paused"]
        assert without(you, "seq") == without(former.you, "seq")
        assert you["seq"] >= seq
    host.wait_for(lambda host: all(seat["connected"] for seat in host.roster))
    assert {seat["nickname"]: seat["time_factor"] for seat in host.roster} == {"Ada": 1, "Béa": 1, "Cyd": 2}
    assert {seat["id"]: seat["score"] for seat in host.roster} == scores

    # What was acknowledged is not lost, and its duplicate changes nothing.
    ada, bea, cyd = (phones[former.id] for former in room.phones)
    assert ada.you["response"] == ["a", "c"]
    assert ada.ask("player:answer", payload)["at"] == at
    assert bea.refusal("player:answer", bea.answer_payload(["a"])) == "wrong_phase"
    host.do("resume")
    for client in (host, *phones.values()):
        client.wait_for(lambda client: not client.view["paused"])
    assert abs(host.view["closes_at"] - host.now() - view["remaining_ms"]) < 3_000
    assert host.view["closes_at"] - host.view["opens_at"] == closes_at - opens_at
    assert ada.ask("player:answer", payload)["at"] - host.view["opens_at"] == at - opens_at
    bea.answer(["a", "c"])
    cyd.answer(["b", "d"])
    for client in (host, *phones.values()):
        client.wait_for_phase("reveal", 1)
    result = ada.wait_for(lambda phone: phone.you.get("result"))
    assert result["response_ms"] == at - opens_at
    assert result["credit"] == 1
    assert ada.you["score"] == scores[ada.id] + result["points"]
    assert ada.you["streak"] == 2
    assert host.view["answered"] == 3


@pytest.mark.parametrize(
    ("phase", "mode"),
    [
        *((phase, "eventlet") for phase in ("lobby", "reading", "reveal", "leaderboard", "podium")),
        ("reveal", "threading"),
    ],
)
def test_killed_in_another_phase_the_room_is_back_as_it_was(start, connect, phase, mode):
    """Only a running clock is stopped; the rows alone make the views that were last seen."""
    server = start(mode)
    room = a_room(server, connect, "Ada", "Bea", reading_time=60 if phase == "reading" else "off")
    room.play_to(phase)
    if phase == "lobby":
        room.host.do("lock")
        room.host.wait_for(lambda host: host.view["locked"])
    if phase == "reveal":
        room.host.do("regrade", question=0, accept=[["a"]])
    for phone in room.phones:
        phone.rejoin(phone.token)
    seen = room.host.attach(room.opened.host_token)
    server.kill()

    journal = Journal(server.data)
    assert journal.notices == []
    [(key, events)] = journal.unfinished()
    journal.close()
    replayed = Room.replay(events)
    assert replayed.seq == seen["view"]["seq"] == len(events)
    assert as_sent(host_view(replayed, "en", seen["view"]["now"])) == seen["view"]
    assert as_sent(roster(replayed)) == seen["roster"]
    for phone in room.phones:
        assert as_sent(player_view(replayed, "en", phone.view["now"])) == phone.view
        assert as_sent(personal_view(replayed, replayed.players[phone.id])) == phone.you
        assert all(phone.token not in repr(event) for event in events)
    assert key.startswith(room.code)

    port = server.address.rpartition(":")[2]
    server = start(mode, "--port", port)
    host = connect(Host, server, room.opened)
    back = host.attach(room.opened.host_token)["view"]
    changing = ("seq", "now", "paused", "remaining_ms")
    assert without(back, *changing) == without(seen["view"], *changing)
    assert back["seq"] > seen["view"]["seq"]
    assert back["paused"] is (phase == "reading")
    again = connect(Phone, server, room.opened)
    assert without(again.rejoin(room.phones[0].token)["you"], "seq") == without(room.phones[0].you, "seq")
    onward = {"lobby": "start", "reading": "resume", "podium": "again"}.get(phase, "next")
    host.do(onward)
    host.wait_for(lambda host: host.view["phase"] != phase or not host.view["paused"])


@pytest.mark.parametrize("mode", MODES)
def test_a_closed_room_does_not_come_back_and_others_do(start, connect, mode):
    """Nor does one that nobody acknowledged; twice killed is as good as once."""
    server = start(mode)
    closed, kept = a_room(server, connect, "Ada"), a_room(server, connect, "Zoe")
    closed.host.do("end")
    closed.host.do("end")
    closed.phones[0].wait_for(lambda phone: phone.closed == "ended")
    server = restarted(restarted(server, start), start)

    assert server.get("/healthz").json()["rooms"] == 1
    assert server.get(f"/api/rooms/{closed.code}").status == 404
    assert server.get(f"/api/rooms/{kept.code}").json()["phase"] == "lobby"
    phone = connect(Phone, server, kept.opened)
    assert phone.rejoin(kept.phones[0].token)["player"]["nickname"] == "Zoe"
    gone = connect(Phone, server, closed.opened)
    rejoin = {"room": closed.code, "token": closed.phones[0].token}
    assert gone.refusal("player:rejoin", rejoin) == "no_such_room"


@pytest.mark.parametrize("mode", MODES)
def test_a_burst_of_responses_survives_as_far_as_it_was_acknowledged(start, connect, mode):
    """Killed while they come in: each acknowledged one is there."""
    server = start(mode)
    room = a_room(server, connect, *(f"Player {n}" for n in range(12)))
    room.open_question()
    sent = [(phone, phone.send("player:answer", phone.answer_payload(["b"]))) for phone in room.phones]
    first, number = sent[0]
    acknowledged = {first.id: first.acknowledgement(number)["at"]}
    server.kill()
    for phone, number in sent[1:]:
        phone.wait_for(lambda phone: not phone.is_open)
        if number in phone._acks:
            acknowledged[phone.id] = phone.acknowledgement(number)["at"]
    journal = Journal(server.data)
    [(_, events)] = journal.unfinished()
    journal.close()
    replayed = Room.replay(events)

    for player, at in acknowledged.items():
        assert replayed.acknowledged_at(player, 0, 1) == at


@pytest.mark.parametrize("mode", MODES)
def test_a_journal_that_cannot_be_used_does_not_keep_the_server_from_starting(tmp_path, start, mode):
    """The teacher is told, the file is kept, a room can be opened."""
    (tmp_path / "journal.sqlite").write_bytes(b"my notes" * 1_000)
    server = start(mode)

    assert "Warning: The journal journal.sqlite could not be used" in server.printed
    assert (tmp_path / "journal.sqlite.set-aside-1").read_bytes() == b"my notes" * 1_000
    assert server.open_room().room


@pytest.mark.parametrize("mode", MODES)
def test_two_servers_in_one_folder_keep_their_rooms_apart(start, connect, mode):
    """Each brings back its own, and only the second is warned."""
    first, second = start(mode), start(mode)
    assert "Another Plenary uses this data folder too" in second.printed
    assert "Warning" not in first.printed
    room, other = a_room(first, connect, "Ada"), a_room(second, connect, "Zoe")
    assert second.get(f"/api/rooms/{room.code}").status == 404
    first = restarted(first, start)
    second = restarted(second, start)

    for server, kept, foreign in ((first, room, other), (second, other, room)):
        assert [listed["room"] for listed in server.as_host("GET", "/api/rooms").json()] == [kept.code]
        assert server.get(f"/api/rooms/{foreign.code}").status == 404


def test_a_kill_gives_no_time_back(start, connect):
    """Nobody responded for a while before it; what was left of the time then is left of it afterwards."""
    server = start("eventlet")
    room = a_room(server, connect, "Ada", "Bea")
    room.open_question()
    closes_at = room.host.view["closes_at"]
    room.host.wait_until(room.host.view["opens_at"] + 2_000)
    left_ms = closes_at - room.host.now()
    again = RoomAtWork(restarted(server, start), room.opened, connect)

    assert again.host.view["paused"]
    assert left_ms - 1_000 <= again.host.view["remaining_ms"] <= left_ms + 250
