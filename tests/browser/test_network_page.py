"""The page that tests a room's network: a class opens it, and each screen says what it means."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.class_room import Projector, assert_fits_a_thumb
from tests.browser.conftest import PHONE, PROJECTOR, SMALL_PHONE
from tests.browser.test_phone import NO_WEBSOCKETS
from tests.live.proxy import Proxy

ONE_WAY_MS = 90


def verdict(page: Page, of: str) -> None:
    """Wait until the page says this of its own device."""
    expect(page.locator(f'.verdict[data-verdict="{of}"]')).to_be_visible()


def value(page: Page, name: str) -> str:
    return page.locator(f'.finding[data-name="{name}"] .value strong').inner_text()


def test_a_class_tests_the_network_of_its_room(screen, site, measured):
    """From the host's page, from the join page and directly; one without WebSockets, one far away."""
    projector = Projector(screen(PROJECTOR), site)
    projector.sign_in()
    with projector.page.expect_popup() as opened:
        projector.page.get_by_role("link", name="Test the network").click()
    wide = opened.value
    verdict(wide, "good")
    others = wide.locator(".others strong")
    expect(others).to_have_text("0")
    qr = wide.get_by_role("img", name=f"QR code of http://{site.address}/network")
    assert qr.evaluate("image => image.complete && image.naturalWidth > 0")

    joining = screen(SMALL_PHONE)
    joining.page.add_init_script(NO_WEBSOCKETS)
    joining.open("/")
    joining.page.get_by_role("link", name="Test this network").click()
    verdict(joining.page, "good")
    expect(joining.page.get_by_text("WebSocket is blocked on the way.")).to_be_visible()
    assert value(joining.page, "transport") == "Long-polling"
    expect(others).to_have_text("1")
    expect(wide.get_by_text("1 of 2")).to_be_visible()

    with Proxy(site.address, delay_ms=ONE_WAY_MS) as far_away:
        distant = screen(PHONE, on=far_away)
        distant.page.add_init_script("const now = Date.now; Date.now = () => now() + 2 * 3_600_000;")
        distant.open("/network")
        verdict(distant.page, "fair")
        shown = int(value(distant.page, "round_trip").removesuffix(" ms"))
        measured(f"{2 * ONE_WAY_MS} ms there and back, shown as {shown} ms")
        assert 2 * ONE_WAY_MS <= shown < 4 * ONE_WAY_MS
        assert value(distant.page, "clock") == "2 hours ahead"
        expect(others).to_have_text("2")
        expect(wide.locator('.finding[data-name="slowest"][data-verdict="fair"]')).to_be_visible()
        for page in (distant.page, joining.page, wide):
            assert_fits_a_thumb(page)
        assert wide.evaluate("document.documentElement.scrollHeight <= window.innerHeight")

        distant.context.set_offline(True)
        verdict(distant.page, "offline")
        expect(distant.page.locator("[aria-live]")).to_have_text("No connection just now")
        expect(others).to_have_text("1")
        distant.context.set_offline(False)
        verdict(distant.page, "fair")
        expect(others).to_have_text("2")
        distant.page.close()
    expect(others).to_have_text("1")


def test_the_network_is_tested_beside_an_open_room(screen, site):
    """From where the lobby says what keeps phones out, in a tab of its own."""
    projector = Projector(screen(PROJECTOR), site)
    projector.show(site.open_room().room)
    projector.page.get_by_role("button", name="Phones can’t open it?").click()
    with projector.page.expect_popup() as opened:
        projector.page.get_by_role("dialog").get_by_role("link", name="Test the network").click()
    verdict(opened.value, "good")
    expect(projector.page.get_by_role("dialog")).to_be_visible()
