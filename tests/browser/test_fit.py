"""Nothing is cut off, nothing is too small to hit, and a first load is small and soon there."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from server.config import PROJECT
from tests.browser.class_room import Projector, StudentPhone, assert_fits_a_thumb
from tests.browser.conftest import PHONE, SMALL_PHONE, TWICE_THE_SIZE
from tests.live.client import Host, Phone
from tests.live.server import Server

LONG_OPTION = "An option that takes ninety characters, which is as long as an option may sensibly become."
LONG_ITEM = LONG_OPTION.replace(",", "")
LONG_STEM = " ".join(["internationalism"] * 8 + ["and", "its", "many", "long", "words"] * 6) + "?"
BANK = f"""
title: As long as it gets
language: en
description: Everything at its longest.
questions:
  - id: longest
    type: multi
    stem: {LONG_STEM}
    options:
{
    "".join(
        f'''
      - text: {LONG_OPTION[:-2]} {n}
        correct: {"true" if n in (2, 5) else "false"}
        why: {LONG_OPTION}'''
        for n in range(8)
    )
}
    explanation: {LONG_OPTION} {LONG_OPTION}
  - id: long-order
    type: order
    stem: {LONG_STEM[:120]}
    items: [{", ".join(f"{{text: {LONG_ITEM[:60]} {n}}}" for n in range(8))}]
    explanation: {LONG_OPTION}
  - id: few-to-order
    type: order
    stem: {LONG_STEM[:120]}
    items: [{", ".join(f"{{text: {LONG_ITEM[:60]} {n}}}" for n in range(5))}]
    explanation: {LONG_OPTION}
  - id: long-match
    type: match
    stem: {LONG_STEM[:120]}
    pairs: [{", ".join(f"{{left: {LONG_ITEM[:45]} {n}, right: {n} {LONG_ITEM[:45]}}}" for n in range(8))}]
    explanation: {LONG_OPTION}
  - id: long-text
    type: text
    stem: {LONG_STEM[:120]}
    accept: [{LONG_ITEM[:60]}, {LONG_ITEM[:50]}, {LONG_ITEM[:40]}]
    explanation: {LONG_OPTION}
  - id: long-cloud
    type: wordcloud
    stem: {LONG_STEM[:120]}
"""
SLOW_NETWORK = {"latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""In ms and bytes a second."""
PLAYABLE_S, GENEROUS = 3.0, 3
WRITTEN = [f"{n} {LONG_OPTION[:36]}" for n in range(12)]
"""What a class writes that writes a lot."""


@pytest.fixture
def long_site(tmp_path):
    """A server with a bank in which everything is long."""
    (tmp_path / "banks").mkdir()
    (tmp_path / "banks" / "long.yaml").write_text(BANK, "utf-8")
    running = Server(tmp_path, "eventlet")
    yield running
    running.stop()


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_the_longest_question_fits_the_projector(screen, long_site, size):
    """Eight options of ninety characters under a stem of forty words."""
    viewport = {"width": size[0], "height": size[1]}
    projector = Projector(screen(viewport, on=long_site), long_site)
    projector.show(long_site.open_room("long", reading_time=300, questions=1).room)
    expect(projector.page.locator("main.lobby")).to_be_visible()
    phone = StudentPhone(screen(PHONE, on=long_site), "Ada")
    phone.join(projector.code)
    expect(projector.page.locator(".chip")).to_have_count(1)
    for phase in ("reading", "answering", "reveal"):
        projector.go_on()
        projector.question(phase)
        if phase == "answering":
            expect(phone.option("A")).to_be_enabled()
        assert projector.fits_without_scrolling(), phase


