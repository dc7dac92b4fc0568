"""Who is the host: the key, links that work once, the cookie, and a limit on wrong keys."""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from server import runtime
from server.game.errors import GameError, TooMany

COOKIE = "plenary_host"
REMOTE_COOKIE = "plenary_remote"
LINK_MS = 120_000
"""How long a link that was printed works."""
WRONG_KEYS, WRONG_KEYS_MS = 10, 60_000
"""So many wrong keys from one address within so long, then 429."""


class Access(StrEnum):
    """Who may use a route of the site."""

    PUBLIC = "public"
    REMOTE = "remote"
    """The host, and the remotes that the host has allowed, each for its own room."""
    HOST = "host"


class WrongKey(GameError):
    """No key, or not the host's."""

    code = "not_allowed"

    def __init__(self) -> None:
        super().__init__("Only the host can do this. Open the link that Plenary printed in its window.")


class HostLinks:
    """Links for the host that work once, within two minutes; the key itself is never on a screen."""

    def __init__(self, clock: runtime.Clock) -> None:
        self._clock = clock
        self._made: dict[str, int] = {}

    def make(self) -> str:
        """Return the secret of a new link."""
        token = secrets.token_urlsafe(16)
        self._made[token] = self._clock.now()
        return token

    def redeem(self, token: str) -> bool:
        """Return whether a link is good; it is not a second time."""
        is_good = False
        for made, made_at in list(self._made.items()):  # Enter at the terminal makes one meanwhile
            is_old = self._clock.now() - made_at > LINK_MS
            if secrets.compare_digest(made.encode(), token.encode()) or is_old:
                was_there = self._made.pop(made, None) is not None
                is_good = is_good or (was_there and not is_old)
        return is_good


class HostKey:
    """Tells the host from everybody else, in constant time.

    Wrong keys are counted by address, and who sends too many is told to wait; the right key, the cookie and
    a printed link pass all the same: a school shares one address, and a pupil who guesses shall not lock the
    teacher out. What keeps guesses from success is the length of the key, 128 bits where none was chosen; of
    a short one that somebody chose, the server warns when it starts.
    """

    def __init__(self, key: str, clock: runtime.Clock) -> None:
        self._key = key.encode()
        self._clock = clock
        # Made from the key, so that the projector's cookie outlives a restart, and not the key itself.
        self.cookie = hashlib.blake2b(b"host cookie", key=hashlib.sha256(self._key).digest()).hexdigest()
        self._wrong: dict[str, deque[int]] = {}

    def is_key(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._key)

    def is_cookie(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self.cookie.encode())

    def is_brought_by(self, environ: dict[str, Any]) -> bool:
        """Tell whether a WSGI request brings the key along, in a header or in the address."""
        in_address = parse_qs(environ.get("QUERY_STRING", "")).get("key", [""])[0]
        return self.is_key(bearer(environ.get("HTTP_AUTHORIZATION", "")) or in_address)

    def refuse(self, address: str) -> GameError:
        """Count a wrong key from this address and return the error that it gets."""
        now = self._clock.now()
        wrong = self._wrong.setdefault(address, deque(maxlen=WRONG_KEYS + 1))
        wrong.append(now)
        for other in [a for a, times in self._wrong.items() if now - times[-1] > WRONG_KEYS_MS]:
            del self._wrong[other]
        if len(wrong) > WRONG_KEYS and now - wrong[0] <= WRONG_KEYS_MS:
            return TooMany("Too many wrong keys. Wait a minute, then use a fresh link.")
        return WrongKey()

    def retry_after_s(self, address: str) -> int:
        """Return the seconds until this address may try again."""
        wrong = self._wrong.get(address)
        return 1 if not wrong else max(1, (wrong[0] + WRONG_KEYS_MS - self._clock.now() + 999) // 1000)


def bearer(header: str) -> str:
    """Return the key in an Authorization header, empty where there is none."""
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
