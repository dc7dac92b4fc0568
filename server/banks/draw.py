"""The questions of one game: chosen and put in order here, since the game itself knows no chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from server.game.errors import SettingOutOfBounds, SettingRefused
from server.game.questions import Question
from server.game.settings import Settings

from .bank import Bank
from .problems import shortened

_T = TypeVar("_T")


def draw(bank: Bank, settings: Settings, random: Random) -> tuple[Question, ...]:
    """Return the questions of a game as it will show them, each with its time.

    The same seed draws the same game.

    Raises:
        SettingRefused: the settings name a question that the bank does not have, or more than it has.
    """

    def shuffle(things: Sequence[_T]) -> list[_T]:
        return random.sample(things, len(things))

    chosen = _chosen(bank, settings)
    if settings.shuffle_questions:
        chosen = shuffle(chosen)
    if isinstance(settings.questions, int):
        chosen = chosen[: settings.questions]
    return tuple(
        _timed(question).arranged(shuffle, shuffle_options=settings.shuffle_options) for question in chosen
    )


def _chosen(bank: Bank, settings: Settings) -> list[Question]:
    """Return the questions that may be played: those that the settings name, in that order, or all."""
    wanted = settings.questions
    if isinstance(wanted, tuple):
        by_id = {question.id: question for question in bank.questions}
        if unknown := [question_id for question_id in wanted if question_id not in by_id]:
            raise SettingRefused(
                f"settings.questions: the bank has no question “{shortened(unknown[0])}”.",
                setting="questions",
            )
        return [by_id[question_id] for question_id in wanted]
    if wanted is not None and wanted > len(bank.questions):
        raise SettingOutOfBounds(
            f"settings.questions: {wanted} are more than the {len(bank.questions)} of the bank.",
            setting="questions",
            low=1,
            high=len(bank.questions),
        )
    return list(bank.questions)


def _timed(question: Question) -> Question:
    # A game carries its questions for good; a later formula for the time must not change a replay.
    if question.time is not None or not question.has_responses:
        return question
    return replace(question, time=question.time_ms() // 1000)
