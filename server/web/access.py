"""Who is the host: the key, links that work once, the cookie, and a limit on wrong keys."""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from server import runtime
from server.game.errors import GameError, NotAllowed, TooMany
from server.gate import SlowLane

COOKIE = "plenary_host"
REMOTE_COOKIE = "plenary_remote"
LINK_MS = 120_000
"""How long a link that was printed works."""
WRONG_KEYS, WRONG_KEYS_MS = 10, 60_000
"""So many wrong keys from one address within so long, then 429."""
KEYS_A_SECOND = 10
"""How many keys are looked at, all addresses together that have sent too many wrong ones."""


class Access(StrEnum):
    """Who may use a route of the site."""

    PUBLIC = "public"
    REMOTE = "remote"
    """The host, and the remotes that the host has allowed, each for its own room."""
    HOST = "host"


class WrongKey(NotAllowed):
    """No key, or not the host's."""

    reason = "wrong_key"

    def __init__(self) -> None:
        super().__init__("Only the host can do this. Open the link that Plenary printed in its window.")


class WrongKeys(TooMany):
    """Too many wrong keys have come from one address."""

    reason = "wrong_keys"


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

    Wrong keys are counted by address. From one that has sent too many, keys are looked at one after the
    other, a few a second, and wrong ones are told to wait; the right key, the cookie and a printed link pass
    all the same: a school shares one address, and a pupil who guesses shall not lock the teacher out. What
    keeps guesses from success besides is the length of the key, 128 bits where none was chosen; of a short
    one that somebody chose, the server warns when it starts.
    """

    def __init__(self, key: str, clock: runtime.Clock) -> None:
        self._key = key.encode()
        self._clock = clock
        # Made from the key, so that the projector's cookie outlives a restart, and not the key itself.
        self.cookie = hashlib.blake2b(b"host cookie", key=hashlib.sha256(self._key).digest()).hexdigest()
        self._wrong: dict[str, deque[int]] = {}
        self._lane = SlowLane(KEYS_A_SECOND)

    def is_key(self, text: str, address: str) -> bool:
        """Tell whether this is the key; a wrong one is counted, an empty one is none."""
        if not text:
            return False
        if self._is_slowed(address):
            self._lane.wait()
        if secrets.compare_digest(text.encode(), self._key):
            return True
        self._count(address)
        return False

    def is_cookie(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self.cookie.encode())

    def is_brought_by(self, environ: dict[str, Any]) -> bool:
        """Tell whether a WSGI request brings the key along, in a header or in the address."""
        in_address = parse_qs(environ.get("QUERY_STRING", "")).get("key", [""])[0]
        key = bearer(environ.get("HTTP_AUTHORIZATION", "")) or in_address
        return self.is_key(key, environ.get("REMOTE_ADDR", ""))

    def refuse_cookie(self, address: str) -> GameError:
        """Count a wrong cookie as a wrong key, and return the error that it gets."""
        self._count(address)
        return self.refusal(address)

    def refusal(self, address: str) -> GameError:
        """Return the error that a wrong key gets."""
        if self._is_slowed(address):
            return WrongKeys("Too many wrong keys. Wait a minute, then use a fresh link.")
        return WrongKey()

    def _count(self, address: str) -> None:
        now = self._clock.now()
        self._wrong.setdefault(address, deque(maxlen=WRONG_KEYS + 1)).append(now)
        for other in [a for a, times in self._wrong.items() if now - times[-1] > WRONG_KEYS_MS]:
            del self._wrong[other]

    def _is_slowed(self, address: str) -> bool:
        wrong = self._wrong.get(address) or deque()
        return len(wrong) > WRONG_KEYS and self._clock.now() - wrong[0] <= WRONG_KEYS_MS

    def retry_after_s(self, address: str) -> int:
        """Return the seconds until this address may try again."""
        wrong = self._wrong.get(address)
        return 1 if not wrong else max(1, (wrong[0] + WRONG_KEYS_MS - self._clock.now() + 999) // 1000)


def bearer(header: str) -> str:
    """Return the key in an Authorization header, empty where there is none."""
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
