"""The host's page: the same after every reload and on every device, and each key does its one thing."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from server.live.lateness import WINDOW_S
from tests.browser.class_room import Projector, StudentPhone, open_class
from tests.browser.conftest import PROJECTOR, SMALL_PHONE
from tests.browser.gallery.lesson import cut_off
from tests.live.client import PATIENCE_S, Phone
from tests.live.server import Server
from tests.live.test_metrics import make_late
from tests.processes import PROJECT


def main_text(projector: Projector) -> str:
    """Return what the projector shows, without what counts seconds."""
    text = projector.page.locator("main").inner_text()
    return re.sub(r"\b\d+ seconds? left\b|^\d+$", "", text, flags=re.MULTILINE)


def test_the_arrow_that_goes_on_points_as_the_page_runs(screen, site):
    """On a page from right to left the left one does, and the right one nothing."""
    projector, _ = open_class(screen, site, "Ada", reading_time=300)
    projector.page.evaluate("document.documentElement.dir = 'rtl'")
    projector.go_on("ArrowRight")
    projector.go_on("ArrowLeft")
    projector.question("reading")
    projector.go_on("ArrowLeft")
    projector.question("answering")


def test_a_reload_and_a_second_device_show_the_same_room_at_the_same_moment(screen, site):
    """In every phase of a game."""
    projector, [ada, bea] = open_class(screen, site, "Ada", "Bea", reading_time=300)
    other = Projector(screen(PROJECTOR), site)
    other.show(projector.code)

    def is_the_same_everywhere(shown: str) -> None:
        expect(projector.page.locator(shown)).to_be_visible()
        before = main_text(projector)
        projector.page.reload()
        for page in (projector.page, other.page):
            expect(page.locator(shown)).to_be_visible()
        assert main_text(projector) == before
        assert main_text(other) == before

    is_the_same_everywhere("main.lobby")
    projector.go_on()
    is_the_same_everywhere("article[data-phase=reading]")
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    ada.tap("B")
    ada.has_sent()
    expect(projector.page.locator(".answered")).to_have_text("1 of 2 answered")
    projector.press("p")
    is_the_same_everywhere("article[data-phase=answering]")
    for page in (projector.page, other.page):
        expect(page.get_by_text("Paused. The clock stands still.").first).to_be_visible()
        expect(page.locator(".answered")).to_have_text("1 of 2 answered")
    projector.press("p")
    bea.tap("A")
    is_the_same_everywhere("article[data-phase=reveal]")
    projector.go_on()
    is_the_same_everywhere("main.standings")
    projector.press("x")
    projector.page.get_by_role("dialog").get_by_role("button", name="End the quiz").click()
    is_the_same_everywhere("main.podium-screen")


def test_a_projector_without_network_holds_nobody_up(screen, site):
    """The question closes meanwhile, its clock runs on; back again it shows where the game is."""
    projector, [ada] = open_class(screen, site, "Ada", bank="hasty", time_factor=1.5)
    projector.go_on()
    projector.question("answering")
    projector.screen.context.set_offline(True)
    expect(projector.page.get_by_text("Connection lost.").first).to_be_visible()
    assert abs(seconds_on(projector) - seconds_left(ada)) <= 1
    ada.sees("No answer")
    projector.question("answering")
    projector.screen.context.set_offline(False)
    projector.question("reveal")
    expect(projector.page.get_by_text("Connection lost.")).to_have_count(0)
    projector.go_on()
    expect(projector.page.locator("main.standings")).to_be_visible()


def test_the_projector_says_while_the_laptop_is_busy(screen, tmp_path):
    """Until it has been well for ten seconds; the phones say nothing, for nobody there could help."""
    server = Server(tmp_path, "eventlet")
    projector, [ada] = open_class(partial(screen, on=server), server, "Ada")
    busy = projector.page.locator(".banner.late")

    make_late(server, busy.count)

    expect(busy).to_have_text("The laptop is busy: screens may be late. Close other programs on it.")
    assert projector.fits_without_scrolling()
    expect(ada.page.get_by_text("busy")).to_have_count(0)
    expect(busy).to_have_count(0, timeout=(WINDOW_S + PATIENCE_S) * 1_000)
    server.stop()


BOUNCE = """() => {
  for (const type of ["keydown", "keyup", "keydown", "keyup"]) {
    document.body.dispatchEvent(new KeyboardEvent(type, { key: " ", bubbles: true, cancelable: true }));
  }
}"""
"""A key that a worn switch presses twice: faster than a test on a busy computer can."""


def seconds_left(phone: StudentPhone) -> int:
    return int(re.search(r"\d+", phone.page.get_by_role("timer").inner_text()).group())


def test_each_key_does_what_its_button_says(screen, site):
    """And a bounced press of Space goes on once."""
    projector, [ada] = open_class(screen, site, "Ada", time_factor=4)
    projector.press("l")
    expect(projector.page.get_by_text("Locked").first).to_be_visible()
    projector.press("l")
    expect(projector.page.get_by_text("Locked")).to_have_count(0)
    projector.press("?")
    expect(projector.page.get_by_role("dialog")).to_contain_text("Shortcuts")
    projector.press("Escape")
    expect(projector.page.get_by_role("dialog")).to_have_count(0)
    projector.page.evaluate(BOUNCE)
    projector.question("answering")
    expect(ada.option("A")).to_be_enabled()

    before = seconds_on(projector)
    projector.press("e")
    wait_until(projector, lambda: seconds_on(projector) > before + 10)
    projector.press("p")
    expect(ada.page.get_by_text("The teacher has paused").first).to_be_visible()
    expect(projector.page.get_by_text("Paused. The clock stands still.").first).to_be_visible()
    projector.press("p")
    expect(ada.page.locator(".paused")).to_have_count(0)
    projector.press("s")
    projector.question("reveal")
    ada.sees("No answer")


def seconds_on(projector: Projector) -> int:
    return int(re.search(r"\d+", projector.page.locator(".gauge").inner_text()).group())


def wait_until(projector: Projector, is_so) -> None:
    """Wait until something is so that no locator can say."""
    for _ in range(150):
        if is_so():
            return
        projector.page.wait_for_timeout(100)
    raise AssertionError("not within 15 s")


def test_the_qr_code_enlarges_and_goes_back(screen, site):
    """By a click, and Escape."""
    projector, [] = open_class(screen, site)
    projector.page.locator("button.qr").click()
    large = projector.page.locator(".big-qr img")
    expect(large).to_be_visible()
    assert large.bounding_box()["height"] > 400
    projector.press("Escape")
    expect(large).to_have_count(0)


def test_a_name_can_be_changed_given_more_time_and_taken_out(screen, site):
    """From the lobby; the phones follow."""
    projector, [ada, bea] = open_class(screen, site, "Ada", "Bea")
    projector.page.locator(".chip", has_text="Ada").click()
    dialog = projector.page.get_by_role("dialog")
    dialog.locator("#nickname").fill("Ada L.")
    dialog.locator(".rename button").click()
    expect(projector.page.locator(".chip").first).to_have_text("Ada L.")
    expect(ada.page.locator(".lobby-name")).to_have_text("Ada L.")
    dialog.get_by_text("×2").click()
    projector.press("Escape")
    expect(dialog).to_have_count(0)
    assert "×2" not in projector.page.locator("main").inner_text()

    projector.page.locator(".chip", has_text="Bea").click()
    dialog.get_by_role("button", name="Remove from the room").click()
    dialog.get_by_role("button", name="Remove", exact=True).click()
    bea.sees("You were taken out of the quiz")
    expect(projector.page.locator(".chip")).to_have_text(["Ada L."])


def test_extra_time_is_remembered_by_name_for_the_next_room_if_the_teacher_wishes(screen, site):
    """Whoever joins a later room under that name has it again, until it is forgotten."""
    projector, [ada, bea] = open_class(screen, site, "Ada", "Bea")
    page = projector.page
    dialog = page.get_by_role("dialog")
    box = dialog.get_by_label("Remember on this computer who has extra time")

    def factor(name: str) -> Locator:
        """Open the sheet of a player and return the time that they have."""
        page.locator(".chip", has_text=name).click()
        return dialog.get_by_role("radio", checked=True)

    def close() -> None:
        projector.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)

    def next_room(*nicknames: str) -> None:
        projector.show(site.open_room("five").room)
        for phone, nickname in zip((ada, bea), nicknames, strict=True):
            phone.nickname = nickname
            phone.join(projector.code)
        expect(page.locator(".chip")).to_have_count(2)

    expect(factor("Ada")).to_have_accessible_name("×1")
    dialog.get_by_label("×2", exact=True).check()
    expect(dialog.get_by_text("Remembered on this computer")).to_have_count(0)
    close()
    projector.press("n")
    box.check()
    expect(dialog.get_by_text("1 name is remembered.")).to_be_visible()
    close()
    factor("Bea")
    dialog.get_by_label("No clock").check()
    expect(dialog.get_by_text("Remembered on this computer")).to_be_visible()
    close()

    next_room("ADA", "Bea")
    expect(factor("ADA")).to_have_accessible_name("×2")
    expect(dialog.get_by_text("Remembered on this computer")).to_be_visible()
    close()
    expect(factor("Bea")).to_have_accessible_name("No clock")
    dialog.get_by_role("button", name="Forget it").click()
    close()

    next_room("Ada", "Bea")
    expect(factor("Ada")).to_have_accessible_name("×2")
    close()
    expect(factor("Bea")).to_have_accessible_name("×1")
    close()
    projector.press("n")
    box.uncheck()
    close()

    next_room("Ada", "Bea")
    expect(factor("Ada")).to_have_accessible_name("×1")


def test_the_teacher_sees_what_the_network_did(screen, site):
    """From the reveal on, in the names' dialog: who opened late, and whose late answer counts."""
    projector, [ada, bea] = open_class(screen, site, "Ada", "Bea")
    projector.press("n")
    dialog = projector.page.get_by_role("dialog")
    expect(dialog.locator(".roster-row", has_text="Ada")).to_be_visible()
    expect(dialog.get_by_role("button", name="What the network did")).to_have_count(0)
    projector.press("Escape")
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    bea.screen.context.set_offline(True)
    expect(bea.page.locator(".bar-offline")).to_be_visible()
    bea.tap("B")
    expect(bea.page.locator(".sent")).to_contain_text("Chosen. It will be sent")
    bea.page.wait_for_timeout(500)  # what is measured: so long it is held up at least
    bea.screen.context.set_offline(False)
    expect(bea.page.locator(".sent-state")).to_have_text("Sent")
    ada.tap("B")
    projector.question("reveal")
    projector.press("n")
    dialog.get_by_role("button", name="What the network did").click()
    expect(dialog).to_contain_text("The question opened on 2 of the 2 phones that answered; the last came 0")
    row = dialog.locator("tbody tr", has_text="Bea")
    expect(row.get_by_role("rowheader")).to_contain_text("Bea had lost the connection")
    assert float(row.locator("td").last.inner_text().removesuffix(" s")) >= 0.5


