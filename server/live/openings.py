"""Opening games: the shell draws code, token and the order of things, the game gets them resolved."""

from __future__ import annotations

import secrets
from dataclasses import replace
from random import Random
from typing import Any

from server import runtime
from server.banks.bank import Bank
from server.banks.draw import draw
from server.banks.library import Banks
from server.game import commands as do
from server.game import events as ev
from server.game.errors import Full, NoSuchBank
from server.game.room import Room

from . import protocol
from .rooms import LiveRoom, Rooms

MAX_ROOMS = 1_000
"""Rooms that may be open at a time: each is kept in memory."""


class TooManyRooms(Full):
    """As many rooms are open as may be; `limit` is how many."""

    reason = "too_many_rooms"


class Openings:
    """Opens rooms and further games from the banks."""

    def __init__(self, banks: Banks, rooms: Rooms, clock: runtime.Clock) -> None:
        self._banks = banks
        self._rooms = rooms
        self._clock = clock
        self._random: Random = secrets.SystemRandom()

    def open_room(self, bank_id: str, settings: dict[str, Any] | None) -> LiveRoom:
        """Open a room with its first game, under a code that no other room has.

        Raises:
            BadRequest: there is no such bank, or a setting is refused.
            TooManyRooms: too many are open.
            Stalled: the journal cannot be written.
        """
        if len(self._rooms) >= MAX_ROOMS:
            raise TooManyRooms(
                f"{MAX_ROOMS} rooms are open already: end some, then open this one.", limit=MAX_ROOMS
            )
        bank = self._bank(bank_id)
        chosen = protocol.read_settings(settings)
        questions = draw(bank, chosen, self._random)
        code = self._free_code()
        self._rooms.open(
            ev.RoomOpened(
                now=self._clock.now(),
                code=code,
                host_token=secrets.token_urlsafe(16),
                bank=_info(bank),
                questions=questions,
                settings=chosen,
            )
        )
        return self._rooms.get(code)

    def again(self, room: Room, bank_id: str | None, settings: dict[str, Any] | None) -> do.Again:
        """Return the command for a new game: of the same bank and settings where none are given.

        Raises:
            BadRequest: there is no such bank (any more), or a setting is refused.
        """
        bank = self._bank(bank_id or room.bank.id)
        base = room.settings
        if bank.id != room.bank.id:
            base = replace(base, questions=None)  # which questions to play was said of the other bank
        chosen = protocol.read_settings(settings, base)
        return do.Again(_info(bank), draw(bank, chosen, self._random), chosen)

    def _bank(self, bank_id: str) -> Bank:
        bank = self._banks.get(bank_id)
        if bank is None:
            raise NoSuchBank("bank: there is no bank with this id; /api/banks lists those there are.")
        return bank

    def _free_code(self) -> str:
        while (code := str(self._random.randrange(100_000, 1_000_000))) in self._rooms:
            pass
        return code


def _info(bank: Bank) -> ev.BankInfo:
    return ev.BankInfo(bank.id, bank.title, bank.language)
