"""A class at its screens: one projector and some phones, used as people use them."""

from __future__ import annotations

import re
import time
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, PROJECTOR, SMALL_PHONE, Screen
from tests.live.server import Server

GUARD_S = 0.65
"""The page takes a second go-on within 0.6 s for a finger that bounced."""


class Projector:
    """The host's page on one device."""

    def __init__(self, screen: Screen, server: Server) -> None:
        self.screen, self.page, self.server = screen, screen.page, server
        self.code = ""
        self._went_on_at = 0.0

    def sign_in(self) -> None:
        """Open the host's page with the key; the address is clean afterwards."""
        self.screen.open(f"/host?key={self.server.key}")
        expect(self.page).to_have_url(re.compile(r"/host$"))

    def show(self, room: str) -> None:
        """Open the page of a room that is there already."""
        self.sign_in()
        self.code = room
        self.screen.open(f"/host#{room}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def go_on(self, key: str = "Space") -> None:
        """Press the key that goes on, as soon as the page takes it for a new press."""
        self.page.wait_for_timeout(max(0.0, self._went_on_at + GUARD_S - time.monotonic()) * 1000)
        self.press(key)
        self._went_on_at = time.monotonic()

    def question(self, phase: str) -> Locator:
        """Return the question on the screen, waiting until it is in this phase."""
        article = self.page.locator(f"article.question[data-phase={phase}]")
        expect(article).to_be_visible()
        return article

    def fits_without_scrolling(self) -> bool:
        """Tell whether the whole page, and the question in it, fits the screen."""
        return bool(
            self.page.evaluate(
                """() => [document.documentElement, document.querySelector("main")].every(
                    box => box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1
                ) && document.documentElement.clientHeight <= window.innerHeight"""
            )
        )

    def rows(self) -> list[tuple[int, str, int]]:
        """Return rank, name and score of the leaderboard or of the podium's whole list."""
        rows = self.page.locator("ol.ranking li.rank-row")
        expect(rows.first).to_be_visible()
        return [
            (
                int(row.locator(".rank").inner_text()),
                row.locator(".rank-name").inner_text(),
                number(row.locator(".rank-score")),
            )
            for row in rows.all()
        ]


class StudentPhone:
    """The player's page on one phone."""

    def __init__(self, screen: Screen, nickname: str) -> None:
        self.screen, self.page, self.nickname = screen, screen.page, nickname

    def join(self, code: str, *, by_typing: bool = False) -> None:
        """Come in by the QR code's address, or by typing the code."""
        if by_typing:
            self.screen.open("/")
            self.page.get_by_label("Code on the big screen").fill(f"{code[:3]} {code[3:]}")
            self.page.get_by_role("button", name="Continue").click()
        else:
            self.screen.open(f"/j/{code}")
        self.ask_in(self.nickname)
        self.sees("You’re in")

    def ask_in(self, nickname: str) -> None:
        """Give a name and press Join, whatever comes of it."""
        self.page.get_by_label("Nickname").fill(nickname)
        self.page.get_by_role("button", name="Join", exact=True).click()

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()

    def tap(self, *letters: str) -> None:
        """Choose options by their letters; several are sent with the button below them."""
        for letter in letters:
            self.option(letter).click()
        send = self.page.locator(".send button")
        if send.count():
            send.click()

    def option(self, letter: str) -> Locator:
        return self.page.locator("button.option").nth("ABCDEFGH".index(letter))

    def has_sent(self) -> None:
        expect(self.page.locator(".sent.is-sent")).to_be_visible()

    def reveal(self) -> tuple[str, int, int]:
        """Return the verdict, the points of this question and the score that the reveal shows."""
        verdict = self.page.locator(".verdict:not(.is-wait)")
        expect(verdict).to_be_visible()
        points = verdict.locator(".verdict-points")
        return (
            verdict.get_by_role("heading").inner_text(),
            number(points) if points.count() else 0,
            number(self.page.locator(".stats dd").first),
        )

    def rows(self) -> list[tuple[int, int]]:
        """Return rank and score of the rows on the leaderboard."""
        rows = self.page.locator("li.row")
        expect(rows.first).to_be_visible()
        return [(number(row.locator(".row-rank")), number(row.locator(".row-score"))) for row in rows.all()]


def number(text: Locator) -> int:
    """Return the number that a text shows, whatever its separators and words."""
    return int(re.sub(r"\D", "", text.inner_text()))


def open_class(
    screen: Any, site: Server, *nicknames: str, bank: str = "five", **settings: Any
) -> tuple[Projector, list[StudentPhone]]:
    """Open a room on a projector and seat these students; the second has a small phone and types the code."""
    room = site.open_room(bank, **settings).room
    projector = Projector(screen(PROJECTOR), site)
    projector.show(room)
    expect(projector.page.locator(".invitation-code")).to_have_text(re.compile(rf"{room[:3]}\s*{room[3:]}"))
    phones = []
    for n, nickname in enumerate(nicknames):
        phone = StudentPhone(screen(SMALL_PHONE if n == 1 else PHONE), nickname)
        phone.join(room, by_typing=n == 1)
        phones.append(phone)
    expect(projector.page.locator(".chip")).to_have_count(len(nicknames))
    return projector, phones


def assert_fits_a_thumb(page: Page) -> None:
    """A page does not scroll sideways, and whatever can be pressed is 44 px high and wide."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for control in page.locator("button:visible, input:visible, a:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44, control.inner_text()
        assert box["width"] >= 44, control.inner_text()