def assert_can_be_read(page: Page) -> None:
    """Nothing hangs over the edge, and no text is squeezed into a column of letters."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for text in page.locator(".option-text, .target, .group-value, .word").all():
        box = text.bounding_box()
        assert box is not None
        assert box["width"] >= 100, text.inner_text()
        assert box["x"] + box["width"] <= page.viewport_size["width"], text.inner_text()


@pytest.mark.parametrize("name", ["long-order", "few-to-order", "long-match", "long-text", "long-cloud"])
def test_the_longest_of_a_kind_fits_the_projector_and_a_small_phone(screen, long_site, name):
    """Many items, five, or many pairs; twelve long answers that nobody shares; a phone as the remote."""
    opened = long_site.open_room("long", reading_time=300, questions=[name])
    projector = Projector(screen({"width": 1280, "height": 720}, on=long_site), long_site)
    projector.show(opened.room)
    remote = Projector(screen(PHONE, on=long_site), long_site)
    remote.show(opened.room)
    phone = StudentPhone(screen(SMALL_PHONE, on=long_site), "Ada")
    phone.join(opened.room)
    written = WRITTEN if name in ("long-text", "long-cloud") else []
    writers = [Phone(long_site.address, opened.room) for _ in written]
    for n, writer in enumerate(writers):
        writer.join(f"Writer {n}")
    expect(projector.page.locator(".chip")).to_have_count(1 + len(writers))
    projector.go_on()
    projector.question("reading")
    projector.go_on()
    projector.question("answering")
    expect(phone.page.get_by_role("timer")).to_be_visible()
    assert projector.fits_without_scrolling()
    assert_can_be_read(remote.page)
    assert_fits_a_thumb(phone.page)
    expect(phone.page.locator(".note", has_text="Get ready")).to_have_count(0)
    for writer, text in zip(writers, written, strict=True):
        writer.wait_until_open()
        writer.answer(text)
        writer.drop()
    projector.go_on()
    projector.question("reveal")
    remote.question("reveal")
    expect(phone.page.locator(".verdict:not(.is-wait)")).to_be_visible()
    assert projector.fits_without_scrolling()
    assert_can_be_read(remote.page)
    assert_fits_a_thumb(phone.page)


IS_ON_TOP = """element => {
    const {left, right, top, bottom} = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
}"""
"""Whether the middle of an element is on the screen, with nothing over it."""


def assert_is_seen(element: Locator) -> None:
    expect(element).to_be_visible()
    assert element.evaluate(IS_ON_TOP), element.inner_text()


def open_on_a_small_phone(screen: Any, server: Server, question: str) -> tuple[StudentPhone, Host]:
    """Open a question of many long items; return the phone, and the host, who is to be dropped."""
    opened = server.open_room("long", reading_time="off", time_factor=4, questions=[question])
    phone = StudentPhone(screen(SMALL_PHONE, on=server), "Ada")
    phone.join(opened.room)
    host = Host(server.address, opened.room)
    host.attach(opened.host_token)
    host.do("start")
    expect(phone.page.get_by_role("timer")).to_be_visible()
    expect(phone.page.locator(".note", has_text="Get ready")).to_have_count(0)
    return phone, host


def test_an_item_that_is_moved_or_focused_is_never_behind_the_clock_or_the_button(screen, long_site):
    """Eight long items on a phone of 320 × 568: by keys, by the arrows, by a drag held at the edge."""
    phone, host = open_on_a_small_phone(screen, long_site, "long-order")
    page = phone.page
    rows = page.locator("ol.order > li")
    page.locator("main h1").focus()
    for n in range(8):
        for control in ("handle", "up", "down"):
            page.keyboard.press("Tab")
            focused = rows.nth(n).locator(f"[data-control={control}]")
            expect(focused).to_be_focused()
            assert_is_seen(focused)
    for _ in range(7):
        page.keyboard.press("ArrowUp")
        assert_is_seen(page.locator("[data-control=down]:focus"))

    item = rows.nth(0).locator(".option-text").inner_text()
    page.evaluate("window.scrollTo(0, 0)")
    handle = rows.nth(0).locator(".order-handle")
    at, send = handle.bounding_box(), page.locator(".send").bounding_box()
    assert at is not None
    assert send is not None
    page.mouse.move(at["x"] + 20, at["y"] + 20)
    page.mouse.down()
    page.mouse.move(at["x"] + 20, send["y"] - 10, steps=4)
    expect(rows.nth(7)).to_be_in_viewport(ratio=0.9)
    page.mouse.up()
    expect(rows.nth(7).locator(".option-text")).to_have_text(item)
    assert_is_seen(rows.nth(7).locator(".order-handle"))
    host.drop()


def test_the_pair_that_is_next_is_seen_and_so_is_the_button_once_all_are_matched(screen, long_site):
    """Eight long pairs on a phone of 320 × 568."""
    phone, host = open_on_a_small_phone(screen, long_site, "long-match")
    page = phone.page
    targets = page.locator(".targets")
    expect(targets).to_have_attribute("data-goes-on", "")
    page.locator(".target").nth(7).scroll_into_view_if_needed()
    expect(targets).not_to_have_attribute("data-goes-on", "")
    page.locator(".target").nth(0).click()
    expect(targets).to_have_attribute("data-goes-on", "")
    for n in range(1, 8):
        expect(page.locator(".pair").nth(n)).to_have_attribute("aria-pressed", "true")
        assert_is_seen(page.locator(".pair").nth(n))
        page.locator(".target").nth(n).click()
    send = page.get_by_role("button", name="Send these pairs")
    assert_is_seen(send)
    for n in range(8):
        page.locator(".pair").nth(n).focus()
        assert_is_seen(page.locator(".pair").nth(n))
    send.click()
    phone.reveal()
    host.drop()


@pytest.mark.parametrize("size", [SMALL_PHONE, TWICE_THE_SIZE], ids=["remote", "200%"])
def test_what_has_the_focus_is_never_behind_the_controls_of_the_host(screen, long_site, size):
    """On the teacher's phone, and where the page is shown at twice its size: by Tab through a reveal."""
    opened = long_site.open_room("long", reading_time="off", questions=["long-text"])
    projector = Projector(screen(size, on=long_site), long_site)
    projector.show(opened.room)
    writers = [Phone(long_site.address, opened.room) for _ in WRITTEN]
    for n, writer in enumerate(writers):
        writer.join(f"Writer {n}")
    expect(projector.page.locator(".chip")).to_have_count(len(writers))
    projector.go_on()
    for writer, text in zip(writers, WRITTEN, strict=True):
        writer.wait_until_open()
        writer.answer(text)
    projector.question("reveal")
    page = projector.page
    page.locator("main").evaluate("main => { main.tabIndex = -1; main.focus(); }")
    inside = page.locator("main :is(button, a):visible")
    assert inside.count() >= 10
    for n in range(inside.count()):
        page.keyboard.press("Tab")
        expect(inside.nth(n)).to_be_focused()
        assert_is_seen(inside.nth(n))
    for writer in writers:
        writer.drop()


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["390", "320"])
def test_a_phone_never_scrolls_sideways_and_can_be_hit_everywhere(screen, long_site, size):
    """In every phase; whatever can be pressed is 44 px high and wide."""
    room = long_site.open_room("long", reading_time=300, questions=1)
    host = Host(long_site.address, room.room)
    host.attach(room.host_token)
    phone = StudentPhone(screen(size, on=long_site), "Maximiliane Größenwa")

    def is_fine() -> None:
        assert_fits_a_thumb(phone.page)

    phone.screen.open("/")
    expect(phone.page.get_by_label("Code on the big screen")).to_be_visible()
    is_fine()
    phone.screen.open(f"/j/{room.room}")
    expect(phone.page.get_by_label("Nickname")).to_be_visible()
    is_fine()
    phone.join(room.room)
    is_fine()
    host.do("start")
    expect(phone.page.locator(".soon")).to_be_visible()
    is_fine()
    host.do("skip")
    expect(phone.option("H")).to_be_enabled()
    is_fine()
    phone.tap("A", "C")
    phone.reveal()
    is_fine()
    host.do("next")
    expect(phone.page.locator("li.row")).to_be_visible()
    is_fine()
    host.do("next")
    phone.sees("The podium")
    is_fine()
    host.drop()


