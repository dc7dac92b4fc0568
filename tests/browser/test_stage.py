"""What a class sees on the wall: the leaderboard that moves, the podium, the reveal, the lobby, the clock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import dedent, indent
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.class_room import Projector
from tests.browser.conftest import PROJECTOR, SMALL_PHONE, Screen
from tests.browser.test_without_projector import LISTENS
from tests.live.client import Host, Phone
from tests.live.server import Server

DOUBLE_RIGHT, DOUBLE_WRONG = 0, 1
"""Of the question `double`."""
LONGEST_NAME = "W" * 20
NOTE_MOVES = """
    window.moves = [];
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (frames, options) {
      window.moves.push([this.querySelector(".rank-name")?.textContent, options.duration]);
      return animate.call(this, frames, options);
    };
"""

NOTE_SOUND = """
    window.sounds = {contexts: 0, nodes: 0, pitches: []};
    const watch = (name, note) => {
      window[name] = class extends window[name] {
        constructor(...given) {
          super(...given);
          note(given);
        }
      };
    };
    watch("AudioContext", () => (window.sounds.contexts += 1));
    watch("GainNode", () => (window.sounds.nodes += 1));
    watch("OscillatorNode", ([, {frequency}]) => {
      window.sounds.nodes += 1;
      window.sounds.pitches.push(frequency);
    });
