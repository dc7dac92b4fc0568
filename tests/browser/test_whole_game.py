"""A game played to the podium by clicking, one phone reloading in the middle and one losing its network."""

from __future__ import annotations

import re
from fractions import Fraction

from playwright.sync_api import expect

from server.game.events import QuestionOpened, ResponseAccepted
from server.journal.store import Journal
from tests.browser.class_room import Projector, StudentPhone
from tests.browser.conftest import PHONE, PROJECTOR, SMALL_PHONE
from tests.live.server import Server

KEYS = [{"b"}, {"a", "c"}, {"a"}, {"a"}, {"a"}]
OPTIONS = [4, 4, 2, 2, 2]
POINTS = [1000, 1000, 1000, 0, 2000]
TIME_MS = 20_000

ADA = ["b", "ac", "a", "a", "a"]
BEA = ["b", "ac", "b", "b", "a"]
CEM = ["a", "ab", "a", "a", "b"]
"""What each chooses, question by question."""


def test_a_game_by_clicking_from_the_lobby_to_the_podium_and_again(screen, tmp_path):
    """Reload and lost network cost nothing: the scores are those of the formula, on every screen."""
    site = Server(tmp_path, "eventlet")
    link = re.search(r"http://[^/]+(/host\?link=\S+)", site.printed).group(1)
    projector = Projector(screen(PROJECTOR, on=site), site)
    projector.screen.open(link)
    expect(projector.page).to_have_url(re.compile(r"/host$"))
    projector.page.locator(".bank", has_text="Five for the tests").click()
    projector.page.get_by_role("button", name="Open the room").click()
    expect(projector.page).to_have_url(re.compile(r"/host#\d{6}$"))
    code = projector.page.url[-6:]
    ada, bea, cem = phones = [
        StudentPhone(screen(size, on=site), name)
        for size, name in ((PHONE, "Ada"), (SMALL_PHONE, "Bea"), (PHONE, "Cem"))
    ]
    for phone in phones:
        phone.join(code, by_typing=phone is bea)
    expect(projector.page.locator(".chip")).to_have_text(["Ada", "Bea", "Cem"])
    assert site.key not in projector.page.content()

    shown = {phone.nickname: 0 for phone in phones}
    projector.go_on()
    for n in range(5):
        projector.question("reading")
        projector.go_on()
        projector.question("answering")
        expect(projector.page.locator(".answered")).to_contain_text("0 of 3")
        expect(ada.option("A")).to_be_enabled()
        if n == 0:
            bea.page.reload()
            expect(bea.option("B")).to_be_enabled()
        if n == 1:
            cem.screen.context.set_offline(True)
            expect(cem.page.locator(".bar-offline")).to_be_visible()
        for phone, chosen in ((ada, ADA), (bea, BEA), (cem, CEM)):
            phone.tap(*chosen[n].upper())
        if n == 1:
            expect(cem.page.locator(".sent.is-kept")).to_be_visible()
            ada.has_sent()
            cem.screen.context.set_offline(False)
        projector.question("reveal")
        for phone, chosen in ((ada, ADA), (bea, BEA), (cem, CEM)):
            verdict, points, score = phone.reveal()
            shown[phone.nickname] += points
            assert score == shown[phone.nickname]
            assert verdict == word_for(set(chosen[n]), n)
        projector.go_on("ArrowRight")
        if POINTS[n]:
            rows = projector.rows()
            assert {name: score for _, name, score in rows} == shown
            for phone in phones:
                assert phone.rows() == [(rank, score) for rank, _, score in rows]
            projector.go_on()

    expect(projector.page.locator(".podium")).to_be_visible()
    assert {name: score for _, name, score in projector.rows()} == shown
    for phone in phones:
        phone.sees("The podium")

    projector.page.get_by_role("button", name="Play again").click()
    projector.page.get_by_role("dialog").get_by_role("button", name="Play again").click()
    for phone in phones:
        phone.sees("You’re in")
    expect(projector.page.locator(".chip")).to_have_text(["Ada", "Bea", "Cem"])
    site.stop()
    assert scores_by_the_formula(tmp_path) == shown


def credit_of(chosen: set[str], n: int) -> Fraction:
    """Return the credit by design.md: exact, and partial for the question with several right options."""
    if len(KEYS[n]) == 1:
        return Fraction(chosen == KEYS[n])
    wrong = OPTIONS[n] - len(KEYS[n])
    return max(
        Fraction(0), Fraction(len(chosen & KEYS[n]), len(KEYS[n])) - Fraction(len(chosen - KEYS[n]), wrong)
    )


def word_for(chosen: set[str], n: int) -> str:
    credit = credit_of(chosen, n)
    return "Right" if credit == 1 else "Partly right" if credit else "Wrong"


def scores_by_the_formula(data) -> dict[str, int]:
    """Return the first game's scores, computed from the acknowledged times that the journal holds."""
    journal = Journal(data)
    [(_, events)] = journal.unfinished()
    journal.close()
    names = {event.player: event.nickname for event in events if hasattr(event, "nickname")}
    opens_at = {event.question: event.opens_at for event in events if isinstance(event, QuestionOpened)}
    scores = dict.fromkeys(names.values(), 0)
    for event in events:
        if isinstance(event, ResponseAccepted):
            n, t = event.question, event.at - opens_at[event.question]
            t = 0 if t < 500 else t
            exact = credit_of(set(event.response), n) * POINTS[n] * (1 - Fraction(t, 2 * TIME_MS))
            scores[names[event.player]] += int(exact + Fraction(1, 2))
    return scores
