"""The phone's page: never a dead end, and whatever happens to the phone, its seat and its choice are kept."""

from __future__ import annotations

import re
import shutil
import time

import pytest
from playwright.sync_api import expect

from tests.browser.class_room import StudentPhone, assert_fits_a_thumb, open_class
from tests.browser.conftest import PHONE, SMALL_PHONE
from tests.live.client import Host
from tests.live.proxy import Proxy
from tests.live.server import Server


def test_a_code_that_does_not_open_anything_says_what_to_do(screen, site):
    """A wrong code, and one too short."""
    phone = StudentPhone(screen(SMALL_PHONE), "Ada")
    phone.screen.open("/")
    code = phone.page.get_by_label("Code on the big screen")
    for typed, said in (("12", "The code has six digits."), ("000000", "No quiz with this code is open.")):
        code.fill(typed)
        phone.page.get_by_role("button", name="Continue").click()
        expect(phone.page.get_by_text(said)).to_be_visible()
        expect(code).to_be_focused()
    phone.screen.open("/j/000000")
    expect(phone.page.get_by_text("No quiz with this code is open.")).to_be_visible()


def test_a_refused_nickname_says_why_and_lets_one_try_again(screen, site):
    """Taken, not fit for a screen, a room that was locked meanwhile."""
    projector, [_ada] = open_class(screen, site, "Ada")
    phone = StudentPhone(screen(PHONE), "Cem")
    phone.screen.open(f"/j/{projector.code}")
    nickname = phone.page.get_by_label("Nickname")
    join = phone.page.get_by_role("button", name="Join")
    for typed, said in (
        ("ADA", "Someone here already has this nickname."),
        ("a\u202eb", "This nickname cannot be used."),
    ):
        nickname.fill(typed)
        join.click()
        expect(phone.page.get_by_text(said)).to_be_visible()
    projector.press("l")
    expect(projector.page.get_by_text("Locked").first).to_be_visible()
    nickname.fill("Cem")
    join.click()
    expect(phone.page.get_by_text("This quiz is locked.")).to_be_visible()
    projector.press("l")
    expect(projector.page.get_by_text("Locked")).to_have_count(0)
    join.click()
    phone.sees("You’re in")


def test_a_reload_in_any_phase_comes_back_to_the_same_screen(screen, site):
    """The seat belongs to the token that the phone keeps."""
    projector, [ada, _bea] = open_class(screen, site, "Ada", "Bea", reading_time=300)

    def is_the_same(locator: str) -> None:
        expect(ada.page.locator(locator).first).to_be_visible()
        before = ada.page.locator("main h1").first.inner_text()
        ada.page.reload()
        expect(ada.page.locator(locator).first).to_be_visible()
        expect(ada.page.locator("main h1").first).to_have_text(before)

    is_the_same(".lobby")
    projector.go_on()
    is_the_same(".soon")
    projector.go_on()
    is_the_same("button.option:enabled")
    ada.tap("B")
    ada.has_sent()
    is_the_same(".sent.is-sent")
    projector.go_on()
    is_the_same(".verdict.is-right")
    projector.go_on()
    is_the_same("li.row.is-own")
    projector.press("x")
    projector.page.get_by_role("dialog").get_by_role("button", name="End the quiz").click()
    ada.sees("The podium")
    ada.page.reload()
    ada.sees("The podium")


def test_a_second_tab_takes_the_seat_and_can_be_sent_back(screen, site):
    """The newest connection has it; the older one says so and offers to take it again."""
    projector, [ada] = open_class(screen, site, "Ada")
    tab = ada.screen.second_tab()
    tab.goto(f"http://{ada.screen.address}/j/{projector.code}")
    expect(tab.get_by_role("heading", name="You’re in")).to_be_visible()
    ada.sees("Opened somewhere else")
    ada.page.get_by_role("button", name="Use it here").click()
    ada.sees("You’re in")
    expect(tab.get_by_role("heading", name="Opened somewhere else")).to_be_visible()
    expect(projector.page.locator(".chip")).to_have_text(["Ada"])