"""
TICK_HZ = 659.3


class Stage:
    """A room with a projector, and phones that are quick: sockets without a screen."""

    def __init__(self, screen: Screen, server: Server, names: Iterable[str], **settings: Any) -> None:
        opened = server.open_room(**settings)
        self.host = Host(server.address, opened.room)
        self.host.attach(opened.host_token)
        self.projector = Projector(screen, server)
        self.projector.show(opened.room)
        self.page = screen.page
        expect(self.page.locator("main.lobby")).to_be_visible()
        self.phones: dict[str, Phone] = {}
        self.seat(*names)

    def seat(self, *names: str) -> None:
        """Let these players join."""
        for name in names:
            self.phones[name] = Phone(self.host.address, self.host.room)
            self.phones[name].join(name)

    def open(self, do: str, question: int) -> None:
        """Go on to a question and wait until it can be answered."""
        self.host.do(do)
        next(iter(self.phones.values())).wait_until_open(question)
        expect(self.page.locator("article[data-phase=answering]")).to_be_visible()

    def answer(self, **picked: int) -> None:
        """Let these phones take the option in this place, one after another; then close the question."""
        for name, place in picked.items():
            self.phones[name].answer([self.host.view["options"][place]["id"]])
        if len(picked) < len(self.phones):
            self.host.do("skip")
        self.host.wait_for_phase("reveal")

    def leave(self) -> None:
        for client in (self.host, *self.phones.values()):
            client.drop()


@pytest.fixture
def stage(screen, site):
    """Opens a stage with these players: `stage("Ada", "Bea")`; their sockets end with the test."""
    stages: list[Stage] = []

    def stage(
        *names: str,
        size: dict[str, int] = PROJECTOR,
        script: str = "",
        motion: str = "no-preference",
        **settings: Any,
    ) -> Stage:
        opened = screen(size, reduced_motion=motion)
        if script:
            opened.page.add_init_script(script)
        stages.append(Stage(opened, site, names, **settings))
        return stages[-1]

    yield stage
    for opened in stages:
        opened.leave()


# --- what a screen reader says ---------------------------------------------------------------------------

SCREENS = {
    "lobby": (
        "The room is open.",
        """
        - heading /the room is open/ [level=1]
        - region "How to join":
          - button /QR code of/
        - region "2 players":
          - list:
            - listitem:
              - button "Ada"
            - listitem:
              - button "Bea"
        """,
    ),
    "reading": (
        "Question 1 of 2: Which option is the second one?",
        """
        - article:
          - heading "Which option is the second one?" [level=1]
        """,
    ),
    "answering": (
        "The answers are open.",
        """
        - article:
          - heading "Which option is the second one?" [level=1]
          - list:
            - listitem: A This is the first
            - listitem: B This is the second
          - complementary:
            - timer
            - paragraph: 0 of 2 answered
        """,
    ),
    "reveal": (
        "Right: B, This is the second.",
        """
        - article:
          - heading "Which option is the second one?" [level=1]
          - list:
            - listitem: A This is the first 1
            - listitem: B This is the second 1 Right
          - paragraph: SECRET-EXPLANATION-1
          - paragraph: 2 players answered
          - button "Correct the answer key"
        """,
    ),
    "leaderboard": (
        "Leaderboard: Bea leads with",
        """
        - heading "Leaderboard" [level=1]
        - list:
          - listitem: /1 Bea/
          - listitem: /2 Ada/
        """,
    ),
    "podium": (
        "Podium: Bea wins with",
        """
        - region "Podium":
          - heading "Podium" [level=1]
          - list:
            - listitem: /Bea/
            - listitem: /Ada/
        - region "All 2 players":
          - heading "All 2 players" [level=2]
          - list:
            - listitem: /1 Bea/
            - listitem: /2 Ada/
        """,
    ),
}
"""What is said of each phase, and what its main part holds, in the order in which it is read."""


def test_the_host_hears_one_sentence_a_phase_and_reads_in_order(stage):
    """Nothing else is said by itself; a question comes before its answers, and both before the controls."""
    room = stage("Ada", "Bea", script=LISTENS, questions=["first-choice", "double"], reading_time=300)

    def says(phase: str) -> None:
        sentence, main = SCREENS[phase]
        expect(room.page.locator(f".stage[data-phase={phase}]")).to_be_visible()
        expect(room.page.locator("[aria-live=polite]")).to_contain_text(sentence)
        expect(room.page.locator("body")).to_match_aria_snapshot(
            f'- banner\n- main:\n{indent(dedent(main).strip(), "  ")}\n- navigation "Controls"'
        )
        [heard] = room.page.evaluate("window.heard.splice(0)")
        assert heard.startswith(sentence)

    says("lobby")
    room.host.do("start")
    says("reading")
    room.host.do("skip")
    says("answering")
    room.phones["Ada"].wait_until_open(0)
    room.answer(Ada=0, Bea=1)
    says("reveal")
    room.host.do("next")
    says("leaderboard")
    room.host.do("end")
    says("podium")


# --- the leaderboard ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("motion", "moved"), [("no-preference", ["Ada", "Bea", "Cem"]), ("reduce", [])], ids=["moving", "still"]
)
def test_rows_glide_from_where_their_players_stood(stage, motion, moved):
    """Who rose most is named; where less motion is asked for, the rows stand where they belong at once."""
    room = stage(
        "Ada",
        "Bea",
        "Cem",
        script=NOTE_MOVES,
        motion=motion,
        scoring="accuracy",
        questions=["first-choice", "double"],
    )
    climbers = room.page.locator(".climbers")
    room.open("start", 0)
    room.answer(Ada=1, Bea=1, Cem=0)
    room.host.do("next")
    expect(room.page.locator("main.standings")).to_be_visible()
    expect(climbers).to_have_count(0)
    room.open("next", 1)
    room.answer(Ada=DOUBLE_WRONG, Bea=DOUBLE_WRONG, Cem=DOUBLE_RIGHT)
    room.host.do("next")
    expect(climbers).to_have_text("Biggest climb: \u2068Cem\u2069, up 2 places")
    assert room.projector.rows() == [(1, "Cem", 2_000), (2, "Ada", 1_000), (2, "Bea", 1_000)]
    moves = room.page.evaluate("window.moves")
    assert moves == [[name, 400] for name in moved]
    room.host.do("show", leaderboard=False)
    expect(room.page.get_by_text("The scores stay hidden")).to_be_visible()
    expect(climbers).to_have_count(0)


def test_who_rose_most_is_named_however_far_below_the_best_ten(stage):
    """With the longest names, and many that rose alike; all of it fits."""
    names = [f"{LONGEST_NAME[2:]}{n:02}" for n in range(16)]
    room = stage(*names, scoring="accuracy", questions=["first-choice", "double"])
    room.open("start", 0)
    room.answer(**dict.fromkeys(names[:11], 1))
    room.host.do("next")
    room.open("next", 1)
    room.answer(**dict.fromkeys(names[11:], DOUBLE_RIGHT))
    room.host.do("next")
    named = ", ".join(f"\u2068{name}\u2069" for name in names[11:14])
    text = f"Biggest climb: {named}, and 2 more, up 11 places"
    expect(room.page.locator(".climbers")).to_have_text(text)
    assert room.projector.fits_without_scrolling()


# --- the podium -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)], ids=["720", "1080"])
def test_the_podium_celebrates_everybody(stage, size):
    """The first in the middle, ties on one step, what all did together, everybody's place; all fits."""
    names = [f"{LONGEST_NAME[2:]}{n:02}" for n in range(30)]
    viewport = {"width": size[0], "height": size[1]}
    room = stage(*names, size=viewport, scoring="accuracy", questions=["first-choice", "double"])
    room.open("start", 0)
    room.answer(**dict.fromkeys(names[:6], 1), **dict.fromkeys(names[6:12], 0))
    room.host.do("next")
    room.open("next", 1)
    room.answer(**dict.fromkeys(names[:3], DOUBLE_RIGHT), **dict.fromkeys(names[6:9], DOUBLE_WRONG))
    room.host.do("next")
    room.host.do("next")
    steps = room.page.locator(".step")
    expect(steps).to_have_count(1)
    expect(steps.locator(".step-name")).to_have_text(names[:3])
    expect(room.page.locator(".together")).to_have_text(
        "Well played, all 30 of you! Together you gave 18 scored answers, 50% of them right."
    )
    assert room.projector.fits_without_scrolling()
    assert room.page.locator(".podium").evaluate("box => box.scrollHeight <= box.clientHeight + 1")
    room.page.locator(".full-ranking-list").focus()
    room.page.keyboard.press("End")
    expect(room.page.locator(".rank-row").last).to_be_in_viewport()