def test_a_phones_first_load_is_small(screen, site, measured):
    """At most 60 KB on the wire in at most 20 requests, by Chromium's own count."""
    room = site.open_room().room
    phone = StudentPhone(screen(PHONE), "Ada")
    wire = phone.screen.context.new_cdp_session(phone.page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    phone.screen.open(f"/j/{room}")
    expect(phone.page.get_by_label("Nickname")).to_be_visible()
    phone.page.wait_for_load_state("load")
    measured(f"a first load: {sum(sizes) / 1000:.1f} KB in {len(sizes)} requests")
    assert sum(sizes) <= 60_000
    assert len(sizes) <= 20


def test_a_phone_on_a_slow_network_can_soon_join(screen, site, measured):
    """At 400 kbit/s, and 300 ms from each request to its answer; messages of a WebSocket pass."""
    room = site.open_room().room
    phone = StudentPhone(screen(PHONE), "Ada")
    wire = phone.screen.context.new_cdp_session(phone.page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", {"offline": False, **SLOW_NETWORK})
    began = time.monotonic()
    phone.screen.page.goto(f"http://{phone.screen.address}/j/{room}", wait_until="commit")
    phone.page.get_by_label("Nickname").fill(phone.nickname)
    phone.page.get_by_role("button", name="Join").click()
    pressed_s = time.monotonic() - began
    phone.sees("You’re in")
    joined_s = time.monotonic() - began
    measured(
        f"on a slow network: name given and Join pressed after {pressed_s:.1f} s (stated {PLAYABLE_S:g} s), "
        f"in the room after {joined_s:.1f} s"
    )
    assert pressed_s < GENEROUS * PLAYABLE_S


def test_a_phone_asks_once_for_its_room_while_the_page_is_still_on_its_way(screen, site):
    """One module asks that needs little else; a phone that has its seat does not ask at all."""
    phone = StudentPhone(screen(PHONE), "Ada")
    room = site.open_room().room
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url.rpartition(phone.screen.address)[2]))
    phone.page.route("**/vendor/preact-htm.js", lambda route: route.abort("internetdisconnected"))
    with phone.page.expect_response(f"**/api/rooms/{room}"):
        phone.screen.open(f"/j/{room}")
    expect(phone.page.get_by_label("Nickname")).to_have_count(0)
    phone.page.unroute("**/vendor/preact-htm.js")
    phone.page.reload()
    phone.page.get_by_label("Nickname").fill(phone.nickname)
    phone.page.get_by_role("button", name="Join").click()
    phone.sees("You’re in")
    assert asked.count(f"/api/rooms/{room}") == 2

    phone.page.reload()
    phone.sees("You’re in")
    assert asked.count(f"/api/rooms/{room}") == 2


