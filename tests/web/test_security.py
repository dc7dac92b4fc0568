"""Whom the server answers: the host's routes, host names, origins, a proxy's word, HTTPS."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import websocket

from server.config import Config
from server.web.access import Access
from server.web.names import OwnNames
from server.web.site import Site
from tests.conftest import MODES
from tests.live.server import BANKS, KEY, Server
from tests.live.test_transports import handshake
from tests.processes import server as start
from tests.web.test_http import assert_safe, cookie_of, static_prefix

TLS = Path(__file__).parent / "tls"
PUBLIC = "quiz.example.org"
ONE_MODE = pytest.mark.parametrize("server", ["eventlet"], indirect=True)

_nothing: Any = object()
SITE = Site(**{field.name: _nothing for field in fields(Site)})
ROUTES = [(method, rule, access) for method, rule, access, _ in SITE.routes()]
NOT_PUBLIC = [(method, rule, access) for method, rule, access in ROUTES if access is not Access.PUBLIC]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


# --- every route ----------------------------------------------------------------------------------------


def test_every_route_stands_in_the_table_of_who_may_use_it():
    served = {
        (method, rule.rule)
        for rule in SITE.app().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert served == {(method, rule) for method, rule, _ in ROUTES}
    assert len(ROUTES) == len(served)


@ONE_MODE
@pytest.mark.parametrize(("method", "rule", "access"), NOT_PUBLIC, ids=str)
def test_a_route_of_the_host_s_gives_nothing_without_the_key(server, method, rule, access):
    """401 without a key, with a wrong one, with a made-up cookie, and with a token of another kind."""
    room = server.open_room()
    path = rule.replace("<code>", room.room).replace("<remote_id>", "0" * 12)
    body = {} if method == "POST" else None
    for headers in (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": f"Bearer {room.host_token}"},
        {"Authorization": f"Basic {server.key}"},
        {"Cookie": "plenary_host=x"},
        {"Cookie": f"plenary_host={server.key}"},
        {"Cookie": "plenary_host="},
        {"Cookie": "plenary_remote=x"},
        {"Cookie": "plenary_remote="},
    ):
        answer = server.request(method, path, body, headers)
        # Wrong keys are counted, so that the later ones may be told to wait.
        assert (answer.status, answer.code) in ((401, "not_allowed"), (429, "too_many")), headers
        assert "set-cookie" not in answer.headers
    assert server.request(method, f"{path}?key={server.key}", body).status == 401
    assert server.request(method, path, body, {"Authorization": f"Bearer {server.key}"}).status != 401
    if method == "GET":
        assert server.request("HEAD", path).status == 401


@ONE_MODE
def test_a_page_of_another_server_can_send_nothing(server):
    """Whoever's cookie it is, and where none is needed: no method but GET and HEAD goes through."""
    cookie = cookie_of(server)
    room = server.open_room().room
    for method, rule, _ in ROUTES:
        path = rule.replace("<code>", room).replace("<remote_id>", "0" * 12)
        if method == "GET":
            continue
        for headers in (
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Origin": f"https://{server.address}"},
            {"Origin": f"http://{server.address}", "Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            for more in ({}, {"Cookie": cookie}, {"Authorization": f"Bearer {server.key}"}):
                answer = server.request(method, path, {}, more | headers)
                assert (answer.status, answer.code) == (400, "bad_request"), (path, headers)
                assert answer.json()["error"]["message"].startswith("Origin: ")


@ONE_MODE
def test_the_key_is_in_no_answer_and_in_no_log(server):
    """Neither as such nor as the cookie's value, which none but the signing in sets."""
    cookie = cookie_of(server).partition("=")[2]
    room = server.open_room().room
    for method, rule, _ in ROUTES:
        path = rule.replace("<code>", room).replace("<remote_id>", "0" * 12)
        for name in ({"Authorization": f"Bearer {server.key}"}, {"Cookie": f"plenary_host={cookie}"}):
            answer = server.request(method, path, {} if method == "POST" else None, name)
            shown = answer.body.decode(errors="replace") + json.dumps(answer.headers)
            assert server.key not in shown, path
            assert cookie not in shown, path
    assert server.key not in server.printed
    log = (server.data / "plenary.log").read_text("utf-8")
    assert not any(secret in log for secret in (server.key, cookie))


# --- names ----------------------------------------------------------------------------------------------

KNOWN = [
    "127.0.0.1",
    "127.0.0.1:8000",
    "192.168.1.20:8000",
    "[::1]:8000",
    "[fe80::1]",
    "localhost",
    "LOCALHOST:8000",
    "laptop",
    "laptop:8000",
    "plenary_web:8000",
    "laptop.local",
    "laptop.local.",
    "Laptop.Local:8000",
    "plenary.test:8000",
    "room-5.school.lan",
    "nas.home.arpa",
    socket.gethostname(),
    f"{PUBLIC}:8443",
    PUBLIC,
]
STRANGE = [
    "evil.example",
    "evil.example:8000",
    "rebound.evil.com",
    "127.0.0.1.evil.com",
    "192.168.1.20.nip.io:8000",
    "local.evil.com",
    "evillocal.com",
    "test.com",
    f"{PUBLIC}.evil.com",
    f"evil-{PUBLIC}",
    "1.2.3",
    "999.1.1.1",
    "",
    ":8000",
    "a b",
    "a,b",
    "a;b",
    "a/b",
    "me@laptop",
    "[::1",
    "[laptop]",
    "läptop",
    "laptop:port",
    "laptop\x00",
    ".",
]


def test_addresses_and_local_names_and_the_public_one_are_known():
    """And nothing that somebody elsewhere can have the public DNS say."""
    names = OwnNames(Config(key="k", public_url=f"https://{PUBLIC}"))

    assert [host for host in KNOWN if not names.has_host(host)] == []
    assert [host for host in STRANGE if names.has_host(host)] == []
    assert not OwnNames(Config(key="k")).has_host(PUBLIC)


@ONE_MODE
def test_under_a_strange_name_the_server_gives_nothing_away(server):
    """No page, file, room, picture or connection, in either transport, with the host's cookie or not."""
    cookie = cookie_of(server)
    room = server.open_room().room
    paths = ["/", "/host", "/healthz", "/nothing", f"/api/rooms/{room}", f"/api/rooms/{room}/qr.svg"]
    paths += ["/api/banks", "/api/rooms", static_prefix(server) + "player/page.js"]
    paths += ["/socket.io/?EIO=4&transport=polling"]
    for path in paths:
        for more in ({}, {"Cookie": cookie}, {"Origin": "http://evil.example"}):
            answer = server.request("GET", path, headers=more | {"Host": "evil.example"})
            assert (answer.status, answer.code) == (400, "bad_request"), path
            assert answer.json()["error"]["message"].startswith("Host: ")
            assert_safe(answer, path)
            assert "evil" not in answer.body.decode() + json.dumps(answer.headers)
    assert handshake(server.address, name="evil.example").startswith("HTTP/1.1 400 ")
    for name in ("plenary.test", "laptop.local", "192.168.1.20"):
        assert server.get("/", Host=name).status == 200
        own = f"http://{name}"
        assert handshake(server.address, name=name, Origin=own).startswith("HTTP/1.1 101 ")


# --- origins --------------------------------------------------------------------------------------------


@ONE_MODE
def test_only_a_page_of_this_server_connects(server):
    """By WebSocket and by polling, GET and POST; who is no browser says no origin and is let in."""
    own = f"http://{server.address}"
    polling = "/socket.io/?EIO=4&transport=polling"
    for origin in ("http://evil.example", f"https://{server.address}", f"{own}.evil.example", "null", ""):
        assert handshake(server.address, Origin=origin).startswith("HTTP/1.1 400 "), origin
        for method in ("GET", "POST", "OPTIONS"):
            answer = server.request(method, polling, b"" if method == "POST" else None, {"Origin": origin})
            assert (answer.status, answer.code) == (400, "bad_request"), (method, origin)
            assert "access-control-allow-origin" not in answer.headers
    for headers in ({}, {"Origin": own}):
        assert handshake(server.address, **headers).startswith("HTTP/1.1 101 ")
        assert server.request("GET", polling, headers=headers).status == 200


# --- a proxy, and HTTPS ---------------------------------------------------------------------------------


@ONE_MODE
def test_what_a_proxy_says_is_nothing_without_the_option(server):
    """Nobody makes the server take http for https, or hides behind another address."""
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "192.0.2.1"}
    polling = "/socket.io/?EIO=4&transport=polling"
    for origin in (f"https://{server.address}", "https://evil.example", "http://evil.example"):
        assert server.request("GET", polling, headers=said | {"Origin": origin}).status == 400
    signed_in = server.request("GET", f"/host?key={server.key}", headers=said)
    assert "Secure" not in signed_in.headers["set-cookie"]


@pytest.mark.parametrize("mode", MODES)
def test_behind_a_proxy_that_speaks_https_it_runs_with_one_option(tmp_path, mode):
    """Cookies are secure, the https page connects and sends, and each sender has a limit of its own."""
    running = Server(
        tmp_path, mode, "--port", free_port(), "--behind-proxy", "--public-url", f"https://{PUBLIC}"
    )
    try:
        proxied = {"Host": PUBLIC, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7, 192.0.2.1"}
        own = {"Origin": f"https://{PUBLIC}"}
        signed_in = running.request("GET", f"/host?key={KEY}", headers=proxied)
        cookie, *attributes = signed_in.headers["set-cookie"].split("; ")
        assert {"Secure", "HttpOnly", "SameSite=Strict"} <= set(attributes)
        assert signed_in.headers["location"] == "/host"
        with_cookie = proxied | own | {"Cookie": cookie}
        opened = running.request("POST", "/api/rooms", {"bank": "five"}, with_cookie)
        assert opened.status == 201
        assert opened.json()["join_url"].startswith(f"https://{PUBLIC}/j/")
        policy = running.request("GET", "/", headers=proxied).headers["content-security-policy"]
        assert f"wss://{PUBLIC}" in policy
        ways = {"Origin": own["Origin"], "X-Forwarded-Proto": "https"}
        assert handshake(running.address, name=PUBLIC, **ways).startswith("HTTP/1.1 101 ")
        polling = "/socket.io/?EIO=4&transport=polling"
        assert running.request("GET", polling, headers=proxied | own).status == 200
        assert running.request("GET", polling, headers=proxied | {"Origin": f"http://{PUBLIC}"}).status == 400

        def guess(sender: str) -> int:
            headers = proxied | {"Authorization": "Bearer x", "X-Forwarded-For": f"10.0.0.1, {sender}"}
            return running.request("GET", "/api/rooms", headers=headers).status

        assert [guess("192.0.2.8") for _ in range(11)][-1] == 429
        assert guess("192.0.2.9") == 401
        running.is_forgiven = lambda error: True
    finally:
        running.stop()


def test_the_public_address_alone_will_do_behind_a_proxy():
    """What it says of its scheme holds for requests under its name, whatever else they come by."""
    names = OwnNames(Config(key="k", public_url=f"https://{PUBLIC}:443"))
    environ = {"wsgi.url_scheme": "http", "HTTP_HOST": "127.0.0.1:8000"}

    assert names.is_https(PUBLIC)
    assert not names.is_https("127.0.0.1:8000")
    for origin in (f"https://{PUBLIC}", f"HTTPS://{PUBLIC.upper()}", "http://127.0.0.1:8000"):
        assert names.has_origin(origin, environ), origin
    for origin in (f"http://{PUBLIC}", f"https://{PUBLIC}:8443", "https://127.0.0.1:8000", "", "null"):
        assert not names.has_origin(origin, environ), origin
    assert not OwnNames(Config(key="k")).has_origin("", {"wsgi.url_scheme": "http"})


@contextmanager
def https_server(data: Path, mode: str) -> Iterator[str]:
    """Run a server that speaks HTTPS itself, with a certificate that nobody trusts; gives its address."""
    options = ("--host", "127.0.0.1", "--key", KEY)
    options += ("--tls-cert", str(TLS / "cert.pem"), "--tls-key", str(TLS / "key.pem"))
    (data / "banks").mkdir()
    shutil.copy(BANKS[0] / "five.yaml", data / "banks")
    with start(data, *options, PLENARY_ASYNC_MODE=mode) as running:
        port = running.wait_for(r"For you +https://127\.0\.0\.1:(\d+)/host").group(1)
        running.wait_for("Ctrl-C")
        yield f"127.0.0.1:{port}"
        running.interrupt()
        assert running.wait() == 0, running.printed
        assert "Traceback" not in running.printed, running.printed


@pytest.fixture(params=MODES)
def https(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of such a server, in each mode."""
    with https_server(tmp_path, request.param) as address:
        yield address


def test_with_a_certificate_it_speaks_https_and_wss(https):
    """With that very certificate; cookies are secure, and an http page is a stranger."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, _, port = https.partition(":")

    def ask(method: str, path: str, body: str | None = None, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=20)
        connection.request(method, path, body, {name.replace("_", "-"): v for name, v in headers.items()})
        answer = connection.getresponse()
        answer.read()
        return answer

    with socket.create_connection((host, int(port))) as plain, context.wrap_socket(plain) as secured:
        shown = secured.getpeercert(binary_form=True)
    assert shown == ssl.PEM_cert_to_DER_cert((TLS / "cert.pem").read_text())

    cookie, *attributes = ask("GET", f"/host?key={KEY}").headers["Set-Cookie"].split("; ")
    assert {"Secure", "HttpOnly", "SameSite=Strict"} <= set(attributes)
    as_json = {"Cookie": cookie, "Content_Type": "application/json"}
    body = json.dumps({"bank": "five"})
    assert ask("POST", "/api/rooms", body, Origin=f"https://{https}", **as_json).status == 201
    assert ask("POST", "/api/rooms", body, Origin=f"http://{https}", **as_json).status == 400
    polling = "/socket.io/?EIO=4&transport=polling"
    assert ask("GET", polling, Origin=f"https://{https}").status == 200
    assert ask("GET", polling, Origin=f"http://{https}").status == 400
    phone = websocket.create_connection(
        f"wss://{https}/socket.io/?EIO=4&transport=websocket",
        origin=f"https://{https}",
        sslopt={"cert_reqs": ssl.CERT_NONE, "check_hostname": False},
        timeout=20,
    )
    phone.send("40")
    assert [phone.recv()[:1], phone.recv()[:2]] == ["0", "40"]
    phone.close()