def test_the_podium_stands_at_once_where_less_motion_is_asked_for(stage):
    """And thanks a class that was asked nothing with a right answer."""
    room = stage("Ada", "Bea", motion="reduce")
    room.open("start", 0)
    room.host.do("end")
    expect(room.page.locator(".together")).to_have_text("Well played, all 2 of you!")
    still = "() => document.getAnimations().every(one => one.effect.getComputedTiming().endTime < 1)"
    assert room.page.evaluate(still)


def test_another_round_is_first_of_the_quiz_just_played(stage):
    """Also where another one is what this browser would choose by itself."""
    room = stage("Ada")
    room.open("start", 0)
    room.host.do("end")
    room.page.get_by_role("button", name="Play again").click()
    chosen = room.page.get_by_role("dialog").get_by_role("radio", name="Five for the tests")
    expect(chosen).to_be_checked()
    expect(chosen).to_be_in_viewport()


# --- the question ---------------------------------------------------------------------------------------


def test_the_reveal_names_the_mistake_behind_the_most_popular_distractor(stage):
    """How many took it, by shape and letter; what is right says so in words and by a sign."""
    room = stage("Ada", "Bea", "Cem", "Dan", bank="liberal-internationalism", questions=["kant-republics"])
    room.open("start", 0)
    room.answer(Ada=3, Bea=3, Cem=0, Dan=1)
    room.projector.question("reveal")
    mistake = room.page.locator(".mistake")
    expect(mistake.locator(".misconception")).to_have_text(
        "2 of you chose this. The mistake: Kant wanted peace to be enforced from above"
    )
    expect(mistake.locator(".badge")).to_have_text("D")
    expect(mistake.locator(".badge svg")).to_be_visible()
    counts = room.page.locator(".option .share-count")
    expect(counts).to_have_text(["1", "1", "0", "2"])
    flagged = room.page.locator(".option:has(.share-word)")
    expect(flagged).to_have_count(1)
    expect(flagged).to_contain_text("The people must agree")
    expect(flagged.locator(".share-word")).to_have_text("Right")
    expect(flagged.locator(".share-word svg")).to_be_visible()


