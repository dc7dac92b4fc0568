"""Every kind of question in Chromium: a game played whole, by touch, by mouse and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.class_room import Projector, StudentPhone, assert_fits_a_thumb, number, open_class
from tests.browser.conftest import PHONE, Screen

BANK = "every_kind"
ORDER = ["Congress of Vienna", "League of Nations", "United Nations", "World Trade Organization"]
PAIRS = {
    "Kant": "Perpetual Peace",
    "Marx and Engels": "The Communist Manifesto",
    "Wilson": "The Fourteen Points",
}
MOST_TABS = 60


class Fingers:
    """A student who taps."""

    def __init__(self, phone: StudentPhone) -> None:
        self.page = phone.page

    def press(self, button: Locator) -> None:
        button.tap()

    def write(self, text: str) -> None:
        self.page.get_by_role("textbox").fill(text)
        self.press(self.page.get_by_role("button", name="Send"))

    def raise_to(self, text: str, place: int) -> int:
        """Bring an item of the order up to this place, and return in how many moves."""
        moves = row_of(self.page, text) - place
        for _ in range(moves):
            self.press(self.page.get_by_role("button", name=f"Move up: {text}"))
        return moves


class Keyboard(Fingers):
    """A student who has nothing but a keyboard."""

    def press(self, button: Locator) -> None:
        self.go_to(button)
        self.page.keyboard.press("Enter")

    def write(self, text: str) -> None:
        self.go_to(self.page.get_by_role("textbox"))
        self.page.keyboard.type(text)
        expect(self.page.get_by_role("button", name="Send")).to_be_enabled()
        self.page.keyboard.press("Enter")

    def raise_to(self, text: str, place: int) -> int:
        handle = self.page.get_by_role("button", name=re.compile(rf"^{text}, place"))
        self.go_to(handle)
        moves = row_of(self.page, text) - place
        for _ in range(moves):
            self.page.keyboard.press("ArrowUp")
            expect(handle).to_be_focused()
        return moves

    def go_to(self, wanted: Locator) -> None:
        """Press Tab until it has the focus."""
        expect(wanted).to_be_enabled()
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("Tab does not get there")


def row_of(page: Page, text: str) -> int:
    """Return at which place an item of the order is, counted from 0."""
    texts = [row.inner_text() for row in page.locator("ol.order > li .option-text").all()]
    [place] = [n for n, shown in enumerate(texts) if text in shown]
    return place


def said(page: Page) -> Locator:
    """Return what a screen reader is told of the moves."""
    return page.locator("main [aria-live=polite]")


def option(page: Page, text: str) -> Locator:
    return page.locator("button.option", has_text=text)


def choose(text: str) -> Callable[[Fingers], None]:
    return lambda student: student.press(option(student.page, text))


def choose_several(student: Fingers) -> None:
    for text in ("Liberal", "Socialist"):
        student.press(option(student.page, text))
    student.press(student.page.get_by_role("button", name="Send 2 answers"))


def write(text: str) -> Callable[[Fingers], None]:
    return lambda student: student.write(text)


def put_in_order(student: Fingers) -> None:
    for place, text in enumerate(ORDER):
        if student.raise_to(text, place):
            expect(said(student.page)).to_have_text(f"{text} is now at place {place + 1} of 4.")
    student.press(student.page.get_by_role("button", name="Send this order"))


def find_pairs(student: Fingers) -> None:
    for left, right in PAIRS.items():
        student.press(option(student.page, left))
        student.press(student.page.locator("button.target", has_text=right))
        expect(said(student.page)).to_contain_text(f"{left} goes with {right}.")
    student.press(student.page.get_by_role("button", name="Send these pairs"))


HOW: dict[str, Callable[[Fingers], None]] = {
    "un-example": choose("The United Nations"),
    "no-world-state": choose("False"),
    "two-kinds": choose_several,
    "opinion": choose("Yes"),
    "right-of-nations": write("Self determinaton"),
    "un-founded": write("1945,0"),
    "un-members": write("51"),
    "in-order": put_in_order,
    "who-wrote": find_pairs,
    "one-word": write("Solidarity"),
}
"""What each student does who knows everything, question by question; pages stand before and after."""
WITHOUT_POINTS = {"opinion", "one-word"}


def open_kinds(screen: Any, site: Any, *nicknames: str, only: str | None = None) -> Any:
    """Open a room of the bank with every kind, or with one of its questions."""
    settings: dict[str, Any] = {"reading_time": 300, "time_factor": 4}
    if only:
        settings |= {"questions": [only]}
    return open_class(screen, site, *nicknames, bank=BANK, **settings)


def open_question(screen: Any, site: Any, *nicknames: str, only: str) -> Any:
    """Open a room with one question, and bring its class to where it may be answered."""
    projector, phones = open_kinds(screen, site, *nicknames, only=only)
    projector.go_on()
    projector.question("reading")
    projector.go_on()
    projector.question("answering")
    for phone in phones:
        expect(phone.page.get_by_role("timer")).to_be_visible()
        expect(phone.page.locator(".note", has_text="Get ready")).to_have_count(0)
    return projector, phones


def test_a_bank_with_every_kind_is_played_whole_one_phone_by_keyboard_alone(screen, site):
    """Both students know everything, so both earn full marks, each by what they have."""
    projector, phones = open_kinds(screen, site, "Ada", "Bea")
    ada, bea = Keyboard(phones[0]), Fingers(phones[1])
    projector.go_on()
    expect(projector.question("reading").locator("h1")).to_have_text("Before we begin")
    for phone in phones:
        phone.sees("Before we begin")
        expect(phone.page.get_by_text("This page has no clock")).to_be_visible()
        expect(phone.page.get_by_role("img", name="A globe with its lines")).to_be_visible()

    for name, answer in HOW.items():
        projector.go_on()
        projector.question("reading")
        projector.go_on()
        projector.question("answering")
        for student in (ada, bea):
            expect(student.page.get_by_role("timer")).to_be_visible()
            assert_fits_a_thumb(student.page)
        assert projector.fits_without_scrolling(), name
        for student in (ada, bea):
            answer(student)
        projector.question("reveal")
        assert projector.fits_without_scrolling(), name
        for phone in phones:
            verdict, points, _ = phone.reveal()
            assert verdict == ("What the class said" if name in WITHOUT_POINTS else "Right")
            assert (points > 0) == (name not in WITHOUT_POINTS)
            assert_fits_a_thumb(phone.page)
        if name not in WITHOUT_POINTS:
            projector.go_on()
            expect(projector.page.locator("ol.ranking")).to_be_visible()

    projector.go_on()
    expect(projector.question("reading").locator("h1")).to_have_text("That was all")
    projector.go_on()
    expect(projector.page.locator(".podium")).to_be_visible()
    shown = {name: score for _, name, score in projector.rows()}
    for phone in phones:
        phone.sees("The podium")
        assert number(phone.page.locator(".stats dd").nth(1)) == shown[phone.nickname]


def test_an_answer_that_the_bank_did_not_foresee_is_accepted_with_one_tap(screen, site):
    """And is right on every screen at once."""
    projector, [ada, bea] = open_question(screen, site, "Ada", "Bea", only="right-of-nations")
    Fingers(ada).write("Autonomy")
    Fingers(bea).write("  autonomy! ")
    reveal = projector.question("reveal")
    row = reveal.locator(".group")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("2")
    for phone in (ada, bea):
        assert phone.reveal() == ("Wrong", 0, 0)

    reveal.get_by_role("button", name="Also accept: Autonomy").click()
    expect(row).to_contain_text("Also accepted")
    for phone in (ada, bea):
        phone.sees("Right")
        _, points, score = phone.reveal()
        assert points == score > 0
    projector.go_on()
    assert all(score > 0 for _, _, score in projector.rows())


def test_a_word_that_the_host_hides_leaves_every_screen(screen, site):
    """A word of the filter's is never on one."""
    projector, [ada, bea, cem] = open_question(screen, site, "Ada", "Bea", "Cem", only="one-word")
    Fingers(ada).write("Peace")
    Fingers(bea).write("Péace ")
    Fingers(cem).write("shit")
    reveal = projector.question("reveal")
    [word] = reveal.locator("button.word").all()
    expect(word).to_contain_text("2")
    assert "shit" not in reveal.inner_text()
    expect(ada.page.locator("ul.words")).to_contain_text("× 2")
    word.click()
    expect(reveal.get_by_text("Nobody sent a word.")).to_be_visible()
    for phone in (ada, bea, cem):
        expect(phone.page.locator("ul.words li")).to_have_count(0)