def test_a_phone_that_sent_far_too_much_says_so_and_goes_on_with_a_press(screen, site):
    """Something on the device floods the connection; the seat is still there."""
    projector, [] = open_class(screen, site)
    ada = StudentPhone(screen(PHONE), "Ada")
    connections = []
    ada.page.route_web_socket(
        re.compile("/socket.io/"), lambda socket: connections.append(socket.connect_to_server())
    )
    ada.join(projector.code)
    for _ in range(700):
        connections[-1].send('42["nonsense"]')
    ada.sees("This connection was closed")
    ada.page.get_by_role("button", name="Connect again").click()
    ada.sees("You’re in")
    expect(projector.page.locator(".chip")).to_have_text(["Ada"])


def test_who_leaves_or_whose_room_closes_can_join_another(screen, site):
    """The seat in a lobby is given up."""
    projector, [ada, bea] = open_class(screen, site, "Ada", "Bea")
    ada.page.get_by_role("button", name="Leave the quiz").click()
    ada.sees("Join the quiz")
    expect(projector.page.locator(".chip")).to_have_text(["Bea"])

    for answer in ("End the quiz", "Close the room"):
        projector.press("x")
        projector.page.get_by_role("dialog").get_by_role("button", name=answer).click()
        expect(projector.page.get_by_role("dialog")).to_have_count(0)
    bea.sees("The quiz is over")
    bea.page.get_by_role("button", name="Join another quiz").click()
    bea.sees("Join the quiz")


def test_a_killed_server_comes_back_and_everyone_with_it(screen, tmp_path):
    """Killed in the middle of a question; a choice made while it was down counts after the host goes on."""
    first = Server(tmp_path, "eventlet")
    projector, [ada, bea] = open_class(
        lambda viewport: screen(viewport, on=first), first, "Ada", "Bea", time_factor=4
    )
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    ada.tap("B")
    ada.has_sent()
    first.kill()
    expect(bea.page.locator(".bar-offline")).to_be_visible()
    bea.tap("B")
    expect(bea.page.locator(".sent.is-kept")).to_be_visible()

    second = Server(tmp_path, "eventlet", "--port", first.address.partition(":")[2])
    expect(projector.page.get_by_text("Paused. The clock stands still.").first).to_be_visible()
    expect(ada.page.get_by_text("The teacher has paused").first).to_be_visible()
    projector.go_on()
    projector.question("reveal")
    for phone in (ada, bea):
        verdict, points, score = phone.reveal()
        assert verdict == "Right"
        assert 0 < points == score
    second.stop()


def test_after_a_power_cut_every_open_screen_shows_what_is_left(screen, tmp_path):
    """What was acknowledged in the open question is there again by itself; a later question is asked anew."""
    data, kept = tmp_path / "data", tmp_path / "kept"
    data.mkdir()
    server = Server(data, "eventlet")
    projector, [ada, bea] = open_class(
        lambda viewport: screen(viewport, on=server), server, "Ada", "Bea", time_factor=4
    )

    def cut_the_power() -> Server:
        server.kill()
        for file in data.glob("journal.sqlite*"):
            file.unlink()
        shutil.copytree(kept, data, dirs_exist_ok=True)
        again = Server(data, "eventlet", "--port", server.address.partition(":")[2])
        expect(projector.page.get_by_text("Paused. The clock stands still.").first).to_be_visible()
        for phone in (ada, bea):
            expect(phone.page.get_by_text("The teacher has paused").first).to_be_visible()
            expect(phone.page.get_by_text("Question 1 of 5")).to_be_visible()
        projector.question("answering")
        expect(projector.page.locator(".answered")).to_have_text("0 of 2 answered")
        return again

    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    expect(projector.page.locator(".answered")).to_have_text("0 of 2 answered")
    kept.mkdir()
    for file in data.glob("journal.sqlite*"):
        shutil.copy(file, kept)
    ada.tap("B")
    ada.has_sent()

    server = cut_the_power()
    projector.go_on()
    ada.has_sent()
    expect(projector.page.locator(".answered")).to_have_text("1 of 2 answered")
    bea.tap("A")
    assert ada.reveal()[0] == "Right"
    projector.go_on()
    assert len(projector.rows()) == 2
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    ada.tap("A", "B")
    ada.has_sent()

    server = cut_the_power()
    projector.go_on()
    for phone in (ada, bea):
        expect(phone.option("B")).to_be_enabled()
        phone.tap("B")
    verdict, points, score = ada.reveal()
    assert verdict == "Right"
    assert 0 < points == score
    projector.go_on()
    assert len(projector.rows()) == 2
    projector.go_on()
    ada.tap("A", "C")
    ada.has_sent()
    server.stop()


