"""The check of a room: what only the big screen shows, and another every minute.

It follows from the room's host token and the minute, so it needs no state, is the same after a restart,
and no phone can work it out. On the screen it is a pattern of four out of eight shapes, whose letters
are sent; the QR code carries a secret of 96 bits of its own, which nobody guesses and nobody is slowed
for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from server.game.room import Room

PERIOD_MS = 60_000
"""How long a check is shown; it is taken for as long again."""
LETTERS = "ABCDEFGH"
"""The shapes of the options, by the letters that stand beside them everywhere."""
LENGTH = 4


def pattern_of(room: Room, now: int) -> str:
    """Return what the big screen shows now."""
    return "".join(LETTERS[byte % len(LETTERS)] for byte in _bytes(room, now, b"pattern")[:LENGTH])


def secret_of(room: Room, now: int) -> str:
    """Return what the QR code carries now."""
    return base64.urlsafe_b64encode(_bytes(room, now, b"link")[:12]).decode()


def is_secret(room: Room, given: str, now: int) -> bool:
    """Tell whether somebody comes by the QR code of this minute or of the last."""
    return any(
        secrets.compare_digest(given.encode(errors="replace"), secret_of(room, at).encode())
        for at in _periods(now)
    )


def is_pattern(room: Room, given: str, now: int) -> bool:
    """Tell whether this is the pattern of this minute or of the last, in large or small letters."""
    letters = "".join(given.split()).upper().encode(errors="replace")
    return any(secrets.compare_digest(letters, pattern_of(room, at).encode()) for at in _periods(now))


def _periods(now: int) -> tuple[int, int]:
    return (now, now - PERIOD_MS)


def _bytes(room: Room, now: int, purpose: bytes) -> bytes:
    message = b"check %s %d" % (purpose, now // PERIOD_MS)
    return hmac.new(room.host_token.encode(), message, hashlib.sha256).digest()