def center(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag_with_the_mouse(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()


def drag_with_a_finger(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """What a finger does: the browser makes pointer events of it, or scrolls."""
    wire = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touched = [{"x": x, "y": y} for x, y in points]
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})

    touch("touchStart", start)
    for step in range(1, 9):
        share = step / 8
        touch(
            "touchMove",
            (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share),
        )
    touch("touchEnd")


@pytest.mark.parametrize("drag", [drag_with_the_mouse, drag_with_a_finger])
def test_an_item_is_dragged_to_its_place(screen, site, drag):
    """By its handle; down past two others, and up again past one."""
    _projector, [ada, _bea] = open_question(screen, site, "Ada", "Bea", only="in-order")
    page = ada.page
    rows = page.locator("ol.order > li")

    def texts() -> list[str]:
        return [row.locator(".option-text").inner_text() for row in rows.all()]

    first, second, third, fourth = texts()
    handle = rows.nth(0).locator(".order-handle")
    drag(page, center(handle), center(rows.nth(2)))
    expect(said(page)).to_have_text(f"{first} is now at place 3 of 4.")
    assert texts() == [second, third, first, fourth]

    drag(page, center(rows.nth(3).locator(".order-handle")), center(rows.nth(2)))
    expect(said(page)).to_have_text(f"{fourth} is now at place 3 of 4.")
    assert texts() == [second, third, fourth, first]
    assert page.evaluate("window.scrollY") == 0

    page.get_by_role("button", name="Send this order").click()
    ada.has_sent()
    assert [row.inner_text().split("\n")[-1] for row in page.locator("ol.chosen > li").all()] == [
        second,
        third,
        fourth,
        first,
    ]


def test_a_pair_can_be_taken_apart_and_changed(screen, site):
    """Nothing can be sent before every option has its target."""
    _projector, [ada, _bea] = open_question(screen, site, "Ada", "Bea", only="who-wrote")
    page = ada.page
    send = page.locator(".send").get_by_role("button").last
    expect(send).to_have_text("3 still to match")
    lefts = page.locator("ul.pairs button")
    targets = page.locator("button.target")
    targets.nth(0).tap()
    expect(lefts.nth(1)).to_have_attribute("aria-pressed", "true")
    targets.nth(0).tap()  # the second takes it from the first
    expect(lefts.nth(0)).to_contain_text("no match yet")
    expect(lefts.nth(1)).not_to_contain_text("no match yet")
    expect(lefts.nth(2)).to_contain_text("choose below")
    expect(send).to_have_text("2 still to match")
    expect(send).to_be_disabled()
    lefts.nth(1).tap()
    targets.nth(0).tap()
    expect(said(page)).to_contain_text("no longer goes with")
    for n in (1, 0, 2):
        lefts.nth(n).tap()
        targets.nth(n).tap()
    expect(said(page)).to_contain_text("All are matched.")
    expect(send).to_have_text("Send these pairs")
    send.tap()
    ada.has_sent()


def test_a_number_that_the_server_cannot_read_is_kept_to_be_mended(screen, site):
    """And a sign can be set where the keys of a phone have none."""
    projector, [ada] = open_question(screen, site, "Ada", only="un-founded")
    page = ada.page
    field = page.get_by_role("textbox")
    send = page.get_by_role("button", name="Send")
    field.fill("many")
    expect(send).to_be_disabled()
    field.fill("19 or 45")
    send.click()
    expect(page.get_by_text("That answer could not be taken.")).to_be_visible()
    expect(field).to_have_value("19 or 45")
    field.fill("1945")
    page.get_by_role("button", name="Plus or minus").click()
    expect(field).to_have_value("−1945")
    page.get_by_role("button", name="Plus or minus").click()
    send.click()
    projector.question("reveal")
    assert ada.reveal()[0] == "Right"
    expect(page.locator(".facts")).to_contain_text("1945 AD")


@pytest.mark.parametrize(
    ("only", "draft"),
    [
        ("written", lambda page: page.get_by_role("textbox").fill("self-determination")),
        ("picked", lambda page: [option(page, text).tap() for text in ("Liberal", "Socialist")]),
    ],
    ids=["text", "multi"],
)
def test_what_stands_there_when_the_bell_goes_is_sent(screen, site, only, draft):
    """Nobody loses an answer for want of a press; who has done nothing sends nothing."""
    room = site.open_room("hasty_kinds", reading_time="off", questions=[only]).room
    projector = Projector(screen({"width": 1280, "height": 720}), site)
    projector.show(room)
    phones = [StudentPhone(screen(PHONE), name) for name in ("Ada", "Bea")]
    for phone in phones:
        phone.join(room)
    projector.go_on()
    for phone in phones:
        expect(phone.page.get_by_role("timer")).to_be_visible()
    draft(phones[0].page)
    phones[0].page.locator(".verdict").wait_for(timeout=60_000)
    assert phones[0].reveal()[0] == "Right"
    assert phones[1].reveal()[0] == "No answer"


def test_a_formula_is_set_and_katex_is_fetched_only_where_a_bank_has_one(screen, site):
    """On the projector and on a phone, in the lobby, so that no formula has to be waited for."""
    asked: dict[Page, list[str]] = {}

    def watched(viewport: dict[str, int]) -> Screen:
        device = screen(viewport)
        urls = asked[device.page] = []
        device.page.on("request", lambda request: urls.append(request.url))
        return device

    projector, [ada] = open_class(watched, site, "Ada")
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    assert not [url for urls in asked.values() for url in urls if "katex" in url]

    asked.clear()
    projector, [ada] = open_kinds(watched, site, "Ada")
    projector.go_on()
    projector.question("reading")
    ada.sees("Before we begin")
    projector.go_on()
    screens = (projector.page, ada.page)
    for page in screens:
        expect(page.locator("h1 .katex-html")).to_have_text("n")
        expect(page.locator("h1")).not_to_contain_text("$")
        assert [url for url in asked[page] if "katex.js" in url]


def test_what_is_a_formula_and_what_is_a_dollar(screen, site):
    """As in Pandoc, so that prices need no thought."""
    expected: dict[str, list[dict[str, str]]] = {
        "no formula": [{"text": "no formula"}],
        "$n$": [{"formula": "n"}],
        "of $n$ states and $x^2$.": [
            {"text": "of "},
            {"formula": "n"},
            {"text": " states and "},
            {"formula": "x^2"},
            {"text": "."},
        ],
        "from $5 to $6": [{"text": "from $5 to $6"}],
        "$5-$6": [{"text": "$5-$6"}],
        "a $ b $ c": [{"text": "a $ b $ c"}],
        r"\$n\$": [{"text": "$n$"}],
        r"$\$5$": [{"formula": r"\$5"}],
        r"$\frac{1}{2}$ of it": [{"formula": r"\frac{1}{2}"}, {"text": " of it"}],
        "$": [{"text": "$"}],
        "$" * 300 + "x": [{"text": "$" * 300 + "x"}],
        "": [],
    }
    opened = screen(PHONE)
    opened.open("/")
    parts = opened.page.evaluate(
        """async (texts) => {
            const page = document.querySelector("script[type=module]").src;
            const { partsOf } = await import(new URL("../shared/components/bank-text.js", page).href);
            return texts.map(partsOf);
        }""",
        list(expected),
    )
    assert dict(zip(expected, parts, strict=True)) == expected


def test_a_phone_gets_a_picture_no_larger_than_it_needs(screen, site):
    """And the projector its own."""
    projector, [ada] = open_question(screen, site, "Ada", only="un-example")
    for page, longest in ((projector.page, "-1600.webp"), (ada.page, "-800.webp")):
        pictures = page.locator("main img")
        expect(pictures).to_have_count(2)
        for picture in pictures.all():
            assert picture.get_attribute("src").endswith(longest)
            assert picture.get_attribute("alt")
            assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
        expect(page.get_by_text("Drawn for the tests")).to_be_visible()


def test_questions_come_to_a_phone_whose_network_failed_while_it_fetched_them(screen, site):
    """What could not be fetched in the lobby is fetched again and again."""
    room = site.open_room(BANK, reading_time=300).room
    projector = Projector(screen({"width": 1280, "height": 720}), site)
    projector.show(room)
    phone = StudentPhone(screen(PHONE), "Ada")
    fails = True
    tried: list[str] = []

    def perhaps(route: Any) -> None:
        tried.append(route.request.url)
        if fails:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    phone.page.route("**/player/types/*.js", perhaps)
    phone.join(room)
    projector.go_on()
    projector.question("reading")
    expect(phone.page.get_by_role("heading", name="One moment…")).to_be_visible()
    while len(tried) < 6:
        phone.page.wait_for_timeout(50)
    fails = False
    phone.sees("Before we begin")