def test_a_phone_without_network_goes_on_over_its_bell(screen, site):
    """A choice is kept; up to 5 s late it counts if the room still waits, later the phone says so."""
    projector, [ada, bea, cem, dan, eve] = open_class(
        screen, site, "Ada", "Bea", "Cem", "Dan", "Eve", bank="hasty", time_factor=2
    )
    projector.page.locator(".chip", has_text="Bea").click()
    projector.page.get_by_role("dialog").get_by_label("×2", exact=True).check()
    projector.press("Escape")
    expect(projector.page.locator("dialog")).to_have_count(0)

    late = "The bell had gone before your answer arrived."
    projector.go_on()
    for phone in (ada, cem, dan, eve):
        expect(phone.option("A")).to_be_enabled()
        phone.screen.context.set_offline(True)
    for phone in (ada, cem, dan, eve):
        expect(phone.page.locator(".bar-offline")).to_be_visible()
        expect(phone.option("A")).to_be_enabled()
    assert abs(seconds_on(bea) - seconds_on(ada) - 10) <= 1
    for phone in (ada, cem, eve):
        phone.tap("A")
    for phone in (ada, cem, eve):
        expect(phone.page.locator(".sent.is-kept")).to_be_visible()
    expect(dan.page.get_by_text("The time is up.")).to_be_visible()
    ada.screen.context.set_offline(False)
    ada.has_sent()  # the room waits for Bea, and a lost network explains 5 s
    while seconds_on(bea) > 4:
        bea.page.wait_for_timeout(200)
    cem.screen.context.set_offline(False)
    expect(cem.page.get_by_text(late)).to_be_visible()
    cem.page.reload()
    expect(cem.page.get_by_text(late)).to_be_visible()
    projector.press("e")
    cem.has_sent()
    projector.press("s")
    for phone in (ada, cem):
        assert phone.reveal()[0] == "Right"
    for phone in (dan, eve):
        expect(phone.page.locator(".bar-offline")).to_be_visible()
        phone.screen.context.set_offline(False)
        phone.sees("No answer")
    expect(eve.page.get_by_text(late)).to_be_visible()
    expect(dan.page.get_by_text(late)).to_have_count(0)


def seconds_on(phone: StudentPhone) -> int:
    return int(re.search(r"\d+", phone.page.get_by_role("timer").inner_text()).group())


CLOCK_THAT_JUMPS = """
const real = Date.now;
let jump = 0;
Date.now = () => real() + jump;
window.jump = (ms) => (jump += ms);
"""


