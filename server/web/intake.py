"""The WSGI layer that takes a request in: whole, in time and of a bounded size, before anyone looks at it.

A body is read here, under the deadline that the gate sets, so that no handler waits for somebody who sends a
byte a second; nothing here or behind it inflates a body, whatever its Content-Encoding says.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from server.gate import Stage

MAX_BODY_BYTES = 65_536
VERSIONS = ("13",)
"""Of the WebSocket protocol; eventlet would speak drafts of it that nobody has used since 2012."""

_REFUSALS = {
    400: ("400 Bad Request", "bad_request", "The request ended before its end."),
    411: ("411 Length Required", "length_required", "Send the body with a Content-Length."),
    413: ("413 Content Too Large", "content_too_large", f"Send at most {MAX_BODY_BYTES} bytes."),
    426: ("426 Upgrade Required", "upgrade_required", "Speak version 13 of the WebSocket protocol."),
}


class Intake:
    """Wraps the whole application."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status = _take_in(environ)
        visit = environ.get("plenary.visit")
        if visit:
            if visit.is_cut:  # headers that were cut short look as if they were whole
                status = 400
            visit.enter(Stage.ANSWERING)
        if status is None:
            return self._application(environ, start_response)
        line, code, message = _REFUSALS[status]
        body = f'{{"error":{{"code":"{code}","message":"{message}"}}}}'.encode()
        headers = [("Content-Type", "application/json")]
        if status == 426:
            headers.append(("Sec-WebSocket-Version", VERSIONS[0]))
        start_response(line, [*headers, ("Content-Length", str(len(body)))])
        return [body]


def _take_in(environ: dict[str, Any]) -> int | None:
    """Read the body; return the status of a refusal where it cannot be had."""
    if environ.get("HTTP_UPGRADE", "").lower() == "websocket" and (
        environ.get("HTTP_SEC_WEBSOCKET_VERSION") not in VERSIONS
        or not environ.get("HTTP_SEC_WEBSOCKET_KEY", "").isascii()
    ):
        return 426
    if "HTTP_TRANSFER_ENCODING" in environ:
        return 411
    given = environ.get("CONTENT_LENGTH") or "0"
    if not (given.isascii() and given.isdigit()):
        return 400
    if len(given) > 9 or int(given) > MAX_BODY_BYTES:
        return 413
    if length := int(given):
        try:
            body = environ["wsgi.input"].read(length)
        except OSError:
            return 400
        if len(body) < length:
            return 400
        environ["wsgi.input"] = io.BytesIO(body)
    return None
