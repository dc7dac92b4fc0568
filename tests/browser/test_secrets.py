"""What a browser gets before a reveal, to the last byte: no key, whichever way it came."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.class_room import Projector, StudentPhone, open_class
from tests.browser.conftest import PHONE, PROJECTOR
from tests.live.client import Host

TELLING = {"key", "correct", "why", "explanation", "distribution", "accepted", "source", "notes", "result"}
"""The fields that tell right from wrong; as names of fields they stand in no message before the reveal."""
NO_WEBSOCKETS = "delete window.WebSocket;"


class Heard:
    """All that a page has got: answers over HTTP, long-polling among them, and frames."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        self.frames = 0
        self.polls = 0
        page.on("response", self._answer)
        page.on("websocket", self._socket)

    def _answer(self, answer: Any) -> None:
        if "transport=polling" in answer.url:
            self.polls += 1
        if answer.ok:
            self.texts.append(answer.text())

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._frame)

    def _frame(self, frame: str | bytes) -> None:
        self.frames += 1
        self.texts.append(frame if isinstance(frame, str) else frame.decode())

    def fields(self) -> set[str]:
        """Return the names of all fields in the room's messages, acknowledgements included."""
        packets = [packet for text in self.texts for packet in text.split("\x1e")]
        bodies = [re.match(r"4[23]\d*(\[.*)", packet, re.DOTALL) for packet in packets]
        return {name for body in bodies if body for name in names_in(json.loads(body.group(1)))}

    def holds(self, secret: str) -> bool:
        return any(secret in text for text in self.texts)


def names_in(value: Any) -> set[str]:
    """Return the names of the fields at every depth."""
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_phone_gets_nothing_that_tells_before_the_reveal(screen, site, transport):
    """Joining, reading, answering, a reload in the middle, and its own response acknowledged."""
    room = site.open_room(reading_time=300)
    host = Host(site.address, room.room)
    host.attach(room.host_token)
    phone = StudentPhone(screen(PHONE), "Ada")
    bea = StudentPhone(screen(PHONE), "Bea")
    if transport == "polling":
        phone.page.add_init_script(NO_WEBSOCKETS)
    heard = Heard(phone.page)
    phone.join(room.room)
    bea.join(room.room)
    host.do("start")
    expect(phone.page.locator(".soon")).to_be_visible()
    host.do("skip")
    expect(phone.option("B")).to_be_enabled()
    phone.page.reload()
    expect(phone.option("B")).to_be_enabled()
    phone.tap("B")
    phone.has_sent()

    assert heard.holds("Which option is the second one?")
    assert {"options", "closes_at", "answered"} <= heard.fields()
    assert heard.fields() & TELLING == set()
    assert not heard.holds("SECRET")
    assert (heard.polls if transport == "polling" else heard.frames) > 0

    host.do("skip")
    phone.reveal()
    assert "key" in heard.fields()
    assert heard.holds("SECRET-EXPLANATION-1")
    host.drop()


def test_the_projector_gets_no_key_before_the_reveal_either(screen, site):
    """It stands in front of the class, and its tab may be looked into."""
    projector, [ada] = open_class(screen, site, "Ada", reading_time=300)
    heard = Heard(projector.page)
    projector.page.reload()
    expect(projector.page.locator("main.lobby")).to_be_visible()
    for shown in ("article[data-phase=reading]", "article[data-phase=answering]"):
        projector.go_on()
        expect(projector.page.locator(shown)).to_be_visible()
    expect(ada.option("A")).to_be_enabled()

    assert "options" in heard.fields()
    assert heard.fields() & TELLING == set()
    assert not heard.holds("SECRET")


def test_the_host_key_is_nowhere_on_a_screen(screen, site):
    """Neither in the address nor in the page, its storage or a cookie that a script can read."""
    projector = Projector(screen(PROJECTOR), site)
    projector.sign_in()
    expect(projector.page.get_by_role("heading", name="Choose a quiz")).to_be_visible()

    kept = projector.page.evaluate(
        "JSON.stringify([location.href, document.cookie, {...localStorage}, {...sessionStorage}])"
    )
    assert site.key not in kept
    assert site.key not in projector.page.content()
    assert "plenary_host" not in kept
