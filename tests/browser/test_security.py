"""In a real browser: the pages keep to their own policy, and run over HTTPS as they do without."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.class_room import open_class
from tests.browser.conftest import PHONE, PROJECTOR
from tests.live.server import KEY
from tests.web.test_security import https_server

NOTE_VIOLATIONS = """window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));"""


def violations(page: Page) -> Any:
    return page.evaluate("window.violations")


def test_no_page_breaks_its_own_policy(screen, site):
    """Neither the join page, the host's, nor a game; what would break it is seen, and does not run."""
    start = screen(PHONE)
    start.page.add_init_script(NOTE_VIOLATIONS)
    for path in ("/", "/j/000000", "/privacy", "/host", f"/host?key={site.key}"):
        start.open(path)
        expect(start.page.get_by_role("heading").first).to_be_visible()
        assert violations(start.page) == [], path

    projector, [ada] = open_class(screen, site, "Ada", reading_time="off")
    for page in (projector.page, ada.page):
        page.add_init_script(NOTE_VIOLATIONS)
        page.reload()
    expect(projector.page.locator(".chip")).to_be_visible()
    projector.go_on()
    ada.tap("B")
    ada.reveal()
    for page in (projector.page, ada.page):
        assert violations(page) == []

    projector.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.hasRun = true";
            document.body.append(script);
        }"""
    )
    assert violations(projector.page) == ["script-src-elem"]
    assert projector.page.evaluate("window.hasRun") is None
    projector.screen.complaints.clear()


def test_over_https_the_cookie_is_secure_and_the_socket_too(browser: Browser, tmp_path):
    """A browser that first refuses the certificate leaves no traceback; the room is opened and shown."""
    with https_server(tmp_path, "eventlet") as address:
        context = browser.new_context(viewport=PROJECTOR, ignore_https_errors=True)
        page = context.new_page()
        with page.expect_websocket() as opened:
            page.goto(f"https://{address.replace('127.0.0.1', 'plenary.test')}/host?key={KEY}")
            page.get_by_role("button", name="Open the room").click()
        expect(page.locator(".invitation-code")).to_have_text(re.compile(r"\d{3}\s*\d{3}"))
        assert opened.value.url.startswith("wss://plenary.test:")
        [cookie] = context.cookies()
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
        context.close()
