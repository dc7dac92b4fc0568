"""Clients written from docs/protocol.md alone: a phone and a host.

They speak Socket.IO 5 over Engine.IO 4 themselves, one WebSocket frame a packet, so that a test has every
packet as it came, in its order, and can send what no library would.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import websocket

PATIENCE_S = 20.0
LEAD_MS = 500

_C = TypeVar("_C", bound="Client")


class Refused(Exception):
    """The server acknowledged with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: str = error["code"]
        self.message: str = error["message"]


class Client:
    """One connection; it keeps all that came, and of `view` and `you` the last one."""

    def __init__(
        self, address: str, room: str = "", *, answers_probes: bool = True, source: str | None = None
    ) -> None:
        self.address, self.room = address, room
        self.answers_probes = answers_probes
        self.packets: list[str] = []
        """Every Socket.IO packet as it came."""
        self.events: list[tuple[str, Any]] = []
        self.arrivals: list[tuple[float, str]] = []
        """When each event came, in s, and its name."""
        self.view: dict[str, Any] = {}
        self.you: dict[str, Any] = {}
        self.late_ms: int | None = None
        """Of the last view, which is kept without: beside other tests a server may be late at any time."""
        self.tally: dict[str, Any] = {}
        self.roster: list[dict[str, Any]] = []
        self.probes = 0
        self.closed: str | None = None
        self.is_open = True
        self._acks: dict[int, list[Any]] = {}
        self._asked = 0
        self._changed = threading.Condition()
        host, _, port = address.partition(":")
        self._socket = websocket.create_connection(
            f"ws://{address}/socket.io/?EIO=4&transport=websocket&room={room}",
            timeout=PATIENCE_S,
            # Linux takes any address of 127.0.0.0/8 for its own.
            socket=source and socket.create_connection((host, int(port)), PATIENCE_S, (source, 0)),
        )
        hello = self._socket.recv()
        assert hello.startswith("0{"), hello
        self.send_raw("40")
        welcome = self._socket.recv()
        assert welcome.startswith('40{"sid":'), welcome
        self._socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self: _C) -> _C:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    # --- what comes ---------------------------------------------------------------------------------

    def _read(self) -> None:
        with contextlib.suppress(Exception):  # however the connection ends, it has ended
            while frame := self._socket.recv():
                self._take(frame)
        with self._changed:
            self.is_open = False
            self._changed.notify_all()

    def _take(self, frame: str) -> None:
        if frame == "2":
            self.send_raw("3")
            return
        with self._changed:
            self.packets.append(frame)
            kind, number, body = _parts(frame)
            if (view := _view_in(kind, body)) is not None:
                self.late_ms = view.pop("late_ms", None)
            if kind == "42":
                event, payload = body
                if event == "probe":
                    self.probes += 1
                    if self.answers_probes:
                        self.send_raw(f"43{number}[{{}}]")
                self._take_event(event, payload)
            elif kind == "43":
                self._acks[int(number)] = body
            self._changed.notify_all()

    def _take_event(self, event: str, payload: Any) -> None:
        self.events.append((event, payload))
        self.arrivals.append((time.monotonic(), event))
        if event == "view" and payload["seq"] >= self.view.get("seq", 0):
            self.view = payload
        elif event == "you" and payload["seq"] >= self.you.get("seq", 0):
            self.you = payload
        elif event == "tally":
            self.tally = payload
        elif event == "roster":
            self.roster = payload["players"]
        elif event == "closed":
            self.closed = payload["reason"]

    def wait_for(self: _C, predicate: Callable[[_C], Any], patience_s: float = PATIENCE_S) -> Any:
        """Return what the predicate says as soon as it is true."""
        with self._changed:
            found = self._changed.wait_for(lambda: predicate(self), patience_s)
        assert found, f"not within {patience_s} s; the last view is {self.view}, the last `you` {self.you}"
        return found

    def wait_for_phase(self, phase: str, question: int | None = None) -> dict[str, Any]:
        """Wait until the screen shows this phase (of this question) and return the view."""

        def shows(client: Client) -> bool:
            index = client.view.get("question", {}).get("index")
            return client.view.get("phase") == phase and (question is None or index == question)

        self.wait_for(shows)
        return self.view

    def count(self, event: str) -> int:
        """Return how many of these events have come."""
        with self._changed:
            return sum(name == event for name, _ in self.events)

    # --- what goes ----------------------------------------------------------------------------------

    def send_raw(self, frame: str | bytes) -> None:
        """Send a frame as it is."""
        opcode = websocket.ABNF.OPCODE_BINARY if isinstance(frame, bytes) else websocket.ABNF.OPCODE_TEXT
        self._socket.send(frame, opcode)

    def ask_raw(self, body: str, kind: str = "42") -> Any:
        """Send an event whose JSON is `body` and return its acknowledgement's payload."""
        number = self._send_event(body, kind)
        return self.acknowledgement(number)

    def _send_event(self, body: str, kind: str = "42") -> int:
        with self._changed:
            self._asked += 1
            number = self._asked
        self.send_raw(f"{kind}{number}{body}")
        return number

    def acknowledgement(self, number: int) -> Any:
        """Wait for the acknowledgement with this number and return its payload."""
        with self._changed:
            came = self._changed.wait_for(lambda: number in self._acks or not self.is_open, PATIENCE_S)
            assert came, "no acknowledgement came"
            assert number in self._acks, "the connection ended instead of an acknowledgement"
            payloads = self._acks.pop(number)
        assert len(payloads) == 1, payloads
        return payloads[0]

    def send(self, event: str, *payloads: Any) -> int:
        """Send an event and return the number under which it will be acknowledged."""
        return self._send_event(json.dumps([event, *payloads]))

    def ask(self, event: str, *payloads: Any) -> Any:
        """Send an event and return its acknowledgement.

        Raises:
            Refused: it is an error.
        """
        ack = self.acknowledgement(self.send(event, *payloads))
        return accepted(ack)

    def refusal(self, event: str, *payloads: Any) -> str:
        """Send an event that has to be refused and return the error's code."""
        return refused(self.acknowledgement(self.send(event, *payloads))).code

    def now(self) -> int:
        """Return the server's time."""
        now: int = self.ask("clock", {})["now"]
        return now

    def wait_until(self, moment: int) -> None:
        """Wait for a moment that the server has announced, on its clock."""
        while (left_ms := moment - self.now()) > 0:
            threading.Event().wait(left_ms / 1000)

    def drop(self) -> None:
        """End the connection at once, as a phone that leaves the network for good."""
        with contextlib.suppress(OSError, AttributeError):
            self._socket.sock.shutdown(socket.SHUT_RDWR)  # close alone would not wake the reader
        with self._changed:
            self._changed.wait_for(lambda: not self.is_open, PATIENCE_S)