@pytest.mark.parametrize("way", ["accept", "void"])
def test_a_corrected_key_shows_on_every_screen_at_once(screen, site, way):
    """Another option accepted, or the question taken out."""
    projector, [ada, bea] = open_class(screen, site, "Ada", "Bea")
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    ada.tap("B")
    bea.tap("C")
    projector.question("reveal")
    bea.sees("Wrong")
    projector.page.get_by_role("button", name="Correct the answer key").click()
    dialog = projector.page.get_by_role("dialog")
    if way == "accept":
        row = dialog.locator(".key-option", has_text="This is the third")
        row.get_by_role("button", name="Also accept").click()
    else:
        dialog.get_by_role("button", name="Do not count this question").click()
        dialog.get_by_role("button", name="Do not count it", exact=True).click()

    bea.sees("Right" if way == "accept" else "Not counted")
    ada.sees("Right" if way == "accept" else "Not counted")
    assert (bea.reveal()[2] > 0) is (way == "accept")
    assert (ada.reveal()[2] > 0) is (way == "accept")


def test_the_settings_that_a_teacher_chooses_reach_the_game(screen, site):
    """Two questions, by rightness alone, without a leaderboard."""
    projector = Projector(screen(PROJECTOR), site)
    projector.sign_in()
    page = projector.page
    page.locator(".bank", has_text="Five for the tests").click()
    page.get_by_text("All settings").click()
    page.get_by_label("Only being right counts").check()
    page.get_by_label("How many questions").select_option("2")
    page.get_by_label("Show the leaderboard after each question").uncheck()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Open the room").click()
    settings = sent.value.post_data_json["settings"]
    assert (settings["scoring"], settings["questions"], settings["leaderboard"]) == ("accuracy", 2, False)
    expect(page.locator("main.lobby")).to_be_visible()


