"""A lesson that is played by a script: its devices, and the moves that lead from one state to the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.class_room import Projector, StudentPhone
from tests.browser.conftest import HOST_NAME, PHONE, PROJECTOR, Screen
from tests.browser.test_every_kind import BANK, Fingers
from tests.live.client import Host, Phone
from tests.live.server import Server

SETTINGS: dict[str, Any] = {"reading_time": 300, "time_factor": 4}
"""Time enough to look at each state from all sides."""
CLASS = [
    *(
        "Amélie",
        "Björn",
        "Chiara",
        "Dario",
        "Elif",
        "Fatou",
        "Guðrún",
        "Hòa",
        "Inés",
        "Jürgen",
        "Kwame",
        "Łukasz",
    ),
    *(
        "Maryam",
        "Nils",
        "Olga",
        "Priya",
        "Quentin",
        "Rania",
        "Søren",
        "Tomáš",
        "Uma",
        "Valentina",
        "Wei",
        "Xenia",
    ),
]
LATECOMERS = ["Yusuf", "Zofia", "Anh", "Bjarne", "Cosima", "Đorđe", "Emeka", "Faye"]
WRITTEN = [
    "Solidarity",
    "Peace",
    "Self-determination",
    "Autonomy",
    "Solidarity",
    "Trade",
    "Peace",
    "Treaties",
]
NUMBERS = [1945, 1919, 1948, 60, 1945, 51]

HOSTS = ("projector", "notes")
"""The teacher's devices that are no phones: the page on the wall, and the window beside it."""

Move = Callable[["Lesson"], None]


@dataclass(frozen=True)
class State:
    """What one device shows at one moment: the moves that lead there, and what is seen then."""

    name: str
    on: str
    title: str
    moves: tuple[Move, ...]
    shown: str

    @property
    def is_on_a_phone(self) -> bool:
        return self.on not in HOSTS


@dataclass(frozen=True)
class Walk:
    """The states that one lesson with these questions comes by, in their order."""

    name: str
    questions: list[str]
    states: list[State]


class Lesson:
    """A room, a projector and phones in a real browser, and a crowd on the wire."""

    def __init__(
        self,
        browser: Browser,
        server: Server,
        walk: Walk,
        *,
        size: dict[str, int] = PHONE,
        script: str = "",
        **options: Any,
    ) -> None:
        """Play with phones of this size, on pages that run the script first; the options are a context's."""
        self.browser, self.server, self.walk = browser, server, walk
        self._size, self._script, self._options = size, script, options
        opened = server.open_room(BANK, questions=walk.questions, **SETTINGS)
        self.room = opened.room
        self.host = Host(server.address, opened.room)
        self.host.attach(opened.host_token)
        self.screens: dict[str, Screen] = {}
        self.crowd: list[Phone] = []
        self.invitation = ""
        """The path that the remote's QR code holds."""

    def screen(self, device: str) -> Screen:
        """Return a device, unpacked when it is first asked for."""
        if device not in self.screens:
            is_phone = device not in HOSTS
            context = self.browser.new_context(
                viewport=self._size if is_phone else PROJECTOR,
                is_mobile=is_phone,
                has_touch=is_phone,
                **self._options,
            )
            context.add_init_script(self._script)
            opened = Screen(context.new_page(), context, self.server.address.replace("127.0.0.1", HOST_NAME))
            opened.watch(opened.page)
            self.screens[device] = opened
        return self.screens[device]

    def page(self, device: str) -> Page:
        return self.screen(device).page

    def student(self, device: str) -> StudentPhone:
        return StudentPhone(self.screen(device), device.capitalize())

    def play(self) -> Iterator[State]:
        """Bring the lesson from state to state."""
        for state in self.walk.states:
            for move in state.moves:
                move(self)
            expect(self.page(state.on).locator(state.shown).first, state.name).to_be_visible()
            yield state

    def close(self) -> None:
        for client in (self.host, *self.crowd):
            client.drop()
        for screen in self.screens.values():
            screen.context.close()


# --- moves ------------------------------------------------------------------------------------------


def signs_in(lesson: Lesson) -> None:
    Projector(lesson.screen("projector"), lesson.server).sign_in()


def enters_its_room(lesson: Lesson) -> None:
    lesson.screen("projector").open(f"/host#{lesson.room}")


def opens(device: str, path: str) -> Move:
    """The device goes to a page; `{room}` in its path is the code."""
    return lambda lesson: lesson.screen(device).open(path.format(room=lesson.room))


def opens_another_room(device: str, *, taken: int = 0, **settings: Any) -> Move:
    """The device goes to a room beside the lesson's, of which some seats are taken."""

    def move(lesson: Lesson) -> None:
        room = lesson.server.open_room(BANK, **settings).room
        for nickname in CLASS[:taken]:
            with Phone(lesson.server.address, room) as phone:
                phone.join(nickname)
        lesson.screen(device).open(f"/j/{room}")

    return move


