"""What a student sets on the phone itself: text that is easier to read, and whether it vibrates."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.class_room import StudentPhone, assert_fits_a_thumb
from tests.browser.conftest import PHONE, SMALL_PHONE
from tests.live.client import Host, Phone


def settings_of(page: Page) -> Locator:
    """Open what the phone's own settings hold."""
    page.get_by_role("button", name="How this phone reads").click()
    return page.get_by_role("group", name="How this phone reads")


def size_of(text: Locator) -> float:
    """Return the size of its letters in px."""
    return float(text.evaluate("element => parseFloat(getComputedStyle(element).fontSize)"))


CUT_OFF = """() => [...document.querySelectorAll("main :is(h1, p, li, dd, button, label)")]
    .filter(({ clientWidth, scrollWidth }) => clientWidth && scrollWidth > clientWidth + 1)
    .map(element => element.textContent)"""
"""The texts that are wider than their boxes."""


def assert_nothing_is_lost(page: Page) -> None:
    """Nothing hangs over an edge, whatever can be pressed can be hit, no text is cut off."""
    assert page.evaluate(CUT_OFF) == []
    assert_fits_a_thumb(page)


@pytest.mark.parametrize("bank", ["five", "every_kind"])
def test_text_that_is_easier_to_read_stays_so_in_every_phase_and_loses_nothing(screen, site, bank):
    """Chosen before joining, on a phone of 320 px; larger letters, further apart, in another face."""
    room = site.open_room(bank, reading_time=300, time_factor=4)
    phone = StudentPhone(screen(SMALL_PHONE), "Maximiliane Größenwa")
    other = Phone(site.address, room.room)
    other.join("Bea")
    phone.screen.open(f"/j/{room.room}")
    label = phone.page.get_by_text("Nickname", exact=True)
    before = size_of(label)
    settings_of(phone.page).get_by_role("switch", name="Easier to read").click()
    assert size_of(label) > 1.1 * before
    assert_nothing_is_lost(phone.page)
    phone.page.keyboard.press("Escape")
    expect(phone.page.get_by_role("group", name="How this phone reads")).to_have_count(0)
    expect(phone.page.get_by_role("button", name="How this phone reads")).to_be_focused()

    phone.page.reload()
    assert size_of(label) > 1.1 * before
    phone.join(room.room)
    assert_nothing_is_lost(phone.page)
    with Host(site.address, room.room) as host:
        host.attach(room.host_token)
        host.do("start")
        while host.view["phase"] != "podium":
            phase = host.view["phase"]
            expect(phone.page.locator(f"main[data-phase={phase}] h1")).to_be_visible()
            assert_nothing_is_lost(phone.page)
            seq = host.view["seq"]
            host.do("skip" if phase in ("reading", "answering") else "next")
            host.wait_for(lambda host, seq=seq: host.view["seq"] > seq)
        phone.sees("The podium")
        assert_nothing_is_lost(phone.page)
        assert size_of(phone.page.locator(".place-name").first) > 1.1 * before
    other.drop()


def test_the_setting_is_in_the_bar_too_and_is_kept_beyond_the_room(screen, site):
    """A press beside the panel closes it."""
    room = site.open_room()
    phone = StudentPhone(screen(PHONE), "Ada")
    phone.join(room.room)
    before = size_of(phone.page.locator(".lobby-name"))
    settings_of(phone.page).get_by_role("switch", name="Easier to read").click()
    assert size_of(phone.page.locator(".lobby-name")) > 1.1 * before
    assert_fits_a_thumb(phone.page)
    phone.page.locator(".lobby-name").click()
    expect(phone.page.get_by_role("switch")).to_have_count(0)

    phone.screen.open("/")
    expect(phone.page.locator("html[data-easier]")).to_have_count(1)
    settings_of(phone.page).get_by_role("switch", name="Easier to read").click()
    phone.page.reload()
    expect(phone.page.get_by_label("Code on the big screen")).to_be_visible()
    expect(phone.page.locator("html[data-easier]")).to_have_count(0)


COUNTS_PULSES = """
Object.defineProperty(Navigator.prototype, "vibrate", {
    configurable: true,
    value(ms) {
        const { dataset } = document.documentElement;
        dataset.pulses = [...(dataset.pulses ?? "").split(" "), ms].join(" ").trim();
        return true;
    },
});
"""
NO_VIBRATION = "delete Navigator.prototype.vibrate"


def vibrating_phone(screen, script: str = COUNTS_PULSES, **options) -> StudentPhone:
    """Return a phone that writes down how long it would have vibrated."""
    phone = StudentPhone(screen(PHONE, **options), "Ada")
    phone.page.add_init_script(script)
    return phone


def pulses_of(phone: StudentPhone) -> int:
    """Return how often it vibrated since the page was loaded, each time for a moment."""
    times = (phone.page.locator("html").get_attribute("data-pulses") or "").split()
    assert all(0 < int(ms) <= 100 for ms in times)
    return len(times)


def play_a_question(phone: StudentPhone, host: Host) -> list[int]:
    """Play the next one; return how often the phone had vibrated before it, once open, and at the verdict."""
    felt = [pulses_of(phone)]
    host.do("start" if host.view["phase"] == "lobby" else "next")
    expect(phone.option("B")).to_be_enabled()
    felt.append(pulses_of(phone))
    host.do("skip")
    phone.sees("No answer")
    felt.append(pulses_of(phone))
    return felt


def test_a_phone_vibrates_when_a_question_opens_and_on_the_verdict_unless_it_is_told_not_to(screen, site):
    """Once each, for a moment; the choice is kept."""
    room = site.open_room()
    phone = vibrating_phone(screen)
    phone.join(room.room)
    with Host(site.address, room.room) as host:
        host.attach(room.host_token)
        assert play_a_question(phone, host) == [0, 1, 2]
        switch = settings_of(phone.page).get_by_role("switch", name="Vibrate for a moment")
        expect(switch).to_be_checked()
        switch.click()
        expect(switch).not_to_be_checked()
        host.do("next")
        host.wait_for_phase("leaderboard")
        assert play_a_question(phone, host) == [2, 2, 2]
        phone.page.reload()
        phone.sees("No answer")
        expect(settings_of(phone.page).get_by_role("switch", name="Vibrate for a moment")).not_to_be_checked()


@pytest.mark.parametrize(
    ("script", "options"),
    [(COUNTS_PULSES, {"reduced_motion": "reduce"}), (NO_VIBRATION, {})],
    ids=["reduced motion", "no vibration"],
)
def test_a_phone_stays_still_where_motion_is_reduced_or_it_cannot_vibrate(screen, site, script, options):
    """Nor does it offer what it will not do."""
    room = site.open_room()
    phone = vibrating_phone(screen, script, **options)
    phone.join(room.room)
    expect(settings_of(phone.page).get_by_role("switch")).to_have_count(1)
    with Host(site.address, room.room) as host:
        host.attach(room.host_token)
        assert play_a_question(phone, host) == [0, 0, 0]
