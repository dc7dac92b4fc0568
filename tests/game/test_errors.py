"""The refusals and their codes on the wire."""

from __future__ import annotations

from server.game import errors
from server.game.errors import GameError, IsPaused, SettingOutOfBounds, WrongPhase

CODES = {
    "bad_request", "no_such_room", "not_allowed", "wrong_phase", "locked", "full", "nickname_taken",
    "nickname_refused", "bad_token", "too_many", "not_joined", "too_late", "stalled",
}  # fmt: skip
FAMILY = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, GameError)]


def test_the_codes_are_those_of_the_protocol_each_said_by_one_error():
    codes = [cls.code for cls in FAMILY if cls is not GameError and cls.reason is None]
    assert sorted(codes) == sorted(CODES)


def test_a_reason_goes_with_the_code_and_values_with_both():
    """A client that knows the code alone is told all that it was before."""
    plain = WrongPhase("Later.").on_the_wire()
    paused = IsPaused("Resume it.").on_the_wire()
    bounds = SettingOutOfBounds("Less.", setting="time_factor", low=1, high=4).on_the_wire()

    assert plain == {"code": "wrong_phase", "message": "Later."}
    assert paused == {"code": "wrong_phase", "message": "Resume it.", "reason": "paused"}
    assert bounds == {
        "code": "bad_request",
        "message": "Less.",
        "reason": "setting_bounds",
        "values": {"setting": "time_factor", "low": 1, "high": 4},
    }


def test_an_error_carries_its_message():
    for cls in FAMILY:
        assert cls("Do this instead.").message == str(cls("Do this instead.")) == "Do this instead."
