"""The door of the rooms: who looks for one, who may come in, and under which name."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from server import runtime
from server.game.errors import BadRequest, NicknameRefused, NoSuchRoom, NotAllowed

from . import checks
from .connections import Connection
from .given_names import draw_name
from .limits import FailedGuesses
from .offensive import is_offensive_name
from .protocol import Join
from .rooms import LiveRoom, Rooms


class Door:
    """Finds rooms by their codes with an eye on those who guess codes, or what the big screen shows."""

    def __init__(
        self, rooms: Rooms, failed_codes: FailedGuesses, failed_checks: FailedGuesses, clock: runtime.Clock
    ) -> None:
        self._rooms = rooms
        self._failed_codes = failed_codes
        self._failed_checks = failed_checks
        self._clock = clock
        self._random = secrets.SystemRandom()

    def room(
        self, connection: Connection, code: str, has_proof: Callable[[LiveRoom], bool] = lambda live: False
    ) -> LiveRoom:
        """Return the room with this code, with an eye on those who guess; who has proof, guesses nothing."""
        if code in self._rooms and (connection.known_room == code or has_proof(self._rooms.get(code))):
            return self._rooms.get(code)
        self._failed_codes.check(connection.failed_guesses)
        has_place = not connection.failed_guesses and self._failed_codes.stand_in_line(connection.address)
        try:
            live = self._rooms.get(code)
        except NoSuchRoom:
            self._count(connection, self._failed_codes)
            raise
        if has_place:
            self._failed_codes.found()
        connection.known_room = code
        return live

    def count_failure(self, connection: Connection) -> None:
        """Note that somebody tried a secret of a room that was wrong."""
        self._count(connection, self._failed_codes)

    def _count(self, connection: Connection, failed: FailedGuesses) -> None:
        connection.failed_guesses += 1
        failed.failed()

    def has_secret(self, live: LiveRoom, check: str | None) -> bool:
        """Tell whether this is what the room's QR code carries, which nobody guesses."""
        return bool(live.room.settings.check and check) and checks.is_secret(
            live.room, check or "", self._clock.now()
        )

    def check(self, connection: Connection, live: LiveRoom, check: str | None) -> None:
        """Let nobody in who does not see the big screen, where the room asks for that.

        Raises:
            NotAllowed: the check is missing or wrong.
            TooMany: too many were wrong.
        """
        if not live.room.settings.check:
            return
        if not check:
            raise NotAllowed("check: copy the four shapes from the big screen.")
        if self.has_secret(live, check):
            return
        self._failed_checks.check(connection.failed_guesses)
        is_first = not connection.failed_guesses
        has_place = is_first and self._failed_checks.stand_in_line(connection.address)
        if not checks.is_pattern(live.room, check, self._clock.now()):
            self._count(connection, self._failed_checks)
            raise NotAllowed("check: these are not the shapes on the big screen; they change every minute.")
        if has_place:
            self._failed_checks.found()

    def name_for(self, live: LiveRoom, message: Join) -> str:
        """Return the name that a player joins with: the one that was chosen, or one that the room gives.

        Raises:
            BadRequest: none was chosen where one has to be.
            NicknameRefused: it is not fit for a classroom.
        """
        if live.room.settings.nicknames == "given":
            return draw_name(message.lang, live.room.has_name, self._random)
        if message.nickname is None:
            raise BadRequest("nickname: is missing.")
        if is_offensive_name(message.nickname):
            raise NicknameRefused("This name cannot be used here; please choose another.")
        return message.nickname
