"""Every route of docs/protocol.md over a real server: its statuses, its guards, its headers."""

from __future__ import annotations

import gzip
import io
import itertools
import re
import socket
from dataclasses import fields
from typing import Any

import pytest
import segno

from server.config import Config
from server.game.errors import BadRequest
from server.game.settings import Settings
from server.web import join_address
from tests.conftest import MODES
from tests.live.client import Phone
from tests.live.server import Answer, Server
from tests.processes import PROJECT

EVIL = "evil.example"


def cookie_of(server: Server) -> str:
    """Sign in with the key in the address, as automation does, and return the cookie."""
    answer = server.get(f"/host?key={server.key}")
    assert answer.status == 303
    return answer.headers["set-cookie"].partition(";")[0]


def static_prefix(server: Server) -> str:
    found = re.search(r"/static/\w+/", server.get("/").body.decode())
    assert found
    return found.group()


# --- pages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/j/123456", "/j/anything"])
def test_the_join_page_is_open_to_everybody(server, path):
    """Whether there is a room is asked later, so that a guess learns nothing from the page."""
    answer = server.get(path)

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.body == server.get("/").body


def test_the_host_s_page_without_a_key_says_how_to_get_in(server):
    """The page comes, with 401, and no cookie."""
    answer = server.get("/host")

    assert answer.status == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert "set-cookie" not in answer.headers


def test_the_key_in_the_address_becomes_a_cookie(server):
    """The address is cleaned, and the cookie is not the key."""
    answer = server.get(f"/host?key={server.key}")

    assert (answer.status, answer.headers["location"]) == (303, "/host")
    attributes = answer.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
    assert server.key not in answer.headers["set-cookie"]
    assert server.get("/host", Cookie=attributes[0]).status == 200
    assert server.get("/api/banks", Cookie=attributes[0]).status == 200


def test_the_printed_link_works_once(own_server):
    """A student who photographs the projector is too late."""
    link = re.search(r"/host\?link=[\w-]+", own_server.printed).group()
    first, second = own_server.get(link), own_server.get(link)

    assert (first.status, first.headers["location"]) == (303, "/host")
    cookie, *attributes = first.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict"} <= set(attributes)
    assert own_server.get("/host", Cookie=cookie).status == 200
    assert (second.status, second.headers["location"]) == (303, "/host")
    assert "set-cookie" not in second.headers
    assert "set-cookie" not in own_server.get("/host?link=made-up").headers


# --- who asks -------------------------------------------------------------------------------------------


def test_who_guesses_keys_has_to_wait_and_nobody_else(own_server):
    """429 with Retry-After; a request without a key is 401 however often, and the right key works."""
    cookie = cookie_of(own_server)
    for _ in range(30):
        assert own_server.get("/api/banks").status == 401
    guesses = [own_server.get("/api/banks", Authorization=f"Bearer guess-{n}") for n in range(5)]
    guesses += [own_server.get(f"/host?key=guess-{n}") for n in range(3)]
    guesses += [own_server.get("/api/rooms", Cookie=f"plenary_host=guess-{n}") for n in range(2)]
    assert {(guess.status, guess.code) for guess in guesses} == {(401, "not_allowed")}

    for answer in (
        own_server.get("/api/banks", Authorization="Bearer guess"),
        own_server.get("/host?key=guess"),
        own_server.get("/api/rooms", Cookie="plenary_host=guess"),
    ):
        assert (answer.status, answer.code) == (429, "too_many")
        assert answer.json()["error"]["reason"] == "wrong_keys"
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert own_server.get("/api/banks").status == 401
    assert own_server.as_host("GET", "/api/banks").status == 200
    assert own_server.get("/api/banks", Cookie=cookie).status == 200
    assert own_server.get(f"/host?key={own_server.key}").status == 303


@pytest.mark.parametrize("origin", [f"http://{EVIL}", "null", "http://127.0.0.1:1", f"http://{EVIL}:80", ""])
def test_a_page_of_another_server_has_no_use_of_the_cookie(server, origin):
    """The browser would send it along; the room is not opened."""
    cookie = cookie_of(server)
    rooms = len(server.as_host("GET", "/api/rooms").json())
    for method in ("GET", "POST"):
        path = "/api/rooms"
        body = {"bank": "five"} if method == "POST" else None
        answer = server.request(method, path, body, {"Cookie": cookie, "Origin": origin})
        assert (answer.status, answer.code) == (400, "bad_request"), (method, path)
        assert "access-control-allow-origin" not in answer.headers

    assert len(server.as_host("GET", "/api/rooms").json()) == rooms
    own = {"Cookie": cookie, "Origin": f"http://{server.address}"}
    assert server.request("POST", "/api/rooms", {"bank": "five"}, own).status == 201


