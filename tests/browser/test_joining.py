"""Joining a room that keeps strangers out: its shapes, its names, and who is taken out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from server.game.room import BURST_IN_A_GAME
from tests.browser.class_room import Projector, StudentPhone, assert_fits_a_thumb, open_class
from tests.browser.conftest import PHONE, SMALL_PHONE
from tests.live.client import Host, Phone


@pytest.fixture
def guarded(screen, site):
    """A projector whose room gives names and asks for the shapes."""
    projector, [] = open_class(screen, site, nicknames="given", check=True)
    return projector


def shapes_on(projector: Projector) -> str:
    return "".join(projector.page.locator(".invitation-check .check-mark").all_inner_texts())


def copy(page: Page, shapes: str) -> None:
    for letter in shapes:
        page.locator(".check-shapes button").filter(has_text=letter).click()


def test_a_guarded_room_from_its_qr_code_to_its_undoing(screen, site, guarded):
    """Shapes copied by one, brought by the QR code to another; names given; one tap takes out, one undoes."""
    projector = guarded
    typing = StudentPhone(screen(SMALL_PHONE), "")
    typing.screen.open(f"/j/{projector.code}")
    expect(typing.page.get_by_role("heading", name="Copy the shapes")).to_be_visible()
    assert_fits_a_thumb(typing.page)
    shapes = shapes_on(projector)
    copy(typing.page, "".join("A" if letter != "A" else "B" for letter in shapes))
    typing.page.get_by_role("button", name="Join").click()
    expect(typing.page.get_by_text("These are not the shapes")).to_be_visible()
    copy(typing.page, shapes_on(projector))
    typing.sees("You’re in")
    expect(projector.page.locator(".chip")).to_have_count(1)
    name = projector.page.locator(".chip").inner_text()
    expect(typing.page.locator(".lobby-name")).to_have_text(name)
    expect(typing.page.get_by_text("This is your name in this quiz.")).to_be_visible()

    room = next(room for room in site.as_host("GET", "/api/rooms").json() if room["room"] == projector.code)
    host = Host(site.address, projector.code)
    shown = host.attach(room["host_token"])["view"]["check"]
    scanning = StudentPhone(screen(PHONE), "")
    scanning.screen.open(f"/j/{projector.code}?check={shown}")
    expect(scanning.page.get_by_text("The quiz gives you a name.")).to_be_visible()
    expect(scanning.page.get_by_label("Nickname")).to_have_count(0)
    scanning.page.reload()
    scanning.page.get_by_role("button", name="Join").click()
    scanning.sees("You’re in")
    assert "check" not in scanning.page.url
    scanning.page.reload()
    scanning.sees("You’re in")
    expect(projector.page.locator(".chip")).to_have_count(2)

    projector.press("n")
    projector.page.get_by_role("button", name=f"Remove {name}").click()
    typing.sees("You were taken out of the quiz")
    expect(projector.page.locator(".roster-row")).to_have_count(1)
    projector.press("Escape")

    projector.go_on()
    projector.question("answering")
    expect(scanning.option("A")).to_be_enabled()
    bots = [Phone(site.address, projector.code) for _ in range(BURST_IN_A_GAME)]
    for bot in bots:
        bot.ask("player:join", {"room": projector.code, "check": host.view["check"]})
    alert = projector.page.get_by_role("alert").filter(has_text="joined in a rush")
    expect(alert).to_be_visible()
    assert projector.fits_without_scrolling()
    alert.get_by_role("button", name="Remove and lock").click()
    expect(alert).to_have_count(0)
    for bot in bots:
        bot.wait_for(lambda bot: bot.closed == "kicked")
    scanning.sees("You were taken out of the quiz")  # it had joined within the minute too
    scanning.page.get_by_role("button", name="Join again").click()
    expect(scanning.page.get_by_text("This quiz is locked.")).to_be_visible()
    for client in (host, *bots):
        client.drop()


def test_a_rude_name_is_asked_to_be_another(screen, site):
    """The phone keeps what was typed, to be changed."""
    projector, [] = open_class(screen, site)
    phone = StudentPhone(screen(PHONE), "Scunthorpe Dick")
    phone.screen.open(f"/j/{projector.code}")
    phone.page.get_by_label("Nickname").fill("f u c k")
    phone.page.get_by_role("button", name="Join").click()
    expect(phone.page.get_by_text("This nickname cannot be used. Choose another")).to_be_visible()
    phone.page.get_by_label("Nickname").fill(phone.nickname)
    phone.page.get_by_role("button", name="Join").click()
    phone.sees("You’re in")
