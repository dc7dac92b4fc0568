"""Every refusal: its code, a message that names the field, and a room that is as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.live.client import Client, Phone, refused
from tests.live.room import RoomAtWork

LONG = "x" * 201

# event → its fields with a good value each, then those that may be left out
MESSAGES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "clock": ({}, set()),
    "player:join": (
        {"room": "ROOM", "nickname": "Cyd", "lang": "en", "check": "x", "team": "x", "token": "t" * 22},
        {"lang", "check", "team", "token"},
    ),
    "player:rejoin": ({"room": "ROOM", "token": "TOKEN"}, set()),
    "player:answer": ({"question": 0, "response": ["a"], "at": 1, "round": 1}, {"round"}),
    "player:set": ({"lang": "en", "team": "x"}, {"lang", "team"}),
    "player:leave": ({}, set()),
    "player:review": ({}, set()),
    "host:attach": ({"room": "ROOM", "token": "TOKEN", "lang": "en"}, {"lang"}),
    "host:network": ({"question": 0}, {"question"}),
    "host:notes": ({}, set()),
    "network:test": ({"round_trip_ms": 5, "jitter_ms": 1}, {"round_trip_ms", "jitter_ms"}),
}
COMMANDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    **{name: ({}, set()) for name in ("start", "next", "skip", "pause", "resume", "lock", "unlock", "end")},
    "extend": ({"seconds": 5}, set()),
    "kick": ({"player": "PLAYER", "lock": True}, {"lock"}),
    "undo_joins": ({"since": 0, "lock": True}, {"since", "lock"}),
    "welcome_joins": ({}, set()),
    "reseat": ({"player": "PLAYER"}, set()),
    "rename": ({"player": "PLAYER", "nickname": "Dan"}, set()),
    "accommodate": ({"player": "PLAYER", "time_factor": 2}, set()),
    "regrade": ({"question": 0, "void": True}, {"void"}),
    "hide_word": ({"question": 0, "word": "peace"}, set()),
    "show": (
        {"leaderboard": False, "phones": "shapes", "reveal": True},
        {"leaderboard", "phones", "reveal"},
    ),
    "again": ({"bank": "five", "settings": {}}, {"bank", "settings"}),
}
WRONG: dict[str, list[Any]] = {
    "room": [5, None, ["123456"], {}, True, LONG],
    "nickname": [5, None, ["Cyd"], {}, False, LONG],
    "token": [5, None, ["x"], {}, True, LONG],
    "lang": [5, ["en"], {}, "x" * 36, "e n", "<b>"],
    "check": [5, ["x"], LONG],
    "team": [5, ["x"], LONG],
    "question": ["0", None, 0.5, [0], True, 2**53 + 1, -(2**60), 10**40],
    "at": ["1", None, 0.5, [], True, 2**53 + 1, 10**40, 1.5],
    "round": ["1", 1.5, [], 10**40],
    "player": [5, None, ["x"], {}, "x" * 65],
    "lock": ["true", 1, []],
    "since": ["0", 0.5, [], True, 2**53 + 1],
    "seconds": ["5", None, 0, -5, 301, 1.5, True, [], 10**40],
    "time_factor": ["2", 0, 0.5, 4.01, -1, [], True, 10**40],
    "void": ["true", 1, []],
    "leaderboard": ["off", 0, [], {}],
    "phones": ["nothing", 1, True, []],
    "reveal": ["true", 1, False, []],
    "word": [5, None, ["x"], {}, True, "x" * 201],
    "bank": [5, ["five"], "x" * 65],
    "settings": [5, "x", [], True],
    "round_trip_ms": ["5", None, 0.5, [], True, -1, 60_001, 10**40],
    "jitter_ms": ["5", None, 0.5, [], True, -1, 60_001, 10**40],
}


def filled(fields: dict[str, Any], room: Any) -> dict[str, Any]:
    """Return the payload with what is real in this room."""
    real = {"ROOM": room.code, "TOKEN": room.opened.host_token, "PLAYER": room.phones[0].id}
    return {
        name: real.get(value, value) if isinstance(value, str) else value for name, value in fields.items()
    }


def sender(room: Any, event: str) -> Client:
    """Return who could send this event: a phone at its seat, the host, or a new connection."""
    if event.startswith("host:"):
        return room.host
    if event in ("player:join", "player:rejoin"):
        return room.phone()
    return room.phones[0]


@pytest.mark.parametrize("event", [*MESSAGES, *(f"host:command {name}" for name in COMMANDS)])
def test_a_payload_that_does_not_fit_is_refused_by_the_name_of_its_field(open_room, event):
    """Missing, unknown, of a wrong type, too long: `bad_request`, and nothing has changed."""
    room = open_room("Ada")
    room.host.wait_for(lambda host: len(host.roster) == 1)
    event, _, command = event.partition(" ")
    fields, optional = COMMANDS[command] if command else MESSAGES[event]
    good = filled(fields, room) | ({"do": command} if command else {})
    client = sender(room, event)
    before = room.state()

    variants = [("no_such_field", good | {"no_such_field": 1})]
    variants += [
        (name, {other: value for other, value in good.items() if other != name})
        for name in set(fields) - optional
    ]
    variants += [
        (name, good | {name: value})
        for name in fields
        if name != "response"
        for value in WRONG[name]
        if value is not None or name not in optional  # null is as good as left out
    ]
    for field, payload in variants:
        error = refused(client.acknowledgement(client.send(event, payload)))
        assert error.code == "bad_request", (payload, error)
        assert field in error.message, (payload, error)

    for payloads in ((), ({}, {}), ([],), ("x",), (5,), (None,), (True,), ([good],)):
        assert client.refusal(event, *payloads) == "bad_request" or payloads == ({}, {}), payloads
    assert room.state() == before


def test_a_command_that_does_not_exist_is_refused(open_room):
    """With the list of those that do."""
    room = open_room("Ada")
    before = room.state()

    for name in ("explode", "", "Start", 5, None, [], "x" * 10_000):
        assert room.host.refused_to(name) == "bad_request"
    assert room.host.refusal("host:command", {}) == "bad_request"
    assert room.state() == before


def test_a_command_s_bad_reference_is_refused(open_room):
    """A player who is not there, a question that is not, a regrade that says nothing or two things."""
    room = open_room("Ada")
    room.play_to("reveal")
    before = room.state()

    assert room.host.refused_to("kick", player="nobody") == "bad_request"
    assert room.host.refused_to("rename", player="nobody", nickname="Cyd") == "bad_request"
    assert room.host.refused_to("accommodate", player="nobody", time_factor=2) == "bad_request"
    assert room.host.refused_to("regrade", question=0) == "bad_request"
    assert room.host.refused_to("regrade", question=0, accept=[["a"]], void=True) == "bad_request"
    assert room.host.refused_to("show") == "bad_request"
    for accept in ([], "a", [["z"]], [["a", "b"]], [5], [{}], [None], [[["a"]]], [["a"]] * 101):
        assert room.host.refused_to("regrade", question=0, accept=accept) == "bad_request", accept
    assert room.host.refused_to("regrade", question=1, void=True) == "wrong_phase"
    assert room.host.refused_to("regrade", question=-1, void=True) in ("bad_request", "wrong_phase")
    assert room.host.refused_to("regrade", question=99, void=True) in ("bad_request", "wrong_phase")
    assert room.state() == before


@pytest.mark.parametrize(
    ("question", "good", "bad"),
    [
        (0, ["b"], [[], ["a", "b"], ["e"], ["A"], ["ab"], [1], [None], [["a"]]]),
        (1, ["a", "c"], [[], ["a", "a"], ["a", "z"], [1, 2], ["ac"], [["a", "c"]]]),
        (2, ["a"], [[], ["c"], ["a", "b"], ["true"], [True]]),
    ],
)
def test_a_response_of_the_wrong_form_is_refused(open_room, question, good, bad):
    """The player can still give a right one, and that one counts."""
    ids = ["first-choice", "a-multi", "a-statement"]
    room = open_room("Ada", "Bea", questions=[ids[question]])
    room.open_question()
    [ada, _] = room.phones
    before = room.state()

    deep = json.loads("[" * 200 + "]" * 200)
    for response in [*bad, "a", "", 1, 1.5, None, True, {}, {"a": "b"}, {"a": deep}, deep, "x" * 9_000]:
        assert ada.refusal("player:answer", ada.answer_payload(response)) == "bad_request", response
    for index in (-1, 1, 99):
        assert ada.refusal("player:answer", ada.answer_payload(good, question=index)) == "bad_request"
    assert room.state() == before
    ada.answer(good)


def test_hosts_and_players_keep_to_their_own(open_room):
    """`not_allowed` for a player who gives commands, and for one connection in two places."""
    room = open_room("Ada")
    [ada] = room.phones
    before = room.state()

    for name, (fields, _) in COMMANDS.items():
        command = {"do": name, **filled(fields, room)}
        assert ada.refusal("host:command", command) == "not_allowed"
        assert room.phone().refusal("host:command", command) == "not_allowed"
    join = {"room": room.code, "nickname": "Cyd"}
    assert ada.refusal("player:join", join) == "not_allowed"
    assert ada.refusal("host:attach", {"room": room.code, "token": room.opened.host_token}) == "not_allowed"
    assert room.host.refusal("player:join", join) == "not_allowed"
    assert room.host.refusal("player:rejoin", {"room": room.code, "token": ada.token}) == "not_allowed"
    assert room.state() == before


def test_what_no_room_asks_for_is_not_allowed(open_room):
    """Teams and confidence are for rooms of later versions."""
    room = open_room("Ada")
    before = room.state()

    assert room.phones[0].refusal("player:set", {"team": "red"}) == "not_allowed"
    assert room.phones[0].refusal("player:set", {"confidence": 0.5}) == "not_allowed"
    assert room.state() == before


def test_who_has_not_joined_has_nothing_to_say(open_room):
    """A new connection, a host, and one that left."""
    room = open_room("Ada", "Bea")
    room.open_question()
    gone = room.phones[1]
    gone.ask("player:leave", {})
    before = room.state()

    for client in (room.phone(), room.host, gone):
        answer = {"question": 0, "response": ["a"], "at": client.now()}
        assert client.refusal("player:answer", answer) == "not_joined"
        assert client.refusal("player:set", {"lang": "fr"}) == "not_joined"
        assert client.refusal("player:leave", {}) == "not_joined"
    assert room.state() == before


def test_a_room_that_is_not_there(server, connect):
    """Of any form."""
    for code in ("000000", "12345", "", "abcdef", "１２３４５６"):
        assert (
            connect(Phone, server, code).refusal("player:join", {"room": code, "nickname": "A"})
            == "no_such_room"
        )
    phone = connect(Phone, server, "000000")
    assert phone.refusal("player:rejoin", {"room": "000000", "token": "x"}) == "no_such_room"
    assert phone.refusal("host:attach", {"room": "000000", "token": "x"}) == "no_such_room"


def test_a_wrong_token_opens_nothing(open_room):
    """Nor does a token of another room or of another role."""
    room, other = open_room("Ada"), open_room("Bea")
    before = room.state()

    for token in ("", "x", other.phones[0].token, room.opened.host_token, room.phones[0].id):
        phone = room.phone()
        assert phone.refusal("player:rejoin", {"room": room.code, "token": token}) == "bad_token"
    for token in ("", "x", other.opened.host_token, room.phones[0].token, "é" * 20):
        host = room.stranger()
        assert host.refusal("host:attach", {"room": room.code, "token": token}) == "bad_token"
    assert room.state() == before


@pytest.mark.parametrize("nickname", ["Ada", "ada", "ADA", " Ada ", "Ａｄａ"])
def test_a_name_is_unique_in_its_room_whatever_its_case(open_room, nickname):
    """And in no other room."""
    room, other = open_room("Ada"), open_room()
    before = room.state()

    phone = room.phone()
    assert phone.refusal("player:join", {"room": room.code, "nickname": nickname}) == "nickname_taken"
    assert room.state() == before
    phone.join("Bea")
    other.phone().join(nickname)
    bea = room.phones[0].id
    assert room.host.refused_to("rename", player=bea, nickname="BEA") == "nickname_taken"


@pytest.mark.parametrize(
    "nickname",
    ["", "   ", "x" * 21, "a\u202eb", "a\u200bb", "a\nb\x00", "\u2066a", "\u3164", "a" + "\u0301" * 11],
)
def test_a_name_that_a_screen_cannot_show_is_refused(open_room, nickname):
    """For the player and for the host who renames."""
    room = open_room("Ada")
    before = room.state()

    join = {"room": room.code, "nickname": nickname}
    assert room.phone().refusal("player:join", join) == "nickname_refused"
    assert room.host.refused_to("rename", player=room.phones[0].id, nickname=nickname) == "nickname_refused"
    assert room.state() == before


def test_a_locked_room_lets_nobody_new_in(open_room):
    """Who has a seat gets back to it; unlocked, it lets everyone in again."""
    room = open_room("Ada")
    [ada] = room.phones
    room.host.do("lock")
    ada.wait_for(lambda phone: phone.view["locked"])
    room.host.wait_for(lambda host: host.view["locked"])
    before = room.state()

    assert room.phone().refusal("player:join", {"room": room.code, "nickname": "Bea"}) == "locked"
    assert room.state() == before
    assert room.server.get(f"/api/rooms/{room.code}").json()["locked"] is True
    room.phone().rejoin(ada.token)
    room.host.do("unlock")
    room.phone().join("Bea")


def test_a_full_room_lets_nobody_new_in(open_room):
    """The setting says how many seats there are."""
    room = open_room("Ada", "Bea", max_players=2)
    before = room.state()

    assert room.phone().refusal("player:join", {"room": room.code, "nickname": "Cyd"}) == "full"
    assert room.state() == before


ALLOWED = {
    "start": {"lobby"},
    "next": {"reveal", "leaderboard"},
    "skip": {"reading", "answering"},
    "pause": {"reading", "answering"},
    "resume": set(),
    "extend": {"answering"},
    "regrade": {"reveal", "leaderboard"},
    "show": {"leaderboard"},  # all three of its fields: back to the reveal
    "again": {"podium"},
}


@pytest.mark.parametrize("phase", ["lobby", "reading", "answering", "reveal", "leaderboard", "podium"])
def test_a_command_of_another_phase_is_refused(open_room, phase):
    """And so is a response, before and after its question."""
    room = open_room("Ada", "Bea", reading_time=30 if phase == "reading" else "off")
    room.play_to(phase)
    before = room.state()

    for name, phases in ALLOWED.items():
        if phase not in phases:
            fields = filled(COMMANDS[name][0], room)
            assert room.host.refused_to(name, **fields) == "wrong_phase", name
    answer = {"question": 0 if phase in ("lobby", "reading") else 1, "response": ["a"], "at": room.host.now()}
    assert room.phones[0].refusal("player:answer", answer) == "wrong_phase"
    assert room.state() == before


def test_a_response_before_the_question_opens_is_refused(open_room):
    """However early it claims to have been chosen."""
    room = open_room("Ada")
    [ada] = room.phones
    room.host.do("start")
    view = ada.wait_for_phase("answering")

    code = ada.refusal("player:answer", ada.answer_payload(["a"], at=view["opens_at"] + 1))
    assert code == "wrong_phase" or ada.now() >= view["opens_at"]
    ada.wait_until_open()
    assert ada.refusal("player:answer", ada.answer_payload(["a"], round=2)) == "wrong_phase"
    ada.answer(["a"])


def test_a_response_after_the_close_is_too_late(open_room):
    """In the reveal and ever after, whatever it claims."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    room.open_question()
    opens_at = ada.view["opens_at"]
    ada.answer(["b"])
    room.host.do("skip")
    room.everyone_sees("reveal")
    late = {"question": 0, "response": ["b"], "at": opens_at + 10}
    before = room.state()

    assert bea.refusal("player:answer", late) == "too_late"
    room.host.do("next")
    room.everyone_sees("leaderboard")
    assert bea.refusal("player:answer", late) == "too_late"
    room.open_question()
    assert bea.refusal("player:answer", late) == "too_late"
    assert room.state()["roster"] == before["roster"]


