"""The teacher's phone as a remote: scanned once, allowed by a press, taken away by another."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Response, expect

from server.game.room import BURST_IN_A_GAME
from tests.browser.class_room import Projector, assert_fits_a_thumb, open_class
from tests.browser.conftest import PHONE, PROJECTOR, SMALL_PHONE, Screen
from tests.live.client import Phone


def invitation(projector: Projector) -> str:
    """Open the dialog and return the path that its QR code holds."""
    with projector.page.expect_response(lambda answer: answer.request.method == "POST") as invited:
        projector.press("r")
    expect(projector.page.locator(".remote-qr")).to_be_visible()
    return path_of(invited.value)


def path_of(invited: Response) -> str:
    """Return the path that a remote's QR code holds."""
    url = urlsplit(invited.json()["url"])
    return f"{url.path}#{url.fragment}"


def scan(screen: Any, path: str, size: dict[str, int] = PHONE) -> Screen:
    phone: Screen = screen(size)
    phone.open(path)
    return phone


def heading(screen: Screen, text: str) -> Any:
    return expect(screen.page.get_by_role("heading", name=text, exact=True))


def test_a_phone_becomes_the_remote_by_a_scan_and_a_press(screen, site):
    """Both screens show one number; before the press the phone can do nothing, then what the host can."""
    projector, [ada] = open_class(screen, site, "Ada", reading_time="off")
    page = projector.page
    path = invitation(projector)
    phone = scan(screen, path)
    number = page.locator(".remote-number")
    expect(number).to_have_text(re.compile(r"^\d\d$"))
    expect(phone.page.locator(".remote-number")).to_have_text(number.inner_text())
    assert "remote=" not in phone.page.url
    assert phone.page.evaluate("fetch('/api/rooms').then((answer) => answer.status)") == 401
    phone.page.reload()
    expect(phone.page.locator(".remote-number")).to_have_text(number.inner_text())
    assert_fits_a_thumb(phone.page)

    late = scan(screen, path, SMALL_PHONE)
    heading(late, "This QR code is used up").to_be_visible()

    page.get_by_role("button", name="Allow it").click()
    expect(phone.page.locator(".stage[data-phase=lobby]")).to_be_visible()
    expect(page.get_by_text("Your phone is the remote of this room.")).to_be_visible()
    expect(phone.page.locator("[data-control=remote]")).to_have_count(0)
    phone.page.locator(".go-on").click()
    expect(page.locator("article[data-phase=answering]")).to_be_visible()
    expect(ada.option("A")).to_be_enabled()
    phone.page.reload()
    expect(phone.page.locator(".stage[data-phase=answering]")).to_be_visible()

    page.get_by_role("button", name="Disconnect it").click()
    heading(phone, "This phone is not the remote any more").to_be_visible()
    expect(page.locator(".remote-qr")).to_be_visible()
    phone.page.reload()
    heading(phone, "This browser has no key yet").to_be_visible()


def test_a_burst_of_joins_leaves_the_remote_its_screen_and_one_welcome_ends_it_everywhere(screen, site):
    """On the smallest phone; also after a reload."""
    opened = site.open_room("five", reading_time="off", time_factor=4)
    devices = [Projector(screen(size), site) for size in (SMALL_PHONE, PROJECTOR)]
    for device in devices:
        device.show(opened.room)
        expect(device.page.locator("main.lobby")).to_be_visible()
    small, wall = (device.page for device in devices)
    assert_fits_a_thumb(small)
    with ExitStack() as crowd:
        ada = crowd.enter_context(Phone(site.address, opened.room))
        ada.join("Ada")
        expect(small.locator(".chip")).to_have_count(1)
        small.locator(".go-on").click()
        devices[0].question("answering")
        for n in range(BURST_IN_A_GAME):
            crowd.enter_context(Phone(site.address, opened.room)).join(f"Late {n}")
        banner = small.locator(".burst")
        expect(wall.locator(".burst")).to_be_visible()
        expect(banner).to_be_visible()
        assert_fits_a_thumb(small)
        box = banner.bounding_box()
        assert box is not None
        assert box["height"] < SMALL_PHONE["height"] / 3

        small.get_by_role("button", name="Keep everyone").click()
        for page in (small, wall):
            expect(page.locator(".burst")).to_have_count(0)
        wall.reload()
        expect(wall.locator(".top-players")).to_contain_text(str(1 + BURST_IN_A_GAME))
        expect(wall.locator(".burst")).to_have_count(0)


def test_the_presenters_view_is_one_press_away_on_the_remote(screen, site):
    """Notes and key before the class knows, the tally, the next question; and back to the room's screen."""
    projector, [ada] = open_class(screen, site, "Ada", reading_time="off", time_factor=4)
    phone = scan(screen, invitation(projector))
    projector.page.get_by_role("button", name="Allow it").click()
    projector.press("Escape")
    expect(phone.page.locator(".stage[data-phase=lobby]")).to_be_visible()
    notes = phone.page.locator("main.presenter")
    phone.page.get_by_role("button", name="Notes").click()
    expect(notes).to_contain_text("First question")
    expect(notes).to_contain_text("Which option is the second one?")

    phone.page.locator(".go-on").click()
    expect(notes.locator("[data-right=true]")).to_contain_text("This is the second")
    for text in ("SECRET-NOTES-1", "SECRET-WHY-1", "SECRET-EXPLANATION-1", "SECRET-SOURCE-1"):
        expect(notes).to_contain_text(text)
    expect(notes).to_contain_text("Which options come first and third?")
    expect(notes).to_contain_text("0 of 1 answered")
    expect(notes.get_by_role("timer")).to_be_visible()
    assert_fits_a_thumb(phone.page)
    projector.question("answering")
    expect(projector.page.get_by_text("SECRET")).to_have_count(0)

    expect(ada.option("B")).to_be_enabled()
    ada.tap("B")
    expect(phone.page.locator(".stage[data-phase=reveal]")).to_be_visible()
    phone.page.get_by_role("button", name="Hide notes").click()
    expect(phone.page.locator("article.question[data-phase=reveal]")).to_be_visible()


def test_beside_the_projector_the_notes_open_covered_in_a_window_of_their_own(screen, site):
    """A mirrored screen shows no key by itself: it is not even asked for before the teacher says so."""
    projector, [_ada] = open_class(screen, site, "Ada", reading_time="off", time_factor=4)
    asked: list[str] = []

    def listen(page: Any) -> None:
        projector.screen.watch(page)
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(str(frame))))

    projector.screen.context.on("page", listen)
    projector.go_on()
    projector.question("answering")
    with projector.page.expect_popup() as opened:
        projector.press("v")
    window = opened.value
    expect(window.get_by_role("heading", name="Your notes")).to_be_visible()
    expect(window.get_by_text("SECRET")).to_have_count(0)
    assert not any("host:notes" in frame for frame in asked)
    window.get_by_role("button", name="Show the notes").click()
    expect(window.get_by_text("SECRET-NOTES-1")).to_be_visible()
    assert any("host:notes" in frame for frame in asked)
    window.get_by_role("button", name="Cover the notes").click()
    expect(window.get_by_text("SECRET")).to_have_count(0)
    projector.question("answering")
    window.keyboard.press("s")
    projector.question("reveal")