def clicks(device: str, selector: str) -> Move:
    return lambda lesson: lesson.page(device).locator(selector).first.click()


def clicks_button(device: str, name: str) -> Move:
    return lambda lesson: lesson.page(device).get_by_role("button", name=name, exact=True).first.click()


def fills(device: str, selector: str, text: str) -> Move:
    return lambda lesson: lesson.page(device).locator(selector).fill(text)


def presses(key: str) -> Move:
    """The host presses a key."""
    return lambda lesson: lesson.page("projector").keyboard.press(key)


def closes_the_dialog(lesson: Lesson) -> None:
    lesson.page("projector").keyboard.press("Escape")
    expect(lesson.page("projector").locator("dialog")).to_have_count(0)


def does(command: str, **fields: Any) -> Move:
    """The host's second device gives a command."""
    return lambda lesson: lesson.host.do(command, **fields)


def goes_on(lesson: Lesson) -> None:
    """The room goes on by one phase."""
    before = moment(lesson.host.view)
    phase, is_slide = before[0], "opens_at" not in lesson.host.view
    lesson.host.do(
        "start" if phase == "lobby" else "skip" if phase == "answering" or not is_slide else "next"
    )
    lesson.host.wait_for(lambda host: moment(host.view) != before)


def goes_on_to(phase: str) -> Move:
    """The room goes on until it is in this phase."""

    def move(lesson: Lesson) -> None:
        goes_on(lesson)
        while lesson.host.view["phase"] != phase:
            goes_on(lesson)

    return move


def moment(view: dict[str, Any]) -> tuple[str, int | None]:
    return view["phase"], view.get("question", {}).get("index")


def opens_the_question(lesson: Lesson) -> None:
    """The next question, over its reading to where all may answer."""
    goes_on_to("answering")(lesson)
    for device in ("ada", "bea"):
        expect(lesson.page(device).get_by_role("timer")).to_be_visible()
        expect(lesson.page(device).locator(".note", has_text="Get ready")).to_have_count(0)


def joins(device: str) -> Move:
    return lambda lesson: lesson.student(device).join(lesson.room)


def sees(device: str, selector: str) -> Move:
    """Waits until a device shows this."""
    return lambda lesson: expect(lesson.page(device).locator(selector).first).to_be_visible()


def answers(device: str, how: Callable[[Fingers], None]) -> Move:
    return lambda lesson: how(Fingers(lesson.student(device)))


def loses_the_network(device: str) -> Move:
    return lambda lesson: lesson.screen(device).context.set_offline(True)


def finds_the_network(device: str) -> Move:
    return lambda lesson: lesson.screen(device).context.set_offline(False)


def is_opened_twice(device: str) -> Move:
    """Another tab of the same phone takes its seat."""

    def move(lesson: Lesson) -> None:
        tab = lesson.screen(device).second_tab()
        tab.goto(lesson.page(device).url)
        expect(lesson.page(device).get_by_role("timer")).to_have_count(0)
        tab.close()  # a page behind another one is drawn too rarely to be pressed

    return move


def kicks(device: str) -> Move:
    return lambda lesson: lesson.host.do("kick", player=lesson.host.seat(device.capitalize())["id"])


def plays_with_shapes(device: str) -> Move:
    """The device plays in a room beside the lesson's, whose phones show no texts."""

    def move(lesson: Lesson) -> None:
        opened = lesson.server.open_room(BANK, phones_show="shapes", questions=["un-example"], time_factor=4)
        lesson.student(device).join(opened.room)
        with Host(lesson.server.address, opened.room) as host:
            host.attach(opened.host_token)
            host.do("start")
        expect(lesson.student(device).option("A")).to_be_enabled()

    return move


def opens_the_notes(lesson: Lesson) -> None:
    """The host opens the presenter's view, in a window of its own."""
    projector = lesson.screen("projector")
    with projector.page.expect_popup() as opened:
        projector.page.keyboard.press("v")
    window = Screen(opened.value, projector.context, projector.address)
    window.watch(window.page)
    window.page.reload()  # a script that came with the empty page of a new window keeps to that one
    lesson.screens["notes"] = window


def closes_the_notes(lesson: Lesson) -> None:
    lesson.page("notes").close()