def test_a_dead_connection_is_found_with_the_page_in_front(screen, site, measured):
    """By a choice that nothing acknowledges, and on waking; the wall clock may jump meanwhile."""
    room = site.open_room(time_factor=2)
    host = Host(site.address, room.room)
    host.attach(room.host_token)
    with Proxy(site.address) as network:
        phone = StudentPhone(screen(PHONE, on=network), "Ada")
        phone.page.add_init_script(CLOCK_THAT_JUMPS)
        phone.join(room.room)
        host.do("start")
        expect(phone.option("B")).to_be_enabled()
        network.go_silent()
        network.speak()
        began = time.monotonic()
        phone.tap("B")
        verdict, points, _ = phone.reveal()
        took_s = time.monotonic() - began
        measured(f"a choice that the network swallowed was there after {took_s:.1f} s")
        assert took_s < 6  # the server goes back 5 s at most
        assert verdict == "Right"
        assert points > 900

        for what, script in (
            ("shown again", "document.dispatchEvent(new Event('visibilitychange'))"),
            ("awake with the page in front", "jump(2 * 3_600_000)"),
        ):
            network.go_silent()
            network.speak()
            connections, began = network.accepted, time.monotonic()
            phone.page.evaluate(script)
            while network.accepted == connections:
                assert time.monotonic() - began < 4.5
                phone.page.wait_for_timeout(50)
            measured(f"{what}, it connected anew after {time.monotonic() - began:.1f} s (stated 1.5 s)")
        phone.page.evaluate("jump(-4 * 3_600_000)")
        host.do("next")
        host.do("next")
        expect(phone.option("A")).to_be_enabled()
        phone.tap("A", "C")
        verdict, points, _ = phone.reveal()
        assert verdict == "Right"
        assert points > 900
    host.drop()


NO_WEBSOCKETS = """
const Real = WebSocket;
window.WebSocket = function (url, protocols) {
    return new Real(url.replace("/socket.io/", "/blocked/"), protocols);
};
"""


def points_of_one_played(screen, site, script: str) -> int:
    """Play one question, right, on a phone on which a script has run first; return its points."""
    room = site.open_room()
    host = Host(site.address, room.room)
    host.attach(room.host_token)
    phone = StudentPhone(screen(PHONE), "Ada")
    phone.page.add_init_script(script)
    phone.join(room.room)
    host.do("start")
    expect(phone.option("B")).to_be_enabled()
    phone.tap("B")
    verdict, points, _ = phone.reveal()
    assert verdict == "Right"
    host.drop()
    return points


def test_long_polling_plays_where_websockets_are_blocked(screen, site):
    """A school's proxy may let no WebSocket through."""
    assert points_of_one_played(screen, site, NO_WEBSOCKETS) > 0


def test_a_phone_that_refuses_storage_still_plays(screen, site):
    """As some private windows do."""
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})"
    assert points_of_one_played(screen, site, refuse) > 0


@pytest.mark.parametrize("hours", [-2, 2, 20_000])
def test_a_phone_whose_clock_is_wrong_loses_nothing(screen, site, hours):
    """It opens with the others and its time is told in the server's."""
    shift = f"const now = Date.now; Date.now = () => now() + {hours} * 3_600_000;"
    assert points_of_one_played(screen, site, shift) > 900


NAMES = [
    "<script>x</script>",
    "<img src=x onerror=1",
    "مرحبا بالعالم",
    "👩‍👩‍👧‍👦"[:1] + "🇺🇳🏳️",
    "W" * 20,
    "Nguyễn Phúc",
    "a\u0301\u0302\u0303b",
]


def test_names_of_any_script_are_shown_as_text_and_break_no_layout(screen, site):
    """On the projector's chips, on phones of 320 px, on leaderboard and podium."""
    projector, phones = open_class(screen, site, *NAMES, time_factor=4)
    for phone in phones:
        expect(phone.page.locator(".lobby-name")).to_have_text(re.compile(r".+"))
    for page in (projector.page, *(phone.page for phone in phones)):
        assert page.locator("main script, main img[src=x]").count() == 0
        assert_fits_a_thumb(page)
    projector.go_on()
    expect(phones[0].option("A")).to_be_enabled()
    projector.go_on()
    projector.question("reveal")
    projector.go_on()
    assert len(projector.rows()) == len(NAMES)
    for page in (projector.page, *(phone.page for phone in phones)):
        assert_fits_a_thumb(page)