def in_another_language(text: Any) -> Any:
    """Translate texts: each stands between brackets."""
    if isinstance(text, str):
        return f"⟦{text}⟧"
    return {name: in_another_language(part) for name, part in text.items()}


def test_the_host_reads_in_the_page_s_language_what_the_server_refuses(screen, site):
    """With the setting and its bounds, the reason, and the least there is to say of a code that is new."""
    projector = Projector(screen(PROJECTOR), site)
    page = projector.page
    texts = in_another_language(json.loads((PROJECT / "static/locales/en.json").read_text("utf-8")))
    page.route("**/locales/en/host.json", lambda route: route.fulfill(json=texts))
    kept = json.dumps({"bank": "five", "settings": {"time_factor": 9, "of_an_earlier_version": 1}})
    page.add_init_script(f"localStorage.setItem('plenary.host.setup', {json.dumps(kept)})")
    projector.sign_in()
    error = page.locator("main .error")
    open_room = page.get_by_role("button", name="⟦Open the room⟧")
    open_room.click()
    expect(error).to_have_text("⟦⟦Time to answer⟧: choose a number from 1 to 4.⟧")
    of_tomorrow = {"error": {"code": "of_tomorrow", "reason": "whatever", "message": "In English."}}
    page.route("**/api/rooms", lambda route: route.fulfill(status=400, json=of_tomorrow), times=1)
    open_room.click()
    expect(error).to_have_text("⟦That did not work. Reload the page, then try again.⟧")
    assert [said for said in projector.screen.complaints if "status of 400" not in said] == []
    projector.screen.complaints.clear()

    opened = site.open_room(reading_time=300)
    phones = [Phone(site.address, opened.room) for _ in range(2)]
    for phone, name in zip(phones, ("Ada", "Bea"), strict=True):
        phone.join(name)
    projector.show(opened.room)
    page.locator(".chip", has_text="Bea").click()
    page.set_viewport_size(SMALL_PHONE)  # a remote's: its dialog is longer than the screen
    page.locator("#nickname").fill("ada")
    page.get_by_role("button", name="⟦Rename⟧").click()
    expect(page.get_by_role("alert")).to_have_text(
        "⟦Somebody in the room has this name already. Choose another.⟧"
    )
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    projector.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.set_viewport_size(PROJECTOR)
    projector.go_on()
    projector.question("reading")
    projector.press("p")
    expect(page.locator(".banner.paused")).to_be_visible()
    projector.press("s")
    expect(page.locator(".toast")).to_have_text("⟦The quiz is paused. Resume it first.⟧")
    for phone in phones:
        phone.drop()


