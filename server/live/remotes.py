"""Remotes: the teacher's phone commands a room from the back of the class.

The host's page shows a QR code that works once, within two minutes. The projector shows it to the class as
well, so scanning alone gives nothing: both screens then show the same number, and the remote commands only
after a press on the host's page. It gets a token of its own, for one room, which the host can take away.
Nothing of it is kept: after a restart of the server a remote is scanned anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from server import runtime
from server.game.errors import BadRequest, NotAllowed

from .rooms import LiveRoom, Rooms

LINK_MS = 120_000
"""How long a QR code can be scanned, and then how long the press may take."""
USED_UP = "This QR code has been used, or is older than two minutes. Scan the one on the screen now."


class LinkUsedUp(NotAllowed):
    """The link was used, is too old, or never was one."""

    reason = "link_used_up"


class NotAsking(BadRequest):
    """The remote is not, or no longer, asking or allowed."""

    reason = "not_asking"


@dataclass
class Remote:
    """A device that has scanned the QR code of a room."""

    live: LiveRoom
    number: str
    """What both screens show, so that the teacher knows whom the press is for."""
    asked_at: int
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """By which the device is known over HTTP."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """By which it attaches, as the host does by the room's."""
    is_allowed: bool = False


class Remotes:
    """The remotes of all rooms; `dismiss` ends the connections of one that is taken away."""

    def __init__(self, rooms: Rooms, clock: runtime.Clock) -> None:
        self._rooms = rooms
        self._clock = clock
        self._links: dict[str, tuple[str, int]] = {}
        self._remotes: list[Remote] = []
        self.dismiss: Callable[[Remote], None] = lambda remote: None

    # --- the host -----------------------------------------------------------------------------------

    def make_link(self, live: LiveRoom) -> str:
        """Return the secret of a new link for a room; an earlier one that nobody used is void."""
        link = secrets.token_urlsafe(16)
        self._links[live.key] = (link, self._clock.now())
        return link

    def of_room(self, live: LiveRoom) -> list[Remote]:
        """Return those that are allowed, and those that ask."""
        return [remote for remote in self._current() if remote.live is live]

    def decide(self, live: LiveRoom, remote_id: str, *, is_allowed: bool) -> None:
        """Let a remote in, or send it away.

        Raises:
            NotAsking: it is not, or no longer, asking or allowed.
        """
        with self._rooms.lock:
            remote = _first(remote for remote in self.of_room(live) if remote.id == remote_id)
            if remote is None:
                raise NotAsking("allow: this device does not ask any more; let it scan the new QR code.")
            remote.is_allowed = is_allowed
            if not is_allowed:
                self._forget(remote)

    def sign_out(self, live: LiveRoom) -> None:
        """Take all remotes of a room away, at once, and its link."""
        with self._rooms.lock:
            self._links.pop(live.key, None)
            for remote in self.of_room(live):
                self._forget(remote)

    # --- the remote ---------------------------------------------------------------------------------

    def ask(self, link: str) -> Remote:
        """Use a link up and return the remote, which is not allowed yet.

        Raises:
            LinkUsedUp: the link was used, is too old, or never was one.
        """
        now = self._clock.now()
        with self._rooms.lock:
            for live in self._rooms:
                made, made_at = self._links.get(live.key, ("", 0))
                if made and _is_same(made, link) and now - made_at <= LINK_MS:
                    del self._links[live.key]
                    remote = Remote(live, f"{secrets.randbelow(90) + 10}", now)
                    self._remotes.append(remote)
                    return remote
        raise LinkUsedUp(USED_UP)

    def with_secret(self, secret: str) -> Remote | None:
        """Return the remote that this cookie is of, allowed or still asking."""
        return _first(remote for remote in self._current() if _is_same(remote.secret, secret))

    def with_token(self, live: LiveRoom, token: str) -> Remote | None:
        """Return the allowed remote of this room with this token."""
        return _first(
            remote for remote in self.of_room(live) if remote.is_allowed and _is_same(remote.token, token)
        )

    # --- both ---------------------------------------------------------------------------------------

    def _current(self) -> list[Remote]:
        """Return the remotes of rooms that are open, without those that asked in vain."""
        oldest = self._clock.now() - LINK_MS
        with self._rooms.lock:
            open_keys = {live.key for live in self._rooms}
            self._links = {key: link for key, link in self._links.items() if key in open_keys}
            self._remotes = [
                remote
                for remote in self._remotes
                if remote.live.key in open_keys and (remote.is_allowed or remote.asked_at >= oldest)
            ]
            return list(self._remotes)

    def _forget(self, remote: Remote) -> None:
        self._remotes.remove(remote)
        self.dismiss(remote)


def _is_same(secret: str, given: str) -> bool:
    return secrets.compare_digest(secret.encode(), given.encode())


def _first(remotes: Iterable[Remote]) -> Remote | None:
    return next(iter(remotes), None)
