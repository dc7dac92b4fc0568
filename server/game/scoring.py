"""What a response earns: points, streak and its bonus."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

FREE_MS = 500
"""A response faster than this is as good as an instant one: nobody can read and choose in less."""

BONUS_STEP, BONUS_MAX = 100, 500


def points_for(
    credit: float,
    points: int,
    elapsed_ms: int,
    limit_ms: int | None,
    policy: Literal["speed", "accuracy"],
) -> int:
    """Return the points for one response, without a streak's bonus.

    Policy `speed`: credit · P · (1 − t/T/2), with t taken as 0 below 500 ms; policy `accuracy`: credit · P
    (design: The game, Points). Half a point rounds up, exactly: the sum is done in fractions. `limit_ms` is
    T, the player's own time; None, a player without a clock, scores by accuracy.
    """
    exact = Fraction(credit).limit_denominator(10_000) * points
    if policy == "speed" and limit_ms:
        t = 0 if elapsed_ms < FREE_MS else min(elapsed_ms, limit_ms)
        exact *= 1 - Fraction(t, 2 * limit_ms)
    return int(exact + Fraction(1, 2))


def streak_after(streak: int, credit: float | None) -> int:
    """Return the streak after a question with points: one more for full credit, else 0 (None: no answer)."""
    return streak + 1 if credit == 1.0 else 0


def streak_bonus(streak: int) -> int:
    """Return the bonus of a response that made the streak this long: +100 from the second, at most +500."""
    return min(BONUS_MAX, BONUS_STEP * max(0, streak - 1))
