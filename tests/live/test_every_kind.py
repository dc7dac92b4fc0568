"""Every kind of question over real sockets: a game, its pictures, its words, a restart on a page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MODES
from tests.live.client import Host, Refused
from tests.live.server import Server

BANK = "every_kind"
MEDIA = re.compile(r"/media/[0-9a-f]{32}-\d+\.webp")

RIGHT: dict[str, Any] = {
    "choice": ["The United Nations"],
    "truefalse": ["False"],
    "multi": ["Liberal", "Socialist"],
    "poll": ["Yes"],
    "order": ["Congress of Vienna", "League of Nations", "United Nations", "World Trade Organization"],
    "match": {
        "Kant": "Perpetual Peace",
        "Marx and Engels": "The Communist Manifesto",
        "Wilson": "The Fourteen Points",
    },
}  # fmt: skip
"""What to respond, by the texts on the screen."""
TYPED = {
    "right-of-nations": ("Self determinaton", 1.0),
    "un-founded": ("1945 AD", 1.0),
    "un-members": (61, 0.5),
    "one-word": ("Solidarity", 0.0),
}
IDS = [
    "welcome", "un-example", "no-world-state", "two-kinds", "opinion", "right-of-nations", "un-founded",
    "un-members", "in-order", "who-wrote", "one-word", "goodbye",
]  # fmt: skip


def right_response(view: dict[str, Any]) -> Any:
    """Return what a student who knows everything sends for what their phone shows."""
    kind = view["question"]["type"]
    if kind not in RIGHT:
        return TYPED[IDS[view["question"]["index"]]][0]
    options = {option["text"]: option["id"] for option in view["options"]}
    if kind == "match":
        targets = {target["text"]: target["id"] for target in view["targets"]}
        return {options[left]: targets[right] for left, right in RIGHT[kind].items()}
    return [options[text] for text in RIGHT[kind]]


def go_to(room: Any, index: int, phase: str) -> None:
    """Press on until this question shows in this phase."""
    while (room.host.view["phase"], room.host.view.get("question", {}).get("index")) != (phase, index):
        before = room.host.view["seq"]
        press = {"lobby": "start", "answering": "skip", "reading": "skip"}
        room.host.do(press.get(room.host.view["phase"], "next"))
        room.host.wait_for(lambda host, before=before: host.view["seq"] > before)
    room.everyone_sees(phase, index)


def pictures_in(value: Any) -> set[str]:
    return set(MEDIA.findall(json.dumps(value)))


def test_a_game_with_every_kind_is_played_to_its_end(open_room):
    """Who knows everything gets full credit everywhere but for the estimate; who is silent nothing."""
    room = open_room("Ada", "Bea", bank=BANK)
    [ada, bea] = room.phones
    for index, name in enumerate(IDS):
        if name in ("welcome", "goodbye"):
            go_to(room, index, "reading")
            for client in room.clients:
                assert client.view["question"]["type"] == "slide"
                assert client.view["question"]["body"]
                assert client.view["opens_at"] is None
            continue
        go_to(room, index, "answering")
        room.host.wait_until(room.host.view["opens_at"])
        ada.answer(right_response(ada.view))
        go_to(room, index, "reveal")
        for phone in room.phones:
            phone.wait_for(lambda one, index=index: one.you["question"] == index and "result" in one.you)
        credit = TYPED[name][1] if name in TYPED else float(name != "opinion")
        assert ada.you["result"]["credit"] == credit, name
        assert bea.you["result"]["answered"] is False
        for client in room.clients:
            assert ("key" in client.view) == (name not in ("opinion", "one-word"))
            assert client.view["answered"] == sum(group["count"] for group in client.view["distribution"]) / (
                2 if name == "two-kinds" else 1
            )
    room.host.do("next")
    room.everyone_sees("podium")
    assert [row["nickname"] for row in room.host.view["leaderboard"]] == ["Ada", "Bea"]
    assert bea.you["score"] == 0


def test_pictures_come_no_earlier_than_what_they_belong_to(open_room):
    """A phone that keeps all it gets finds none of an option too early, and none of a later question."""
    room = open_room("Ada", bank=BANK, reading_time=60)
    [ada] = room.phones
    go_to(room, 1, "reading")
    of_stem = pictures_in(ada.view)
    assert len(of_stem) == 1
    go_to(room, 1, "answering")
    assert pictures_in(ada.view) - of_stem
    assert all(picture.endswith("-800.webp") for picture in pictures_in(ada.events))
    assert all(picture.endswith("-1600.webp") for picture in pictures_in(room.host.events))
    answered = room.server.get(ada.view["question"]["media"]["url"])
    assert (answered.status, answered.headers["content-type"]) == (200, "image/webp")


def test_a_picture_is_cached_for_good_and_its_folder_is_not_to_be_seen(server: Server):
    """The name holds the content's hash; no other name leads anywhere."""
    names = [path.name for path in (server.data / "media").iterdir()]
    assert len(names) == 4
    for name in names:
        answer = server.get(f"/media/{name}")
        assert answer.status == 200
        assert answer.body == (server.data / "media" / name).read_bytes()
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
    (server.data / "media" / "note.txt").write_text("not to be seen")
    for path in (
        "", "note.txt", names[0].upper(), names[0] + "/", "..%2fhost-key", "%2e%2e/host-key", "../host-key",
        "0" * 32 + "-800.webp", names[0].replace("webp", "png"), names[0] + "%00", names[0] + "%0a",
        "x" * 5_000,
    ):  # fmt: skip
        assert server.get(f"/media/{path}").status == 404, path
    (server.data / "media" / "note.txt").unlink()


