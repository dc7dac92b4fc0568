"""The HTTP API of docs/protocol.md: every route, every refusal, who may ask and who may not."""

from __future__ import annotations

import re

import pytest

from tests.live.client import Host, Phone
from tests.live.server import KEY


def signed_in(server) -> dict[str, str]:
    """Return the header with the host's cookie."""
    answer = server.get(f"/host?key={KEY}")
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


# --- rooms ------------------------------------------------------------------------------------------------


def test_a_room_is_opened_with_a_bank(server, connect):
    """201 with code, the host's token and the address for students, and the room is there."""
    answer = server.as_host("POST", "/api/rooms", {"bank": "five"})

    assert answer.status == 201
    opened = answer.json()
    assert set(opened) == {"room", "host_token", "join_url"}
    assert re.fullmatch(r"\d{6}", opened["room"])
    assert len(opened["host_token"]) >= 20
    assert opened["join_url"] == f"http://{server.address}/j/{opened['room']}"
    assert connect(Host, server, opened["room"]).attach(opened["host_token"])["view"]["phase"] == "lobby"


def test_a_room_tells_its_phase(open_room):
    """Anybody may ask, for what a screen in the room shows as well."""
    room = open_room()
    answer = room.server.get(f"/api/rooms/{room.code}")

    assert answer.status == 200
    assert answer.json() == {"room": room.code, "phase": "lobby", "locked": False}
    room.play_to("answering")
    assert room.server.get(f"/api/rooms/{room.code}").json()["phase"] == "answering"


@pytest.mark.parametrize("path", ["/api/rooms/000000", "/api/rooms/000000/qr.svg", "/api/rooms/x%00y"])
def test_an_unknown_room_is_404(server, path):
    answer = server.get(path)
    assert (answer.status, answer.code) == (404, "no_such_room")


@pytest.mark.parametrize(
    "settings",
    [
        {"scoring": "luck"},
        {"scoring": None},
        {"streak_bonus": 1},
        {"streak_bonus": "yes"},
        {"reading_time": "slow"},
        {"reading_time": 0},
        {"reading_time": 301},
        {"reading_time": None},
        {"time_factor": 0.5},
        {"time_factor": 5},
        {"time_factor": "2"},
        {"shuffle_questions": "true"},
        {"shuffle_options": 0},
        {"auto_advance": 0},
        {"auto_advance": "on"},
        {"leaderboard": "no"},
        {"questions": 0},
        {"questions": 99},
        {"questions": []},
        {"questions": ["no-such-question"]},
        {"questions": ["double", "double"]},
        {"questions": "double"},
        {"max_players": 0},
        {"max_players": 2_001},
        {"max_players": 1.5},
        {"phones_show": "nothing"},
        {"no_such_setting": True},
    ],
    ids=str,
)
def test_a_setting_that_will_not_do_is_refused_by_its_name(server, settings):
    """And no room is opened."""
    before = server.get("/healthz").json()["rooms"]
    answer = server.as_host("POST", "/api/rooms", {"bank": "five", "settings": settings})

    assert (answer.status, answer.code) == (400, "bad_request")
    assert next(iter(settings)) in answer.json()["error"]["message"]
    assert server.get("/healthz").json()["rooms"] == before


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"scoring": "accuracy", "streak_bonus": True, "reading_time": "auto", "time_factor": 1.5},
        {"reading_time": 2.5, "auto_advance": 10, "leaderboard": False, "questions": 2},
        {"questions": ["double", "first-choice"], "max_players": 1, "phones_show": "shapes"},
        {"shuffle_questions": True, "shuffle_options": True, "auto_advance": "off", "reading_time": "off"},
    ],
    ids=str,
)
def test_every_setting_of_the_page_is_taken(server, settings):
    """Alone or with others."""
    assert server.as_host("POST", "/api/rooms", {"bank": "five", "settings": settings}).status == 201


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"5", b'"five"', b"null", b"{}", b'{"bank": 5}', b'{"bank": "no-such-bank"}']
    + [b'{"bank": "../../etc/passwd"}', b'{"bank": "five", "no_such_field": 1}', b"\xff\xfe", b"[" * 30_000]
    + [b'{"bank": "five", "settings": []}', b'{"bank": "five", "settings": {"time_factor": NaN}}']
    + [b'{"bank": "five", "settings": {"max_players": ' + b"9" * 400 + b"}}", b'{"bank": "\\ud800"}'],
    ids=lambda body: body[:40].decode(errors="replace"),
)
def test_a_body_that_will_not_do_is_400(server, body):
    """Whatever it is."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    answer = server.request("POST", "/api/rooms", body, headers)

    assert (answer.status, answer.code) == (400, "bad_request")


def test_a_body_without_its_type_or_too_large_is_refused(server):
    """A form of another page cannot be mistaken for the host's wish."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "text/plain"}
    assert server.request("POST", "/api/rooms", b'{"bank": "five"}', headers).status == 400
    large = b'{"bank": "' + b"x" * 70_000 + b'"}'
    headers["Content-Type"] = "application/json"
    assert server.request("POST", "/api/rooms", large, headers).status in (400, 413)


