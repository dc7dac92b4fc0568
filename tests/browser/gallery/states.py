"""The script of the gallery: every page and every phase, in the order in which one lesson comes by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.gallery.lesson import (
    CLASS,
    LATECOMERS,
    Move,
    State,
    Walk,
    answers,
    asks_for_a_remote,
    clicks,
    clicks_button,
    closes_the_dialog,
    closes_the_notes,
    crowd_answers,
    does,
    enters_its_room,
    fills,
    finds_the_network,
    goes_on,
    goes_on_to,
    is_opened_twice,
    joins,
    joins_by_wire,
    kicks,
    leaves_and_comes_back,
    loses_the_network,
    opens,
    opens_another_room,
    opens_the_notes,
    opens_the_question,
    plays_with_shapes,
    presses,
    scans_the_remote_code,
    sees,
    sees_a_room_expire,
    signs_in,
)
from tests.browser.test_every_kind import HOW, PAIRS, Fingers, choose, option, write

READING = "article.question[data-phase=reading]"
ANSWERING = "article.question[data-phase=answering]"
REVEAL = "article.question[data-phase=reveal]"
SENT = ".sent.is-sent"
VERDICT = ".verdict:not(.is-wait)"
MEASURED = ".verdict:is([data-verdict=good], [data-verdict=fair], [data-verdict=bad])"
PROBLEM = ".join-error:not(:empty)"
AMELIE = ".roster-row:has-text('Amélie')"
HIDDEN = "The leaderboard, taken off the screens"


def host(name: str, title: str, shown: str, *moves: Move) -> State:
    """What the projector shows."""
    return State(f"host-{name}", "projector", title, moves, shown)


def phone(name: str, title: str, shown: str, *moves: Move, on: str = "ada") -> State:
    """What a phone shows."""
    return State(f"phone-{name}", on, title, moves, shown)


def pick_one_of_two(student: Fingers) -> None:
    student.press(option(student.page, "Liberal"))
    student.press(student.page.get_by_role("button", name="Send 1 answer"))


def put_the_last_first(student: Fingers) -> None:
    student.raise_to("World Trade Organization", 0)
    student.press(student.page.get_by_role("button", name="Send this order"))


def swap_pairs(student: Fingers) -> None:
    lefts, rights = list(PAIRS), list(PAIRS.values())
    for left, right in zip(lefts, [rights[1], rights[0], rights[2]], strict=True):
        student.press(option(student.page, left))
        student.press(student.page.locator("button.target", has_text=right))
    student.press(student.page.get_by_role("button", name="Send these pairs"))


@dataclass(frozen=True)
class Kind:
    """A question of the bank with every kind, and what Bea makes of it; Ada knows everything."""

    name: str
    question: str
    bea: Callable[[Fingers], None] | None
    has_remote: bool = False
    """Whether the teacher's phone is looked at, too."""

    def states(self, *before: Move) -> list[State]:
        """From the answering to the reveal; where Bea does not answer, the host closes the question."""
        is_closed = answers("bea", self.bea) if self.bea else goes_on
        return [
            host(f"{self.name}-answering", f"{self.name}: answering", ANSWERING, *before, opens_the_question),
            *self._on_the_remote("answering", ANSWERING),
            phone(f"{self.name}-answering", f"{self.name}: answering", "[role=timer]"),
            phone(f"{self.name}-sent", f"{self.name}: sent", SENT, answers("ada", HOW[self.question])),
            host(f"{self.name}-reveal", f"{self.name}: reveal", REVEAL, crowd_answers, is_closed),
            *self._on_the_remote("reveal", REVEAL),
            phone(f"{self.name}-reveal", f"{self.name}: reveal, who knew everything", VERDICT),
            phone(f"{self.name}-reveal-of-bea", f"{self.name}: reveal, who did not", VERDICT, on="bea"),
        ]

    def _on_the_remote(self, phase: str, shown: str) -> list[State]:
        title = f"Remote: {self.name}, {phase}"
        return [phone(f"remote-{self.name}-{phase}", title, shown, on="remote")] if self.has_remote else []


KINDS = [
    Kind("choice", "un-example", choose("The Communist International")),
    Kind("multi", "two-kinds", pick_one_of_two),
    Kind("poll", "opinion", choose("Not sure")),
    Kind("text", "right-of-nations", write("Autonomy"), has_remote=True),
    Kind("numeric", "un-members", None),
    Kind("order", "in-order", put_the_last_first, has_remote=True),
    Kind("match", "who-wrote", swap_pairs, has_remote=True),
    Kind("wordcloud", "one-word", write("Peace")),
]

