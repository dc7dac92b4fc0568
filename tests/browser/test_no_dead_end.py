"""Wherever a phone ends up, it says what happened and has a button that does what is to be done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.browser.class_room import StudentPhone, assert_fits_a_thumb, open_class
from tests.browser.conftest import PHONE, SMALL_PHONE
from tests.live.client import Host, Phone
from tests.live.server import Server


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def sockets_of(page: Page) -> list[str]:
    """Return the addresses of the WebSockets that a page opens from now on, as they come."""
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    return opened


def close_room(host: Host) -> None:
    """End the game, then close the room."""
    host.do("end")
    host.do("end")


@contextmanager
def asleep(phone: StudentPhone, site: Server) -> Iterator[Host]:
    """A phone that has joined a room of its own hears nothing of what the host does within this block."""
    opened = site.open_room()
    phone.join(opened.room)
    phone.screen.context.set_offline(True)
    expect(phone.page.locator(".bar-offline")).to_be_visible()
    with Host(site.address, opened.room) as host:
        host.attach(opened.host_token)
        yield host
    phone.screen.context.set_offline(False)


def assert_is_no_dead_end(page: Page) -> None:
    """All can be hit, nothing hangs over an edge, and the text can be made easier to read."""
    assert_fits_a_thumb(page)
    expect(page.get_by_role("button", name="How this phone reads")).to_be_visible()


def test_a_room_that_was_closed_because_nothing_happened_for_long(screen, tmp_path):
    """Not even the class that had forgotten it is left with a dead screen."""
    idle = tmp_path / "idle"
    server = Server(tmp_path, "eventlet", module="tests.live.impatient", IDLE=str(idle))
    try:
        phone = StudentPhone(screen(SMALL_PHONE, on=server), "Ada")
        phone.join(server.open_room().room)
        idle.touch()
        phone.sees("This quiz has closed")
        expect(
            phone.page.get_by_text("Nothing happened here for a long time, so it was closed.")
        ).to_be_visible()
        assert_is_no_dead_end(phone.page)
        press(phone.page, "Join another quiz")
        phone.sees("Join the quiz")
        expect(phone.page.get_by_label("Code on the big screen")).to_be_focused()
        assert not server.errors()
    finally:
        server.stop()


def test_a_quiz_whose_seats_are_all_taken(screen, site):
    """The name stays typed: once the teacher has freed a seat, one press is enough."""
    opened = site.open_room(max_players=1)
    with Host(site.address, opened.room) as host, Phone(site.address, opened.room) as other:
        host.attach(opened.host_token)
        other.join("Bea")
        phone = StudentPhone(screen(SMALL_PHONE), "Ada")
        phone.screen.open(f"/j/{opened.room}")
        phone.ask_in("Ada")
        said = phone.page.get_by_role("alert")
        expect(said).to_have_text(
            "Every seat in this quiz is taken. Ask your teacher for one, then try again."
        )
        assert_is_no_dead_end(phone.page)
        expect(phone.page.get_by_role("button", name="Use another code")).to_be_visible()
        host.wait_for(lambda host: host.roster)
        host.do("kick", player=host.seat("Bea")["id"])
        press(phone.page, "Join")
        phone.sees("You’re in")


def test_a_quiz_that_is_locked(screen, site):
    """The code stays typed: once the teacher has unlocked it, one press is enough."""
    opened = site.open_room()
    with Host(site.address, opened.room) as host:
        host.attach(opened.host_token)
        host.do("lock")
        phone = StudentPhone(screen(SMALL_PHONE), "Ada")
        phone.screen.open(f"/j/{opened.room}")
        said = phone.page.get_by_role("alert")
        for _ in range(2):
            expect(said).to_have_text("This quiz is locked. Ask your teacher to let you in, then try again.")
            assert_is_no_dead_end(phone.page)
            press(phone.page, "Continue")
        expect(said).to_have_text("This quiz is locked. Ask your teacher to let you in, then try again.")
        host.do("unlock")
        press(phone.page, "Continue")
        phone.ask_in("Ada")
        phone.sees("You’re in")


def test_a_room_that_ended_while_the_phone_slept(screen, site):
    """Try again finds out that it is still so; another quiz can be joined."""
    phone = StudentPhone(screen(SMALL_PHONE), "Ada")
    with asleep(phone, site) as host:
        close_room(host)
    for _ in range(2):
        phone.sees("This quiz is not open any more")
        assert_is_no_dead_end(phone.page)
        press(phone.page, "Try again")
    phone.sees("This quiz is not open any more")
    press(phone.page, "Join another quiz")
    another = site.open_room().room
    phone.page.get_by_label("Code on the big screen").fill(another)
    press(phone.page, "Continue")
    phone.ask_in("Ada")
    phone.sees("You’re in")


def test_who_was_taken_out_while_the_phone_slept_is_asked_for_a_name(screen, site):
    """The page says why."""
    phone = StudentPhone(screen(PHONE), "Ada")
    with asleep(phone, site) as host:
        host.do("kick", player=host.seat("Ada")["id"])
    expect(phone.page.get_by_text("Your earlier seat is no longer there.")).to_be_visible()
    phone.ask_in("Ada again")
    phone.sees("You’re in")


def test_a_seat_that_another_device_has_can_be_left_for_another_quiz(screen, site):
    """Or for the same one, under another name."""
    projector, [ada] = open_class(screen, site, "Ada")
    tab = ada.screen.second_tab()
    tab.goto(f"http://{ada.screen.address}/j/{projector.code}")
    ada.sees("Opened somewhere else")
    press(ada.page, "Join another quiz")
    ada.sees("Join the quiz")
    expect(tab.get_by_role("heading", name="You’re in")).to_be_visible()


def test_try_now_asks_for_the_connection_at_once(screen, site):
    """At nearly every press; by itself the page waits for seconds between two attempts."""
    room = site.open_room().room
    phone = StudentPhone(screen(SMALL_PHONE), "Ada")
    phone.join(room)
    phone.screen.context.set_offline(True)
    expect(phone.page.get_by_text("No connection. Your seat is kept.").first).to_be_visible()
    assert_fits_a_thumb(phone.page)
    attempts = sockets_of(phone.page)
    for _ in range(8):
        press(phone.page, "Try now")
    assert len(attempts) >= 6
    phone.screen.context.set_offline(False)
    expect(phone.page.locator(".bar-offline")).to_have_count(0)
    phone.sees("You’re in")


def test_a_phone_that_reaches_the_page_and_not_the_room_has_a_button(screen, site):
    """Its seat is kept meanwhile."""
    room = site.open_room().room
    phone = StudentPhone(screen(PHONE), "Ada")
    phone.join(room)
    blocked = re.compile("/socket.io/")
    is_blocked = True
    phone.page.route_web_socket(
        blocked, lambda socket: socket.close() if is_blocked else socket.connect_to_server()
    )
    phone.page.route(blocked, lambda route: route.abort("internetdisconnected"))
    phone.page.reload()
    phone.sees("No connection")
    expect(phone.page.get_by_role("button", name="Use another code")).to_be_visible()
    phone.page.unroute(blocked)
    is_blocked = False
    press(phone.page, "Try now")
    phone.sees("You’re in")


def test_texts_that_the_network_lost_come_at_the_next_try(screen, site):
    """The page would have nothing to say without them."""
    phone = StudentPhone(screen(PHONE), "Ada")
    lost: list[str] = []

    def lose_twice(route):
        lost.append(route.request.url)
        if len(lost) > 2:
            route.continue_()
        else:
            route.abort("internetdisconnected")

    phone.page.route("**/locales/en/player.json", lose_twice)
    phone.screen.open(f"/j/{site.open_room().room}")
    expect(phone.page.get_by_label("Nickname")).to_be_visible()
    assert len(lost) > 2


def test_where_the_server_can_write_no_copy_of_its_files_each_page_takes_all_texts(screen, tmp_path):
    """The folder itself is served then, in which the texts are one file."""
    (tmp_path / "static").write_text("a file where the folder should be")
    server = Server(tmp_path, "eventlet")
    try:
        phone, projector = screen(PHONE, on=server), screen({"width": 1280, "height": 720}, on=server)
        phone.open("/")
        expect(phone.page.get_by_label("Code on the big screen")).to_be_visible()
        phone.open("/network")
        expect(phone.page.get_by_role("heading", name="Test this network")).to_be_visible()
        projector.open(f"/host?key={server.key}")
        expect(projector.page.get_by_role("button", name="Open the room")).to_be_visible()
        for device in (phone, projector):
            device.page.goto("about:blank")  # what is still on its way would complain of the server's end
    finally:
        server.stop()


def test_shapes_are_asked_only_as_long_as_they_are_what_is_missing(screen, site):
    """A name that was taken meanwhile can be changed; whoever has the wrong room can use another code."""
    opened = site.open_room(check=True)
    with Host(site.address, opened.room) as host:
        host.attach(opened.host_token)
        phone = StudentPhone(screen(SMALL_PHONE), "Ada")
        phone.screen.open(f"/j/{opened.room}?check=AAAA")
        phone.ask_in("Ada")
        phone.sees("Copy the shapes")
        assert_fits_a_thumb(phone.page)
        other = Phone(site.address, opened.room)
        other.join("Ada", check=host.view["check"])
        for letter in host.view["check"]:
            phone.page.locator(".check-shapes button").filter(has_text=letter).click()
        expect(phone.page.get_by_text("Someone here already has this nickname.")).to_be_visible()
        phone.ask_in("Ada L.")
        phone.sees("You’re in")
        other.drop()

    elsewhere = StudentPhone(screen(PHONE), "Bea")
    elsewhere.screen.open(f"/j/{opened.room}")
    elsewhere.sees("Copy the shapes")
    press(elsewhere.page, "Use another code")
    elsewhere.sees("Join the quiz")


def test_who_mistyped_too_often_can_join_on_a_new_connection(screen, site):
    """The old one stays refused for good."""
    opened = site.open_room(check=True)
    with Host(site.address, opened.room) as host:
        host.attach(opened.host_token)
        right = host.view["check"]
    wrong = "A" * 4 if right != "A" * 4 else "B" * 4
    phone = StudentPhone(screen(PHONE), "Ada")
    connections = sockets_of(phone.page)
    phone.screen.open(f"/j/{opened.room}?check={wrong}")
    phone.ask_in("Ada")
    too_often = phone.page.get_by_text("That was too many tries.")
    shapes = phone.page.get_by_text("These are not the shapes")
    while True:
        expect(too_often.or_(shapes).first).to_be_visible()
        if too_often.count():
            break
        for letter in wrong:
            phone.page.locator(".check-shapes button").filter(has_text=letter).click()
        expect(phone.page.locator(".check-slots .is-full")).to_have_count(0)
    press(phone.page, "Join")
    phone.sees("Copy the shapes")
    for letter in right:
        phone.page.locator(".check-shapes button").filter(has_text=letter).click()
    phone.sees("You’re in")
    assert len(connections) == 2