def test_a_seat_goes_on_another_phone(screen, site):
    """By the QR code that its own phone shows; the address is clean afterwards, and the first one says so."""
    projector, [ada] = open_class(screen, site, "Ada")
    ada.page.get_by_role("button", name="Go on with another phone").click()
    expect(ada.page.get_by_role("img", name="QR code of your seat")).to_be_visible()
    assert ada.page.locator(".seat-qr").evaluate("image => image.complete && image.naturalWidth > 0")
    link = ada.page.get_by_label("Or open this in another browser").input_value()
    assert_fits_a_thumb(ada.page)

    other = StudentPhone(screen(SMALL_PHONE), "Ada")
    other.page.goto(link)
    other.sees("You’re in")
    expect(other.page.locator(".lobby-name")).to_have_text("Ada")
    assert other.page.url.endswith(f"/j/{projector.code}")
    ada.sees("Opened somewhere else")
    assert_fits_a_thumb(other.page)
    expect(projector.page.locator(".chip")).to_have_count(1)
    other.page.reload()
    other.sees("You’re in")


def test_a_seat_that_a_phone_takes_over_does_not_get_the_answer_of_its_own(screen, site):
    """While the question is open, which Ada has answered on this phone, and Bea nowhere."""
    projector, [ada, bea] = open_class(screen, site, "Ada", "Bea")
    bea.page.get_by_role("button", name="Go on with another phone").click()
    link = bea.page.get_by_label("Or open this in another browser").input_value()
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    ada.tap("A")
    ada.has_sent()
    page = ada.screen.second_tab()
    ada.page.close()
    page.goto(link)

    taken_over = StudentPhone(ada.screen, "Bea")
    taken_over.page = page
    bea.sees("Opened somewhere else")
    expect(taken_over.option("A")).to_be_enabled()


def test_a_link_of_no_seat_leads_to_the_nickname(screen, site):
    """Whatever the address says."""
    room = site.open_room().room
    phone = StudentPhone(screen(PHONE), "Ada")
    phone.screen.open(f"/j/{room}#not-a-token-of-anybody")
    expect(phone.page.get_by_label("Nickname")).to_be_visible()
    phone.join(room)


def test_a_link_of_no_seat_costs_nobody_the_seat_that_they_have(screen, site):
    """Somebody sends it round the class."""
    projector, [ada] = open_class(screen, site, "Ada")
    page = ada.screen.second_tab()
    ada.page.close()
    page.goto(f"http://{ada.screen.address}/j/{projector.code}#not-a-token-of-anybody")
    expect(page.get_by_role("heading", name="You’re in")).to_be_visible()
    expect(page.locator(".lobby-name")).to_have_text("Ada")
    page.reload()
    expect(page.get_by_role("heading", name="You’re in")).to_be_visible()


def test_a_phone_that_lost_its_seat_gets_it_back_from_the_roster(screen, site):
    """In a private window that was closed, say; the name is taken, and the teacher gives the seat back."""
    projector, [ada] = open_class(screen, site, "Ada")
    ada.screen.context.close()
    away = projector.page.locator('.chip[data-presence="away"]')
    away.click()
    dialog = projector.page.get_by_role("dialog")
    with projector.page.expect_request("**/seat.svg") as asked:
        dialog.get_by_role("button", name="Give the seat to a phone").click()
    expect(dialog.get_by_role("img", name="QR code of the seat of Ada")).to_be_visible()

    anew = StudentPhone(screen(PHONE), "Ada")
    anew.screen.open(f"/j/{projector.code}#{asked.value.post_data_json['token']}")
    anew.sees("You’re in")
    expect(anew.page.locator(".lobby-name")).to_have_text("Ada")
    expect(projector.page.locator('.chip[data-presence="here"]')).to_have_text("Ada")