def test_after_the_own_bell_it_is_too_late_though_others_have_time(open_room):
    """The room stays open for who has more time; one that waits for nobody closes by itself."""
    room, other = open_room("Ada", "Bea", bank="hasty"), open_room("Cyd", bank="hasty")
    [ada, bea] = room.phones
    room.host.do("accommodate", player=bea.id, time_factor=4)
    room.open_question()
    other.open_question()
    closes_at = other.host.view["closes_at"]
    ada.wait_until(ada.view["closes_at"] + 410)
    before = room.state()

    assert ada.view["phase"] == "answering"
    assert ada.refusal("player:answer", ada.answer_payload(["a"])) == "too_late"
    assert room.state() == before
    bea.answer(["a"])
    room.everyone_sees("reveal")
    other.everyone_sees("reveal")
    assert closes_at <= other.host.view["now"] < closes_at + 1_200


def test_an_unknown_event_is_refused(open_room):
    """Also where its name is one that the library keeps for itself, or no name at all."""
    room = open_room("Ada")
    before = room.state()

    names = ["player:explode", "view", "message", "connect", "disconnect", "__disconnect_final", "*", "", "é"]
    for client in room.clients:
        for name in names:
            for payloads in ((), ({},), ({}, {})):
                assert client.refusal(name, *payloads) == "bad_request", name
    assert room.state() == before


