"""Socket.IO packets as they come in: whatever a client sends, a packet can be handled."""

from __future__ import annotations

from typing import Any

from socketio import packet


class Packet(packet.Packet):  # type: ignore[misc]  # the library has no types
    """A packet; one that cannot be read, or is binary, counts as an event without a name.

    Such an event is refused like any that does not exist, and acknowledged where it asked for that. The
    library raises in the middle of its own work instead, and the phone waits for good: JavaScript sends half
    an emoji (a lone surrogate), for one, which is no JSON to orjson.
    """

    uses_binary_events = False
    packet_type: int

    def __init__(self, *fields: Any, encoded_packet: str | bytes | None = None, **named: Any) -> None:
        super().__init__(*fields, **named)
        if encoded_packet is not None:
            self.decode(encoded_packet)

    def decode(self, encoded_packet: str | bytes) -> int:
        try:
            super().decode(encoded_packet)
            is_whole = self._is_whole()
        except (ValueError, TypeError):
            is_whole = False
        if not is_whole:
            if self.packet_type not in (packet.EVENT, packet.BINARY_EVENT):
                self.id = None  # an acknowledgement's number is not one of ours to acknowledge
            self.packet_type, self.namespace, self.data = packet.EVENT, None, [""]
        return 0

    def _is_whole(self) -> bool:
        data: Any = self.data
        match self.packet_type:
            case packet.EVENT:
                return isinstance(data, list) and len(data) > 0 and isinstance(data[0], str)
            case packet.ACK:
                return isinstance(data, list) and self.id is not None
            case packet.CONNECT | packet.DISCONNECT:
                return True
        return False
