"""WebSocket frames as RFC 6455 (section 5.2) writes them: bytes in, messages out, and back; without I/O."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

MAX_CONTROL_BYTES = 125
MAX_PIECES = 1_000
"""The frames that a message may come in, and the reads that a frame may; a phone's comes in one."""
NORMAL, PROTOCOL_ERROR, NO_UTF8, TOO_BIG = 1000, 1002, 1007, 1009
"""Why a WebSocket is closed (section 7.4.1)."""
_CLOSE_CODES = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014}


class Opcode(IntEnum):
    """What a frame is."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class FrameError(Exception):
    """What came is no WebSocket frame of a client; `code` is what it is told."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


Message = tuple[Opcode, Any]
"""TEXT with a str, BINARY, PING, PONG and CLOSE with bytes, CONTINUATION with b"" for each piece of a message
of which more is to come."""


def text_frame(payload: bytes) -> bytes:
    """Return the frame in which a server sends a text, given in UTF-8."""
    length = len(payload)
    if length <= 125:
        return b"\x81%c%b" % (length, payload)
    if length <= 65_535:
        return b"\x81\x7e%b%b" % (length.to_bytes(2, "big"), payload)
    return b"\x81\x7f%b%b" % (length.to_bytes(8, "big"), payload)


def control_frame(opcode: Opcode, payload: bytes = b"") -> bytes:
    """Return a close, ping or pong of a server; `payload` has at most 125 bytes."""
    return bytes((0x80 | opcode, len(payload))) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """Return the frame with which a server closes, and says why."""
    return control_frame(Opcode.CLOSE, struct.pack("!H", code) + reason.encode()[: MAX_CONTROL_BYTES - 2])


def unmask(data: bytes, key: bytes) -> bytes:
    """Return what a client has masked (section 5.3), in one step instead of byte by byte."""
    length = len(data)
    mask = (key * (length // 4 + 1))[:length]
    return (int.from_bytes(data, "little") ^ int.from_bytes(mask, "little")).to_bytes(length, "little")


class Frames:
    """The frames of one client, in whatever pieces they come."""

    def __init__(self, max_bytes: int) -> None:
        """`max_bytes` is the longest message that is taken, all its frames together."""
        self._max_bytes = max_bytes
        self._unread = b""
        self._reads = 0
        """How many have brought no frame to its end."""
        self._opcode: Opcode | None = None
        """What the message is that has begun and not ended."""
        self._pieces: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield what has come in whole.

        Raises:
            FrameError: it is none, or too long; nothing that follows is looked at.
        """
        if self._unread:
            data = self._unread + data
        at, end = 0, len(data)
        while end - at >= 6:
            first, second = data[at], data[at + 1]
            length, body = second & 127, at + 6
            if length > MAX_CONTROL_BYTES:
                width = 2 if length == 126 else 8
                length, body = int.from_bytes(data[at + 2 : at + 2 + width], "big"), body + width
                if end < body:
                    break
            if first != 0x81 or second < 0x80 or self._opcode is not None or length > self._max_bytes:
                self._check(first, second, length)  # a phone's own are short and whole: those need no look
            if end < body + length:
                break
            payload = unmask(data[body : body + length], data[body - 4 : body])
            at = body + length
            yield self._take(first, payload)
        else:
            if end - at >= 2:
                self._check(data[at], data[at + 1], data[at + 1] & 127)
        self._unread = data[at:]
        self._reads = 0 if at else self._reads + 1
        if self._reads > MAX_PIECES:
            raise FrameError(TOO_BIG, "The message comes in too many pieces.")

    def _check(self, first: int, second: int, length: int) -> None:
        """Refuse a frame by its head, before its body is waited for."""
        opcode = first & 15
        if first & 0x70:
            raise FrameError(PROTOCOL_ERROR, "No extension was agreed on.")
        if not second & 0x80:
            raise FrameError(PROTOCOL_ERROR, "A client masks its frames.")
        if opcode == Opcode.TEXT or opcode == Opcode.BINARY:
            if self._opcode is not None:
                raise FrameError(PROTOCOL_ERROR, "A message begins within another.")
        elif opcode == Opcode.CONTINUATION:
            if self._opcode is None:
                raise FrameError(PROTOCOL_ERROR, "There is nothing to continue.")
        elif opcode in (Opcode.CLOSE, Opcode.PING, Opcode.PONG):
            if not first & 0x80 or length > MAX_CONTROL_BYTES:
                raise FrameError(PROTOCOL_ERROR, "A control frame is short and whole.")
            return
        else:
            raise FrameError(PROTOCOL_ERROR, "There is no such frame.")
        if self._length + length > self._max_bytes or len(self._pieces) >= MAX_PIECES:
            raise FrameError(TOO_BIG, "The message is too long.")

    def _take(self, first: int, payload: bytes) -> Message:
        opcode = first & 15
        if opcode >= Opcode.CLOSE:
            return Opcode(opcode), payload
        if first & 0x80 and self._opcode is None:
            return _whole(opcode, payload)
        if self._opcode is None:
            self._opcode = Opcode(opcode)
        self._pieces.append(payload)
        self._length += len(payload)
        if not first & 0x80:
            return Opcode.CONTINUATION, b""
        whole, opcode = b"".join(self._pieces), self._opcode
        self._opcode, self._pieces, self._length = None, [], 0
        return _whole(opcode, whole)


def _whole(opcode: int, payload: bytes) -> Message:
    if opcode == Opcode.BINARY:
        return Opcode.BINARY, payload
    try:
        return Opcode.TEXT, payload.decode()
    except UnicodeDecodeError as error:
        raise FrameError(NO_UTF8, "A text is in UTF-8.") from error


def answer_to_close(payload: bytes) -> bytes:
    """Return the frame that answers a client's close frame with this payload."""
    if not payload:
        return close_frame(NORMAL)
    code = int.from_bytes(payload[:2], "big")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        code = PROTOCOL_ERROR
    is_known = len(payload) >= 2 and (code in _CLOSE_CODES or 3000 <= code < 5000)
    return close_frame(code if is_known else PROTOCOL_ERROR)
