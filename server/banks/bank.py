"""A bank: a file of questions, ready to be played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.game.questions import QUESTION_TYPES, Question, Text, in_language, languages_of

from .stamps import Stamp

REVEAL_AND_LEADERBOARD_MS = 20_000


@dataclass(frozen=True)
class Bank:
    """The questions of one file; `id` is the file's name without its ending."""

    id: str
    title: Text
    language: str
    description: Text
    questions: tuple[Question, ...]
    pictures: Mapping[Path, Stamp] = field(default_factory=dict)
    """The files that the questions show, as they were when the bank was read."""

    def types(self) -> list[str]:
        """Return the question types that the bank uses, in the order of the registry."""
        used = {question.type for question in self.questions}
        return [name for name in QUESTION_TYPES if name in used]

    def languages(self) -> list[str]:
        """Return the languages in which every question is asked, the bank's own first."""
        asked = [languages_of(question.stem) for question in self.questions]
        return [self.language, *sorted(set[str].intersection(*asked) - {self.language})]

    def minutes(self) -> int:
        """Return how long the bank takes in a lesson, in whole minutes, at least one.

        For each question the reading, two thirds of the time for a response (most classes have responded
        by then), and 20 s for reveal and leaderboard together; of a page to read, the reading alone.
        """
        total_ms = sum(question.reading_ms() for question in self.questions) + sum(
            question.time_ms() * 2 / 3 + REVEAL_AND_LEADERBOARD_MS
            for question in self.questions
            if question.has_responses
        )
        return max(1, round(total_ms / 60_000))

    def summary(self, lang: str) -> dict[str, Any]:
        """Return what `GET /api/banks` says about the bank, in `lang` where the bank has it."""
        return {
            "id": self.id,
            "title": in_language(self.title, lang, self.language),
            "description": in_language(self.description, lang, self.language),
            "language": self.language,
            "languages": self.languages(),
            "questions": len(self.questions),
            "types": self.types(),
            "minutes": self.minutes(),
        }
