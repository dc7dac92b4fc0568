"""The outermost WSGI layer: whom we answer at all, security headers on every answer, no WebSocket extension.

A request under a name that is not this server's, and a connection of Socket.IO from a page that is not, is
refused here, before pages, files, API and long-polling part. What a proxy says of a request in headers of its
own counts only where the server was told that there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson
from werkzeug.middleware.proxy_fix import ProxyFix

from .access import HostKey
from .names import OwnNames

_ON_EVERY_ANSWER = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
]
_ON_PAGES = [("X-Frame-Options", "DENY")]
"""What only old browsers look at, and on documents alone."""
STRICTEST = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
"""The policy of what is no page and needs nothing; a phone pays for the headers of twenty files."""

Wsgi = Callable[..., Iterable[bytes]]


def behind_one_proxy(application: Wsgi) -> Wsgi:
    """Believe the nearest proxy, and it alone, who asked and whether by HTTPS."""
    return ProxyFix(application, x_for=1, x_proto=1)


class Security:
    """Wraps the whole application, Socket.IO's polling and the static files included."""

    def __init__(self, application: Wsgi, names: OwnNames, host_key: HostKey) -> None:
        self._application = application
        self._names = names
        self._host_key = host_key

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Compressed frames cost five times the CPU of plain ones, and eventlet takes what browsers offer.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED_")]:
            del environ[name]  # Engine.IO would believe them from anybody
        host = environ.get("HTTP_HOST", "")
        if self._names.is_https(host):
            environ["wsgi.url_scheme"] = "https"

        def start(status: str, given: list[tuple[str, str]], *rest: Any) -> Any:
            present = {name.lower(): value for name, value in given}
            is_page = present.get("content-type", "").startswith("text/html")
            policy = page_policy(host if self._names.has_host(host) else "") if is_page else STRICTEST
            more = [("Content-Security-Policy", policy), *_ON_EVERY_ANSWER]
            if is_page:
                more += _ON_PAGES
            if "cache-control" not in present:
                more.append(("Cache-Control", "no-store"))
            return start_response(status, [*given, *more], *rest)

        refusal = self._refusal(environ)
        if refusal is None:
            return self._application(environ, start)
        body = orjson.dumps({"error": {"code": "bad_request", "message": refusal}})
        start("400 Bad Request", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _refusal(self, environ: dict[str, Any]) -> str | None:
        """Return why a request gets no answer, None where it does.

        The host key excuses a strange name: no page that borrows one knows it.
        """
        host, origin = environ.get("HTTP_HOST"), environ.get("HTTP_ORIGIN")
        is_known = host is None or self._names.has_host(host)
        if not is_known and not self._host_key.is_brought_by(environ):
            return (
                "Host: this server does not go by that name. Open it by its address; or start Plenary with "
                "--public-url and that name, if it is to have it."
            )
        if origin is not None and environ["PATH_INFO"].startswith("/socket.io"):
            if not self._names.has_origin(origin, environ):
                return "Origin: this request comes from a page of another server."
            del environ["HTTP_ORIGIN"]  # Engine.IO knows one origin, and a server can have two
        return None


def page_policy(socket_host: str) -> str:
    """Return the policy of a page: everything from this server alone, nothing inline.

    The WebSocket's address is named because older Safaris do not count it as 'self'; both schemes, since
    behind a proxy that speaks TLS the page is https and the request that arrives here may not be.
    """
    socket = f" ws://{socket_host} wss://{socket_host}" if socket_host else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'{socket}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
