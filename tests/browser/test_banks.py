"""Plenary's own banks in Chromium: each question is shown whole, in all its languages, and can be answered.

The short form plays a few questions of each bank, the long form (PLENARY_LONG=1) all of them.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from playwright.sync_api import expect

from server.banks.bank import Bank
from server.banks.check import OWN_BANKS
from server.banks.loader import load_bank
from server.game.questions import (
    OPTION_IDS,
    Choice,
    Match,
    Multi,
    Numeric,
    Order,
    Poll,
    Question,
    Text,
    TrueFalse,
    Typed,
    in_language,
)
from tests.browser.class_room import Projector, StudentPhone, open_class
from tests.browser.conftest import PHONE, SMALL_PHONE
from tests.browser.test_every_kind import Fingers

IS_LONG = os.environ.get("PLENARY_LONG") == "1"
BANKS = sorted(OWN_BANKS.glob("*.yaml"))


class Student:
    """Somebody who reads one language and knows so many of a hundred answers."""

    def __init__(self, screen: Any, room: str, nickname: str, bank: Bank, *, lang: str, knows: int) -> None:
        self.bank, self.lang, self.knows = bank, lang, knows
        self.phone = StudentPhone(screen(PHONE if knows > 50 else SMALL_PHONE, locale=lang), nickname)
        self.phone.join(room)
        self.page = self.phone.page
        self._chance = random.Random(nickname)

    def reads(self, text: Text) -> str:
        return in_language(text, self.lang, self.bank.language).replace("\\$", "$").strip()

    def sees_all_of(self, question: Question) -> None:
        """The stem and every option, in the student's language, and nothing beyond the screen's edge."""
        stem = self.page.locator(".stem")
        expect(stem).to_have_text(self.reads(question.stem))
        expect(stem.locator("span").first).to_have_attribute("lang", self.lang)
        shown = self.page.locator("main .option-text, main .pair-left, main .target")
        for text in question.options_texts():
            expect(shown.filter(has_text=self.reads(text)).first).to_be_visible()
        self.fits()

    def fits(self) -> None:
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def responds(self, question: Question) -> None:
        """Answer as well as one knows."""
        is_able = self._chance.randrange(100) < self.knows
        if isinstance(question, Choice | TrueFalse | Multi | Poll):
            self.phone.tap(*self._letters(question, is_able=is_able))
        elif isinstance(question, Order):
            self._orders(question, is_able=is_able)
        elif isinstance(question, Match):
            self._pairs(question, is_able=is_able)
        elif isinstance(question, Numeric):
            number = question.value if is_able else question.value + question.tolerance + 7
            Fingers(self.phone).write(f"{number:g}")
        else:
            right = self.reads(question.accept[0]) if isinstance(question, Typed) else "peace"
            Fingers(self.phone).write(right if is_able else "no idea")

    def _letters(self, question: Choice | TrueFalse | Multi | Poll, *, is_able: bool) -> list[str]:
        right = question.key() or ["a"]
        ids = OPTION_IDS[: len(question.shown())]
        chosen = right if is_able else [self._chance.choice([id_ for id_ in ids if id_ not in right])]
        return [id_.upper() for id_ in chosen]

    def _orders(self, question: Order, *, is_able: bool) -> None:
        fingers = Fingers(self.phone)
        if is_able:
            for place, item in enumerate(question.items):
                fingers.raise_to(self.reads(item.text), place)
        fingers.press(self.page.get_by_role("button", name="Send this order"))

    def _pairs(self, question: Match, *, is_able: bool) -> None:
        lefts, targets = self.page.locator("ul.pairs button"), self.page.locator("button.target")
        for n, pair in enumerate(question.pairs):
            if is_able:
                left = self.page.get_by_text(self.reads(pair.left), exact=True)
                lefts.filter(has=self.page.locator(".pair-left").filter(has=left)).tap()
                targets.filter(has=self.page.get_by_text(self.reads(pair.right), exact=True)).tap()
            else:
                lefts.nth(n).tap()
                targets.nth(n).tap()
        self.page.get_by_role("button", name="Send these pairs").tap()

    def learns(self, question: Question) -> None:
        """The reveal explains, in the student's language."""
        if question.explanation is not None and question.has_key:
            expect(self.page.locator(".explanation")).to_have_text(self.reads(question.explanation))
        self.fits()


def lesson_of(bank: Bank) -> list[Question]:
    """Return the questions that are played: the longest, the first of the rarest type, the first of all."""
    if IS_LONG:
        return list(bank.questions)
    questions = list(bank.questions)
    rarest = min(bank.types(), key=lambda name: sum(question.type == name for question in questions))
    chosen = {
        max(questions, key=lambda question: question.slow_reading_ms()).id,
        next(question.id for question in questions if question.type == rarest),
        questions[0].id,
    }
    return [question for question in questions if question.id in chosen]


def play(projector: Projector, question: Question, students: list[Student]) -> None:
    """Show one question, have all respond, and look at every screen in each phase."""
    if not question.has_responses:
        projector.question("reading")
        assert projector.fits_without_scrolling(), question.id
        for student in students:
            expect(student.page.locator(".stem")).to_have_text(student.reads(question.stem))
            student.fits()
        return
    projector.question("answering")
    assert projector.fits_without_scrolling(), question.id
    for student in students:
        student.sees_all_of(question)
    for student in students:
        expect(student.page.locator("main button:enabled, main input:enabled").first).to_be_visible()
        student.responds(question)
    projector.question("reveal")
    assert projector.fits_without_scrolling(), question.id
    for student in students:
        student.learns(question)


@pytest.mark.timeout(1_200 if IS_LONG else 180)
@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.stem)
def test_a_class_plays_the_bank(screen, site, path):
    """Students who know everything, half and nothing; one a language, in the short form for three."""
    bank = load_bank(path)
    lesson = lesson_of(bank)
    projector, _ = open_class(
        screen,
        site,
        bank=bank.id,
        reading_time="off",
        scoring="accuracy",
        leaderboard=False,
        questions=[question.id for question in lesson],
    )
    others = [lang for lang in bank.languages() if lang != bank.language][: None if IS_LONG else 2]
    abilities = [(bank.language, 100), *((lang, 50) for lang in others), (others[-1] if others else "en", 0)]
    students = [
        Student(screen, projector.code, f"Student {n}", bank, lang=lang, knows=knows)
        for n, (lang, knows) in enumerate(abilities)
    ]
    projector.go_on()
    for question in lesson:
        play(projector, question, students)
        projector.go_on()

    scores = {name: score for _, name, score in projector.rows()}
    assert scores["Student 0"] == sum(question.points for question in lesson)
    assert max(scores.values()) == scores["Student 0"]
    assert min(scores.values()) == scores[f"Student {len(students) - 1}"]
