"""A host without a mouse: a whole game, every dialog and every command, and the focus is always seen."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.class_room import GUARD_S, Projector, StudentPhone
from tests.browser.conftest import PHONE, PROJECTOR
from tests.browser.test_remote import heading, path_of, scan

FOCUS = """() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return "lost";
    if (focused.matches("dialog h2, dialog")) return "seen";  // a dialog that opens is itself the mark
    const box = focused.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height, innerHeight) / 2];
    const top = document.elementFromPoint(x, y);
    const shown = top && (focused.contains(top) || top.contains(focused));
    if (!shown) return `covered: ${focused.outerHTML.slice(0, 120)}`;
    for (let part = focused; part; part = part.parentElement) {
        const style = getComputedStyle(part);
        if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return "seen";
    }
    return `without a ring: ${focused.outerHTML.slice(0, 120)}`;
}"""
MOST_STOPS = 60


class Keyboard:
    """Hands that have nothing but keys; wherever they are, one sees where."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.get_by_role("dialog")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def sees_focus(self) -> None:
        assert self.page.evaluate(FOCUS) == "seen"

    def reach(self, target: Locator) -> None:
        """Press Tab until it has the focus."""
        expect(target).to_be_visible()
        for _ in range(MOST_STOPS):
            if target.evaluate("(element) => element === document.activeElement"):
                return
            self.press("Tab")
            # Behind the last stop of a page is the browser's own bar, and then the page again.
            if self.page.evaluate("document.activeElement === document.body"):
                self.press("Tab")
            self.sees_focus()
        raise AssertionError(f"{target} cannot be reached")

    def enter(self, target: Locator) -> None:
        self.reach(target)
        self.press("Enter")

    def button(self, name: str, within: Any = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def go_on(self) -> None:
        self.page.wait_for_timeout(GUARD_S * 1000)
        self.enter(self.page.locator(".go-on"))

    def looks_into(self, key: str, text: str) -> None:
        """Open a dialog by its key and close it: the focus is where it was."""
        before = self.page.evaluate_handle("document.activeElement")
        self.press(key)
        expect(self.dialog).to_contain_text(text)
        self.press("Tab")
        self.sees_focus()
        self.close()
        assert before.evaluate("(element) => element === document.activeElement")

    def close(self) -> None:
        self.press("Escape")
        expect(self.page.locator("dialog")).to_have_count(0)
        self.sees_focus()


def test_a_whole_game_is_played_by_keys_alone(screen, site):
    """Every dialog is opened, every command given; no element that goes takes the focus with it."""
    projector = Projector(screen(PROJECTOR), site)
    projector.sign_in()
    page, hands = projector.page, Keyboard(projector.page)
    dialog = hands.dialog

    # The start page: a bank, a preset, a setting.
    hands.reach(page.locator(".bank input:checked"))
    five = page.locator(".bank", has_text="Five for the tests").locator("input")
    for _ in range(MOST_STOPS):
        if five.is_checked():
            break
        hands.press("ArrowDown")
        hands.sees_focus()
    expect(five).to_be_focused()
    hands.reach(page.get_by_label("Classic", exact=True))
    hands.press("ArrowRight")
    expect(page.get_by_label("Exam", exact=True)).to_be_checked()
    hands.press("ArrowLeft")
    expect(page.get_by_label("Classic", exact=True)).to_be_checked()
    hands.enter(page.get_by_text("All settings"))
    hands.reach(page.get_by_label("Reading time before the answers"))
    page.keyboard.type("None")
    expect(page.get_by_label("Reading time before the answers")).to_have_value("off")
    hands.enter(hands.button("Open the room"))
    expect(page.locator("main.lobby")).to_be_visible()
    ada = StudentPhone(screen(PHONE), "Ada")
    ada.join(page.url[-6:])

    # The lobby.
    hands.enter(page.locator("button.qr"))
    expect(page.locator(".big-qr")).to_be_visible()
    hands.close()
    hands.enter(hands.button("Phones can’t open it?"))
    expect(dialog).to_contain_text("Guest networks.")
    hands.close()
    hands.enter(page.locator(".chip"))
    hands.reach(dialog.get_by_role("radio", name="×1", exact=True))
    hands.press("ArrowRight")
    expect(dialog.get_by_role("radio", name="×1.25")).to_be_checked()
    hands.close()
    expect(page.locator(".chip")).to_be_focused()
    hands.looks_into("?", "Go on: start")
    hands.looks_into("n", "Ada")
    hands.looks_into("r", "Scan this with your own phone")
    hands.looks_into("x", "End the quiz now?")
    hands.press("f")
    expect(page.locator(":fullscreen")).to_have_count(1)
    hands.press("f")
    expect(page.locator(":fullscreen")).to_have_count(0)
    for says in ("Sound is off.", "Sound is on."):
        hands.press("m")
        expect(page.locator(".toast")).to_have_text(says)
    hands.sees_focus()
    hands.press("l")
    expect(page.get_by_text("Locked").first).to_be_visible()
    hands.enter(hands.button("Unlock"))
    expect(page.get_by_text("Locked")).to_have_count(0)
    hands.enter(hands.button("More"))
    with page.expect_popup() as opened:
        hands.enter(hands.button("Notes"))
    notes = Keyboard(opened.value)
    notes.enter(notes.button("Show the notes"))
    expect(notes.page.locator("main.presenter")).to_contain_text("Which option is the second one?")
    notes.sees_focus()
    notes.enter(notes.button("Cover the notes"))
    notes.sees_focus()
    notes.page.close()

    # A question, and what stands behind More.
    hands.go_on()
    projector.question("answering")
    hands.sees_focus()
    expect(ada.option("A")).to_be_enabled()
    hands.enter(hands.button("Pause"))
    hands.enter(page.locator("[data-control=pause]", has_text="Resume"))
    expect(page.get_by_text("Paused.")).to_have_count(0)
    hands.enter(hands.button("+15 s"))
    more = hands.button("More")
    hands.enter(more)
    hands.enter(hands.button("Phones: only shapes"))
    expect(more).to_be_focused()
    expect(ada.option("A")).not_to_contain_text("This is the first")
    expect(page.locator("[data-control=phones]")).to_contain_text("Phones: full text")
    hands.press("t")
    expect(ada.option("A")).to_contain_text("This is the first")
    hands.enter(more)
    with page.expect_response(lambda answer: answer.request.method == "POST") as invited:
        hands.enter(hands.button("Remote"))
    remote = scan(screen, path_of(invited.value))
    hands.enter(hands.button("Allow it", dialog))
    expect(dialog).to_contain_text("Your phone is the remote of this room.")
    hands.sees_focus()
    expect(remote.page.locator(".stage[data-phase=answering]")).to_be_visible()
    hands.enter(hands.button("Disconnect it", dialog))
    heading(remote, "This phone is not the remote any more").to_be_visible()
    hands.sees_focus()
    hands.close()
    expect(more).to_be_focused()
    ada.tap("C")
    projector.question("reveal")
    hands.sees_focus()

    # The reveal.
    hands.enter(hands.button("Correct the answer key"))
    hands.enter(hands.button("Also accept", dialog.locator(".key-option", has_text="This is the third")))
    expect(dialog.get_by_text("Also accepted")).to_be_visible()
    take_out = hands.button("Do not count this question")
    hands.enter(take_out)
    expect(hands.button("Cancel")).to_be_focused()
    hands.press("Enter")
    expect(take_out).to_be_focused()
    hands.close()
    hands.press("n")
    hands.enter(hands.button("What the network did"))
    expect(dialog).to_contain_text("An answer counts from the moment it was tapped")
    hands.close()

    # The leaderboard: back, hidden, shown.
    hands.go_on()
    expect(page.locator("main.standings")).to_be_visible()
    hands.enter(hands.button("Back"))
    projector.question("reveal")
    expect(page.locator(".go-on")).to_be_focused()
    hands.go_on()
    hands.enter(hands.button("Hide scores"))
    hands.enter(hands.button("Show scores"))
    expect(page.locator("main.standings")).to_be_visible()

    # The next question is skipped, the game ended, played again, and the room closed.
    hands.go_on()
    projector.question("answering")
    hands.enter(hands.button("Skip"))
    projector.question("reveal")
    expect(page.locator(".go-on")).to_be_focused()
    hands.enter(hands.button("End"))
    hands.enter(hands.button("End the quiz"))
    expect(page.locator("main.podium-screen")).to_be_visible()
    hands.sees_focus()
    hands.go_on()
    hands.enter(hands.button("Play again", dialog))
    expect(page.locator("main.lobby")).to_be_visible()
    expect(page.locator("dialog")).to_have_count(0)
    hands.sees_focus()
    hands.go_on()
    projector.question("answering")
    for end in ("End the quiz", "Close the room"):
        hands.press("x")
        hands.enter(hands.button(end, dialog))
        expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", name="The room is closed")).to_be_visible()
    hands.enter(hands.button("To the start page"))
    expect(page.get_by_role("heading", name="Choose a quiz")).to_be_visible()
