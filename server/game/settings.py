"""A game's settings: each with its default, its bounds and a clear refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from .errors import SettingOutOfBounds, SettingRefused

MAX_SEATS = 2_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one game is played; the names are those of `POST /api/rooms` in docs/protocol.md.

    Raises:
        SettingRefused: a value is out of its bounds; message and values name the setting and the bounds.
    """

    scoring: Literal["speed", "accuracy"] = "speed"
    streak_bonus: bool = False
    reading_time: Literal["auto", "off"] | int | float = "auto"
    """Seconds, or `auto`: by the length of the stem."""
    time_factor: float = 1.0
    shuffle_questions: bool = False
    shuffle_options: bool = False
    auto_advance: Literal["off"] | int | float = "off"
    """Seconds that reveal and leaderboard stand before the game goes on by itself."""
    leaderboard: bool = True
    questions: int | tuple[str, ...] | None = None
    """How many of the bank's questions, or the ids of those to play; all where left out."""
    max_players: int = MAX_SEATS
    phones_show: Literal["text", "shapes"] = "text"
    nicknames: Literal["own", "given"] = "own"
    """Chosen by the students, or drawn for them."""
    check: bool = False
    """Whether joining takes what only the big screen shows, and changes every minute."""
    clock: bool = True
    """Whether screens show how the time runs; it runs all the same."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    def __post_init__(self) -> None:
        _within("reading_time", self.reading_time, 1, 300, "seconds", words=("auto", "off"))
        _within("auto_advance", self.auto_advance, 1, 300, "seconds", words=("off",))
        _within("time_factor", self.time_factor, 1, 4)
        _within("max_players", self.max_players, 1, MAX_SEATS)
        if isinstance(self.questions, int):
            _within("questions", self.questions, 1, 1_000)
        elif self.questions is not None and (
            not self.questions or len(set(self.questions)) != len(self.questions)
        ):
            raise SettingRefused(
                "settings.questions: name at least one question's id, each once.", setting="questions"
            )


def _within(
    name: str, value: Any, low: float, high: float, unit: str = "", words: tuple[str, ...] = ()
) -> None:
    if isinstance(value, str):
        return  # one of the words: the type says so
    if not low <= value <= high:
        choice = "".join(f"`{word}` or " for word in words)
        raise SettingOutOfBounds(
            f"settings.{name}: give {choice}a number{' of ' + unit if unit else ''} from {low} to {high:,}.",
            setting=name,
            low=low,
            high=high,
        )
