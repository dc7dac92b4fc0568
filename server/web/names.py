"""The names and origins by which this server lets itself be called.

A page elsewhere can give its own name this machine's address (DNS rebinding) and is then, for the browser, a
page of ours. Only a name of the public DNS can be turned like that, so such a name has to be the one in
--public-url; addresses, and names of local networks, need no setting.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any
from urllib.parse import urlsplit

from server.config import Config

LOCAL = ("localhost", "local", "test", "home.arpa", "lan", "home", "corp", "internal", "intranet", "private")
"""What no public name ends with: RFC 6761, RFC 6762 with its appendix G, RFC 8375, ICANN's `internal`."""

_HOST = re.compile(r"([\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?", re.ASCII | re.IGNORECASE)


class OwnNames:
    """Tells this server's own names and origins from others."""

    def __init__(self, config: Config) -> None:
        url = urlsplit(config.public_url or "")
        self._names = {config.host.lower(), socket.gethostname().lower(), url.hostname}
        self._public_origin = _origin(url.scheme, url.netloc)

    def has_host(self, host: str) -> bool:
        """Tell whether a Host header may be this server's: an address, a local name, or the public one."""
        parts = _HOST.fullmatch(host)
        if parts is None:
            return False
        name = parts[1].strip("[]").rstrip(".").lower()
        return name in self._names or _is_local(name)

    def has_origin(self, origin: str, environ: dict[str, Any]) -> bool:
        """Tell whether an Origin header is that of a page of this server."""
        own = _origin(environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""))
        return origin.lower() in {own, self._public_origin} - {""}

    def is_https(self, host: str) -> bool:
        """Tell whether this host is reached by HTTPS, for --public-url says so: a proxy speaks it for us."""
        return bool(host) and _origin("https", host) == self._public_origin


def _is_local(name: str) -> bool:
    if "." not in name and ":" not in name:
        return bool(name)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.endswith(tuple(f".{ending}" for ending in LOCAL))
    return True


def _origin(scheme: str, host: str) -> str:
    """Return an origin as browsers write it: in small letters, without the port that goes without saying."""
    default_port = {"http": ":80", "https": ":443"}.get(scheme, "")
    return f"{scheme}://{host.lower().removesuffix(default_port)}" if host else ""
