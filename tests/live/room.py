"""A room of a running server with its host and its phones, and the moves that most tests begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.live.client import Client, Host, Phone
from tests.live.server import Opened, Server


class RoomAtWork:
    """A room; `host` is attached, `phones` have joined."""

    def __init__(self, server: Server, opened: Opened, connect: Callable[..., Any]) -> None:
        self.server, self.opened = server, opened
        self._connect = connect
        self.host = self.second_host()
        self.phones: list[Phone] = []

    def fill(self, *nicknames: str) -> None:
        """Have these players join."""
        for nickname in nicknames:
            phone = self.phone()
            phone.join(nickname)
            self.phones.append(phone)

    @property
    def code(self) -> str:
        return self.opened.room

    @property
    def clients(self) -> list[Client]:
        return [self.host, *self.phones]

    def phone(self, **options: Any) -> Phone:
        """Return one more phone, connected and not yet joined."""
        phone: Phone = self._connect(Phone, self.server, self.opened, **options)
        return phone

    def stranger(self) -> Host:
        """Return a host's device that has not attached."""
        host: Host = self._connect(Host, self.server, self.opened)
        return host

    def second_host(self, **fields: Any) -> Host:
        """Return one more host, attached."""
        host = self.stranger()
        host.attach(self.opened.host_token, **fields)
        return host

    def everyone_sees(self, phase: str, question: int | None = None) -> None:
        """Wait until every screen shows this phase."""
        for client in self.clients:
            client.wait_for_phase(phase, question)

    def open_question(self) -> None:
        """Go to the first question (from the lobby) or the next one, and wait until it is open."""
        self.host.do("start" if self.host.view["phase"] == "lobby" else "next")
        self.host.wait_for_phase("answering")
        self.everyone_sees("answering", self.host.view["question"]["index"])
        self.host.wait_until(self.host.view["opens_at"])

    def reveal(self, *responses: Any) -> None:
        """Respond, each phone its own (None: not at all), close the question and wait for every result."""
        index = self.host.view["question"]["index"]
        for phone, response in zip(self.phones, responses, strict=False):
            if response is not None:
                phone.answer(response)
        if len(responses) < len(self.phones) or None in responses:
            self.host.do("skip")
        self.everyone_sees("reveal", index)
        for phone in self.phones:
            phone.wait_for(lambda phone: phone.you["question"] == index and "result" in phone.you)

    def play_to(self, phase: str) -> None:
        """Bring the first question to this phase; the phones respond with the first option."""
        if phase == "lobby":
            return
        if phase == "reading":
            self.host.do("start")
        elif phase == "answering":
            self.open_question()
        elif phase == "podium":
            self.host.do("end")
        else:
            self.open_question()
            self.reveal(*[["a"]] * len(self.phones))
            if phase == "leaderboard":
                self.host.do("next")
        self.everyone_sees(phase)

    def state(self) -> dict[str, Any]:
        """Return all that the room's screens show, by asking the server anew, without times.

        A refused request must leave it as it was, the number of events included.
        """
        views = self.host.ask("host:attach", {"room": self.code, "token": self.opened.host_token})
        for phone in self.phones:
            if phone.is_open and phone.closed is None:  # who was told that this is all is cut off soon
                phone.ask("clock", {})  # what was sent to it before has come before this answer
        seats = {phone.id: dict(phone.you) for phone in self.phones}
        view = {name: value for name, value in views["view"].items() if name != "now"}
        return {"view": view, "roster": views["roster"], "you": seats}
