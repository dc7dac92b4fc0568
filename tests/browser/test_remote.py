"""The teacher's phone as a remote: scanned once, allowed by a press, taken away by another."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.class_room import Projector, assert_fits_a_thumb, open_class
from tests.browser.conftest import PHONE, SMALL_PHONE, Screen


def invitation(projector: Projector) -> str:
    """Open the dialog and return the path that its QR code holds."""
    with projector.page.expect_response(lambda answer: answer.request.method == "POST") as invited:
        projector.press("r")
    expect(projector.page.locator(".remote-qr")).to_be_visible()
    url = urlsplit(invited.value.json()["url"])
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

    page.get_by_role("button", name="Take it away").click()
    heading(phone, "This phone is not the remote any more").to_be_visible()
    expect(page.locator(".remote-qr")).to_be_visible()
    phone.page.reload()
    heading(phone, "This browser has no key yet").to_be_visible()
