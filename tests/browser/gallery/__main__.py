"""The command `python3 run.py gallery`: plays a lesson and takes a picture of every page and every phase."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from server.cli import PROGRAM
from tests.processes import PROJECT

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.gallery.lesson import State

FOLDER = Path("gallery")
THEMES = ("light", "dark")
DIRECTIONS = ("ltr", "rtl")
HOST_SIZES = ((1024, 768), (1920, 1080), (1280, 720))
PHONE_SIZES = ((768, 1024), (390, 844), (320, 568))
FOR_README = {
    "host-lobby-full": "lobby",
    "host-choice-answering": "question",
    "phone-choice-answering": "phone",
    "host-choice-reveal": "reveal",
    "host-podium": "podium",
}
"""States that the README shows, and the names of their pictures."""
README_PICTURES = PROJECT / "docs" / "pictures"
README_QUALITY = 75
UNSTICK = """() => {
  document.querySelectorAll("body :not(dialog *)").forEach((element) => {
    const { position } = getComputedStyle(element);
    if (position === "sticky" || element.matches(".controls")) element.style.position = "static";
  });
  document.documentElement.style.setProperty("--controls-room", "0px");
}"""
"""In a picture of a whole page, what keeps to an edge of the screen would lie over what it is about."""
STICK = """() => {
  document.querySelectorAll("[style*=position]").forEach(({ style }) => void (style.position = ""));
  document.documentElement.style.removeProperty("--controls-room");
}"""


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} gallery",
        description="Play a lesson by a script and take a picture of every page and every phase:"
        " light and dark, in three sizes, left to right and mirrored.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=FOLDER,
        help=f"where index.html and the pictures go ({FOLDER}/)",
    )
    parser.add_argument("--quick", action="store_true", help="one picture a state: light, the smaller size")
    parser.add_argument(
        "--readme", action="store_true", help="only the README's pictures, small, into docs/pictures/"
    )
    return parser


def main(arguments: list[str]) -> int:
    """Take the pictures; 1 where a page complained of something."""
    options = parser().parse_args(arguments)
    # Only now: the help is shown by a Python that has none of the tests' packages.
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.chromium import find_or_install
    from tests.browser.conftest import FLAGS, PATIENCE_MS
    from tests.browser.gallery.lesson import Lesson
    from tests.browser.gallery.page import index
    from tests.browser.gallery.states import STATES, WALKS
    from tests.browser.test_every_kind import BANK
    from tests.live.server import Server

    if not options.readme:
        options.folder.mkdir(parents=True, exist_ok=True)
    pictures: dict[str, list[str]] = {}
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        server = Server(Path(data), "eventlet")
        for bank in (Path(data) / "banks").glob("*.yaml"):
            if bank.stem != BANK:
                bank.unlink()  # what other tests need is nothing to look at
        chromium = playwright.chromium.launch(executable_path=str(find_or_install()), args=FLAGS)
        folder = Path(data) if options.readme else options.folder
        sizes, themes, directions = (1, 1, 1) if options.quick or options.readme else (3, 2, 2)
        lessons = []
        try:
            for walk in WALKS:
                lessons.append(lesson := Lesson(chromium, server, walk))
                for state in lesson.play():
                    progress = f"{STATES.index(state) + 1:3} of {len(STATES)}"
                    print(f"{progress}  {state.name}", file=sys.stderr, flush=True)
                    of_device = PHONE_SIZES if state.is_on_a_phone else HOST_SIZES
                    looks = of_device[-sizes:], THEMES[:themes], DIRECTIONS[:directions]
                    if options.readme:  # whoever reads it has pressed no Tab
                        lesson.page(state.on).evaluate("document.activeElement.blur()")
                    if state.name in FOR_README or not options.readme:
                        pictures[state.name] = take(lesson.page(state.on), state, folder, *looks)
        finally:
            screens = [screen for lesson in lessons for screen in lesson.screens.values()]
            for lesson in lessons:
                lesson.close()
            server.stop()
            if options.readme:
                shrink({FOR_README[name]: folder / file for name, [file] in pictures.items()})
            else:
                (folder / "index.html").write_text(index(STATES, pictures), "utf-8")
    complaints = [line for screen in screens for line in screen.complaints]
    where = README_PICTURES if options.readme else options.folder / "index.html"
    print(f"{sum(map(len, pictures.values()))} pictures: {where}")
    print(*complaints, sep="\n", file=sys.stderr)
    return 1 if complaints else 0


def shrink(pictures: dict[str, Path]) -> None:
    """Put pictures into the README's folder under their names, as small as a page loads well."""
    from PIL import Image

    for name, picture in pictures.items():
        with Image.open(picture) as image:
            image.convert("RGB").save(README_PICTURES / f"{name}.webp", quality=README_QUALITY, method=6)


def take(
    page: Page,
    state: State,
    folder: Path,
    sizes: tuple[tuple[int, int], ...],
    themes: tuple[str, ...],
    directions: tuple[str, ...],
) -> list[str]:
    """Take a state's pictures and leave the page as it was; return the files' names."""
    before = page.viewport_size
    files = []
    page.mouse.move(0, 0)
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(UNSTICK)
        for direction in directions:
            page.evaluate("direction => void (document.documentElement.dir = direction)", direction)
            for theme in themes:
                page.emulate_media(color_scheme=theme)
                files.append(f"{state.name}.{width}x{height}.{theme}.{direction}.png")
                page.screenshot(path=folder / files[-1], animations="disabled", full_page=True)
        page.evaluate(STICK)
    page.evaluate("document.documentElement.dir = 'ltr'")
    page.emulate_media(color_scheme=None)
    page.set_viewport_size(before)
    return files


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