def test_the_banks_are_listed(server):
    """The real one and the teacher's own, without a question's text."""
    answer = server.as_host("GET", "/api/banks")

    assert answer.status == 200
    banks = {bank["id"]: bank for bank in answer.json()}
    assert {"internationalism", "five", "hasty", "languages"} <= set(banks)
    fields = {"id", "title", "description", "language", "questions", "types", "minutes"}
    assert all(set(bank) == fields for bank in banks.values())
    five = banks["five"]
    assert (five["title"], five["language"], five["questions"]) == ("Five for the tests", "en", 5)
    assert set(five["types"]) == {"choice", "multi", "truefalse"}
    assert type(five["minutes"]) is int
    assert "SECRET" not in answer.body.decode()


def test_a_bank_s_title_comes_in_the_teacher_s_language(server):
    """As the browser asks for it."""
    headers = {"Authorization": f"Bearer {KEY}", "Accept-Language": "fr-CH, fr;q=0.9, en;q=0.8"}
    titles = {bank["id"]: bank["title"] for bank in server.request("GET", "/api/banks", None, headers).json()}
    assert titles["five"] == "Five for the tests"
    headers["Accept-Language"] = "fr"
    titles = {bank["id"]: bank["title"] for bank in server.request("GET", "/api/banks", None, headers).json()}
    assert titles["languages"] == "Langues"


def test_health_counts_rooms_and_players(own_server, connect):
    """For whoever watches the server."""
    assert own_server.get("/healthz").json() == {"ok": True, "rooms": 0, "players": 0}
    opened = own_server.open_room()
    connect(Phone, own_server, opened).join("Ada")

    assert own_server.get("/healthz").json() == {"ok": True, "rooms": 1, "players": 1}


# --- who may ask ------------------------------------------------------------------------------------------

FOR_HOSTS = [("GET", "/api/banks"), ("POST", "/api/rooms"), ("GET", "/api/rooms"), ("GET", "/api/addresses")]


def test_wrong_keys_are_401_then_429_and_the_right_one_still_works(own_server):
    """A class of pranksters behind one address cannot lock the teacher out."""
    for number in range(10):
        method, path = FOR_HOSTS[number % len(FOR_HOSTS)]
        key = {"Authorization": f"Bearer wrong-{number}"} if number % 2 else {}
        answer = own_server.request(method, path, {"bank": "five"} if method == "POST" else None, key)
        assert (answer.status, answer.code) == (401, "not_allowed")
    answer = own_server.request("GET", "/api/banks", None, {"Authorization": "Bearer wrong"})
    assert (answer.status, answer.code) == (429, "too_many")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert own_server.get("/host?key=wrong").status == 429

    assert own_server.as_host("GET", "/api/banks").status == 200
    cookie = signed_in(own_server)
    assert own_server.request("POST", "/api/rooms", {"bank": "five"}, cookie).status == 201


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", f"Basic {KEY}", KEY, f"Bearer {KEY}x", "Bearer é", "Bearer \xff"],
)
def test_what_is_not_the_key_opens_nothing(own_server, authorization):
    """Not even nearly."""
    headers = {"Authorization": authorization}
    assert own_server.request("GET", "/api/banks", None, headers).status == 401


