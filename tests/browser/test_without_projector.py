"""A student who never sees the projector has everything on the phone, by its accessible names alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE
from tests.live.client import Host, Phone

LISTENS = """
window.heard = [];
const spoken = new WeakMap();
new MutationObserver(() => {
    for (const region of document.querySelectorAll("[aria-live=polite], [role=status], [role=alert]")) {
        const text = region.textContent.trim();
        if (text && spoken.get(region) !== text) window.heard.push(text);
        spoken.set(region, text);
    }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
"""Writes down what a screen reader would say by itself."""


class Listener:
    """A student with a screen reader: finds by role and name, and hears what is announced."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script(LISTENS)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def press(self, name: str) -> None:
        button = self.button(name)
        expect(button).to_be_enabled()
        button.press("Enter")

    def is_at(self, heading: str) -> None:
        """Be taken to this heading, the only one of the first level."""
        title = self.page.get_by_role("heading", level=1)
        expect(title).to_have_text(heading)
        expect(title).to_be_focused()

    def hears(self, *texts: str) -> None:
        """Hear these, and nothing else, since the last time."""
        for text in texts[-1:]:
            expect(self.page.locator("[aria-live=polite]", has_text=text).last).to_have_text(text)
        assert self.page.evaluate("window.heard.splice(0)") == list(texts)

    def reads(self, *texts: str) -> None:
        """Come upon these, one after the other, on the way through the page."""
        everything = " ".join(self.page.get_by_role("main").inner_text().split())
        at = 0
        for text in texts:
            assert text in everything[at:], (text, everything)
            at = everything.index(text, at) + len(text)


def choose_one(student: Listener) -> None:
    student.press("The Communist International")


def choose_some(student: Listener) -> None:
    for name in ("Liberal", "Socialist"):
        student.press(name)
        expect(student.button(name)).to_have_attribute("aria-pressed", "true")
    student.press("Send 2 answers")


def give_an_opinion(student: Listener) -> None:
    student.press("Not sure")


def write_a_text(student: Listener) -> None:
    student.page.get_by_role("textbox", name="Your answer").fill("Self-determination")
    student.press("Send")


QUESTIONS: dict[str, tuple[str, Callable[[Listener], None], str, list[str]]] = {
    "un-example": (
        "Which body is the textbook example of",
        choose_one,
        "Wrong",
        [
            "The United Nations",
            "Right answer",
            "1 answer",
            "The Communist International",
            "Your answer",
            "1 answer",
            "All internationalism is socialist",
            "It organised workers by class",
            "The British Empire",
            "0 answers",
            "The UN joins states",
        ],
    ),
    "two-kinds": (
        "Which of these are kinds of internationalism?",
        choose_some,
        "Right",
        ["Liberal", "Right answer", "Your answer", "2 answers", "Socialist", "Right answer", "1 answer"],
    ),
    "opinion": (
        "Should your country join more international bodies?",
        give_an_opinion,
        "What the class said",
        ["Yes", "1 answer", "No", "0 answers", "Not sure", "Your answer", "1 answer"],
    ),
    "right-of-nations": (
        "What is the right of a people to choose its own government called?",
        write_a_text,
        "Right",
        ["Self-determination", "Right answers", "self-determination", "What the class said", "1 answer"],
    ),
}


def answer_first(other: Phone) -> None:
    """The rest of the class takes the first option, or writes something."""
    view = other.view
    options = view.get("options")
    other.wait_until_open()
    other.answer([options[0]["id"]] if options else "sovereignty")


def test_a_game_is_played_whole_by_names_alone(screen, site):
    """Question, options, what the class said, leaderboard, podium; one announcement a phase."""
    opened = site.open_room("every_kind", reading_time=300, time_factor=4, questions=list(QUESTIONS))
    phone = screen(PHONE)
    ada = Listener(phone.page)
    phone.open(f"/j/{opened.room}")
    phone.page.get_by_role("textbox", name="Nickname").fill("Ada")
    ada.press("Join")
    ada.is_at("You’re in")
    ada.hears("You are in. The quiz starts in a moment.")
    bea = Phone(site.address, opened.room)
    bea.join("Bea")
    with Host(site.address, opened.room) as host:
        host.attach(opened.host_token)
        for n, (stem, answer, verdict, shown) in enumerate(QUESTIONS.values(), 1):
            host.do("start" if n == 1 else "next")
            if (
                host.wait_for(lambda host: host.view["phase"] != "reveal" and host.view["phase"])
                == "leaderboard"
            ):
                ada.is_at("Leaderboard")
                rows = ada.page.get_by_role("main").get_by_role("listitem")
                expect(rows.filter(has_text="Bea")).to_have_count(1)
                expect(rows.filter(has_text="Ada you")).to_have_count(1)
                [said] = ada.page.evaluate("window.heard.splice(0)")
                assert said.startswith("Leaderboard. Your rank is")
                host.do("next")
            host.wait_for_phase("reading", n - 1)
            title = ada.page.get_by_role("heading", level=1, name=stem)
            expect(title).to_be_focused()
            ada.hears(f"Question {n} of 4.")
            ada.reads(f"Question {n} of 4", stem.split("$")[0])
            host.do("skip")
            bea.wait_for_phase("answering", n - 1)
            answer_first(bea)
            answer(ada)
            ada.is_at(verdict)
            heard = ada.page.evaluate("window.heard.splice(0)")
            assert heard[0] == f"Question {n} is open: give your answer."
            assert [text for text in heard[1:] if text != "Your answer has been sent."] == heard[-1:]
            assert heard[-1].startswith(verdict)
            expect(ada.page.get_by_role("heading", level=2, name=stem)).to_be_visible()
            ada.reads(verdict, stem.split("$")[0], *shown)
        host.do("next")
        ada.is_at("Leaderboard")
        ada.page.evaluate("window.heard.splice(0)")
        host.do("next")
        ada.is_at("The podium")
        ada.reads("Ada", "Your rank", "1 of 2")
        [said] = ada.page.evaluate("window.heard.splice(0)")
        assert said.startswith("The podium. You finished at rank 1")
    bea.drop()
