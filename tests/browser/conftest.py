"""A real Chromium, screens in it, and the rule that no page errs or asks another host for anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chromium import find_or_install
from tests.live.server import Server

HOST_NAME = "plenary.test"
"""Mapped to loopback: a plain http origin, as phones have it, unlike localhost."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {HOST_NAME} 127.0.0.1",
]
PROJECTOR = {"width": 1280, "height": 720}
TWICE_THE_SIZE = {"width": PROJECTOR["width"] // 2, "height": PROJECTOR["height"] // 2}
"""What is left of the projector at 200 %."""
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 568}
PATIENCE_MS = 15_000

# What Chromium itself says of a request that was refused, or that could not be sent without a network.
_CHROMIUM_SAYS = re.compile(
    r"Failed to load resource: (net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED)|"
    r"the server responded with a status of (401|404|429))|"
    r"WebSocket connection to 'ws://plenary\.test:\d+/(socket\.io|blocked)/.*' failed: "
    r"(Error in connection establishment|Error during WebSocket handshake|WebSocket is closed|"
    r"Connection closed|net::ERR_)"
)


@dataclass
class Screen:
    """A page in a browser context of its own: one device."""

    page: Page
    context: BrowserContext
    address: str
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        """Note what a page complains of and whom it asks."""
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        page.on("websocket", lambda socket: self.hosts.add(socket.url.split("/")[2]))

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning") and not _CHROMIUM_SAYS.match(message.text):
            self.complaints.append(message.text)

    def open(self, path: str) -> None:
        self.page.goto(f"http://{self.address}{path}")

    def second_tab(self) -> Page:
        """Return another page of the same device."""
        page = self.context.new_page()
        self.watch(page)
        return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of the whole run."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        chromium = playwright.chromium.launch(executable_path=str(find_or_install()), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the browser tests share."""
    running = Server(tmp_path_factory.mktemp("site"), "eventlet")
    yield running
    running.stop()


@pytest.fixture
def screen(browser: Browser, site: Server) -> Iterator[Callable[..., Screen]]:
    """Opens devices: `screen(PHONE)`; afterwards none may have complained or asked another host."""
    screens: list[Screen] = []

    def screen(viewport: dict[str, int], *, on: Server | None = None, **options: Any) -> Screen:
        is_phone = viewport["width"] < 600
        context = browser.new_context(viewport=viewport, is_mobile=is_phone, has_touch=is_phone, **options)
        address = (on or site).address.replace("127.0.0.1", HOST_NAME)
        opened = Screen(context.new_page(), context, address)
        opened.watch(opened.page)
        screens.append(opened)
        return opened

    yield screen
    for opened in screens:
        opened.context.close()
        assert opened.complaints == []
        assert opened.hosts <= {opened.address}