def test_a_choice_that_was_too_late_counts_once_there_is_no_bell(screen, site):
    """The teacher takes the clock from a student whose network failed, while the room still waits."""
    projector, [ada, _] = open_class(screen, site, "Ada", "Bea", bank="hasty", time_factor=2)
    [token] = [
        room["host_token"]
        for room in site.as_host("GET", "/api/rooms").json()
        if room["room"] == projector.code
    ]
    with Host(site.address, projector.code) as host:
        host.attach(token)
        ids = {seat["nickname"]: seat["id"] for seat in host.roster}
        host.do("accommodate", player=ids["Bea"], time_factor=None)
        projector.go_on()
        expect(ada.option("A")).to_be_enabled()
        ada.screen.context.set_offline(True)
        expect(ada.page.locator(".bar-offline")).to_be_visible()
        ada.tap("A")
        while seconds_on(ada) > 0:
            ada.page.wait_for_timeout(200)
        ada.page.wait_for_timeout(5_500)
        ada.screen.context.set_offline(False)
        expect(ada.page.locator(".sent.is-late")).to_be_visible()
        host.do("accommodate", player=ids["Ada"], time_factor=None)
        ada.has_sent()


def test_a_phone_shows_no_clock_where_the_room_shows_none_and_the_bell_closes_all_the_same(screen, site):
    """Neither while a question is read nor while it is open."""
    room = site.open_room("hasty", clock=False, reading_time=3)
    phone = StudentPhone(screen(PHONE), "Ada")
    phone.join(room.room)
    with Host(site.address, room.room) as host:
        host.attach(room.host_token)
        host.do("start")
        expect(phone.page.get_by_text("Read it through.")).to_be_visible()
        expect(phone.page.locator(".track")).to_have_count(0)
        expect(phone.option("A")).to_be_enabled()
        expect(phone.page.locator("[role=timer], .track")).to_have_count(0)
        assert_fits_a_thumb(phone.page)
        phone.sees("No answer")


IN_READING_ORDER = """(element, text) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    const places = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (let at = 0; at < node.length; at += 1) {
            if (!text.includes(node.data[at])) continue;
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            places.push([range.getBoundingClientRect().left, node.data[at]]);
        }
    }
    return places.sort(([one], [other]) => one - other).map(([, character]) => character).join("");
}"""
"""What stands in an element from left to right, of the characters named."""


def test_codes_and_numbers_with_a_sign_keep_their_order_on_a_page_from_right_to_left(screen, site):
    """Whatever language the words around them are in."""
    room = site.open_room(reading_time="off", time_factor=4)
    phone = StudentPhone(screen(SMALL_PHONE), "Ada")
    phone.screen.open("/")
    phone.page.evaluate("document.documentElement.dir = 'rtl'")
    phone.page.get_by_label("Code on the big screen").fill(room.room)
    assert_fits_a_thumb(phone.page)
    phone.page.get_by_role("button", name="Continue").click()
    phone.page.get_by_label("Nickname").fill("Ada")
    in_order = phone.page.locator(".join-room span").evaluate(IN_READING_ORDER, "0123456789")
    assert in_order == room.room
    phone.page.get_by_role("button", name="Join").click()
    phone.sees("You’re in")
    code = phone.page.locator(".stats dd").first
    assert code.evaluate(IN_READING_ORDER, "0123456789") == room.room
    with Host(site.address, room.room) as host:
        host.attach(room.host_token)
        host.do("start")
        expect(phone.option("B")).to_be_enabled()
        phone.tap("B")
        _verdict, points, _score = phone.reveal()
        shown = phone.page.locator(".verdict-points").evaluate(IN_READING_ORDER, "+0123456789")
        assert shown == f"+{points}"
        assert_fits_a_thumb(phone.page)
