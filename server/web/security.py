"""The outermost WSGI layer: security headers on every answer, and no WebSocket extension on any request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")

_ON_EVERY_ANSWER = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
_ON_PAGES = [
    ("X-Frame-Options", "DENY"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
"""What means something on a document alone; on each of a page's twenty files it would cost a phone 2 KB."""


class Security:
    """Wraps the whole application, Socket.IO's polling and the static files included."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Compressed frames cost five times the CPU of plain ones, and eventlet takes what browsers offer.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        policy = ("Content-Security-Policy", content_security_policy(environ))

        def start(status: str, given: list[tuple[str, str]], *rest: Any) -> Any:
            present = {name.lower(): value for name, value in given}
            more = [policy, *_ON_EVERY_ANSWER]
            if present.get("content-type", "").startswith("text/html"):
                more += _ON_PAGES
            if "cache-control" not in present:
                more.append(("Cache-Control", "no-store"))
            return start_response(status, [*given, *more], *rest)

        return self._application(environ, start)


def content_security_policy(environ: dict[str, Any]) -> str:
    """Return the policy: everything from this server alone, nothing inline.

    The WebSocket's address is named because older Safaris do not count it as 'self'.
    """
    host = environ.get("HTTP_HOST", "")
    # Behind a proxy that speaks TLS the page is https and the request that arrives here is not.
    socket = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'{socket}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
