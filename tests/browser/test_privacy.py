"""The host deletes results on the start page; everybody finds the page on what is kept."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.class_room import Projector, assert_fits_a_thumb
from tests.browser.conftest import PROJECTOR, SMALL_PHONE
from tests.live.client import Host, Phone
from tests.live.server import Server


def play(site: Server, bank: str, *nicknames: str) -> None:
    """Open a room, have these players join, and close it."""
    room = site.open_room(bank)
    for nickname in nicknames:
        with Phone(site.address, room.room) as phone:
            phone.join(nickname)
    with Host(site.address, room.room) as host:
        host.attach(room.host_token)
        host.do("end")
        host.do("end")
        host.wait_for(lambda host: host.closed)


def test_results_are_deleted_by_a_button_that_asks_once_more(screen, site):
    """One game's, then all; a room that is open stays."""
    assert site.as_host("DELETE", "/api/results").status == 200
    play(site, "five", "Ada", "Bea")
    play(site, "hasty", "Cem")
    play(site, "network")
    still_open = site.open_room("five").room
    projector = Projector(screen(PROJECTOR), site)
    projector.sign_in()
    page = projector.page
    results = page.locator("li.result")
    expect(results.locator("strong")).to_have_text(["Network", "Hasty", "Five for the tests"])
    expect(results.nth(2)).to_contain_text("2 players")

    page.get_by_role("button", name="Delete Hasty").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_role("button", name="Delete Hasty")).to_be_focused()
    expect(results).to_have_count(3)
    page.get_by_role("button", name="Delete Hasty").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(results.locator("strong")).to_have_text(["Network", "Five for the tests"])
    expect(page.get_by_role("heading", name="Results on this computer")).to_be_focused()

    page.get_by_role("button", name="Delete all results").click()
    page.get_by_role("button", name="Delete all for good").click()
    expect(page.get_by_text("There are none at the moment.")).to_be_visible()
    assert site.as_host("GET", "/api/results").json() == []
    assert site.get(f"/api/rooms/{still_open}").status == 200

    page.get_by_role("link", name="What is kept where").click()
    expect(page.get_by_role("heading", name="What is kept, where, and for how long")).to_be_visible()


def test_a_student_finds_what_is_kept_before_joining(screen, site):
    """From both steps of the way in, on the smallest phone."""
    phone = screen(SMALL_PHONE)
    for path in ("/", f"/j/{site.open_room().room}"):
        phone.open(path)
        phone.page.get_by_role("link", name="Privacy").click()
        expect(phone.page.get_by_text("for 30 days after the room was closed").first).to_be_visible()
        assert_fits_a_thumb(phone.page)