UNREADABLE = {
    "not a number": '["clock",{"x":NaN}]',
    "infinity": '["player:answer",{"question":0,"response":["a"],"at":Infinity}]',
    "half an emoji": '["player:join",{"room":"1","nickname":"\\ud83d"}]',
    "no JSON": '["clock"',
    "nothing": "",
    "an object": "{}",
    "a list without a name": "[]",
    "a number for a name": "[5,{}]",
    "a list for a name": '[["clock"],{}]',
    "null for a name": "[null,{}]",
    "deeper than any reader goes": '["player:set",{"confidence":' + "[" * 1_500 + "]" * 1_500 + "}]",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_packet_that_cannot_be_read_is_refused_too(open_room, body):
    """The phone gets its answer, the connection lives, the log holds no traceback."""
    room = open_room("Ada")
    [ada] = room.phones
    before = room.state()

    assert refused(ada.ask_raw(body)).code == "bad_request"
    assert ada.now()
    assert room.state() == before


def test_a_binary_payload_is_refused(open_room):
    """No message of ours has one; its attachment, where it comes at all, is dropped."""
    room = open_room("Ada")
    [ada] = room.phones
    before = room.state()

    event = '["player:answer",{"question":0,"response":{"_placeholder":true,"num":0},"at":1}]'
    for kind, attachments in (("451-", [b"abc"]), ("450-", []), ("452-", [b"abc"]), ("451-", [])):
        assert refused(ada.ask_raw(event, kind)).code == "bad_request"
        for attachment in attachments:
            ada.send_raw(attachment)
        assert ada.now()
    assert room.state() == before


@pytest.mark.parametrize(
    "frame",
    [
        "4null",
        *("4", "43", "43[]", "431", "4399[]", "431[{},{}]", "431{}", "44{}", "45", "46", "47[]", "4x", "49"),
        *(
            "40",
            "40{",
            '40{"token":"x"}',
            "42/nope,[]",
            "0",
            "0{}",
            "2probe",
            "6",
            "9",
            b"",
            b"x",
            b"\x04abc",
        ),
        *('451-["clock",{}]', "4599999999999-[]", "42" + "9" * 200 + '["clock",{}]', "4" + "x" * 16_000),
    ],
    ids=lambda frame: repr(frame[:16]),
)
def test_a_frame_from_elsewhere_hurts_nobody(open_room, frame):
    """The connection goes on, and the room does."""
    room = open_room("Ada", "Bea")
    [ada, bea] = room.phones
    before = room.state()

    ada.send_raw(frame)
    assert ada.now()
    assert bea.now()
    assert room.state() == before


def test_a_frame_that_breaks_the_transport_ends_that_connection_alone(own_server, connect):
    """The others play on, and the seat waits for its phone."""
    # The Engine.IO library raises for a frame that is none of its own; werkzeug notes that in the log.
    own_server.is_forgiven = lambda error: error["event"].startswith("werkzeug: request failed")
    room = RoomAtWork(own_server, own_server.open_room(), connect)
    room.fill("Ada", "Bea")
    [ada, bea] = room.phones

    for frame in ("1", "x", "é", "", "b4x", "4" + "x" * 20_000):
        ada.send_raw(frame)
        ada.wait_for(lambda phone: not phone.is_open)
        assert bea.now()
        again = room.phone()
        assert again.rejoin(ada.token)["player"]["id"] == ada.id
        ada = again


def test_guessing_codes_ends_a_connection_s_luck(own_server, connect):
    """Ten wrong ones, and the right one comes too late for it; a phone that did not guess joins."""
    opened = own_server.open_room()
    guesser = connect(Phone, own_server, opened)

    for code in range(10):
        join = {"room": f"{code:06}", "nickname": "Ada"}
        assert guesser.refusal("player:join", join) == "no_such_room"
    assert guesser.refusal("player:join", {"room": opened.room, "nickname": "Ada"}) == "too_many"
    assert guesser.refusal("player:rejoin", {"room": opened.room, "token": "x"}) == "too_many"
    assert guesser.refusal("host:attach", {"room": opened.room, "token": "x"}) == "too_many"
    connect(Phone, own_server, opened).join("Ada")


def test_when_a_whole_school_guesses_those_who_do_not_still_join(own_server, connect):
    """110 wrong codes: look-ups over HTTP rest for a while, a new phone with the right code does not."""
    opened = own_server.open_room()
    for n in range(11):
        guesser = connect(Phone, own_server, opened)
        codes = [guesser.refusal("player:join", {"room": f"{n}", "nickname": "Ada"}) for _ in range(10)]
        assert set(codes) <= {"no_such_room", "too_many"}

    answer = own_server.get(f"/api/rooms/{opened.room}")
    assert (answer.status, answer.code) == (429, "too_many")
    assert int(answer.headers["retry-after"]) >= 1
    connect(Phone, own_server, opened).join("Ada")