# --- rooms ----------------------------------------------------------------------------------------------


def test_a_room_is_opened_shown_and_listed(server):
    """In the shapes of the protocol."""
    answer = server.as_host("POST", "/api/rooms", {"bank": "five"})
    opened = answer.json()

    assert answer.status == 201
    assert answer.headers["content-type"] == "application/json"
    assert set(opened) == {"room", "host_token", "join_url"}
    assert re.fullmatch(r"\d{6}", opened["room"])
    assert opened["join_url"] == f"http://{server.address}/j/{opened['room']}"
    shown = server.get(f"/api/rooms/{opened['room']}")
    assert shown.json() == {"room": opened["room"], "phase": "lobby", "locked": False}
    listed = [room for room in server.as_host("GET", "/api/rooms").json() if room["room"] == opened["room"]]
    assert listed == [opened | {"phase": "lobby", "players": 0, "bank": "Five for the tests"}]


def test_an_unknown_room_is_404(server):
    """With the code of the sockets, and the QR code of nothing is nothing."""
    for path in ("/api/rooms/000000", "/api/rooms/000000/qr.svg", "/api/rooms/%F0%9F%8E%93"):
        answer = server.get(path)
        assert (answer.status, answer.code) == (404, "no_such_room")


def test_guessing_codes_over_http_has_an_end(own_server):
    """429 with Retry-After, for looks at rooms that are there too; the host is not slowed down."""
    opened = own_server.open_room()
    looks = (own_server.get(f"/api/rooms/00{n:04}").status for n in range(1_000))
    answers = list(itertools.takewhile(lambda status: status == 404, looks))

    assert 90 <= len(answers) < 1_000  # one more for each second that it took
    answer = own_server.get(f"/api/rooms/{opened.room}")
    assert (answer.status, answer.code) == (429, "too_many")
    assert int(answer.headers["retry-after"]) >= 1
    assert own_server.get(f"/api/rooms/{opened.room}", Cookie=cookie_of(own_server)).status == 200


def test_the_banks_are_listed_in_their_shape(server):
    """The real one and the tests' own, without a word of a question."""
    answer = server.as_host("GET", "/api/banks")
    banks = {bank["id"]: bank for bank in answer.json()}

    assert {"internationalism", "five", "languages"} <= set(banks)
    for bank in banks.values():
        assert set(bank) == {
            "id",
            "title",
            "description",
            "language",
            "languages",
            "questions",
            "types",
            "minutes",
        }
    assert banks["five"]["questions"] == 5
    assert set(banks["five"]["types"]) == {"choice", "multi", "truefalse"}
    assert b"SECRET" not in answer.body


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/rooms", {}, "bank"),
        ("/api/rooms", {"bank": 5}, "bank"),
        ("/api/rooms", {"bank": None}, "bank"),
        ("/api/rooms", {"bank": "no-such-bank"}, "bank"),
        ("/api/rooms", {"bank": "../five"}, "bank"),
        ("/api/rooms", {"bank": "x" * 1_000}, "bank"),
        ("/api/rooms", {"bank": "five", "more": 1}, "more"),
        ("/api/rooms", {"bank": "five", "settings": []}, "settings"),
        ("/api/rooms", {"bank": "five", "settings": "fast"}, "settings"),
        ("/api/rooms", [], "body"),
        ("/api/rooms", "five", "body"),
        ("/api/rooms", b"", "body"),
        ("/api/rooms", b"{", "body"),
        ("/api/rooms", b"\xff\xfe", "body"),
        ("/api/rooms", b"[" * 20_000, "body"),
        ("/api/rooms", b'{"bank": "five", "settings": {"time_factor": NaN}}', "settings.time_factor"),
        ("/api/rooms", b'{"bank": "five", "settings": {"time_factor": 1e999}}', "settings.time_factor"),
        (
            "/api/rooms",
            b'{"bank": "five", "settings": {"questions": %s}}' % (b"[" * 400 + b"]" * 400),
            "settings",
        ),
        ("/api/addresses", {}, "url"),
        ("/api/addresses", {"url": 5}, "url"),
        ("/api/addresses", {"url": f"http://{EVIL}"}, "url"),
        ("/api/addresses", {"url": "x" * 1_000}, "url"),
        ("/api/addresses", None, "body"),
    ],
    ids=lambda given: str(given)[:40],
)
def test_a_bad_body_is_refused_by_the_name_of_its_field(server, path, body, field):
    """400, and nothing is opened."""
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    answer = server.request("POST", path, body, headers)

    assert (answer.status, answer.code) == (400, "bad_request")
    assert answer.json()["error"]["message"].startswith(f"{field}: ")