def test_a_preset_sets_the_fields_and_a_changed_field_makes_it_ones_own(screen, site):
    """What was opened with is chosen again the next time, by its name where it has one."""
    projector = Projector(screen(PROJECTOR), site)
    projector.sign_in()
    page = projector.page
    page.locator(".bank", has_text="Five for the tests").click()
    presets = page.get_by_role("group", name="How to play")

    def is_chosen(name: str) -> None:
        expect(presets.get_by_role("radio", checked=True)).to_have_accessible_name(name)

    def choose(name: str) -> None:
        presets.get_by_label(name, exact=True).check()

    is_chosen("Classic")
    page.get_by_text("All settings").click()
    choose("Exam")
    expect(page.get_by_label("Only being right counts")).to_be_checked()
    expect(page.get_by_label("Show the clock")).not_to_be_checked()
    expect(page.get_by_label("Show the leaderboard")).not_to_be_checked()
    page.get_by_label("How many questions").select_option("2")
    is_chosen("Exam")
    choose("Calm")
    expect(page.get_by_label("Time to answer")).to_have_value("1.5")
    expect(page.get_by_label("Show the clock")).to_be_checked()
    expect(page.get_by_label("How many questions")).to_have_value("2")
    page.get_by_label("Time to answer").select_option("2")
    is_chosen("Your own settings")
    choose("Exam")
    expect(presets.get_by_label("Your own settings")).to_have_count(0)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Open the room").click()
    settings = sent.value.post_data_json["settings"]
    wanted = {"scoring": "accuracy", "streak_bonus": False, "time_factor": 1, "leaderboard": False}
    assert settings == settings | wanted | {"clock": False}
    expect(page.locator("main.lobby")).to_be_visible()

    projector.screen.open("/host")
    is_chosen("Exam")


