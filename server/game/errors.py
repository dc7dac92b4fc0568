"""What the game refuses, each refusal with the code that goes on the wire."""

from __future__ import annotations

from typing import Any, ClassVar


class GameError(Exception):
    """A command that the rules refuse; the room is as it was.

    `code` is for programs and is one of those in docs/protocol.md; the message is for a person and says
    what to do. A page has words of its own, by the `reason` where there is one, else by the code; `values`
    are the particulars that they name.
    """

    code: ClassVar[str] = "bad_request"
    reason: ClassVar[str | None] = None
    """Tells apart what has the same code and calls for other words."""

    def __init__(self, message: str, **values: str | float) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def on_the_wire(self) -> dict[str, Any]:
        """Return what a client gets, over Socket.IO as over HTTP."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.reason:
            error["reason"] = self.reason
        if self.values:
            error["values"] = self.values
        return error


class BadRequest(GameError):
    """The message has the wrong shape, names an unknown field, or holds a value that cannot be."""

    code = "bad_request"


class SettingRefused(BadRequest):
    """A setting has a value that it cannot have; `setting` names it."""

    reason = "setting"


class SettingOutOfBounds(SettingRefused):
    """It has numbers, from `low` to `high`, and was given another."""

    reason = "setting_bounds"


class NoSuchBank(BadRequest):
    reason = "no_such_bank"


class NoSuchPlayer(BadRequest):
    reason = "no_such_player"


class TooManyAccepted(BadRequest):
    """A question takes no further response as right; `limit` is how many it takes."""

    reason = "too_many_accepted"


class NoSuchRoom(GameError):
    code = "no_such_room"


class NotAllowed(GameError):
    """This role may not do that, or not on this connection."""

    code = "not_allowed"


class WrongPhase(GameError):
    """The command is a good one, at another moment of the game."""

    code = "wrong_phase"


class IsPaused(WrongPhase):
    """The game goes on with nothing but `resume`."""

    reason = "paused"


class Locked(GameError):
    code = "locked"


class Full(GameError):
    code = "full"


class NicknameTaken(GameError):
    code = "nickname_taken"


class NicknameRefused(GameError):
    code = "nickname_refused"


class BadToken(GameError):
    code = "bad_token"


class TooMany(GameError):
    """Too many attempts; the caller waits and tries again."""

    code = "too_many"


class NotJoined(GameError):
    code = "not_joined"


class TooLate(GameError):
    """The response was chosen, or arrived, after the player's bell."""

    code = "too_late"


class Stalled(GameError):
    """The journal cannot be written; nothing was changed."""

    code = "stalled"
