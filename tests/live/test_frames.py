"""WebSocket frames, against another implementation (wsproto) and against RFC 6455."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage
from wsproto.frame_protocol import CloseReason

from server.live.frames import (
    MAX_PIECES,
    NO_UTF8,
    PROTOCOL_ERROR,
    TOO_BIG,
    FrameError,
    Frames,
    Opcode,
    answer_to_close,
    close_frame,
    control_frame,
    text_frame,
    unmask,
)

LIMIT = 16_384

messages = st.one_of(
    st.text(max_size=70_000).filter(lambda text: len(text.encode()) <= LIMIT).map(TextMessage),
    st.binary(max_size=300).map(BytesMessage),
    st.binary(max_size=125).map(Ping),
    st.text("x", min_size=126, max_size=70_000).filter(lambda text: len(text) <= LIMIT).map(TextMessage),
    st.lists(st.text(max_size=40), min_size=2, max_size=5),
)
"""One message each; a list is a text in several frames."""


def sent(message: Event | list[str]) -> bytes:
    """Return what a client sends."""
    client = Connection(ConnectionType.CLIENT)
    if not isinstance(message, list):
        return client.send(message)
    *first, last = message
    parts = [client.send(TextMessage(part, message_finished=False)) for part in first]
    return b"".join([*parts, client.send(TextMessage(last))])


def taken(message: Event | list[str]) -> tuple[Opcode, str | bytes]:
    """Return what the server makes of it."""
    match message:
        case TextMessage(data=text):
            return Opcode.TEXT, text
        case BytesMessage(data=data):
            return Opcode.BINARY, bytes(data)
        case Ping(payload=payload):
            return Opcode.PING, bytes(payload)
    return Opcode.TEXT, "".join(message)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


@given(st.lists(messages, max_size=6), st.lists(st.integers(0, 200_000), max_size=30))
def test_whatever_a_client_sends_comes_out_in_whatever_pieces_it_comes(several, cuts):
    frames = Frames(LIMIT)
    came = [
        message
        for piece in in_pieces(b"".join(map(sent, several)), cuts)
        for message in frames.feed(piece)
        if message[0] is not Opcode.CONTINUATION
    ]
    assert came == [taken(message) for message in several]


@given(st.text(max_size=200) | st.sampled_from([125, 126, 127, 65_535, 65_536]).map(lambda n: "x" * n))
def test_another_implementation_reads_our_texts(text):
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(text_frame(text.encode()))

    assert "".join(event.data for event in client.events()) == text


def test_another_implementation_reads_our_control_frames():
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(control_frame(Opcode.PING, b"here?") + close_frame(TOO_BIG, "Too long."))

    too_long = CloseConnection(CloseReason.MESSAGE_TOO_BIG, "Too long.")
    assert list(client.events()) == [Ping(b"here?"), too_long]


@given(st.binary(max_size=200), st.binary(min_size=4, max_size=4))
def test_unmasking_is_a_byte_by_byte_xor(data, key):
    """As section 5.3 defines it."""
    assert unmask(data, key) == bytes(byte ^ key[at % 4] for at, byte in enumerate(data))


def masked(first: int, payload: bytes = b"", *, length: bytes | None = None) -> bytes:
    """Return a frame with a mask of zeros, and any length said to be its own."""
    return bytes([first]) + (length or bytes([0x80 | len(payload)])) + bytes(4) + payload


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\x81\x05hello", PROTOCOL_ERROR, id="not masked"),
        pytest.param(masked(0xC1, b"x"), PROTOCOL_ERROR, id="compressed"),
        pytest.param(masked(0x83, b"x"), PROTOCOL_ERROR, id="an opcode that is none"),
        pytest.param(masked(0x80, b"x"), PROTOCOL_ERROR, id="goes on with nothing"),
        pytest.param(masked(0x01, b"x") + masked(0x81, b"y"), PROTOCOL_ERROR, id="one within another"),
        pytest.param(masked(0x09, b"x"), PROTOCOL_ERROR, id="a ping in pieces"),
        pytest.param(masked(0x89, b"x" * 126, length=b"\xfe\x00\x7e"), PROTOCOL_ERROR, id="a long ping"),
        pytest.param(masked(0x81, b"\xff"), NO_UTF8, id="no UTF-8"),
        pytest.param(masked(0x81, length=b"\xfe\x40\x01"), TOO_BIG, id="too long, and refused by its head"),
        pytest.param(masked(0x81, length=b"\xff" + b"\xff" * 8), TOO_BIG, id="longer than memory"),
        pytest.param(masked(0x01, b"x") + masked(0x00, b"x") * MAX_PIECES, TOO_BIG, id="too many pieces"),
        pytest.param(
            masked(0x01, b"x" * LIMIT, length=b"\xfe\x40\x00") + masked(0x80, b"x"),
            TOO_BIG,
            id="too long together",
        ),
    ],
)
def test_what_is_no_frame_of_a_client_is_refused(data, code):
    frames = Frames(LIMIT)
    with pytest.raises(FrameError) as refused:
        list(frames.feed(data))
    assert refused.value.code == code


def test_a_frame_that_comes_byte_by_byte_is_waited_for_only_so_long():
    """Each byte costs a turn of the loop; what has come in whole before does not count."""
    frames = Frames(LIMIT)
    for _ in range(MAX_PIECES):
        assert [len(list(frames.feed(bytes([byte])))) for byte in masked(0x81, b"x")] == [0] * 6 + [1]
    long = iter(masked(0x81, b"x" * LIMIT, length=b"\xfe\x40\x00"))
    for _ in range(MAX_PIECES):
        assert list(frames.feed(bytes([next(long)]))) == []
    with pytest.raises(FrameError) as refused:
        list(frames.feed(bytes([next(long)])))
    assert refused.value.code == TOO_BIG


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        (b"", 1000),
        (b"\x03\xe9", 1001),
        (b"\x0b\xb8bye", 3000),
        (b"\x03", PROTOCOL_ERROR),
        (b"\x03\xed", PROTOCOL_ERROR),
        (b"\x03\xe8\xff", PROTOCOL_ERROR),
    ],
)
def test_a_close_is_answered_with_its_own_code_where_that_is_one(said, answered):
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(answer_to_close(said))

    [event] = client.events()
    assert event.code == answered
