"""The pages and the HTTP API, as docs/protocol.md lists them."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import segno
import structlog
from flask import Flask, Response, jsonify, redirect, render_template_string, request
from werkzeug.exceptions import HTTPException, NotFound

from server import runtime
from server.banks.library import Banks
from server.game.errors import BadRequest, GameError, NoSuchRoom
from server.game.questions import in_language
from server.live import checks, protocol
from server.live.limits import FailedGuesses
from server.live.openings import Openings
from server.live.remotes import Remote, Remotes
from server.live.results import Results
from server.live.rooms import LiveRoom, Rooms

from .access import COOKIE, REMOTE_COOKIE, Access, HostKey, HostLinks, WrongKey, bearer
from .join_address import JoinAddress
from .metrics import CONTENT_TYPE, Metrics
from .names import OwnNames
from .static_files import YEAR_S
from .texts import Texts

log = structlog.get_logger()

MAX_BODY_BYTES = 65_536
COOKIE_AGE_S = 30 * 24 * 3_600

_PICTURE = re.compile(r"[0-9a-f]{32}-[0-9]{3,4}\.webp", re.ASCII)

_STATUS = {
    "bad_request": 400,
    "not_allowed": 401,
    "no_such_room": 404,
    "wrong_phase": 409,
    "full": 409,
    "too_many": 429,
    "stalled": 503,
}


@dataclass(frozen=True)
class Site:
    """What the pages and the API need of the server."""

    rooms: Rooms
    banks: Banks
    clock: runtime.Clock
    openings: Openings
    results: Results
    failed_codes: FailedGuesses
    remotes: Remotes
    names: OwnNames
    host_key: HostKey
    host_links: HostLinks
    join_address: JoinAddress
    pages: Path
    media: Path
    static_prefix: str
    texts: dict[str, Texts]
    """By language, for what stands in the pages themselves."""
    is_secure: bool
    metrics: Metrics | None
    """None where nobody asked for them."""

    def app(self) -> Flask:
        """Return the Flask application."""
        app = Flask("plenary", static_folder=None)
        app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
        for method, rule, access, view in self.routes():
            app.add_url_rule(rule, f"{method} {rule}", self._guarded(access, view), methods=[method])
        app.register_error_handler(GameError, self._refusal)
        app.register_error_handler(HTTPException, _http_error)
        app.register_error_handler(Exception, _bug)
        return app

    def routes(self) -> list[tuple[str, str, Access, Callable[..., Any]]]:
        """Return every route with who may use it; it is checked before the view is called."""
        return [
            ("GET", "/", Access.PUBLIC, self._join_page),
            ("GET", "/j/<code>", Access.PUBLIC, self._join_page),
            ("GET", "/host", Access.PUBLIC, self._host_page),
            ("GET", "/network", Access.PUBLIC, self._network_page),
            ("GET", "/network/qr.svg", Access.PUBLIC, self._network_qr),
            ("GET", "/privacy", Access.PUBLIC, self._privacy_page),
            ("GET", "/media/<name>", Access.PUBLIC, self._picture),
            ("GET", "/healthz", Access.PUBLIC, self._health),
            *([("GET", "/metrics", Access.HOST, partial(_metrics, self.metrics))] if self.metrics else []),
            ("GET", "/api/banks", Access.REMOTE, self._list_banks),
            ("GET", "/api/rooms", Access.REMOTE, self._list_rooms),
            ("POST", "/api/rooms", Access.HOST, self._open_room),
            ("GET", "/api/rooms/<code>", Access.PUBLIC, self._show_room),
            ("GET", "/api/rooms/<code>/qr.svg", Access.PUBLIC, self._qr),
            ("POST", "/api/rooms/<code>/seat.svg", Access.PUBLIC, self._seat_qr),
            ("GET", "/api/rooms/<code>/remotes", Access.HOST, self._list_remotes),
            ("POST", "/api/rooms/<code>/remotes", Access.HOST, self._invite_remote),
            ("POST", "/api/rooms/<code>/remotes/<remote_id>", Access.HOST, self._decide_remote),
            ("DELETE", "/api/rooms/<code>/remotes", Access.HOST, self._sign_out_remotes),
            ("POST", "/api/remote", Access.PUBLIC, self._ask_remote),
            ("GET", "/api/remote", Access.PUBLIC, self._show_remote),
            ("GET", "/api/results", Access.HOST, self._list_results),
            ("DELETE", "/api/results", Access.HOST, self._delete_results),
            ("DELETE", "/api/results/<id>", Access.HOST, self._delete_result),
            ("GET", "/api/addresses", Access.REMOTE, self._list_addresses),
            ("POST", "/api/addresses", Access.REMOTE, self._choose_address),
        ]

    def _guarded(self, access: Access, view: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(**values: str) -> Any:
            if request.method not in ("GET", "HEAD"):
                self._require_same_origin()
            if access is not Access.PUBLIC:
                self._require(access)
            return view(**values)

        return guarded

    # --- pages --------------------------------------------------------------------------------------

    def _join_page(self, code: str = "") -> Response:
        return self._page("player")

    def _host_page(self) -> Any:
        """Show the host's page; a key or link in the address becomes a cookie, and the address is cleaned."""
        key, link = request.args.get("key"), request.args.get("link")
        if link is not None and self.host_links.redeem(link):
            return self._signed_in()
        if key is not None:
            if not self.host_key.is_key(key, _address()):
                raise self.host_key.refusal(_address())
            return self._signed_in()
        if link is not None:
            return redirect("/host", 303)  # used or old: the page says how to get a fresh one
        page = self._page("host")
        if not (self._has_cookie() or self._remote()):
            page.status_code = 401
        return page

    def _signed_in(self) -> Any:
        return self._with_cookie(redirect("/host", 303), COOKIE, self.host_key.cookie)

    def _with_cookie(self, answer: Any, name: str, secret: str) -> Any:
        answer.set_cookie(
            name,
            secret,
            max_age=COOKIE_AGE_S,
            httponly=True,
            samesite="Strict",
            secure=self.is_secure or request.is_secure,
        )
        return answer

    def _page(self, name: str) -> Response:
        page = (self.pages / name / "index.html").read_text("utf-8")
        places = {"static": self.static_prefix, "network": self._network_url, **self.texts["en"].shared()}
        for place, text in places.items():
            page = page.replace(f"{{{{{place}}}}}", html.escape(text))
        return Response(page, content_type="text/html; charset=utf-8")

    def _network_page(self) -> Response:
        return self._page("network")

    def _network_qr(self) -> Response:
        return _qr_of(self._network_url)

    @property
    def _network_url(self) -> str:
        """Where phones find the page that tests their network."""
        return f"{self.join_address.current}/network"

    def _privacy_page(self) -> Response:
        """Tell what is kept where and for how long, in the best language that there are texts in."""
        texts = self.texts[request.accept_languages.best_match(self.texts, "en") or "en"]
        page = render_template_string(
            (self.pages / "privacy" / "index.html").read_text("utf-8"),
            static=self.static_prefix,
            language=texts.language,
            direction=texts.direction,
            t=texts.t,
            keep_days=self.results.keep_days,
        )
        return Response(page, content_type="text/html; charset=utf-8")

    def _picture(self, name: str) -> Response:
        """Return a picture's copy; its name holds the hash of its content, so it never changes."""
        path = self.media / name
        if not _PICTURE.fullmatch(name) or not path.is_file():
            raise NotFound("There is no such picture.")
        answer = Response(path.read_bytes(), content_type="image/webp")
        answer.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
        return answer

    # --- the API ------------------------------------------------------------------------------------

    def _health(self) -> dict[str, Any]:
        players = sum(len(live.seats) for live in self.rooms)
        return {"ok": True, "rooms": len(self.rooms), "players": players}

    def _list_banks(self) -> Any:
        return self.banks.summaries(request.accept_languages.best or "en")

    def _list_rooms(self) -> Any:
        remote = None if self._is_host() else self._remote()
        if remote is None:
            return [self._opened(live) | self._state(live) for live in self.rooms]
        own = {"host_token": remote.token, "remote": True}
        return [self._opened(remote.live) | self._state(remote.live) | own]

    def _open_room(self) -> Any:
        body = protocol.read_body(protocol.OpenRoom, _body())
        live = self.openings.open_room(body.bank, body.settings)
        return self._opened(live), 201

    def _show_room(self, code: str) -> Any:
        room = self._room(code).room
        shown: dict[str, Any] = {"room": code, "phase": room.phase, "locked": room.is_locked}
        if room.settings.nicknames == "given":
            shown["nicknames"] = "given"
        if room.settings.check:
            shown["check"] = True
        return shown

    def _qr(self, code: str) -> Response:
        """Return the QR code of the join address; the host's carries the check, and is not for keeping."""
        room = self._room(code).room
        remote = self._remote()
        if not (room.settings.check and (self._is_host() or (remote and remote.live.room is room))):
            return _qr_of(self.join_address.join_url(code))
        secret = checks.secret_of(room, self.clock.now())
        answer = _qr_of(f"{self.join_address.join_url(code)}?check={secret}")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _seat_qr(self, code: str) -> Response:
        """Return the QR code by which another phone takes a seat; whether there is one, rejoining tells.

        The token comes in the body, which nobody logs, and goes into the address's fragment, which no
        browser sends.
        """
        self._room(code)
        body = protocol.read_body(protocol.SeatLink, _body())
        return _qr_of(f"{self.join_address.join_url(code)}#{body.token}")

    def _list_remotes(self, code: str) -> Any:
        remotes = self.remotes.of_room(self.rooms.get(code))
        return [
            {"id": remote.id, "number": remote.number, "allowed": remote.is_allowed} for remote in remotes
        ]

    def _invite_remote(self, code: str) -> Any:
        """Return a new link with its QR code; its secret is in the fragment, which no browser sends."""
        url = f"{self.join_address.current}/host#remote={self.remotes.make_link(self.rooms.get(code))}"
        return {"url": url, "qr": _qr_of(url).get_data(as_text=True)}, 201

    def _decide_remote(self, code: str, remote_id: str) -> Any:
        body = protocol.read_body(protocol.DecideRemote, _body())
        self.remotes.decide(self.rooms.get(code), remote_id, is_allowed=body.allow)
        return self._list_remotes(code)

    def _sign_out_remotes(self, code: str) -> Any:
        self.remotes.sign_out(self.rooms.get(code))
        return self._list_remotes(code)

    def _ask_remote(self) -> Any:
        """Use a link up; the cookie that the device gets is good for nothing until the host allows it."""
        remote = self.remotes.ask(protocol.read_body(protocol.AskRemote, _body()).link)
        return self._with_cookie(jsonify(_asking(remote)), REMOTE_COOKIE, remote.secret)

    def _show_remote(self) -> Any:
        remote = self.remotes.with_secret(request.cookies.get(REMOTE_COOKIE, ""))
        if remote is None:
            raise WrongKey()
        return _asking(remote)

    def _list_results(self) -> Any:
        lang = request.accept_languages.best or "en"
        return [
            {
                "id": kept.room,
                "room": kept.code,
                "bank": in_language(kept.bank.title, lang, kept.bank.language),
                "players": kept.players,
                "started": kept.started,
                "ended": kept.ended,
            }
            for kept in self.results.kept()
        ]

    def _delete_result(self, id: str) -> Any:
        self.results.delete(id)
        return {"deleted": 1}

    def _delete_results(self) -> Any:
        return {"deleted": self.results.delete_all()}

    def _list_addresses(self) -> Any:
        return self.join_address.view()

    def _choose_address(self) -> Any:
        body = protocol.read_body(protocol.ChooseAddress, _body())
        self.join_address.choose(body.url)
        return self.join_address.view()

    def _opened(self, live: LiveRoom) -> dict[str, Any]:
        code = live.room.code
        return {
            "room": code,
            "host_token": live.room.host_token,
            "join_url": self.join_address.join_url(code),
        }

    def _state(self, live: LiveRoom) -> dict[str, Any]:
        room = live.room
        title = room.bank.title if isinstance(room.bank.title, str) else room.bank.title[room.bank.language]
        return {"phase": room.phase, "players": len(room.players), "bank": title}

    def _room(self, code: str) -> LiveRoom:
        """Return the room with this code, with an eye on those who guess."""
        is_host = self._is_host()
        if not is_host:
            self.failed_codes.check(None)
        try:
            return self.rooms.get(code)
        except NoSuchRoom:
            if not is_host:
                self.failed_codes.failed()
            raise

    # --- who asks -----------------------------------------------------------------------------------

    def _has_cookie(self) -> bool:
        return self.host_key.is_cookie(request.cookies.get(COOKIE, ""))

    def _is_host(self) -> bool:
        return self._has_cookie() or self.host_key.is_key(_bearer(), _address())

    def _remote(self) -> Remote | None:
        """Return the remote that asks, if it has been allowed."""
        remote = self.remotes.with_secret(request.cookies.get(REMOTE_COOKIE, ""))
        return remote if remote and remote.is_allowed else None

    def _require(self, access: Access) -> None:
        """Let nobody pass but the host, by key or by cookie, or a remote where it may.

        Raises:
            GameError: the key is missing or wrong, or too many were; or a foreign page makes use of a cookie.
        """
        if key := _bearer():
            if self.host_key.is_key(key, _address()):
                return
            raise self.host_key.refusal(_address())
        if self._has_cookie() or (access is Access.REMOTE and self._remote()):
            self._require_same_origin()
            return
        if COOKIE not in request.cookies:
            raise WrongKey()  # nobody guesses without a key, so nobody is slowed down for it
        raise self.host_key.refuse_cookie(_address())

    def _require_same_origin(self) -> None:
        origin = request.headers.get("Origin")
        is_own = origin is None or self.names.has_origin(origin, request.environ)
        if not is_own or request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise BadRequest("Origin: this request comes from a page of another server.")

    def _refusal(self, error: GameError) -> Any:
        answer = _error(error.on_the_wire(), _STATUS.get(error.code, 400))
        if error.code == "too_many":
            is_code = request.path.startswith("/api/rooms/") and "/remotes" not in request.path
            wait_s = self.failed_codes.retry_after_s if is_code else self.host_key.retry_after_s(_address())
            answer.headers["Retry-After"] = str(wait_s)
        return answer