def test_the_clock_thickens_in_its_last_ten_seconds_and_raises_no_alarm(stage):
    """It keeps its colour and its size, and nothing flashes."""
    room = stage("Ada", bank="hasty")
    room.open("start", 0)
    ring = room.page.locator(".ring")
    left = ring.locator(".ring-left")

    def look() -> tuple[float, str, str, float]:
        width, stroke = left.evaluate(
            "one => [getComputedStyle(one).strokeWidth, getComputedStyle(one).stroke]"
        )
        box = ring.bounding_box()
        assert box is not None
        return (
            float(width.removesuffix("px")),
            stroke,
            ring.evaluate("one => getComputedStyle(one).color"),
            box["width"],
        )

    expect(ring.locator(".ring-seconds")).to_have_text("5")
    first = look()
    expect(ring.locator(".ring-seconds")).to_have_text("2")
    later = look()
    assert later[0] > first[0]
    assert later[1:] == first[1:]
    assert left.evaluate(
        "one => one.getAnimations().every(one => one.transitionProperty === 'stroke-dashoffset')"
    )


# --- sound ----------------------------------------------------------------------------------------------


def test_sound_begins_with_a_press_and_one_key_takes_all_of_it_away(stage):
    """Remembered on this machine; while it is off there is no audio context and no node in one."""
    room = stage("Ada", script=NOTE_SOUND, questions=["first-choice", "double"])

    def made(kind: str) -> int:
        return int(room.page.evaluate(f"window.sounds.{kind}"))

    assert made("contexts") == 0
    room.projector.press("m")
    expect(room.page.locator(".toast")).to_have_text("Sound is off.")
    room.page.reload()
    room.page.locator("main.lobby").click(position={"x": 5, "y": 5})
    room.open("start", 0)
    room.answer(Ada=1)
    room.projector.question("reveal")
    room.host.do("next")
    expect(room.page.locator("main.standings")).to_be_visible()
    assert (made("contexts"), made("nodes")) == (0, 0)

    room.projector.press("m")
    expect(room.page.locator(".toast")).to_have_text("Sound is on.")
    room.open("next", 1)
    room.answer(Ada=DOUBLE_RIGHT)
    room.projector.question("reveal")
    assert made("contexts") == 1
    assert made("nodes") > 0

    room.projector.press("m")
    expect(room.page.locator(".toast")).to_have_text("Sound is off.")
    before = made("nodes")
    room.host.do("next")
    room.host.do("next")
    expect(room.page.locator("main.podium-screen")).to_be_visible()
    assert (made("contexts"), made("nodes")) == (1, before)


def test_the_last_five_seconds_tick_until_the_bell(stage):
    """Five ticks and no more, of a pitch that nothing else in a question has."""
    room = stage("Ada", script=NOTE_SOUND, bank="hasty", time_factor=1.5)
    room.page.locator("main.lobby").click(position={"x": 5, "y": 5})
    room.open("start", 0)
    room.projector.question("reveal")
    assert room.page.evaluate("window.sounds.pitches").count(TICK_HZ) == 5


# --- the start page -------------------------------------------------------------------------------------


def is_in_sight(part: Locator) -> bool:
    """Tell whether all of it is on the screen, without scrolling."""
    return bool(
        part.evaluate(
            """(element) => {
                const box = element.getBoundingClientRect();
                return box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
            }"""
        )
    )


