"""Settings: the defaults of the protocol, the bounds, and pydantic's reading of the same class."""

from __future__ import annotations

import json

import pytest
from pydantic import TypeAdapter, ValidationError

from server.game.errors import BadRequest
from server.game.settings import Settings

READ = TypeAdapter(Settings).validate_json


def test_the_defaults_are_those_of_the_protocol():
    assert vars(Settings()) == {
        "scoring": "speed",
        "streak_bonus": False,
        "reading_time": "auto",
        "time_factor": 1.0,
        "shuffle_questions": False,
        "shuffle_options": False,
        "auto_advance": "off",
        "leaderboard": True,
        "questions": None,
        "max_players": 2_000,
        "phones_show": "text",
        "nicknames": "own",
        "check": False,
        "clock": True,
    }


@pytest.mark.parametrize(
    ("name", "values"),
    {
        "reading_time": ["auto", "off", 1, 2.5, 300],
        "auto_advance": ["off", 1, 0.5 + 1, 300],
        "time_factor": [1, 1.5, 4],
        "max_players": [1, 2_000],
        "questions": [1, 1_000, ["a"], ["a", "b"]],
        "scoring": ["speed", "accuracy"],
        "phones_show": ["text", "shapes"],
    }.items(),
)
def test_a_value_within_its_bounds_is_taken(name, values):
    for value in values:
        taken = getattr(READ(json.dumps({name: value})), name)
        assert taken == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("name", "values"),
    {
        "reading_time": [0, 0.99, -1, 301, float("nan"), float("inf")],
        "auto_advance": [0, 0.5, 300.1, float("nan")],
        "time_factor": [0.99, 4.01, 0, -1, float("nan")],
        "max_players": [0, -1, 2_001],
        "questions": [0, -1, 1_001, (), ("a", "a")],
    }.items(),
)
def test_a_value_out_of_its_bounds_is_refused_with_the_settings_name(name, values):
    for value in values:
        with pytest.raises(BadRequest, match=rf"settings\.{name}"):
            Settings(**{name: value})


@pytest.mark.parametrize(
    "wrong",
    [
        {"reading_time": "soon"},
        {"auto_advance": "auto"},
        {"scoring": "luck"},
        {"streak_bonus": "yes"},
        {"leaderboard": 1},
        {"clock": "off"},
        {"time_factor": "2"},
        {"phones_show": None},
        {"questions": [1]},
        {"max_players": 2.5},
        {"shufle_options": True},
    ],
)
def test_a_wrong_type_or_name_is_refused(wrong):
    with pytest.raises(ValidationError):
        READ(json.dumps(wrong))
