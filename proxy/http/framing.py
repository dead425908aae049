"""Bodies without I/O: where a message ends, its payload, and its bytes as they may be forwarded.

Each reader takes bytes by `feed(data)` and returns the payload in them. After each call `wire`
holds the same stretch as it may be forwarded with its framing (chunk extensions and trailers cut
out), `done` says that the message is complete, `rest` holds what came behind its end, and
`boundary` says that `wire` so far stops between chunks, where other framing may follow.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Final

from proxy.errors import Failure, Refused

MAX_LINE: Final = 4096  # bytes of one chunk-size line with its extensions
MAX_TRAILERS: Final = 8192  # bytes of all trailer lines together
LAST_CHUNK: Final = b"0\r\n\r\n"

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,13})(;[^\r\n\x00]*)?\r\n")
_TRAILER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[^\r\n\x00]*\r\n")
_FORBIDDEN_TRAILERS: Final = frozenset({b"content-length", b"transfer-encoding"})


class BodyReader(ABC):
    """One body; see the top of this file for what its members say."""

    __slots__ = ("boundary", "done", "rest", "wire")

    def __init__(self, *, boundary: bool, done: bool = False) -> None:
        self.boundary = boundary
        self.done = done
        self.rest = b""
        self.wire = b""

    @abstractmethod
    def feed(self, data: bytes) -> bytes:
        """The payload in `data`."""


class Sized(BodyReader):
    """A body of a declared length; 0 is done at once."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        super().__init__(boundary=False, done=length == 0)
        self._left = length

    def feed(self, data: bytes) -> bytes:
        if len(data) > self._left:
            self.rest = data[self._left :]
            data = data[: self._left]
        self._left -= len(data)
        self.done = self._left == 0
        self.wire = data
        return data


class UntilClose(BodyReader):
    """A body that only the end of the connection ends."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(boundary=True)

    def feed(self, data: bytes) -> bytes:
        self.wire = data
        return data


class Chunked(BodyReader):
    """A chunked body, read strictly; malformed chunks raise Refused with `failure`."""

    __slots__ = (
        "_between",
        "_failure",
        "_held",
        "_in_trailers",
        "_left",
        "_trailers",
    )

    def __init__(self, failure: Failure) -> None:
        super().__init__(boundary=True)
        self._failure = failure
        self._held = b""  # an incomplete line, not yet forwarded
        self._left = 0  # of the chunk under way, payload and its CRLF
        self._between = True  # nothing is held, no chunk and no trailer is under way
        self._in_trailers = False
        self._trailers = 0

    def feed(self, data: bytes) -> bytes:
        if self._between and data.endswith(b"\r\n"):
            start = _start_of_whole(data)
            if start:
                self.wire = data  # the usual case: one whole chunk a read
                return data[start:-2]
        return self._walk(data)

    def _walk(self, data: bytes) -> bytes:
        if self._held:
            data, self._held = self._held + data, b""
        payload: list[bytes] = []
        wire: list[bytes] = []
        pos = 0
        while pos < len(data) and not self.done:
            if self._left:
                pos = self._take(data, pos, payload, wire)
            elif self._in_trailers:
                pos = self._trailer(data, pos, wire)
            else:
                pos = self._size(data, pos, wire)
        if self.done:
            self.rest = data[pos:]
        self.boundary = self._left == 0 and not self.done
        self._between = self.boundary and not self._held and not self._in_trailers
        self.wire = b"".join(wire)
        return payload[0] if len(payload) == 1 else b"".join(payload)

    def _take(self, data: bytes, pos: int, payload: list[bytes], wire: list[bytes]) -> int:
        end = min(pos + self._left, len(data))
        body_end = min(pos + max(self._left - 2, 0), end)
        if body_end > pos:
            payload.append(data[pos:body_end])
        tail = b"\r\n"[max(0, 2 - self._left) :]
        if not tail.startswith(data[body_end:end]):
            raise Refused(self._failure, "chunk end")
        wire.append(data[pos:end])
        self._left -= end - pos
        return end

    def _size(self, data: bytes, pos: int, wire: list[bytes]) -> int:
        size = _SIZE.match(data, pos)
        if size is None:
            return self._hold(data, pos, MAX_LINE)
        if size.end() - pos > MAX_LINE:
            raise Refused(self._failure, "chunk line")
        length = int(size[1], 16)
        if length == 0:
            self._in_trailers = True
            return size.end()
        wire.append(data[pos : size.end()] if size[2] is None else size[1] + b"\r\n")
        self._left = length + 2
        return size.end()

    def _trailer(self, data: bytes, pos: int, wire: list[bytes]) -> int:
        if data.startswith(b"\r\n", pos):
            wire.append(LAST_CHUNK)
            self.done = True
            return pos + 2
        line = _TRAILER.match(data, pos)
        if line is None:
            return self._hold(data, pos, MAX_TRAILERS)
        self._trailers += line.end() - pos
        if self._trailers > MAX_TRAILERS or line[1].lower() in _FORBIDDEN_TRAILERS:
            raise Refused(self._failure, "trailer")
        return line.end()

    def _hold(self, data: bytes, pos: int, most: int) -> int:
        """Keep an incomplete line for the next read, if it can still become a good one."""
        held = data[pos:]
        bare = held[:-1] if held.endswith(b"\r") else held
        if len(held) > most or b"\n" in bare or b"\r" in bare or b"\0" in bare:
            raise Refused(self._failure, "chunk line")
        if not self._in_trailers and not _could_be_size(bare):
            raise Refused(self._failure, "chunk size")
        self._held = held
        return len(data)


def _start_of_whole(data: bytes) -> int:
    """Where the payload starts in what may be one whole chunk without extensions; 0 where not."""
    if len(data) < len(_LINES):
        usual = _LINES[len(data)]
        if usual and data.startswith(usual):
            return len(usual)
    line = _SIZE.match(data)
    if line is None or line[2] is not None:
        return 0
    size = int(line[1], 16)
    return line.end() if size and line.end() + size + 2 == len(data) else 0


def _line_of_whole(length: int) -> bytes:
    """The first line of a whole chunk that is so long with its framing, if there is one."""
    for digits in range(1, 8):
        size = length - digits - 4
        line = b"%x\r\n" % max(size, 0)
        if size > 0 and len(line) == digits + 2:
            return line
    return b""


_LINES: Final = tuple(map(_line_of_whole, range(1024)))  # of events; 0.5 µs less for each


def _could_be_size(line: bytes) -> bool:
    digits = line.partition(b";")[0]
    return len(digits) <= 13 and all(byte in b"0123456789abcdefABCDEF" for byte in digits)


def chunk(payload: bytes) -> bytes:
    """`payload` as one chunk; empty payload is no chunk at all."""
    return b"%x\r\n%b\r\n" % (len(payload), payload) if payload else b""