class Phone(Client):
    """A student's phone."""

    token = ""
    id = ""
    nickname = ""

    def join(self, nickname: str, **fields: Any) -> dict[str, Any]:
        return self._sit(self.ask("player:join", {"room": self.room, "nickname": nickname, **fields}))

    def rejoin(self, token: str) -> dict[str, Any]:
        return self._sit(self.ask("player:rejoin", {"room": self.room, "token": token}))

    def _sit(self, ack: dict[str, Any]) -> dict[str, Any]:
        with self._changed:
            self.token = ack["token"]
            self.id, self.nickname = ack["player"]["id"], ack["player"]["nickname"]
            for event in ("view", "you"):
                if ack[event]["seq"] >= getattr(self, event).get("seq", 0):
                    setattr(self, event, ack[event])
        return ack

    def wait_until_open(self, question: int | None = None) -> dict[str, Any]:
        """Wait until the question can be responded to and return the view."""
        view = self.wait_for_phase("answering", question)
        self.wait_until(view["opens_at"])
        return self.view

    def answer_payload(self, response: Any, at: int | None = None, **fields: Any) -> dict[str, Any]:
        index = self.view["question"]["index"]
        return {"question": index, "response": response, "at": self.now() if at is None else at} | fields

    def answer(self, response: Any, at: int | None = None, **fields: Any) -> int:
        """Respond to the question on the screen and return the time that counts."""
        counts: int = self.ask("player:answer", self.answer_payload(response, at, **fields))["at"]
        return counts


class Host(Client):
    """A projector or a remote."""

    def attach(self, token: str, **fields: Any) -> dict[str, Any]:
        ack: dict[str, Any] = self.ask("host:attach", {"room": self.room, "token": token, **fields})
        with self._changed:
            if ack["view"]["seq"] >= self.view.get("seq", 0):
                self.view = ack["view"]
            self.roster = ack["roster"]["players"]
        return ack

    def do(self, command: str, **fields: Any) -> None:
        self.ask("host:command", {"do": command, **fields})

    def refused_to(self, command: str, **fields: Any) -> str:
        """Give a command that has to be refused and return the error's code."""
        return self.refusal("host:command", {"do": command, **fields})

    def seat(self, nickname: str) -> dict[str, Any]:
        """Return a player of the roster."""
        return next(player for player in self.roster if player["nickname"] == nickname)


def accepted(ack: Any) -> Any:
    """Return an acknowledgement that says yes. Raises: Refused."""
    if ack.get("ok") is not True:
        raise refused(ack)
    return ack


def refused(ack: Any) -> Refused:
    """Return the error of an acknowledgement that says no, in exactly the form of the protocol."""
    assert ack.get("ok") is False, f"it should have been refused: {ack}"
    assert set(ack) == {"ok", "error"}, ack
    error = ack["error"]
    assert {"code", "message"} <= set(error) <= {"code", "message", "reason", "values"}, ack
    assert all(isinstance(error[name], str) and error[name] for name in set(error) - {"values"}), ack
    return Refused(error)


def _view_in(kind: str, body: Any) -> dict[str, Any] | None:
    """Return the view in a packet's body, an event's or an acknowledgement's."""
    match kind, body:
        case ("42", ["view", {} as view]) | ("43", [{"view": {} as view}]):
            return view
    return None


def _parts(frame: str) -> tuple[str, str, Any]:
    """Return a packet's kind, number (where it has one) and body."""
    body = 2
    while body < len(frame) and frame[body].isdigit():
        body += 1
    return frame[:2], frame[2:body], json.loads(frame[body:]) if body < len(frame) else None