def test_a_body_of_another_kind_or_size_is_refused(server):
    """A form cannot open a room, and a long body is not read."""
    key = {"Authorization": f"Bearer {server.key}"}
    form = server.request("POST", "/api/rooms", b"bank=five", key | {"Content-Type": "text/plain"})
    assert (form.status, form.code) == (400, "bad_request")
    long = server.request("POST", "/api/rooms", {"bank": "x" * 70_000}, key)

    assert long.status in (400, 413)


BAD_SETTINGS: dict[str, list[Any]] = {
    "scoring": ["luck", "Speed", 5, None],
    "streak_bonus": ["yes", 1, None],
    "reading_time": ["slow", 0, 0.5, 301, -1, True, None, [5]],
    "time_factor": [0, 0.99, 4.01, "2", True, None],
    "shuffle_questions": ["no", 0, None],
    "shuffle_options": ["no", 0, None],
    "auto_advance": ["on", "auto", 0, 301, True, None],
    "leaderboard": ["off", 1, None],
    "questions": [0, -1, 6, 1_001, 2.5, "five", True, [], [1], ["nobody"], ["double", "double"], {}],
    "max_players": [0, -1, 2_001, 2.5, "10", True, None],
    "phones_show": ["nothing", 1, None],
    "nicknames": ["none", True, None],
    "check": ["on", 1, None],
    "clock": ["off", 0, None],
}
GOOD_SETTINGS: dict[str, list[Any]] = {
    "scoring": ["speed", "accuracy"],
    "streak_bonus": [True, False],
    "reading_time": ["auto", "off", 1, 2.5, 300],
    "time_factor": [1, 1.5, 4],
    "shuffle_questions": [True, False],
    "shuffle_options": [True, False],
    "auto_advance": ["off", 1, 2.5, 300],
    "leaderboard": [True, False],
    "questions": [1, 5, ["double"], ["double", "a-multi"]],
    "max_players": [1, 2_000],
    "phones_show": ["text", "shapes"],
    "nicknames": ["own", "given"],
    "check": [True, False],
    "clock": [True, False],
}


def test_every_setting_is_tried():
    names = {field.name for field in fields(Settings)}

    assert set(BAD_SETTINGS) == set(GOOD_SETTINGS) == names


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_a_setting_is_taken_within_its_bounds_and_refused_by_its_name_beyond(server, name):
    """400 that names the setting, and no room."""
    for value in GOOD_SETTINGS[name]:
        body = {"bank": "five", "settings": {name: value}}
        assert server.as_host("POST", "/api/rooms", body).status == 201, value
    rooms = len(server.as_host("GET", "/api/rooms").json())
    for value in BAD_SETTINGS[name]:
        answer = server.as_host("POST", "/api/rooms", {"bank": "five", "settings": {name: value}})
        assert (answer.status, answer.code) == (400, "bad_request"), value
        error = answer.json()["error"]
        assert error["message"].startswith(f"settings.{name}: "), (value, answer.body)
        assert (error["reason"], error["values"]["setting"]) in (("setting", name), ("setting_bounds", name))
    assert len(server.as_host("GET", "/api/rooms").json()) == rooms


def test_an_unknown_setting_is_refused(server):
    answer = server.as_host("POST", "/api/rooms", {"bank": "five", "settings": {"colour": "red"}})

    assert answer.status == 400
    assert answer.json()["error"]["message"].startswith("settings.colour: ")


# --- the address ----------------------------------------------------------------------------------------


