"""A copy of a compressed answer, inflated as it comes, for metering alone.

It stops for good, without an error, at anything that is not worth reading: an unknown or broken
coding, more than 32 MiB, or a ratio that only a decompression bomb has.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import brotli
import zstandard

MAX_OUTPUT: Final = 32 * 1024 * 1024
# Events that repeat their frame compress to 1:20, at best to 1:50; a short answer may do better.
MAX_RATIO: Final = 200
FREE_OUTPUT: Final = 256 * 1024
STEP: Final = 64 * 1024  # the most that one step gives, where the library can be told
ZSTD_STEP: Final = 64  # bytes in: zstandard cannot be told, and makes up to 128 KiB of four bytes
ZSTD_WINDOW: Final = 8 * 1024 * 1024  # RFC 9659


class Coding(Protocol):
    """One content coding; it gives its output in small steps and may raise."""

    def steps(self, piece: bytes) -> Iterator[bytes]: ...


class Inflater:
    """The plain bytes of a compressed answer, until it gives up."""

    __slots__ = ("_coding", "_read", "_written")

    def __init__(self, coding: Coding) -> None:
        self._coding: Coding | None = coding
        self._read = 0
        self._written = 0

    @property
    def gave_up(self) -> bool:
        return self._coding is None

    def feed(self, piece: bytes) -> bytes:
        """The plain bytes of this piece; empty once it gave up."""
        if self._coding is None:
            return b""
        self._read += len(piece)
        plain = []
        try:
            for step in self._coding.steps(piece):
                self._written += len(step)
                if self._too_much():
                    self._coding = None
                    break
                plain.append(step)
        except (zlib.error, brotli.error, zstandard.ZstdError):
            self._coding = None
        return b"".join(plain)

    def _too_much(self) -> bool:
        if self._written <= FREE_OUTPUT:
            return False
        return self._written > MAX_OUTPUT or self._written > self._read * MAX_RATIO


def inflater(coding: bytes) -> Inflater | None:
    """What inflates this Content-Encoding; None for one that is unknown, or several."""
    make = _CODINGS.get(coding.strip().lower())
    return None if make is None else Inflater(make())


class _Gzip:
    """gzip, of any number of members; a broken one ends it."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(31)

    def steps(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            yield self._member.decompress(piece, STEP)
            piece = self._member.unconsumed_tail
            if self._member.eof:
                piece = self._member.unused_data
                self._member = zlib.decompressobj(31)


class _Deflate:
    """deflate, with zlib's header as the standard says or without it as some servers do."""

    def __init__(self) -> None:
        self._start = b""
        self._stream: zlib._Decompress | None = None

    def steps(self, piece: bytes) -> Iterator[bytes]:
        if self._stream is None:
            piece = self._start + piece
            if len(piece) < 2:
                self._start = piece
                return
            zlib_header = piece[0] & 15 == 8 and int.from_bytes(piece[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(15 if zlib_header else -15)
        while piece:
            yield self._stream.decompress(piece, STEP)
            piece = self._stream.unconsumed_tail


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def steps(self, piece: bytes) -> Iterator[bytes]:
        step = self._stream.process(piece, output_buffer_limit=STEP)
        while step:
            yield step
            step = self._stream.process(b"", output_buffer_limit=STEP)


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj(
            read_across_frames=True
        )

    def steps(self, piece: bytes) -> Iterator[bytes]:
        for at in range(0, len(piece), ZSTD_STEP):
            yield self._stream.decompress(piece[at : at + ZSTD_STEP])


_CODINGS: Final[dict[bytes, Callable[[], Coding]]] = {
    b"gzip": _Gzip,
    b"x-gzip": _Gzip,
    b"deflate": _Deflate,
    b"br": _Brotli,
    b"zstd": _Zstd,
}