def test_the_key_in_the_address_becomes_a_cookie(server):
    """Once; then the address is clean, and the cookie is for this server alone."""
    answer = server.get(f"/host?key={KEY}")

    assert (answer.status, answer.headers["location"]) == (303, "/host")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert KEY not in cookie
    page = server.request("GET", "/host", None, signed_in(server))
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert KEY not in page.body.decode()


def test_a_link_works_once(own_server):
    """What the terminal prints; whoever takes a picture of the projector gets nothing."""
    [link] = re.findall(r"http://\S+(/host\?link=\S+)", own_server.printed)
    answer = own_server.get(link)
    assert (answer.status, answer.headers["location"]) == (303, "/host")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    headers = {"Cookie": cookie.partition(";")[0]}
    assert own_server.request("GET", "/host", None, headers).status == 200

    again = own_server.get(link)
    assert "set-cookie" not in again.headers
    assert again.headers["location"] == "/host"
    assert own_server.get("/host?link=made-up").status == 303
    assert "set-cookie" not in own_server.get("/host?link=made-up").headers


def test_without_a_key_the_host_s_page_says_so(server):
    """401, as a page that a person can read; a cookie that somebody made up is none."""
    for headers in ({}, {"Cookie": "plenary_host=made-up"}, {"Cookie": "plenary_host="}):
        answer = server.request("GET", "/host", None, headers)
        assert answer.status == 401
        assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
def test_a_page_of_another_server_has_no_use_of_the_cookie(server, origin):
    """Whatever its browser sends along."""
    headers = signed_in(server) | {"Origin": origin}
    before = server.get("/healthz").json()["rooms"]

    answer = server.request("POST", "/api/rooms", {"bank": "five"}, headers)
    assert (answer.status, answer.code) == (400, "bad_request")
    assert "access-control-allow-origin" not in answer.headers
    assert server.get("/healthz").json()["rooms"] == before
    headers["Origin"] = f"http://{server.address}"
    assert server.request("POST", "/api/rooms", {"bank": "five"}, headers).status == 201


def test_guessing_codes_over_http_is_slowed_down(own_server, connect):
    """Sixty in a row, then 429; the host still sees the room, and who knows the code still joins."""
    opened = own_server.open_room()
    answers = [own_server.get(f"/api/rooms/{number:06}") for number in range(70)]
    assert {answer.status for answer in answers[:60]} == {404}
    assert answers[-1].status == 429
    assert int(answers[-1].headers["retry-after"]) >= 1

    assert own_server.get(f"/api/rooms/{opened.room}").status == 429
    headers = signed_in(own_server)
    assert own_server.request("GET", f"/api/rooms/{opened.room}", None, headers).status == 200
    connect(Phone, own_server, opened).join("Ada")


# --- addresses --------------------------------------------------------------------------------------------


def test_the_host_header_is_never_believed(server):
    """Neither in the address for students, nor in the QR code, nor in a redirect."""
    headers = {"Authorization": f"Bearer {KEY}", "Host": "evil.example"}
    opened = server.request("POST", "/api/rooms", {"bank": "five"}, headers).json()

    assert opened["join_url"] == f"http://{server.address}/j/{opened['room']}"
    path = f"/api/rooms/{opened['room']}/qr.svg"
    assert server.request("GET", path, None, {"Host": "evil.example"}).body == server.get(path).body
    answer = server.request("GET", f"/host?key={KEY}", None, {"Host": "evil.example"})
    assert answer.headers["location"] == "/host"


def test_the_host_chooses_among_the_machine_s_own_addresses_alone(server):
    """An address from elsewhere would send a class elsewhere."""
    answer = server.as_host("GET", "/api/addresses")
    assert answer.status == 200
    assert answer.json()["current"] == f"http://{server.address}"

    for url in ("http://evil.example", "", "javascript:alert(1)", 5, None):
        assert server.as_host("POST", "/api/addresses", {"url": url}).status == 400
    assert server.as_host("POST", "/api/addresses", {"url": answer.json()["current"]}).status == 200


def test_the_host_finds_the_open_rooms_again(own_server):
    """On another device, with the token to attach."""
    opened = own_server.open_room()
    [room] = own_server.as_host("GET", "/api/rooms").json()

    assert room["room"] == opened.room
    assert room["host_token"] == opened.host_token
    assert (room["phase"], room["players"], room["bank"]) == ("lobby", 0, "Five for the tests")
