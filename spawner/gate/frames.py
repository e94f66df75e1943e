"""Follows the frames of a WebSocket without keeping them (RFC 6455, 5.2)."""

from __future__ import annotations

_FIRST_CONTROL = 0x8
_CONTROL = range(_FIRST_CONTROL, 0x10)
_LENGTH_16, _LENGTH_64 = 126, 127


class Frames:
    """One direction of a WebSocket."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._skip = 0
        self._is_data = False

    def carry_data(self, data: bytes) -> bool:
        """Whether the next bytes of the stream belong to more than pings, pongs and closings.

        Those come by themselves, as long as a page is open somewhere.
        """
        position, found = 0, False
        while position < len(data):
            if self._skip:
                step = min(self._skip, len(data) - position)
                self._skip -= step
                position += step
                found |= self._is_data
                continue
            self._head.append(data[position])
            position += 1
            found |= self._begin()
        return found

    def _begin(self) -> bool:
        """Reads the head of a frame once it is whole; whether it is one of data."""
        head = self._head
        if len(head) < 2:  # noqa: PLR2004 - opcode and length are in the first two bytes
            return False
        short = head[1] & 0x7F
        extra = {_LENGTH_16: 2, _LENGTH_64: 8}.get(short, 0)
        mask = 4 if head[1] & 0x80 else 0
        if len(head) < 2 + extra + mask:
            return False
        self._skip = int.from_bytes(head[2 : 2 + extra], "big") if extra else short
        self._is_data = head[0] & 0x0F not in _CONTROL
        head.clear()
        return self._is_data
