"""Nobody needs to see colours: options differ by shape and letter, right and wrong by icon and word."""

from __future__ import annotations

import io
from itertools import combinations

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.class_room import StudentPhone
from tests.browser.test_every_kind import Fingers, choose_several, open_question, option

DEFICIENCIES = ["protanopia", "deuteranopia", "tritanopia", "achromatopsia"]
LEAST_CONTRAST = 3.0
"""Of graphical objects, by WCAG 1.4.11."""
LEAST_DIFFERENCE = 0.1
"""The share of the pixels in which the marks of two options differ."""
SIDE = 48
CORNER = 8
"""Corners are round, and what is behind them is no part of a mark."""


def luminance(value: float) -> float:
    """Return the relative luminance of a grey, as in WCAG."""
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def pictures(page: Page, marks: Locator) -> list[Image.Image]:
    """Return each mark in grey, as the page shows it just now."""
    shown = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("L")
    found = []
    for mark in marks.all():
        box = mark.bounding_box()
        assert box is not None
        left, top = box["x"] + CORNER, box["y"] + CORNER
        found.append(
            shown.crop((left, top, left + box["width"] - 2 * CORNER, top + box["height"] - 2 * CORNER))
        )
    return found


def contrast(picture: Image.Image) -> float:
    """Return the contrast of a mark to the ground it stands on, which is the most frequent grey."""
    histogram = picture.histogram()
    ground = luminance(histogram.index(max(histogram)))
    lightest = luminance(max(value for value, count in enumerate(histogram) if count))
    return (lightest + 0.05) / (ground + 0.05)


def silhouette(picture: Image.Image) -> list[bool]:
    """Return where a mark is, as large as it gets, whatever its colour and that of the ground."""
    darkest, lightest = picture.getextrema()
    mark = picture.point(lambda value: 255 * (value > (darkest + lightest) / 2))
    return [value > 127 for value in mark.crop(mark.getbbox()).resize((SIDE, SIDE)).tobytes()]


def test_options_are_told_apart_without_colour(screen, site, measured):
    """By shape and letter that stand out from their ground, however one sees, on projector and phone."""
    projector, [ada, _bea] = open_question(screen, site, "Ada", "Bea", only="two-kinds")
    for page, marks in (
        (projector.page, projector.page.locator(".option-tab")),
        (ada.page, ada.page.locator("button.option .option-key")),
    ):
        expect(marks).to_have_count(4)
        expect(marks).to_have_text(["A", "B", "C", "D"])
        wire = page.context.new_cdp_session(page)
        weakest, closest = 99.0, 1.0
        for deficiency in DEFICIENCIES:
            wire.send("Emulation.setEmulatedVisionDeficiency", {"type": deficiency})
            seen = pictures(page, marks)
            weakest = min(weakest, *map(contrast, seen))
            for one, other in combinations(map(silhouette, seen), 2):
                closest = min(closest, sum(a != b for a, b in zip(one, other, strict=True)) / len(one))
        measured(f"contrast {weakest:.1f} at least, marks differ in {closest:.0%} of their pixels at least")
        assert weakest >= LEAST_CONTRAST
        assert closest >= LEAST_DIFFERENCE


def test_right_and_wrong_are_told_apart_without_colour(screen, site):
    """By an icon and a word, on projector and phones, for the whole and for each option."""
    projector, [ada, bea] = open_question(screen, site, "Ada", "Bea", only="two-kinds")
    choose_several(Fingers(ada))
    wrong = Fingers(bea)
    for text in ("Isolationist", "Autarkic"):
        wrong.press(option(bea.page, text))
    wrong.press(bea.page.get_by_role("button", name="Send 2 answers"))

    reveal = projector.question("reveal")
    expect(reveal.locator(".option", has=icon_beside(projector.page, "Right"))).to_contain_text(
        ["Liberal", "Socialist"]
    )
    for phone, word, name in ((ada, "Right", "right"), (bea, "Wrong", "wrong")):
        says_with_an_icon(phone, word, name)
        for text in ("Liberal", "Socialist"):
            assert_marked(phone, text, "Right answer", "icon-right")
    for text in ("Isolationist", "Autarkic"):
        assert_marked(bea, text, "Your answer", "icon-wrong")
        expect(ada.page.locator(".marked .option", has_text=text).locator(".icon")).to_have_count(0)


def icon_beside(page: Page, word: str) -> Locator:
    return page.locator(".share-word", has_text=word, has=page.locator("svg.icon"))


def says_with_an_icon(phone: StudentPhone, word: str, name: str) -> None:
    """The verdict is this word, with its icon beside it."""
    verdict = phone.page.locator(".verdict")
    expect(verdict.get_by_role("heading")).to_have_text(word)
    expect(verdict.locator(f"svg.icon-{name}")).to_be_visible()


def assert_marked(phone: StudentPhone, text: str, word: str, icon: str) -> None:
    """An option of the reveal carries a word with its icon."""
    note = phone.page.locator(".marked .option", has_text=text).locator(".option-note span", has_text=word)
    expect(note).to_be_visible()
    expect(note.locator(f"svg.{icon}")).to_be_visible()
