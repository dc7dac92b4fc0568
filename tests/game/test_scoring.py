"""Points, streaks and bonuses against the formula of the design, computed in exact fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.game.scoring import points_for, streak_after, streak_bonus

CREDITS = sorted({Fraction(n, d) for d in range(1, 17) for n in range(d + 1)})


def formula(credit: Fraction, points: int, t: int, limit: int | None, policy: str) -> int:
    """credit · P · (1 − t/T/2), t taken as 0 below 500 ms; half a point rounds up."""
    exact = credit * points
    if policy == "speed" and limit is not None:
        exact *= 1 - Fraction(0 if t < 500 else t, limit) / 2
    doubled = exact * 2
    return (doubled.numerator // doubled.denominator + 1) // 2


@given(
    credit=st.sampled_from(CREDITS),
    points=st.sampled_from([0, 1000, 2000]),
    share=st.fractions(0, 1),
    limit=st.integers(1_000, 2_400_000) | st.none(),
    policy=st.sampled_from(["speed", "accuracy"]),
)
def test_points_are_those_of_the_formula(credit, points, share, limit, policy):
    t = int(share * (limit or 60_000))
    assert points_for(float(credit), points, t, limit, policy) == formula(credit, points, t, limit, policy)


@pytest.mark.parametrize(
    ("t", "earned"),
    [(0, 1000), (499, 1000), (500, 988), (10_000, 750), (20_000, 500)],
)
def test_speed_costs_up_to_half_of_the_points_and_nothing_below_half_a_second(t, earned):
    assert points_for(1.0, 1000, t, 20_000, "speed") == earned


def test_half_a_point_rounds_up_even_where_floats_would_not():
    assert points_for(1.0, 1000, 1_001, 1_001_000, "speed") == 1000  # 999.5
    assert points_for(1.0, 1000, 3_003, 1_001_000, "speed") == 999  # 998.5, which round() would take down
    assert points_for(1 / 16, 1000, 0, None, "speed") == 63  # 62.5


def test_time_over_the_limit_costs_no_more_than_half():
    assert points_for(1.0, 1000, 25_000, 20_000, "speed") == 500


@given(t=st.integers(0, 600_000))
def test_accuracy_and_a_player_without_a_clock_do_not_look_at_the_time(t):
    assert points_for(1.0, 2000, t, 20_000, "accuracy") == 2000
    assert points_for(0.5, 1000, t, None, "speed") == 500


@pytest.mark.parametrize(("credit", "streak"), [(1.0, 4), (0.999, 0), (0.5, 0), (0.0, 0), (None, 0)])
def test_only_full_credit_prolongs_a_streak(credit, streak):
    assert streak_after(3, credit) == streak


def test_the_bonus_starts_with_the_second_in_a_row_and_ends_at_500():
    assert [streak_bonus(n) for n in range(9)] == [0, 0, 100, 200, 300, 400, 500, 500, 500]
