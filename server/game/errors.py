"""What the game refuses, each refusal with the code that goes on the wire."""

from __future__ import annotations

from typing import ClassVar


class GameError(Exception):
    """A command that the rules refuse; the room is as it was.

    `code` is for programs and is one of those in docs/protocol.md; the message is for a person and says
    what to do.
    """

    code: ClassVar[str] = "bad_request"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(GameError):
    """The message has the wrong shape, names an unknown field, or holds a value that cannot be."""

    code = "bad_request"


class NoSuchRoom(GameError):
    code = "no_such_room"


class NotAllowed(GameError):
    """This role may not do that, or not on this connection."""

    code = "not_allowed"


class WrongPhase(GameError):
    """The command is a good one, at another moment of the game."""

    code = "wrong_phase"


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
