"""The page that tests a network: who is on it and how they fare, and no room notices."""

from __future__ import annotations

import socketio

from server.live.network_test import SILENT_AFTER_MS, SUMMARY_MS, NetworkTest, Report
from tests.live.client import Client, accepted

EVENT = "network:test"


def test_each_transport_is_counted_as_the_server_sees_it_and_who_leaves_is_not(server, open_room, connect):
    """A host and a player may send it too; nothing of the room changes, whatever is sent."""
    room = open_room("Ada")
    before = room.state()
    [ada] = room.phones
    ada.ask(EVENT, {"round_trip_ms": 40, "jitter_ms": 3})
    stranger: Client = connect(Client, server, "")
    polling = socketio.Client()
    polling.connect(f"http://{server.address}?room=", transports=["polling"])
    try:
        ack = accepted(polling.call(EVENT, {"round_trip_ms": 60_000}))
        assert ack["transport"] == "polling"

        def summary_with(phones: int) -> dict[str, object]:
            """Ask until the summary, which may be a second old, knows of so many; all of them go on."""
            while True:
                for sender in (ada, room.host):
                    sender.ask(EVENT, {"round_trip_ms": 40, "jitter_ms": 3})
                if polling.connected:
                    polling.call(EVENT, {"round_trip_ms": 60_000})
                ack = stranger.ask(EVENT, {})
                if ack["phones"] == phones:
                    return {key: value for key, value in ack.items() if key not in ("ok", "now")}

        measured = {"median": 40, "highest": 40}
        jitter = {"median": 3, "highest": 3}
        assert summary_with(4) == {
            "transport": "websocket",
            "phones": 4,
            "long_polling": 1,
            "round_trip_ms": measured | {"highest": 60_000},
            "jitter_ms": jitter,
        }
        polling.disconnect()
        assert summary_with(3) == {
            "transport": "websocket",
            "phones": 3,
            "long_polling": 0,
            "round_trip_ms": measured,
            "jitter_ms": jitter,
        }
    finally:
        polling.disconnect()
    for field in ("round_trip_ms", "jitter_ms"):
        for value in (-1, 60_001, 1.5, "40", True, [40], {}, float("inf")):
            assert stranger.refusal(EVENT, {field: value}) == "bad_request", (field, value)
    for payloads in ([], [{}, {}], [None], [[]], ["x"], [{"transport": "websocket"}]):
        assert stranger.refusal(EVENT, *payloads) == "bad_request", payloads
    assert room.state() == before


def heard(now: int, round_trip_ms: int | None = None, *, is_polling: bool = False) -> Report:
    return Report(now, is_polling, round_trip_ms, round_trip_ms)


def test_who_falls_silent_is_not_counted_any_more():
    """A phone that is switched off never says that it goes."""
    test = NetworkTest()
    test.report("silent", heard(0, is_polling=True))
    for now in range(0, SILENT_AFTER_MS + 1, SUMMARY_MS):
        assert test.report("here", heard(now))["phones"] == (1 if now == 0 else 2)

    assert test.report("here", heard(SILENT_AFTER_MS + SUMMARY_MS)) == {
        "phones": 1,
        "long_polling": 0,
        "round_trip_ms": None,
        "jitter_ms": None,
    }


def test_a_summary_is_made_once_a_second_and_shared():
    """However many send; otherwise the work would grow with their square."""
    test, phones = NetworkTest(), 1_000
    first = test.report("first", heard(0))
    assert all(test.report(str(n), heard(n % SUMMARY_MS, n)) is first for n in range(phones))

    later = test.report("first", heard(SUMMARY_MS))
    assert later["phones"] == phones + 1
    assert later["round_trip_ms"] == {"median": (phones - 1) // 2, "highest": phones - 1}