WAY_IN = [
    phone("code", "Join: the code", "#code", opens("ada", "/")),
    phone(
        "wrong-code",
        "Join: a code of no room",
        PROBLEM,
        fills("ada", "#code", "000000"),
        clicks_button("ada", "Continue"),
    ),
    phone(
        "check", "Join: the shapes on the big screen", ".check-shapes", opens_another_room("ada", check=True)
    ),
    phone(
        "full",
        "Join: every seat is taken",
        PROBLEM,
        opens_another_room("ada", max_players=1, taken=1),
        fills("ada", "#nickname", "Ada"),
        clicks_button("ada", "Join"),
    ),
    phone(
        "given-name", "Join: the room gives the names", "form", opens_another_room("ada", nicknames="given")
    ),
    phone("nickname", "Join: the nickname", "#nickname", opens("ada", "/j/{room}")),
    phone("lobby", "Lobby", ".lobby-name", joins("ada"), joins("bea")),
    phone(
        "other-phone",
        "Lobby: go on with another phone",
        ".seat-qr",
        clicks_button("ada", "Go on with another phone"),
    ),
    phone(
        "nickname-taken",
        "Join: the nickname is taken",
        PROBLEM,
        opens("late", "/j/{room}"),
        fills("late", "#nickname", "ada"),
        clicks_button("late", "Join"),
        on="late",
    ),
    phone(
        "locked",
        "Join: the quiz is locked",
        PROBLEM,
        does("lock"),
        fills("late", "#nickname", "Late"),
        clicks_button("late", "Join"),
        sees("late", ".join-error:has-text('locked')"),
        on="late",
    ),
    phone("network", "The network test", MEASURED, does("unlock"), opens("late", "/network"), on="late"),
    phone("privacy", "What is kept", "h1", opens("late", "/privacy"), on="late"),
]

START = [
    host("start", "The start page", "fieldset.banks", signs_in),
    host(
        "calm",
        "The start page: calm",
        ".preset:has(:checked) #preset-calm",
        clicks("projector", "#preset-calm"),
    ),
    host(
        "exam",
        "The start page: exam",
        ".preset:has(:checked) #preset-exam",
        clicks("projector", "#preset-exam"),
    ),
    host(
        "settings",
        "The start page, settings open",
        ".settings-fields",
        clicks("projector", "#preset-classic"),
        clicks("projector", ".settings summary"),
    ),
    host(
        "own-settings",
        "The start page: settings of one's own",
        "#preset-own",
        clicks("projector", ".settings .choice:has(:checked[type=checkbox])"),
        clicks("projector", ".settings summary"),
    ),
    host("network", "The network test", MEASURED, opens("projector", "/network")),
    host("privacy", "What is kept", "h1", opens("projector", "/privacy")),
    host("lobby-empty", "Lobby, nobody yet", "main.lobby", enters_its_room),
    host("qr", "The QR code, large", ".big-qr img", clicks("projector", "button.qr")),
    host(
        "trouble",
        "Phones can’t open it?",
        ".trouble-sheet",
        closes_the_dialog,
        clicks("projector", "button.trouble"),
    ),
    host("remote-code", "A remote: the code to scan", ".remote-qr", closes_the_dialog, asks_for_a_remote),
    phone(
        "remote-waiting", "Remote: waits to be allowed", ".remote-number", scans_the_remote_code, on="remote"
    ),
    host("remote-asks", "A remote: the number to compare", ".remote-asking"),
    phone(
        "remote-lobby",
        "Remote: lobby",
        ".stage[data-phase=lobby]",
        clicks_button("projector", "Allow it"),
        on="remote",
    ),
    host("remote-allowed", "A remote: allowed", ".remote-sheet [role=status]"),
]

LOBBY = [
    host("lobby-full", "Lobby, a class", ".chip >> nth=25", closes_the_dialog, joins_by_wire(*CLASS)),
    host("roster", "The names", ".roster-list", presses("n")),
    host(
        "remember",
        "The names: extra time is remembered",
        ".remember :checked",
        clicks("projector", ".remember input"),
    ),
    host(
        "player",
        "One player, with extra time",
        ".remembered",
        clicks("projector", AMELIE),
        clicks("projector", ".factor:has-text('×1.5')"),
    ),
    host(
        "returning",
        "One player who is back, and has the remembered extra time again",
        ".factor:has(:checked):has-text('×1.5')",
        closes_the_dialog,
        leaves_and_comes_back("Amélie"),
        presses("n"),
        clicks("projector", AMELIE),
    ),
    host("sound-off", "Sound is off", ".toast", closes_the_dialog, presses("m")),
    host("help", "The keys", "dl.keys", presses("?")),
]

SLIDE = [
    host("slide", "slide: reading", READING, closes_the_dialog, goes_on),
    phone("slide", "slide: reading", ".slide-body"),
    host("burst", "Many joined at once", ".banner.burst", joins_by_wire(*LATECOMERS)),
]

FIRST_READING = [
    host("reading", "choice: reading", READING, clicks_button("projector", "Keep everyone"), goes_on),
    phone("reading", "choice: reading", ".stem.is-large"),
    phone("remote-reading", "Remote: reading", READING, on="remote"),
    phone(
        "remote-notes", "Remote: the notes", "main.presenter", clicks_button("remote", "Notes"), on="remote"
    ),
    State(
        "host-notes-covered",
        "notes",
        "The notes in a window, covered",
        (opens_the_notes,),
        ".presenter-cover",
    ),
    State(
        "host-notes",
        "notes",
        "The notes in a window",
        (clicks_button("notes", "Show the notes"),),
        "main.presenter .presenter-question",
    ),
    host("more", "More", "#more-controls", closes_the_notes, clicks("projector", "[data-control=more]")),
    host("sound-on", "Sound is on again", ".toast:has-text('on')", closes_the_dialog, presses("m")),
]

