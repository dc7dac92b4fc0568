"""The journal of a game that was really played is the room that stood on the screens."""

from __future__ import annotations

from server.game.room import Room
from server.game.views import host_view, roster
from server.journal.store import Journal
from tests.live.room import RoomAtWork
from tests.live.server import Server


def shown(view):
    return {name: value for name, value in view.items() if name not in ("seq", "now")}


def test_the_file_alone_gives_the_last_view_and_the_roster(tmp_path, connect):
    """After nearly everything that can happen in a room."""
    server = Server(tmp_path, "eventlet")
    room = RoomAtWork(server, server.open_room("languages"), connect)
    room.fill("Ada", "Bea", "Cyd")
    ada, bea, cyd = room.phones
    room.host.do("accommodate", player=ada.id, time_factor=2)
    bea.ask("player:set", {"lang": "fr"})
    room.open_question()
    room.host.do("extend", seconds=5)
    room.host.do("pause")
    room.host.do("resume")
    for client in room.clients:
        client.wait_for(lambda client: not client.view["paused"] and client.view["seq"] >= 10)
    room.reveal(["a"], ["b"], None)
    room.host.do("regrade", question=0, accept=[["b"]])
    room.host.do("kick", player=cyd.id)
    room.host.do("rename", player=ada.id, nickname="Grace")
    room.host.do("lock")
    room.host.do("next")
    room.host.wait_for_phase("leaderboard")
    state = room.state()
    for client in room.clients:
        client.drop()
    server.stop()

    journal = Journal(tmp_path)
    [(_, events)] = journal.unfinished()
    journal.close()
    replayed = Room.replay(events)
    assert replayed.seq >= state["view"]["seq"]
    assert shown(host_view(replayed, "en", 0)) == shown(state["view"])
    seats = [seat | {"connected": True} for seat in roster(replayed)["players"]]
    assert seats == state["roster"]["players"]