def test_the_host_header_is_in_no_join_address(server):
    """Else whoever asks first could send the class elsewhere."""
    for host in (EVIL, f"{EVIL}:80"):
        headers = {"Host": host, "Authorization": f"Bearer {server.key}", "X-Forwarded-Host": EVIL}
        opened = server.request("POST", "/api/rooms", {"bank": "five"}, headers)
        assert opened.status == 201
        room = opened.json()["room"]
        assert opened.json()["join_url"] == f"http://{server.address}/j/{room}"
        answers = [
            server.request("GET", path, headers=headers)
            for path in ("/api/rooms", "/api/addresses", "/", "/network")
        ]
        for answer in [opened, *answers]:
            assert EVIL.encode() not in answer.body
        assert f'data-address="http://{server.address}/network"' in answers[-1].body.decode()
        for code in (f"/api/rooms/{room}/qr.svg", "/network/qr.svg"):
            assert server.request("GET", code, headers=headers).body == server.get(code).body
    redirected = server.request("GET", f"/host?key={server.key}", headers={"Host": EVIL})
    assert redirected.headers["location"] == "/host"


@pytest.mark.parametrize("mode", MODES)
def test_the_host_chooses_among_the_machine_s_addresses(tmp_path, mode):
    """A server on all interfaces lists them; what students are sent to follows the choice."""
    server = Server(tmp_path, mode, "--host", "0.0.0.0")
    try:
        before = server.as_host("GET", "/api/addresses").json()
        assert set(before) == {"current", "addresses"}
        assert all(set(choice) == {"url", "name"} for choice in before["addresses"])
        urls = [choice["url"] for choice in before["addresses"]]
        assert before["current"] == urls[0]
        opened = server.open_room()
        chosen = server.as_host("POST", "/api/addresses", {"url": urls[-1]})
        assert (chosen.status, chosen.json()) == (200, before | {"current": urls[-1]})

        assert server.as_host("GET", "/api/addresses").json() == chosen.json()
        [listed] = server.as_host("GET", "/api/rooms").json()
        assert listed["join_url"] == f"{urls[-1]}/j/{opened.room}"
        assert server.open_room().join_url.startswith(f"{urls[-1]}/j/")
    finally:
        server.stop()


def test_a_chosen_address_is_the_one_that_is_joined(monkeypatch):
    """Whatever this machine has: one of three, and none beside them."""
    urls = [f"http://192.168.1.{n}:8000" for n in (1, 2, 3)]
    monkeypatch.setattr(join_address, "choices", lambda *_: [(url, "") for url in urls])
    address = join_address.JoinAddress(Config(key="k", host="192.168.1.1"), 8000)
    assert address.join_url("123456") == f"{urls[0]}/j/123456"
    address.choose(urls[2])
    with pytest.raises(BadRequest):
        address.choose(f"http://{EVIL}")

    assert address.join_url("123456") == f"{urls[2]}/j/123456"
    assert [choice["url"] for choice in address.view()["addresses"]] == urls


def test_healthz_counts_rooms_and_connected_players(own_server, connect):
    """For a monitor: no names, no codes."""

    def health() -> Any:
        return own_server.get("/healthz").json()

    assert health() == {"ok": True, "rooms": 0, "players": 0}
    opened = own_server.open_room()
    own_server.open_room()
    ada, bea = (connect(Phone, own_server, opened) for _ in range(2))
    ada.join("Ada")
    bea.join("Bea")
    assert health() == {"ok": True, "rooms": 2, "players": 2}
    bea.ask("player:leave", {})
    assert health() == {"ok": True, "rooms": 2, "players": 1}


# --- headers --------------------------------------------------------------------------------------------


def assert_safe(answer: Answer, what: object) -> None:
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff", what
    assert headers["referrer-policy"] == "no-referrer", what
    assert "camera=()" in headers["permissions-policy"], what
    if headers.get("content-type", "").startswith("text/html"):
        assert headers["x-frame-options"] == "DENY", what
    policy = {part.split()[0]: part.split()[1:] for part in headers["content-security-policy"].split(";")}
    assert policy["default-src"] == ["'none'"], what
    assert policy["script-src"] == policy["style-src"] == ["'self'"], what
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"], what
    assert "unsafe" not in headers["content-security-policy"], what
    assert "access-control-allow-origin" not in headers, what