AFTER_THE_FIRST = [
    host("key", "Correct the answer key", ".key-sheet", clicks_button("projector", "Correct the answer key")),
    phone("remote-reveal", "Remote: reveal", REVEAL, clicks_button("remote", "Hide notes"), on="remote"),
    host("leaderboard", "Leaderboard", "main.standings", closes_the_dialog, goes_on),
    phone("leaderboard", "Leaderboard: in the first place", "li.row.is-own"),
    phone("leaderboard-of-bea", "Leaderboard: not among the first", ".own-board", on="bea"),
    host("leaderboard-hidden", HIDDEN, ".standings .lead", does("show", leaderboard=False)),
    phone("leaderboard-hidden", HIDDEN, "h1:has-text('not shown')"),
]

TROUBLE = [
    host(
        "paused",
        "truefalse: paused",
        ".banner.paused",
        does("show", leaderboard=True),
        opens_the_question,
        does("pause"),
    ),
    phone("paused", "truefalse: paused", ".paused"),
    phone("truefalse-answering", "truefalse: answering", "button.option:enabled", does("resume")),
    phone("offline", "truefalse: no network", ".bar-offline", loses_the_network("ada")),
    phone(
        "kept",
        "truefalse: chosen without a network",
        ".sent.is-kept",
        clicks("ada", "button.option >> nth=1"),
    ),
    phone("truefalse-sent", "truefalse: sent", SENT, finds_the_network("ada")),
    host("truefalse-answering", "truefalse: answering", ANSWERING),
    host("end", "End the quiz?", ".end-sheet", presses("x")),
    phone(
        "replaced",
        "Opened somewhere else",
        "h1:has-text('Opened somewhere else')",
        is_opened_twice("bea"),
        on="bea",
    ),
    host(
        "truefalse-reveal",
        "truefalse: reveal",
        REVEAL,
        closes_the_dialog,
        clicks_button("bea", "Use it here"),
        answers("bea", choose("True")),
        crowd_answers,
    ),
    phone("truefalse-reveal", "truefalse: reveal, who knew everything", VERDICT),
    phone("truefalse-reveal-of-bea", "truefalse: reveal, who did not", VERDICT, on="bea"),
]

END = [
    host("podium", "Podium", "main.podium-screen", goes_on_to("podium")),
    phone("podium", "Podium: the first", ".podium"),
    phone("podium-of-bea", "Podium: not among the first", ".podium", on="bea"),
    phone("remote-podium", "Remote: podium", ".stage[data-phase=podium]", on="remote"),
    host("again", "Play again", ".again-sheet .banks", presses("Space")),
    host("close", "Close the room?", ".end-sheet", closes_the_dialog, presses("x")),
    phone("kicked", "Taken out by the teacher", "main .middle", kicks("bea"), on="bea"),
    host("ended", "The room is closed", "main.plain", closes_the_dialog, does("end")),
    phone("ended", "The quiz is over", ".closed-result"),
    phone("remote-ended", "Remote: the room is closed", "main.plain", on="remote"),
]

SHAPES = [
    phone(
        "shapes",
        "choice: answering, the texts on the projector alone",
        ".note:has-text('on the big screen')",
        plays_with_shapes("late"),
        on="late",
    ),
    phone("shapes-reveal", "choice: reveal of shapes", VERDICT, clicks("late", "button.option"), on="late"),
]

EXPIRED = [
    phone(
        "expired",
        "Nobody has used the room",
        "h1:has-text('This quiz has closed')",
        sees_a_room_expire("projector", "late"),
        on="late",
    ),
    host("expired", "Nobody has used the room", "main.plain:has-text('some hours')"),
]

CLASS_IS_THERE = (
    signs_in,
    enters_its_room,
    joins("ada"),
    joins("bea"),
    joins_by_wire(*CLASS, *LATECOMERS),
    asks_for_a_remote,
    scans_the_remote_code,
    clicks_button("projector", "Allow it"),
    closes_the_dialog,
)

WALKS = [
    Walk(
        "beginning",
        ["welcome", "un-example", "no-world-state"],
        [*START, *WAY_IN, *LOBBY, *SLIDE, *FIRST_READING, *KINDS[0].states(), *AFTER_THE_FIRST, *TROUBLE],
    ),
    Walk(
        "every-kind",
        [kind.question for kind in KINDS[1:]],
        [
            *KINDS[1].states(*CLASS_IS_THERE),
            *(state for kind in KINDS[2:] for state in kind.states()),
            *END,
            *SHAPES,
            *EXPIRED,
        ],
    ),
]
"""Two lessons, neither of which needs the other: tests walk through both at once."""

STATES = [state for walk in WALKS for state in walk.states]
