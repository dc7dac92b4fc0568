"""The key stays home: nothing that reaches a phone before the reveal tells right from wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import segno

from tests.live.client import Phone
from tests.live.room import RoomAtWork
from tests.live.server import Server

SECRET_FIELDS = {
    "correct",
    "why",
    "key",
    "explanation",
    "source",
    "accepted",
    "distribution",
    "result",
    "id_",
}
TYPES = ["choice", "multi", "truefalse"]


def bank(keys: list[str]) -> str:
    """Return a bank of three questions with these keys, a letter or more each; all else is the same."""
    questions: list[dict[str, Any]] = []
    for number, (type_, key) in enumerate(zip(TYPES, keys, strict=True)):
        question: dict[str, Any] = {"id": f"q{number}", "type": type_, "stem": f"Stem {number}?", "time": 20}
        if type_ == "truefalse":
            question |= {"correct": key == "a", "why": "SECRET-WHY"}
        else:
            question["options"] = [
                {"text": f"Option {number}{id_}"}
                | ({"correct": True} if id_ in key else {"why": f"SECRET-WHY-{id_}"})
                for id_ in "abcd"
            ]
        # The explanation's length follows the key, as a real one's would.
        question |= {"explanation": "SECRET-EXPLANATION " * len(key), "source": f"SECRET-SOURCE-{key}"}
        questions.append(question)
    head = {"title": "Secrets", "language": "en", "description": "For the tests"}
    return json.dumps(head | {"questions": questions})


class Witness:
    """A room and all that its phone gets, over the socket and over HTTP."""

    def __init__(self, server: Server, room: RoomAtWork) -> None:
        self.server, self.room = server, room
        self.taken = 0

    @property
    def phone(self) -> Phone:
        return self.room.phones[0]

    def heard(self, question: int) -> list[str]:
        """Return what the phone has got since it was last asked, made equal where rooms always differ."""
        with self.phone._changed:
            packets, self.taken = self.phone.packets[self.taken :], len(self.phone.packets)
        # How often the clock was asked, and probed, is a matter of moments.
        packets = [packet for packet in packets if not re.search(r'"probe"|^43\d+\[{"ok":true,"now"', packet)]
        for packet in packets:
            assert not SECRET_FIELDS & fields_in(packet), (question, packet)
        pages = ["/", f"/j/{self.room.code}", f"/api/rooms/{self.room.code}", "/healthz"]
        answers = [self.server.get(page) for page in pages]
        everything = packets + [f"{a.status} {sorted(a.headers.items())} {a.body!r}" for a in answers]
        assert not any("SECRET" in text for text in everything)
        return [self.without_names(text) for text in everything]

    def without_names(self, text: str) -> str:
        for secret, name in (
            (self.phone.token, "TOKEN"),
            (self.phone.id, "PLAYER"),
            (self.room.code, "ROOM"),
        ):
            text = text.replace(secret, name)
        text = re.sub(r'"(now|opens_at|closes_at|remaining_ms|at|rank|score|streak)":\d+', r'"\1":0', text)
        text = re.sub(r"'date', '[^']*'", "", text)
        return re.sub(r"^43\d+", "43", text)


def fields_in(packet: str) -> set[str]:
    """Return the names of all fields of a packet, however deep."""
    names: set[str] = set()

    def note(pairs: list[tuple[str, Any]]) -> None:
        names.update(name for name, _ in pairs)

    body = re.sub(r"^\d+", "", packet)
    json.loads(body, object_pairs_hook=note)
    return names


@pytest.mark.parametrize("question", [0, 1, 2], ids=TYPES)
def test_two_rooms_that_differ_in_a_key_are_the_same_to_a_phone(server, connect, question):
    """Byte for byte, from joining to the moment before the question's reveal."""
    keys = ["b", "bd", "a"]
    others = [*keys]
    others[question] = ["c", "abc", "b"][question]
    witnesses = []
    for name, chosen in (("keys-one", keys), ("keys-two", others)):
        (server.data / "banks" / f"{name}.yaml").write_text(bank(chosen))
        opened = server.open_room(name, scoring="accuracy", reading_time=1)
        room = RoomAtWork(server, opened, connect)
        room.fill("Ada")
        witnesses.append(Witness(server, room))

    def both_hear_the_same(index: int) -> None:
        one, two = (witness.heard(index) for witness in witnesses)
        assert one == two

    both_hear_the_same(0)
    for index in range(question + 1):
        for witness in witnesses:
            witness.room.host.do("start" if index == 0 else "next")
        for witness in witnesses:
            witness.room.everyone_sees("reading", index)
        both_hear_the_same(index)
        for witness in witnesses:
            witness.room.everyone_sees("answering", index)
            witness.phone.wait_for(lambda phone, index=index: phone.you["question"] == index)
        both_hear_the_same(index)
        for witness in witnesses:
            witness.phone.wait_until(witness.phone.view["opens_at"])
        if index < question:
            for witness in witnesses:
                witness.room.reveal(["a"])
                witness.room.host.do("next")
                witness.room.everyone_sees("leaderboard")
                witness.taken = len(witness.phone.packets)
            continue
        for witness in witnesses:
            # While the game is paused and when it goes on, a late language, a wrong response, a reload.
            witness.room.host.do("pause")
            witness.phone.wait_for(lambda phone: phone.view["paused"])
            witness.room.host.do("resume")
            witness.phone.wait_for(lambda phone: not phone.view["paused"])
            witness.phone.refusal("player:answer", witness.phone.answer_payload(["z"]))
            witness.phone.refusal("host:command", {"do": "regrade", "question": index, "void": True})
            witness.phone.ask("player:set", {"lang": "en"})
            witness.phone.rejoin(witness.phone.token)
        both_hear_the_same(index)


