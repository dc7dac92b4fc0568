"""Where a phone's way ends, the next step is on the screen; and what one reads there can be read."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.class_room import Projector, StudentPhone, open_class
from tests.browser.conftest import PHONE, PROJECTOR, SMALL_PHONE
from tests.live.server import Server

AA = 4.5

CONTRASTS = """(boxes) => boxes.map((box) => {
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (colour) => {
        const [r, g, b] = colour.slice(0, 3).map((c) => c / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const papers = [];
    for (let part = box; part; part = part.parentElement) {
        const paper = parse(getComputedStyle(part).backgroundColor);
        papers.unshift(paper.length < 4 ? [...paper, 1] : paper);
    }
    const below = papers.reduce((under, [r, g, b, a]) =>
        [r, g, b].map((c, i) => c * a + under[i] * (1 - a)), [255, 255, 255]);
    const [dark, bright] = [light(parse(getComputedStyle(box).color)), light(below)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
})"""


def test_a_removed_player_can_come_back_under_another_name(screen, site):
    """The phone says what happened and asks for a nickname."""
    projector, [ada, _bea] = open_class(screen, site, "Ada", "Bea")
    projector.press("n")
    dialog = projector.page.get_by_role("dialog")
    dialog.locator(".roster-row", has_text="Ada").click()
    dialog.get_by_role("button", name="Remove from the room").click()
    dialog.get_by_role("button", name="Remove", exact=True).click()

    ada.sees("You were taken out of the quiz")
    ada.page.get_by_role("button", name="Join again").click()
    ada.page.get_by_label("Nickname").fill("Ada the Second")
    ada.page.get_by_role("button", name="Join").click()
    ada.sees("You’re in")
    expect(projector.page.locator(".chip")).to_have_text(["Bea", "Ada the Second"])


def test_a_locked_room_says_so_before_a_name_is_asked(screen, site):
    """And lets in whoever tries again once it is open, without typing the code anew."""
    projector, [] = open_class(screen, site)
    projector.press("l")
    expect(projector.page.get_by_text("Locked").first).to_be_visible()
    phone = StudentPhone(screen(SMALL_PHONE), "Ada")
    phone.screen.open(f"/j/{projector.code}")
    expect(phone.page.get_by_text("This quiz is locked.")).to_be_visible()
    projector.press("l")
    expect(projector.page.get_by_text("Locked")).to_have_count(0)
    phone.page.get_by_role("button", name="Continue").click()
    expect(phone.page.get_by_label("Nickname")).to_be_visible()


def test_the_back_button_leaves_no_one_outside(screen, site):
    """Back out of the quiz and forward again: the seat and the sent response are there."""
    projector, [ada, _bea] = open_class(screen, site, "Ada", "Bea")
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    ada.tap("B")
    ada.has_sent()
    ada.page.go_back()
    ada.page.go_forward()
    ada.has_sent()
    expect(projector.page.locator(".answered")).to_have_text("1 of 2 answered")


def test_more_time_is_seen_by_its_player_alone(screen, site):
    """A teacher’s accommodation is nobody else’s business."""
    projector, [ada, bea] = open_class(screen, site, "Ada", "Bea")
    projector.page.locator(".chip", has_text="Ada").click()
    dialog = projector.page.get_by_role("dialog")
    with_double = dialog.get_by_label("×2", exact=True)
    with_double.check()
    expect(with_double).to_be_checked()
    projector.press("Escape")
    # Until a closed dialog is out of the page, its last field has the focus and takes the Space.
    expect(projector.page.locator("dialog")).to_have_count(0)
    projector.go_on()
    for phone in (ada, bea):
        expect(phone.option("A")).to_be_enabled()

    assert 30 < seconds_left(ada) <= 40
    assert 10 < seconds_left(bea) <= 20
    bea.tap("B")
    ada.tap("B")
    projector.question("reveal")
    for screen_ in (projector, bea):
        assert "×2" not in screen_.page.locator("body").inner_text()


def seconds_left(phone: StudentPhone) -> int:
    found = re.search(r"\d+", phone.page.get_by_role("timer").inner_text())
    assert found
    return int(found.group())


def test_the_chosen_settings_are_played(screen, site):
    """Two questions by rightness alone, and from the reveal straight on."""
    projector, [ada] = open_class(screen, site, "Ada", scoring="accuracy", questions=2, leaderboard=False)
    projector.go_on()
    expect(ada.option("B")).to_be_enabled()
    ada.tap("B")
    assert ada.reveal() == ("Right", 1000, 1000)
    projector.go_on()
    expect(ada.page.get_by_text("Question 2 of 2")).to_be_visible()
    expect(ada.option("A")).to_be_enabled()
    ada.tap("A", "C")
    projector.question("reveal")
    assert ada.reveal() == ("Right", 1000, 2000)
    projector.go_on()
    expect(projector.page.locator(".podium")).to_be_visible()
    ada.sees("The podium")


def test_a_link_for_the_host_works_once(screen, tmp_path):
    """The second browser that opens it is told how to get a fresh one."""
    site = Server(tmp_path, "eventlet")  # the link of a server that has run for two minutes is too old
    found = re.search(r"http://[^/]+(/host\?link=\S+)", site.printed)
    assert found
    first, second = (Projector(screen(PROJECTOR, on=site), site) for _ in range(2))
    for projector, heading in ((first, "Choose a quiz"), (second, "This browser has no key yet")):
        projector.screen.open(found.group(1))
        expect(projector.page).to_have_url(re.compile(r"/host$"))
        expect(projector.page.get_by_role("heading", name=heading)).to_be_visible()
    site.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_option_can_be_read(screen, site, scheme):
    """4.5:1 on every option, by day and by night, on phone and projector, open and revealed."""
    projector = Projector(screen(PROJECTOR, color_scheme=scheme), site)
    room = site.open_room().room
    projector.show(room)
    ada = StudentPhone(screen(PHONE, color_scheme=scheme), "Ada")
    ada.join(room)
    expect(projector.page.locator(".chip")).to_have_count(1)

    def is_readable(text: str) -> None:
        for page in (projector.page, ada.page):
            contrasts = page.locator(text).evaluate_all(CONTRASTS)
            assert contrasts
            assert min(contrasts) >= AA, contrasts

    projector.go_on()
    projector.question("answering")
    expect(ada.option("A")).to_be_enabled()
    is_readable(".option-text, .stem")
    ada.tap("C")
    projector.question("reveal")
    ada.reveal()
    is_readable(".option-text, .stem, .explanation")