def test_the_qr_code_of_a_seat_holds_the_address_and_the_token(server):
    """The token is in the address's fragment, so no request and no log ever holds it."""
    opened = server.open_room()
    path = f"/api/rooms/{opened.room}/seat.svg"
    answer = server.request("POST", path, {"token": "a_Token-of-64"})
    drawing = io.BytesIO()
    segno.make(f"{opened.join_url}#a_Token-of-64", error="m", micro=False).save(
        drawing, kind="svg", border=2, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.body == drawing.getvalue()
    for body in ({}, {"token": ""}, {"token": "a b"}, {"token": "x" * 201}, {"token": 5}, ["x"], None):
        assert server.request("POST", path, body).code == "bad_request", body
    assert server.request("POST", "/api/rooms/000000/seat.svg", {"token": "x"}).code == "no_such_room"


def test_the_security_headers_are_on_every_answer(server):
    """Pages, the API, refusals, static files, what is not there, and Socket.IO's polling."""
    room = server.open_room().room
    static = static_prefix(server)
    key = {"Authorization": f"Bearer {server.key}"}
    asked: list[tuple[str, str, int]] = [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("OPTIONS", "/", 200),
        ("POST", "/", 405),
        ("GET", "/host", 401),
        ("GET", f"/host?key={server.key}", 303),
        ("GET", "/network", 200),
        ("GET", "/network/qr.svg", 200),
        ("GET", "/nothing", 404),
        ("GET", "/healthz", 200),
        ("GET", "/api/banks", 200),
        ("POST", "/api/rooms", 400),
        ("GET", "/api/nothing", 404),
        ("GET", f"/api/rooms/{room}", 200),
        ("GET", f"/api/rooms/{room}/qr.svg", 200),
        ("GET", f"{static}player/page.js", 200),
        ("GET", f"{static}nothing.js", 404),
        ("GET", "/static/", 404),
        ("GET", "/socket.io/?EIO=4&transport=polling", 200),
        ("GET", "/socket.io/?EIO=3&transport=polling", 400),
        ("POST", "/socket.io/?EIO=4&transport=polling&sid=nobody", 400),
    ]
    for method, path, status in asked:
        answer = server.request(method, path, headers=key)
        assert answer.status == status, (method, path)
        assert_safe(answer, (method, path))
        if not path.startswith(static) or status != 200:
            assert answer.headers["cache-control"] == "no-store", path
        assert "server_error" not in answer.body.decode(errors="replace")


def test_the_policy_names_the_socket_of_this_very_host(server):
    """Older Safaris need it; a Host header that is none is refused, and adds nothing."""
    policy = server.get("/").headers["content-security-policy"]
    assert f"connect-src 'self' ws://{server.address} wss://{server.address};" in policy
    for host in ("a; script-src *", "a b", "a,b", "[::1", "a'unsafe-inline'"):
        answer = server.request("GET", "/healthz", headers={"Host": host})
        assert answer.status == 400
        assert_safe(answer, host)
        page = server.request("GET", f"/host?key={server.key}&link=x", headers={"Host": host})
        assert_safe(page, host)


# --- static files ---------------------------------------------------------------------------------------


def test_static_files_are_compressed_and_kept_for_a_year(server):
    """Under the hash of their content, so that a new version has a new address."""
    static = static_prefix(server)
    for name in ("player/page.js", "shared/tokens.css", "vendor/socket.io.js", "locales/en.json"):
        content = (PROJECT / "static" / name).read_bytes()
        plain = server.get(static + name)
        packed = server.get(static + name, Accept_Encoding="gzip")
        assert plain.body == gzip.decompress(packed.body) == content, name
        assert packed.headers["content-encoding"] == "gzip"
        assert len(packed.body) < len(content)
        for answer in (plain, packed):
            assert answer.headers["cache-control"] == "max-age=31536000, public, immutable"
            assert answer.headers["vary"] == "Accept-Encoding"
            assert_safe(answer, name)


def test_every_file_that_a_page_names_is_there(server):
    """With the hash of now in its address, and of a kind that the browser takes under `nosniff`."""
    static = static_prefix(server)
    kinds = {
        ".js": "text/javascript",
        ".css": "text/css",
        ".svg": "image/svg+xml",
        ".json": "application/json",
    }
    for page in ("/", "/host", "/network"):
        body = server.get(page).body.decode()
        named = re.findall(r'(?:src|href)="(/[^"]+)"', body)
        assert len(named) > 5
        assert "{{" not in body
        for path in named:
            answer = server.get(path)
            assert path.startswith(static), path
            assert answer.status == 200, path
            assert answer.headers["content-type"].startswith(kinds[path[path.rindex(".") :]]), path


def test_nothing_else_is_served_as_a_file(server):
    """No program, no bank, no journal, no earlier version; no way up."""
    static = static_prefix(server)
    for path in (
        f"{static}vendor/refresh.py",
        f"{static}../../server/app.py",
        f"{static}..%2f..%2fserver/app.py",
        f"{static}%2e%2e/%2e%2e/journal.sqlite",
        f"{static}../../../host-key",
        f"{static}..%5c..%5cserver/app.py",
        f"{static}..\\..\\host-key",
        f"{static}%252e%252e/%252e%252e/host-key",
        f"{static}player/page.js%00.png",
        f"{static}player/page.js/",
        "/media/..%2fhost-key",
        "/media/%2e%2e%2fjournal.sqlite",
        "/media/..%5cjournal.sqlite",
        "/static/0000000000000000/player/page.js",
        "/static/player/page.js",
        "/question_banks/internationalism.yaml",
        "/data/host-key",
        f"{static}/etc/passwd",
        static,
        f"{static}player",
    ):
        answer = server.get(path)
        assert answer.status == 404, path
        assert answer.code == "not_found"


# --- whatever comes -------------------------------------------------------------------------------------

ODD_PATHS = [
    "//",
    "/%00",
    "/%ff",
    "/%",
    "/%zz",
    "/J/123456",
    "/j/%00",
    "/j/%ff%fe",
    "/j/a/b",
    "/static/%00",
    "/favicon.ico",
    "/robots.txt",
    "/.git/config",
    "/api",
    "/api/",
    "/api/rooms/",
    "/api/rooms/%2e%2e",
    "/api/rooms/a/b/qr.svg",
    "/api//rooms",
    "/host/",
    "/host?link=",
    "/host?key=",
    "/host?link=%ff&link=2",
    "/host?key",
    "/?room=%ff",
    "/socket.io",
    "/socket.io/",
    "/socket.io/socket.io.js",
    "/socket.io/?EIO=4",
    "/socket.io/?EIO=4&transport=pigeon",
    "/socket.io/?EIO=4&transport=websocket",
    "/socket.io/?EIO=x&transport=polling&sid=%ff",
    "/socket.io/?EIO=4&transport=polling&j=x",
    "/j/" + "9" * 5_000,
    "/?" + "a&" * 999,
    "/socket.io/?EIO=4&transport=polling&room=" + "9" * 3_000,
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]


@pytest.mark.parametrize("path", ODD_PATHS, ids=lambda path: path[:40])
def test_no_address_and_no_method_makes_the_server_fail(server, path):
    """Every answer is one of ours, with its headers."""
    for method in METHODS:
        answer = server.request(method, path, b"{}" if method in ("POST", "PUT") else None)
        assert 200 <= answer.status < 500, (method, answer.status)
        assert_safe(answer, method)


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "plenary_host=\xff\xfe"},
        {"Cookie": 'plenary_host="\\377"'},
        {"Cookie": ";;;=;"},
        {"Authorization": "Bearer \xff\xfe"},
        {"Authorization": "Bearer"},
        {"Authorization": "\xff"},
        {"Origin": "\xff"},
        {"Accept-Language": "\xff,;q=x"},
        {"Accept-Language": "*"},
        {"Content-Type": "application/json; charset=\xff"},
        {"Content-Type": "application/json; charset=no-such-thing"},
        {"If-Modified-Since": "yesterday", "If-None-Match": "\xff", "Range": "bytes=9-1"},
        {"Accept-Encoding": "gzip;q=x, \xff"},
        {"Host": ""},
        {"Transfer-Encoding": "none"},
    ],
    ids=str,
)
def test_no_header_makes_the_server_fail(server, headers):
    """On a page, the API and a file."""
    key = {"Authorization": f"Bearer {server.key}"}
    asked = [("GET", "/host"), ("GET", "/api/banks"), ("POST", "/api/rooms"), ("GET", "/")]
    for method, path in [*asked, ("GET", static_prefix(server) + "player/page.js")]:
        for more in ({}, key):
            answer = server.request(method, path, {} if method == "POST" else None, more | headers)
            assert answer.status < 500, (path, answer.body)


NO_REQUESTS = [
    b"\r\n\r\n",
    b"\xff" * 200,
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    b"POST /api/rooms HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"a" * 70_000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("sent", NO_REQUESTS, ids=lambda sent: repr(sent[:30]))
def test_what_is_no_request_hurts_nobody(server, sent):
    """The connection ends, with an answer or without; the next one is served."""
    host, _, port = server.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while chunk := connection.recv(4_096):
                answer += chunk
        except ConnectionResetError:
            pass

    assert not re.match(rb"HTTP/1.\d 5(?!05)", answer)
    assert b"Traceback" not in answer
    assert server.get("/healthz").status == 200