def test_the_chosen_quiz_the_way_to_play_and_the_button_are_in_sight_among_thirty_quizzes(screen, tmp_path):
    """At once, and when one comes back to the last of them; a narrow page has them at its lower edge."""
    (tmp_path / "banks").mkdir()
    question = "{id: one, type: truefalse, stem: Is this one?, correct: true, explanation: It is.}"
    for n in range(20):
        bank = f"title: Quiz {n}\nlanguage: en\ndescription: Our own.\nquestions:\n  - {question}\n"
        (tmp_path / "banks" / f"own-{n}.yaml").write_text(bank, "utf-8")
    server = Server(tmp_path, "eventlet")
    projector = Projector(screen(PROJECTOR, on=server), server)
    projector.sign_in()
    page = projector.page
    banks = page.locator(".bank")
    button = page.get_by_role("button", name="Open the room")
    chosen, preset = page.locator(".bank:has(:checked)"), page.locator(".preset:has(:checked)")

    expect(chosen).to_contain_text("Internationalism, the core ideas")  # where one begins
    for text in ("liberal and socialist forms", "30 questions", "minutes", "6 languages"):
        expect(chosen.get_by_text(text)).to_be_visible()
    expect(page.locator(".setup-chosen")).to_contain_text("several right answers")
    assert banks.count() >= 30
    assert all(is_in_sight(part) for part in (chosen, preset, button))

    banks.last.click()
    button.click()
    expect(page.locator("main.lobby")).to_be_visible()
    projector.screen.open("/host")
    expect(page.locator(".start")).to_be_visible()
    page.reload()
    expect(banks.last.locator("input")).to_be_checked()
    assert all(is_in_sight(part) for part in (chosen, preset, button))

    page.set_viewport_size(SMALL_PHONE)
    assert is_in_sight(button)
    title = banks.last.locator(".bank-title").inner_text()
    expect(page.locator(".setup-chosen")).to_contain_text(title)
    expect(page.locator(".setup-chosen")).to_contain_text("Classic")
    assert is_in_sight(page.locator(".setup-chosen"))
    server.stop()


# --- the lobby ------------------------------------------------------------------------------------------


def test_of_a_hall_the_lobby_shows_who_came_last_and_names_all(stage):
    """Whoever joins sees their name arrive, also as the hundred and thirtieth."""
    names = [f"Player {n}" for n in range(130)]
    room = stage(*names[:1])
    code = room.page.locator(".invitation-code")

    room.seat(*names[1:])

    expect(room.page.locator(".arrivals-count")).to_have_text("130 players are here")
    expect(room.page.locator(".chip")).to_have_text(names[-120:])
    expect(
        room.page.get_by_text("The last 120 to come are shown here, all of them under “Names”.")
    ).to_be_visible()
    expect(code).to_be_in_viewport(ratio=1)
    room.page.keyboard.press("n")
    expect(room.page.locator(".roster-row")).to_have_text([re.compile(name) for name in names])


def test_the_code_stands_still_while_the_first_names_come(stage):
    """Until then the wall says where names will appear, and what one needs who types a bare address."""
    room = stage()
    code = room.page.locator(".invitation-code")
    expect(room.page.get_by_text("Names appear here as players join.")).to_be_visible()
    expect(room.page.get_by_text("Be on the same Wi-Fi")).to_be_visible()
    expect(room.page.get_by_role("button", name="Phones can’t open it?")).to_be_visible()
    assert room.page.locator(".qr img").evaluate("image => image.complete && image.naturalWidth > 0")
    before = code.bounding_box()
    assert before is not None
    assert before["height"] >= PROJECTOR["height"] / 5
    room.seat(*(f"Player {n}" for n in range(8)))
    expect(room.page.locator(".chip")).to_have_count(8)
    expect(room.page.get_by_text("Be on the same Wi-Fi")).to_have_count(0)
    assert code.bounding_box() == before