def test_a_room_without_a_clock_on_show_shows_none_on_the_projector(screen, site):
    """Neither while the class reads nor while it answers, nor in a pause; how many have answered is there."""
    projector, [ada] = open_class(screen, site, "Ada", reading_time=300, clock=False)

    def shows_no_clock() -> None:
        expect(projector.page.locator(".ring, .reading-bar, [role=timer]")).to_have_count(0)

    projector.go_on()
    projector.question("reading")
    shows_no_clock()
    projector.go_on()
    projector.question("answering")
    expect(projector.page.locator(".answered")).to_have_text("0 of 1 answered")
    shows_no_clock()
    projector.press("p")
    expect(projector.page.get_by_text("Paused. The clock stands still.").first).to_be_visible()
    shows_no_clock()
    projector.press("p")
    expect(ada.option("B")).to_be_enabled()
    ada.tap("B")
    projector.question("reveal")


def test_nothing_on_the_projector_is_cut_off_in_any_phase(screen, site):
    """Every word of the bar among it, at the size of most projectors."""
    projector, [ada] = open_class(screen, site, "Ada", reading_time="off", questions=1)
    page = projector.page
    for shown in ("main.lobby", "[data-phase=answering]", "[data-phase=reveal]", "main.standings"):
        expect(page.locator(shown).first).to_be_visible()
        assert cut_off(page) == [], shown
        if shown == "[data-phase=answering]":
            expect(ada.option("B")).to_be_enabled()
            ada.tap("B")
        else:
            projector.go_on()
    expect(page.locator("main.podium-screen")).to_be_visible()
    assert cut_off(page) == []


def test_the_host_goes_back_to_the_reveal_and_hides_the_leaderboard(screen, site):
    """By a key each; hidden, it is on no screen, and no question after it shows one until it is back."""
    projector, [ada, bea] = open_class(screen, site, "Ada", "Bea", reading_time="off")
    page = projector.page
    projector.go_on()
    expect(ada.option("B")).to_be_enabled()
    for phone in (ada, bea):
        phone.tap("B")
    projector.question("reveal")
    projector.go_on()
    expect(page.locator("main.standings")).to_be_visible()
    projector.press("b")
    projector.question("reveal")
    projector.go_on()
    expect(page.locator("main.standings")).to_be_visible()
    assert len(bea.rows()) == 2

    projector.press("h")
    expect(page.get_by_text("The scores stay hidden")).to_be_visible()
    expect(page.get_by_text("Ada")).to_have_count(0)
    expect(bea.page.get_by_text("Ada")).to_have_count(0)
    page.get_by_role("button", name="Show scores").click()
    expect(page.locator("main .ranking")).to_be_visible()
    projector.press("h")
    expect(page.get_by_text("The scores stay hidden")).to_be_visible()
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    for phone in (ada, bea):
        phone.tap("A", "C")
    projector.question("reveal")
    projector.go_on()
    projector.question("answering")


def test_the_host_takes_the_text_off_the_phones_and_gives_it_back(screen, site):
    """In the middle of a question, by the key and by the list behind More, which Escape closes."""
    projector, [ada] = open_class(screen, site, "Ada", reading_time="off", time_factor=4)
    page = projector.page
    projector.go_on()
    expect(ada.option("A")).to_be_enabled()
    words = ada.option("A").inner_text()
    projector.press("t")
    expect(ada.option("A")).not_to_have_text(words, use_inner_text=True)
    expect(page.locator("[data-control=phones]")).to_contain_text("Phones: full text")
    more = page.get_by_role("button", name="More")
    more.focus()
    projector.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    projector.press("Escape")
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(more).to_be_focused()
    more.click()
    page.get_by_role("button", name="Phones: full text").click()
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(ada.option("A")).to_have_text(words, use_inner_text=True)
    projector.question("answering")
