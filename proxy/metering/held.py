"""Bytes held until an event is complete: all of a usual one, both ends of a huge one."""

from __future__ import annotations

from typing import Final

# A Responses stream ends with one event that repeats the whole answer, and images come in one
# event: they may be megabytes. What is longer is cut, and only usage is still looked for in it.
LIMIT: Final = 4 * 1024 * 1024
HEAD: Final = 64  # holds `{"type":"response.completed"`
TAIL: Final = 64 * 1024  # holds the usage object, which stands near the end


def cut(event: bytes) -> bytes:
    """The event itself, or both ends of one that is longer than LIMIT."""
    return event if len(event) <= LIMIT else event[:HEAD] + event[-TAIL:]


def shorten(event: bytearray) -> bool:
    """Leave both ends of an event in the making that is longer than LIMIT; say whether it was."""
    if len(event) <= LIMIT:
        return False
    del event[HEAD:-TAIL]
    return True


class Held:
    """An event, or a line, that is not complete yet; it never holds much more than LIMIT."""

    __slots__ = ("_buffer", "_cut")

    def __init__(self) -> None:
        self._buffer: bytearray | None = None
        self._cut = False

    def __bool__(self) -> bool:
        return self._buffer is not None

    def add(self, piece: bytes) -> None:
        """Hold the next piece."""
        if self._buffer is None:
            self._buffer = bytearray()
        self._buffer += piece
        self._cut = shorten(self._buffer) or self._cut

    def take(self, last: bytes = b"") -> bytes:
        """Everything that was held and `last`, cut alike whatever the pieces were."""
        if self._buffer is None:
            return cut(last)
        whole = bytes(self._buffer) + last
        was_cut = self._cut or len(whole) > LIMIT
        self._buffer, self._cut = None, False
        return whole[:HEAD] + whole[-TAIL:] if was_cut else whole
