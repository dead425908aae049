"""A JSON answer that comes in pieces: all of a usual one, the tail of a huge one."""

from __future__ import annotations

from typing import Final

LIMIT: Final = 1024 * 1024
TAIL: Final = 64 * 1024


class JsonBody:
    """Holds up to 1 MiB; of a longer body only the last 64 KiB are given back."""

    __slots__ = ("_cut", "_held")

    def __init__(self) -> None:
        self._held: bytes | bytearray = b""
        self._cut = False

    def add(self, piece: bytes) -> None:
        """Hold the next piece; a body of one piece is not copied."""
        if not self._held:
            self._held = piece
        else:
            if isinstance(self._held, bytes):
                self._held = bytearray(self._held)
            self._held += piece
        if len(self._held) > LIMIT:
            self._held, self._cut = bytearray(self._held[-TAIL:]), True

    def take(self) -> bytes:
        """What was held: the whole body, or a tail that is no JSON by itself."""
        whole, self._held = bytes(self._held), b""
        return whole[-TAIL:] if self._cut else whole
