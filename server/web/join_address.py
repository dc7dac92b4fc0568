"""The address that phones use: the server's own, never the Host header of a request."""

from __future__ import annotations

from typing import Any

from server.config import Config
from server.game.errors import BadRequest

from .addresses import choices, join_base


class NoSuchAddress(BadRequest):
    """This machine has no such address, or none any more."""

    reason = "no_such_address"


class JoinAddress:
    """The current address, and those that the host can choose instead in the lobby."""

    def __init__(self, config: Config, port: int) -> None:
        self._config = config
        self._port = port
        self.current = join_base(config, port)

    def join_url(self, code: str) -> str:
        """Return what the QR code of a room holds."""
        return f"{self.current}/j/{code}"

    def view(self) -> dict[str, Any]:
        """Return `{current, addresses: [{url, name}]}`."""
        return {"current": self.current, "addresses": self._choices()}

    def choose(self, url: str) -> None:
        """Use another of this machine's addresses from now on.

        Raises:
            NoSuchAddress: it is none of them.
        """
        if url not in {choice["url"] for choice in self._choices()}:
            raise NoSuchAddress("url: this computer has no such address; choose one of the list.")
        self.current = url

    def _choices(self) -> list[dict[str, str]]:
        found = [{"url": url, "name": name} for url, name in choices(self._config, self._port)]
        if self.current not in {choice["url"] for choice in found}:
            found.insert(0, {"url": self.current, "name": ""})
        return found