def sees_a_room_expire(*devices: str) -> Move:
    """The devices are in a room beside the lesson's that closes because nobody uses it.

    That takes hours: the server closes it at once, and its reason is changed on the way.
    """

    def changed(socket: WebSocketRoute) -> None:
        socket.connect_to_server().on_message(
            lambda frame: socket.send(frame.replace('{"reason":"ended"}', '{"reason":"expired"}'))
        )

    def move(lesson: Lesson) -> None:
        opened = lesson.server.open_room(BANK)
        for device in devices:
            lesson.page(device).route_web_socket(re.compile("/socket.io/"), changed)
            lesson.page(device).goto("about:blank")  # only a page that comes anew is routed
            if device == "projector":
                lesson.screen(device).open(f"/host#{opened.room}")
                expect(lesson.page(device).locator("main.lobby")).to_be_visible()
            else:
                lesson.student(device).join(opened.room)
        with Host(lesson.server.address, opened.room) as host:
            host.attach(opened.host_token)
            host.do("end")
            host.do("end")

    return move


def scans_the_remote_code(lesson: Lesson) -> None:
    lesson.screen("remote").open(lesson.invitation)


def asks_for_a_remote(lesson: Lesson) -> None:
    """The host opens the dialog with the QR code that makes a phone the remote."""
    page = lesson.page("projector")
    with page.expect_response(lambda answer: answer.request.method == "POST") as invited:
        page.keyboard.press("r")
    lesson.invitation = "/" + re.sub(r"^\w+://[^/]*/", "", invited.value.json()["url"])


def joins_by_wire(*nicknames: str) -> Move:
    """These join without a browser."""

    def move(lesson: Lesson) -> None:
        for nickname in nicknames:
            phone = Phone(lesson.server.address, lesson.room)
            phone.join(nickname)
            lesson.crowd.append(phone)

    return move


def leaves_and_comes_back(nickname: str) -> Move:
    """One of the crowd gives the seat up, and joins anew under the same name."""

    def move(lesson: Lesson) -> None:
        [phone] = [phone for phone in lesson.crowd if phone.nickname == nickname]
        phone.ask("player:leave", {})
        phone.drop()
        lesson.crowd.remove(phone)
        joins_by_wire(nickname)(lesson)

    return move


def crowd_answers(lesson: Lesson) -> None:
    """Each on the wire answers what comes to mind, no two neighbours the same."""
    for n, phone in enumerate(lesson.crowd):
        view = phone.wait_until_open()
        phone.answer(what_comes_to_mind(view, n))


def what_comes_to_mind(view: dict[str, Any], n: int) -> Any:
    ids = [option["id"] for option in view.get("options", [])]
    match view["question"]["type"]:
        case "text" | "wordcloud":
            return WRITTEN[n % len(WRITTEN)]
        case "numeric":
            return NUMBERS[n % len(NUMBERS)]
        case "order":
            return ids[n % len(ids) :] + ids[: n % len(ids)]
        case "match":
            targets = [target["id"] for target in view["targets"]]
            turn = n % len(targets)
            return dict(zip(ids, targets[turn:] + targets[:turn], strict=True))
        case "multi":
            return sorted({ids[n % len(ids)], ids[n // 2 % len(ids)]})
    return [ids[n * n % len(ids)]]


def cut_off(page: Page) -> list[str]:
    """Return what hangs over the page's edge, or is hidden by a box that is too small for it."""
    found: list[str] = page.evaluate(CUT_OFF)
    return found


CUT_OFF = """() => {
  const found = [];
  const root = document.documentElement;
  const excess = root.scrollWidth - window.innerWidth;
  if (excess > 0) found.push(`the page is ${excess} px too wide`);
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const hides = (overflow) => overflow === "hidden" || overflow === "clip";
  const top = document.querySelector("dialog[open]") ?? document.body;
  for (const element of top.querySelectorAll("*")) {
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.closest(".visually-hidden, .katex-mathml") || ![...element.childNodes].some(isText)) continue;
    // Its own text: what is for screen readers alone may lie anywhere.
    const boxes = [...element.childNodes].filter(isText).flatMap((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [...range.getClientRects()];
    });
    const text = {
      left: Math.min(...boxes.map((box) => box.left)),
      right: Math.max(...boxes.map((box) => box.right)),
      top: Math.min(...boxes.map((box) => box.top)),
      bottom: Math.max(...boxes.map((box) => box.bottom)),
    };
    const nameOf = (box) => `${box.localName}.${box.className}`;
    const name = `${nameOf(element)}: ${element.textContent.trim().slice(0, 40)}`;
    if (text.right > window.innerWidth + 1 || text.left < -1) found.push(`over the edge: ${name}`);
    for (let box = element; box && box !== root; box = box.parentElement) {
      const { display, overflowX, overflowY } = getComputedStyle(box);
      if (display === "contents") continue; // it has no box
      const edge = box.getBoundingClientRect();
      const isWide = hides(overflowX) && (text.right > edge.right + 1 || text.left < edge.left - 1);
      const isHigh = hides(overflowY) && (text.bottom > edge.bottom + 1 || text.top < edge.top - 1);
      if (isWide || isHigh) found.push(`cut off by ${nameOf(box)}: ${name}`);
      if (/auto|scroll/.test(overflowX + overflowY)) break;
    }
  }
  return found;
}"""