def _metrics(metrics: Metrics) -> Response:
    return Response(metrics.text(), content_type=CONTENT_TYPE)


def _qr_of(address: str) -> Response:
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawing, kind="svg", border=2, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return Response(drawing.getvalue(), content_type="image/svg+xml")


def _body() -> object:
    """Return the request's JSON, None where it is none."""
    try:
        body: object = request.get_json(silent=True)
    except RecursionError:  # lists in lists, thousands deep
        return None
    return body


def _asking(remote: Remote) -> dict[str, Any]:
    return {"room": remote.live.room.code, "number": remote.number, "allowed": remote.is_allowed}


def _bearer() -> str:
    """Return the key that a request brings along, empty where it brings none."""
    return bearer(request.headers.get("Authorization", ""))


def _address() -> str:
    return request.remote_addr or ""


def _error(error: dict[str, Any], status: int) -> Response:
    answer = jsonify(error=error)
    answer.status_code = status
    return answer


def _http_error(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    code = (error.name or "error").lower().replace(" ", "_")
    return _error({"code": code, "message": error.description or ""}, status)


def _bug(error: Exception) -> Response:
    log.exception("request_failed", path=request.url_rule.rule if request.url_rule else None)
    message = "Something went wrong on the server; please try again."
    return _error({"code": "server_error", "message": message}, 500)
