"""Server-sent events, as the WHATWG's HTML standard reads them, out of any pieces of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from proxy.metering.held import LIMIT, Held, cut, shorten
from proxy.metering.splitter import Splitter

_BOM: Final = b"\xef\xbb\xbf"
_LF: Final = 10
_CR: Final = 13


class SseEvents(Splitter):
    """Gives the data of each complete event; names, ids and comments are passed over.

    The most frequent piece, which `one` reads, costs 0.1 µs; any other 1.3 µs an event.
    """

    __slots__ = ("_after_cr", "_data", "_fast", "_held", "_started", "_whole")

    def __init__(self) -> None:
        self._held = Held()  # the line that is not complete yet
        self._data: bytes | bytearray | None = None  # of the event that is not complete yet
        self._after_cr = False  # an LF that comes next belongs to the CR before it
        self._started = False  # a byte order mark may stand before the first line
        self._fast = False
        self._whole = True  # what was fed ends with a line that is empty

    @property
    def at_boundary(self) -> bool:
        return self._whole

    def one(self, piece: bytes) -> bytes | None:
        """The data of a usual piece: one event of a `data` line, after an `event` line or not."""
        if not self._fast or not piece.endswith(b"\n\n") or len(piece) > LIMIT:
            return None
        if piece.startswith(b"event: "):
            name, _, piece = piece.partition(b"\n")
            if _CR in name:
                return None
        if not piece.startswith(b"data: "):
            return None
        data = piece[6:-2]
        return None if _LF in data or _CR in data else data

    def feed(self, piece: bytes) -> Sequence[bytes]:
        """The data of the events that this piece completes."""
        lines = self._unified(piece).split(b"\n")
        unfinished = lines.pop()
        found: list[bytes] = []
        if lines:
            self._complete(lines, huge=len(piece) > LIMIT)
        data = self._data
        for line in lines:
            if not line:
                if data is not None:
                    found.append(bytes(data))
                    data = None
            elif data is None and line.startswith(b"data: "):
                data = line[6:]
            else:
                data = _joined(data, line)
        self._data = data
        if unfinished:
            self._whole = False
            self._held.add(unfinished)
        self._fast = self._whole and self._started and not self._after_cr
        return found

    def rest(self) -> Sequence[bytes]:
        """What is left at the end: nothing, for an event without its blank line never happened."""
        return ()

    def _complete(self, lines: list[bytes], *, huge: bool) -> None:
        """Put what was held before the first line; cut lines of megabytes."""
        lines[0] = self._held.take(lines[0])
        if huge:
            lines[1:] = map(cut, lines[1:])
        if not self._started:
            self._started = True
            lines[0] = lines[0].removeprefix(_BOM)
        self._whole = not lines[-1]

    def _unified(self, piece: bytes) -> bytes:
        """The piece with every line ended by LF."""
        if self._after_cr and piece:
            self._after_cr = False
            piece = piece.removeprefix(b"\n")
        if _CR in piece:
            self._after_cr = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return piece


def _joined(data: bytes | bytearray | None, line: bytes) -> bytes | bytearray | None:
    """The event's data with this line's, where the line holds data."""
    if line.startswith(b"data:"):
        value = line[6:] if line.startswith(b" ", 5) else line[5:]
    elif line == b"data":
        value = b""
    else:
        return data
    if data is None:
        return value
    joined = data if isinstance(data, bytearray) else bytearray(data)
    joined += b"\n"
    joined += value
    shorten(joined)
    return joined
