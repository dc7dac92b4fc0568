"""Every page and phase of the gallery leaves nobody out: by axe's rules, and at twice the size."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PROJECTOR, SMALL_PHONE, TWICE_THE_SIZE
from tests.browser.gallery.__main__ import parser
from tests.browser.gallery.lesson import Lesson, State, cut_off
from tests.browser.gallery.page import index
from tests.browser.gallery.states import STATES, WALKS
from tests.processes import PROJECT

AXE = PROJECT / "tests" / "browser" / "axe"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""All that another theme can break."""
RUN = """async ({ type, values }) => {
  const { violations } = await axe.run({ runOnly: { type, values }, resultTypes: ["violations"] });
  const reason = ({ target, failureSummary }) => `${target} ${failureSummary.split("\\n")[1]}`;
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${reason(node)}`));
}"""


ELEMENTS = """() => [...document.querySelectorAll("body, body *")].map((element) => {
  const own = [...element.attributes].filter(({ name }) => /^(class|role|data-(?!id)|aria-)/.test(name));
  const values = own.map(({ value }) => value);
  return `${element.parentElement.className} > ${element.localName} ${values.join(" ")}`;
})"""

MOVING = """() => [...document.querySelectorAll("*")].flatMap((element) =>
  [null, "::before", "::after"].flatMap((part) => {
    const { animationDuration, transitionDuration } = getComputedStyle(element, part);
    const longest_s = Math.max(...`${animationDuration},${transitionDuration}`.split(",").map(parseFloat));
    const name = `${element.localName}.${element.className}${part ?? ""}`;
    return longest_s > 0.001 ? [`${name} moves for ${longest_s} s`] : [];
  }))"""
"""What would take its time to change: nothing, where less motion is asked for."""


def violations(page: Page, kind: str, values: list[str]) -> list[str]:
    """Return what axe finds on a page."""
    found: list[str] = page.evaluate(RUN, {"type": kind, "values": values})
    return found


def elements(page: Page) -> str:
    """Return of what elements a page is made: two pages with the same ones break the same rules."""
    made_of: list[str] = page.evaluate(ELEMENTS)
    return "\n".join(sorted(set(made_of)))


def faults(page: Page, state: State, seen: set[str]) -> list[str]:
    """Return what is wrong with what a page shows, in both themes and at twice the size.

    Rules are applied to what has elements that were not `seen` together before.
    """
    found = []
    if (made_of := elements(page)) not in seen:
        seen.add(made_of)
        found += violations(page, "tag", RULES)
        found += page.evaluate(MOVING)
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {fault}" for fault in violations(page, "rule", RULES_OF_COLOUR)]
        page.emulate_media(color_scheme="light")
    if not state.is_on_a_phone:
        page.set_viewport_size(TWICE_THE_SIZE)
    found += cut_off(page)
    if not state.is_on_a_phone:
        page.set_viewport_size(PROJECTOR)
    return [f"{state.name}: {fault}" for fault in found]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name)
def test_every_page_and_phase_leaves_nobody_out(browser, site, walk):
    """No violation of WCAG 2.2 AA or of best practices, light or dark; nothing lost at 200 % and 320 px.

    And all of it stands still where less motion is asked for.
    """
    axe = (AXE / "axe.js").read_text("utf-8")
    lesson = Lesson(browser, site, walk, size=SMALL_PHONE, script=axe, reduced_motion="reduce")
    found, seen = [], set()
    try:
        for state in lesson.play():
            found += faults(lesson.page(state.on), state, seen)
    finally:
        lesson.close()
    assert found == []
    for screen in lesson.screens.values():
        assert screen.complaints == []
        assert screen.hosts <= {screen.address}


def test_the_gallery_shows_every_state_by_its_name():
    """With its pictures; no two states share a name, which is that of their files."""
    names = [state.name for state in STATES]
    assert len(set(names)) == len(names)
    page = index(STATES, {name: [f"{name}.png"] for name in names})
    assert re.findall(r'<section id="([^"]+)"', page) == names
    assert re.findall(r'src="([^"]+)"', page) == [f"{name}.png" for name in names]


def test_axe_is_what_its_manifest_says():
    """The command that fetches it anew says so without a network."""
    checked = subprocess.run(
        [sys.executable, PROJECT / "static/vendor/refresh.py", "--in", AXE], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


def test_the_gallery_s_help_needs_no_browser(capsys):
    """And says where the pictures go."""
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    assert "index.html" in capsys.readouterr().out