STATIC = PROJECT / "static"


def imported_by(module: Path) -> set[str]:
    """Return a module and all that it imports, by their paths below static/."""
    found: set[str] = set()
    to_read = [module]
    while to_read:
        path = to_read.pop()
        name = path.relative_to(STATIC).as_posix()
        if name not in found:
            found.add(name)
            imports = re.findall(
                r'^(?:import|export)\b[^;]*?"(\.[^"]+)"', path.read_text("utf-8"), re.MULTILINE
            )
            to_read += [Path(path.parent / imported).resolve() for imported in imports]
    return found


@pytest.mark.parametrize("page", ["player", "host", "network"])
def test_a_page_preloads_just_the_modules_that_it_imports(page):
    """No waterfall: the list in index.html is the import graph."""
    html = (STATIC / page / "index.html").read_text("utf-8")
    preloaded = set(re.findall(r'rel="modulepreload" href="\{\{static\}\}/([^"]+)"', html))

    assert preloaded == imported_by(STATIC / page / "page.js")


def test_a_phone_fetches_all_that_a_seat_needs_in_one_go():
    """The list in page.js is what views/seated.js imports beyond the page itself."""
    page = (STATIC / "player" / "page.js").read_text("utf-8")
    [listed] = re.findall(r"lazyModule\(\s*\[(.*?)\]", page, re.DOTALL)
    paths = [(STATIC / "player" / path).resolve() for path in re.findall(r'"([^"]+)"', listed)]

    assert paths[0] == STATIC / "player" / "views" / "seated.js"
    needed = imported_by(paths[0]) - imported_by(STATIC / "player" / "page.js")
    assert {path.relative_to(STATIC).as_posix() for path in paths} == needed