def test_a_bank_s_own_files_are_not_served(server: Server):
    """Only the copies are."""
    for path in (
        "/banks/pictures/globe.png",
        "/media/globe.png",
        "/pictures/globe.png",
        "/media/pictures/globe.png",
    ):
        assert server.get(path).status == 404


def test_a_word_is_hidden_on_every_screen_at_once_and_a_filtered_one_never_shows(open_room):
    """The host hides one; the filter has hidden another; nothing of either reaches the projector."""
    room = open_room("Ada", "Bea", "Cem", bank=BANK)
    index = IDS.index("one-word")
    go_to(room, index, "answering")
    room.host.wait_until(room.host.view["opens_at"])
    for phone, word in zip(room.phones, ("Unity", "f.u.c.k", "chewing gum"), strict=True):
        phone.answer(word)
    room.everyone_sees("reveal")
    for client in room.clients:
        assert [group["value"] for group in client.view["distribution"]] == ["Unity", "chewing gum"]
    room.host.do("hide_word", question=index, word="CHEWING  GUM!")
    for client in room.clients:
        client.wait_for(lambda one: [group["value"] for group in one.view["distribution"]] == ["Unity"])
    assert not any("f.u.c.k" in packet for packet in room.host.packets)
    assert not any("f.u.c.k" in packet for packet in room.phones[0].packets)
    with pytest.raises(Refused, match="bad_request"):
        room.host.do("hide_word", question=1, word="Unity")


def test_a_response_that_the_bank_did_not_foresee_is_accepted_with_one_command(open_room):
    """`regrade` with a text: everyone who wrote the like gets the points, on every screen."""
    room = open_room("Ada", "Bea", bank=BANK)
    index = IDS.index("right-of-nations")
    go_to(room, index, "answering")
    room.host.wait_until(room.host.view["opens_at"])
    for phone, text in zip(room.phones, ("Sovereignty", "soverignty!"), strict=True):
        phone.answer(text)
    room.everyone_sees("reveal")
    assert [phone.you["score"] for phone in room.phones] == [0, 0]
    room.host.do("regrade", question=index, accept=["sovereignty"])
    for phone in room.phones:
        phone.wait_for(lambda one: one.you["score"] > 900)
    for client in room.clients:
        client.wait_for(lambda one: "sovereignty" in one.view["key"])
        assert [group["credit"] for group in client.view["distribution"]] == [1, 1]


def test_a_typed_answer_is_hidden_however_long_it_is_and_a_rude_one_never_shows(open_room):
    """As with words: the filter first, then the host, on every screen."""
    room = open_room("Ada", "Bea", "Cem", bank=BANK)
    index = IDS.index("right-of-nations")
    go_to(room, index, "answering")
    room.host.wait_until(room.host.view["opens_at"])
    longest = "nonsense " * 22 + "!!"
    assert len(longest) == 200
    for phone, text in zip(room.phones, (longest, "f\u200duck it", "self determination"), strict=True):
        phone.answer(text)
    room.everyone_sees("reveal")
    for client in room.clients:
        assert [g["value"] for g in client.view["distribution"]] == [longest, "self determination"]
    room.host.do("hide_word", question=index, word=longest)
    for client in room.clients:
        client.wait_for(lambda one: [g["value"] for g in one.view["distribution"]] == ["self determination"])


@pytest.mark.parametrize("mode", MODES)
def test_a_restart_brings_back_arrangements_and_pages(mode: str, tmp_path: Path, connect):
    """The server dies while an order is open, and again on a page: the same screens come back."""

    def attached(on: Server) -> Host:
        host: Host = connect(Host, on, opened)
        host.attach(opened.host_token)
        return host

    first = Server(tmp_path, mode)
    opened = first.open_room(BANK, questions=["in-order", "goodbye"])
    host = attached(first)
    host.do("start")
    before = host.wait_for_phase("answering", 0)
    first.kill()

    second = Server(tmp_path, mode)
    host = attached(second)
    assert (host.view["phase"], host.view["paused"]) == ("answering", True)
    assert host.view["options"] == before["options"]
    for press in ("resume", "skip", "next", "next"):
        host.do(press)
    assert host.wait_for_phase("reading", 1)["question"]["type"] == "slide"
    second.kill()

    third = Server(tmp_path, mode)
    host = attached(third)
    assert (host.view["phase"], host.view["paused"], host.view["opens_at"]) == ("reading", False, None)
    host.do("next")
    host.wait_for_phase("podium")
    third.stop()
