"""Text from people is text: whatever it holds, nothing runs and nothing breaks the layout."""

from __future__ import annotations

import json
import unicodedata

from playwright.sync_api import Page, expect

from tests.browser.class_room import Projector, StudentPhone
from tests.browser.conftest import PROJECTOR, SMALL_PHONE
from tests.live.client import Host, Phone

MARKUP = '<script>window.ran=1</script><img src=x onerror="window.ran=1"><svg/onload=window.ran=1>'
TEMPLATES = "{{7*7}} ${7*7} {n} %s &lt;b&gt; </div></main> javascript:window.ran=1"
FORMULA = (
    r"$\href{javascript:window.ran=1}{x}$ $\includegraphics{http://evil.example/a.png}$ $\rule{900em}{900em}$"
)
TURNED = "\u202e\u2067 desrever \u202d turned \u2066"
FAMILY = "👩‍👩‍👧‍👦🏳️‍🌈" * 6
PILES = "".join(letter + "\u0301\u0323\u0330\u0348\u031a\u0311" for letter in "Piles of accents")
ENDLESS = "W" * 120
NICKNAMES = (
    "<script>x()</script>",
    "<img src=x onerror=x",
    "{{7*7}}${7*7}{n}%s",
    "Z\u0301\u0323\u0330a\u0301\u0323\u0330l\u0301\u0323\u0330go",
    "W" * 20,
    "\ufdfd" * 20,
    "שלום עולם",
    "👩👧🏳",
    "Nguyễn Phúc",
    "Plain",
)
WORDS = (
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "{{7*7}}${7*7}",
    "\u202edesrever",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "Z" + "\u0301" * 39,
    "W" * 40,
    "\ufdfd" * 40,
    "</bdi></button></ul><h1>gone</h1>",
)
BANK = {
    "title": f"{MARKUP[:40]} {TURNED}",
    "language": "en",
    "description": MARKUP + ENDLESS,
    "questions": [
        {"id": "page", "type": "slide", "stem": MARKUP, "body": f"{TURNED}\n{FORMULA}\n{ENDLESS}{TEMPLATES}"},
        {
            "id": "options",
            "type": "choice",
            "stem": f"{MARKUP} {TURNED}",
            "options": [
                {"text": MARKUP, "why": ENDLESS, "misconception": TEMPLATES},
                {"text": f"{TURNED} {TEMPLATES}", "correct": True},
                {"text": PILES, "why": FAMILY},
                {"text": FAMILY + ENDLESS[:40]},
            ],
            "explanation": f"{MARKUP} {PILES} {TEMPLATES}",
        },
        {"id": "typed", "type": "text", "stem": f"{PILES} {FAMILY}", "accept": [MARKUP]},
        {"id": "words", "type": "wordcloud", "stem": ENDLESS[:60]},
    ],
}  # fmt: skip

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""
FOREIGN = (
    "main [onerror], main [onload], main script, main img[src='x'], main iframe, main a[href^='javascript']"
)


def assert_nothing_ran(page: Page) -> None:
    """Nothing of what people wrote has become part of the page, and the policy had nothing to refuse."""
    assert page.evaluate("[window.ran ?? null, window.violations, document.title]") == [None, [], "Plenary"]
    assert page.locator(FOREIGN).count() == 0
    assert page.get_by_role("heading", name="gone", exact=True).count() == 0


def assert_nothing_is_broken(page: Page) -> None:
    """The page is no wider than the screen, and nothing that is shown reaches out of it sideways."""
    page.evaluate("document.fonts.ready.then(() => null)")
    assert_nothing_ran(page)
    outside = page.evaluate(
        """() => [document.documentElement, document.querySelector("main")]
            .filter((box) => box.scrollWidth > box.clientWidth + 1)
            .concat([...document.querySelectorAll("main button, main h1, main h2, main p")]
                .filter((box) => box.checkVisibility() && box.getBoundingClientRect().right > innerWidth + 1))
            .map((box) => [box.outerHTML.slice(0, 200), box.scrollWidth, box.clientWidth])"""
    )
    assert outside == []


def heights(page: Page, rows: str) -> set[int]:
    return {round(row.bounding_box()["height"]) for row in page.locator(rows).all()}


def test_what_people_write_never_runs_and_never_breaks_a_screen(screen, site):
    """Markup, templates, formulas, reversed text, emoji and piles of accents, in a bank and from phones."""
    bank = site.data / "banks" / "hostile.yaml"
    bank.write_text(json.dumps(BANK, ensure_ascii=False), "utf-8")
    room = site.open_room("hostile", reading_time=300)
    crowd = []
    for nickname in NICKNAMES[1:]:
        phone = Phone(site.address, room.room)
        phone.join(nickname)
        crowd.append(phone)
    projector = Projector(screen(PROJECTOR), site)
    student = StudentPhone(screen(SMALL_PHONE), NICKNAMES[0])
    pages, dialogs = [projector.page, student.page], []
    for page in pages:
        page.add_init_script(WATCH)
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    projector.sign_in()
    expect(projector.page.get_by_text(MARKUP).first).to_be_visible()
    assert_nothing_is_broken(projector.page)
    bank.unlink()  # the server is shared
    projector.show(room.room)
    student.join(room.room)
    expect(projector.page.locator(".chip")).to_have_text(
        [unicodedata.normalize("NFKC", name) for name in (*NICKNAMES[1:], NICKNAMES[0])]
    )
    assert len(heights(projector.page, ".chip")) == 1
    for page in pages:
        assert_nothing_is_broken(page)
    host = Host(site.address, room.room)
    host.attach(room.host_token)

    def both_show(phase: str, text: str) -> None:
        host.wait_for_phase(phase)
        for page in pages:
            expect(page.get_by_text(text).first).to_be_visible()
            assert_nothing_is_broken(page)

    host.do("start")
    both_show("reading", MARKUP)
    host.do("next")
    both_show("reading", MARKUP)
    host.do("skip")
    expect(student.option("D")).to_be_enabled()
    both_show("answering", MARKUP)
    for n, phone in enumerate(crowd):
        phone.wait_until_open()
        phone.answer(["abcd"[n % 4]])
    student.tap("B")
    both_show("reveal", TEMPLATES)
    host.do("next")
    host.wait_for_phase("leaderboard")
    expect(projector.page.locator(".rank-row").first).to_be_visible()
    expect(student.page.locator("li.row").first).to_be_visible()
    for page in pages:
        assert_nothing_is_broken(page)
    assert len(heights(projector.page, ".rank-row")) == 1
    for index in (2, 3):
        host.do("next")
        host.do("skip")
        host.wait_for_phase("answering", index)
        for phone, word in zip(crowd, WORDS, strict=True):
            phone.wait_until_open(index)
            pile = phone.answer_payload("Z" + "\u0301" * 2_000)
            assert phone.refusal("player:answer", pile) == "bad_request"
            phone.answer(word)
        for page in pages:
            assert_nothing_is_broken(page)
        student.page.get_by_role("textbox").fill(WORDS[0])
        student.page.get_by_role("button", name="Send").click()
        both_show("reveal", WORDS[0])
        if index == 2:
            host.do("next")
    host.do("end")
    host.wait_for_phase("podium")
    expect(projector.page.locator(".rank-row").first).to_be_visible()
    student.sees("The podium")
    for page in pages:
        assert_nothing_is_broken(page)
    assert len(heights(projector.page, ".rank-row")) == 1
    assert dialogs == []
    for client in (host, *crowd):
        client.drop()