@pytest.mark.parametrize("response", [["a"], ["b"]], ids=["wrong", "right"])
def test_a_response_is_acknowledged_alike_whether_right_or_wrong(open_room, response):
    """Neither the acknowledgement nor what follows until the reveal differs."""
    room = open_room("Ada", "Bea")
    [ada, _] = room.phones
    room.open_question()
    ada.wait_for(lambda phone: phone.you.get("question") == 0)
    count = len(ada.packets)
    ada.answer(response)
    you = ada.wait_for(lambda phone: phone.you["answered"] and phone.you)

    assert you["response"] == response
    assert (you["score"], you["rank"], you["streak"]) == (0, 1, 0)
    packets = [re.sub(r"\d{5,}|^4\d+", "", packet) for packet in ada.packets[count:] if "probe" not in packet]
    packets = [
        packet.replace(f'["{response[0]}"]', "RESPONSE") for packet in packets if '"now"' not in packet
    ]
    assert packets == [
        '["you",{"seq":5,"nickname":"Ada","score":0,"rank":1,"streak":0,"question":0,"round":1,'
        '"answered":true,"closes_at":,"response":RESPONSE}]',
        '[{"ok":true,"at":}]',
    ]


def test_hosts_are_told_no_more_than_phones_before_the_reveal(open_room):
    """The projector is on the wall."""
    room = open_room("Ada", reading_time=1)
    room.host.do("start")
    room.everyone_sees("answering")

    for packet in [packet for client in room.clients for packet in client.packets]:
        assert "SECRET" not in packet
        assert not SECRET_FIELDS & fields_in(packet)


def test_the_static_files_hold_no_text_of_a_bank(server):
    """Neither do the pages."""
    texts = [
        text
        for line in Path("question_banks/internationalism.yaml").read_text("utf-8").splitlines()
        if (text := line.partition(": ")[2].strip().strip("\"'")) and len(text) > 20
    ]
    assert len(texts) > 100
    page = server.get("/").body.decode()
    prefix = re.search(r"/static/\w+/", page).group()
    served = [page, server.get("/host").body.decode()]
    for file in Path("static").rglob("*"):
        if file.is_file() and file.suffix in (".js", ".json", ".html", ".css", ".svg"):
            served.append(server.get(prefix + file.relative_to("static").as_posix()).body.decode())
    assert len(served) > 20

    for text in texts:
        assert not any(text in file for file in served), text


def test_the_qr_code_holds_the_join_address_and_no_more(open_room):
    """Drawn again from the address alone, it is the same."""
    room = open_room()
    drawn = segno.make(room.opened.join_url, error="m", micro=False)
    shown = server_qr(room)

    assert drawn.svg_inline(border=2, dark="#000", light="#fff", omitsize=True).split("<path")[1:] == shown


def server_qr(room: RoomAtWork) -> list[str]:
    answer = room.server.get(f"/api/rooms/{room.code}/qr.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    return answer.body.decode().strip().split("<path")[1:]
