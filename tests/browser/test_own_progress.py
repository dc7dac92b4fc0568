"""What a phone shows of its own student at leaderboard and podium, and the questions again at the end."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.class_room import StudentPhone, assert_fits_a_thumb
from tests.browser.conftest import PHONE, SMALL_PHONE
from tests.live.client import Host, Phone

OTHERS = ["Bea", "Cem", "Dan", "Eve", "Fin", "Gül", "Hal"]


class Class:
    """Ada's phone in a browser, seven others as bare connections, and the host."""

    def __init__(self, screen, site, viewport: dict[str, int], **settings) -> None:
        room = site.open_room(scoring="accuracy", time_factor=4, **settings)
        self.ada = StudentPhone(screen(viewport), "Ada")
        self.ada.join(room.room)
        self.others = [Phone(site.address, room.room) for _ in OTHERS]
        for other, nickname in zip(self.others, OTHERS, strict=True):
            other.join(nickname)
        self.host = Host(site.address, room.room)
        self.host.attach(room.host_token)

    def play(self, question: int, letters: str, right: list[str], how_many: int) -> None:
        """Open a question; Ada takes these options, so many of the others the right ones."""
        self.host.do("start" if question == 0 else "next")
        for other in self.others[:how_many]:
            other.wait_until_open(question)
            other.answer(right)
        expect(self.ada.option("A")).to_be_enabled()
        self.ada.tap(*letters)
        if how_many < len(OTHERS):  # with all of them it closes by itself
            self.ada.has_sent()
            self.host.do("skip")
        self.host.wait_for_phase("reveal", question)

    def leaderboard(self) -> None:
        self.host.do("next")
        self.ada.sees("Leaderboard")

    def says(self, *lines: str) -> None:
        """Expect just these lines of Ada's own progress."""
        expect(self.ada.page.locator(".progress li")).to_have_text(list(lines))

    def leave(self) -> None:
        for client in (self.host, *self.others):
            client.drop()


@pytest.fixture
def a_class(screen, site):
    """Makes a class: `a_class(PHONE)`."""
    made: list[Class] = []

    def make(viewport, **settings) -> Class:
        made.append(Class(screen, site, viewport, **settings))
        return made[-1]

    yield make
    for one in made:
        one.leave()


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["390", "320"])
def test_a_student_outside_the_top_five_sees_the_own_rank_and_what_gets_better(a_class, size):
    """Places won, points to the next rank, the best run; and never a fall."""
    room = a_class(size)
    room.play(0, "A", ["b"], 7)
    room.leaderboard()
    own = room.ada.page.locator("li.row.is-own")
    expect(own.locator(".row-rank")).to_have_text("8")
    room.says("1,000 points to rank 1")
    assert_fits_a_thumb(room.ada.page)

    room.play(1, "AC", ["a", "c"], 5)
    room.leaderboard()
    expect(own.locator(".row-rank")).to_have_text("6")
    room.says("Up 2 places since the last leaderboard", "1,000 points to rank 1")
    assert_fits_a_thumb(room.ada.page)

    room.play(2, "A", ["a"], 7)
    room.leaderboard()
    expect(own.locator(".row-rank")).to_have_text("6")
    room.says("1,000 points to rank 1", "2 right in a row, your best so far")
    room.host.do("end")
    room.ada.sees("The podium")
    room.says("1,000 points short of rank 1", "2 right in a row, your best so far")
    expect(room.ada.page.locator(".stats dd").first).to_have_text("6 of 8")
    assert_fits_a_thumb(room.ada.page)


def test_who_falls_is_not_told_so(a_class):
    """From the first rank to the eighth: what is left to say is what can be won."""
    room = a_class(PHONE)
    room.play(0, "B", ["b"], 0)
    room.leaderboard()
    expect(room.ada.page.locator(".progress")).to_have_count(0)
    room.play(1, "B", ["a", "c"], 7)
    room.leaderboard()
    own = room.ada.page.locator("li.row.is-own")
    expect(own).to_have_count(1)
    expect(room.ada.page.get_by_text("down")).to_have_count(0)


def test_a_hidden_leaderboard_shows_no_rank(a_class):
    """Not in the own row either, and it comes back without a reload."""
    room = a_class(PHONE)
    room.play(0, "A", ["b"], 7)
    room.leaderboard()
    room.host.do("show", leaderboard=False)
    room.ada.sees("The leaderboard is not shown")
    expect(room.ada.page.locator("li.row, .progress")).to_have_count(0)
    expect(room.ada.page.locator("[aria-live=polite]")).to_have_text("The leaderboard is not shown")
    room.host.do("show", leaderboard=True)
    room.ada.sees("Leaderboard")
    expect(room.ada.page.locator("li.row")).to_have_count(6)


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["390", "320"])
def test_the_questions_can_be_looked_at_again_at_the_end(a_class, size):
    """Each with the own answer, the right one and why; what was not right stands open."""
    room = a_class(size)
    room.play(0, "A", ["b"], 1)
    room.leaderboard()
    room.play(1, "AC", ["a", "c"], 1)
    room.host.do("end")
    page = room.ada.page
    room.ada.sees("The podium")
    page.get_by_role("button", name="Look at the questions again").click()
    expect(page.get_by_role("heading", name="The questions again")).to_be_focused()
    first, second = page.locator("details.reviewed").all()
    expect(first.get_by_role("heading", level=3)).to_have_text("Which option is the second one?")
    expect(first.locator("summary")).to_contain_text("Wrong")
    expect(first.locator("li", has_text="Your answer")).to_contain_text("This is the first")
    expect(first.locator("li", has_text="Right answer")).to_contain_text("This is the second")
    expect(first.get_by_text("SECRET-EXPLANATION-1")).to_be_visible()
    expect(second.locator("summary")).to_contain_text("Right")
    expect(second.get_by_text("The one at the top")).to_be_hidden()
    second.locator("summary").press("Enter")
    expect(second.get_by_text("The one at the top")).to_be_visible()
    assert_fits_a_thumb(page)

    room.host.do("regrade", question=0, accept=[["a"]])
    expect(first.locator("summary")).to_contain_text("Right")
    page.get_by_role("button", name="Close the questions").click()
    expect(page.locator("details.reviewed")).to_have_count(0)


def test_a_review_that_the_network_swallowed_comes_with_the_network(a_class):
    """Until then the page says so, and the button is there."""
    room = a_class(PHONE)
    room.play(0, "A", ["b"], 1)
    room.host.do("end")
    page = room.ada.page
    room.ada.sees("The podium")
    room.ada.screen.context.set_offline(True)
    expect(page.locator(".bar-offline")).to_be_visible()
    page.get_by_role("button", name="Look at the questions again").click()
    expect(page.get_by_text("The questions did not come.")).to_be_visible()
    expect(page.get_by_role("button", name="Look at the questions again")).to_be_enabled()
    room.ada.screen.context.set_offline(False)
    expect(page.get_by_role("heading", name="The questions again")).to_be_visible()
