"""Takes out of an OpenAI stream the one extra event that crossfade asked for: the usage."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from proxy.dialects.sight import BROKEN
from proxy.metering.sse import SseEvents

HOLD: Final = 64 * 1024

# The end of an event: a line end, and the end of an empty line. A CRLF is one line end, never two.
_BLANK_LINE: Final = re.compile(rb"(?:\r\n?+|\n)(?:\r\n?+|\n)")
_CHOICES: Final = b'"choices"'
_SOME_CHOICE: Final = b'"choices":[{'
_EMPTY_LIST: Final = re.compile(rb"\[[ \t\r\n]*\]")

# Not a struct: this file is compiled, and mypyc leaves a struct's members without their types.
_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class UsageStripper:
    """Passes every byte on but those of events with `choices: []` and a usage object.

    An event that may still turn out to be that one is held until it is complete, up to 64 KiB; a
    longer one is passed on. A piece of which nothing is held or removed is returned as it is.
    """

    __slots__ = ("_edge", "_held", "_lf", "clear")

    def __init__(self) -> None:
        self._held = b""  # of an event that may have to go
        self._edge = b""  # the last bytes of an event that is being passed on
        self._lf: bytes | None = None  # what becomes of an LF that follows a final CR
        self.clear = True  # the next byte begins an event

    def feed(self, piece: bytes) -> bytes:
        """What the client is to get of the stream now."""
        if (
            self.clear
            and piece.endswith((b"\n\n", b"\r\n\r\n"))
            and piece.count(_CHOICES) == piece.count(_SOME_CHOICE)
        ):
            return piece
        return self._slow(piece)

    def flush(self) -> bytes:
        """What is still held when the stream ends: an event without its end is passed on."""
        held, self._held = self._held, b""
        return held

    def _slow(self, piece: bytes) -> bytes:
        out: list[bytes] = []
        rest = piece
        if self._lf is not None and rest:
            if rest.startswith(b"\n"):
                out.append(self._lf)
                rest = rest[1:]
            self._lf = None
        if self._edge:
            rest = self._pass_on(rest, out)
        if rest:
            self._sift(rest, out)
        self.clear = not self._held and not self._edge and self._lf is None
        left = b"".join(out)
        return piece if left == piece else left

    def _pass_on(self, piece: bytes, out: list[bytes]) -> bytes:
        """Pass the open event on; give back what follows it."""
        data = self._edge + piece
        blank = _BLANK_LINE.search(data)
        if blank is None:
            out.append(piece)
            self._edge = data[-3:]
            return b""
        end = blank.end() - len(self._edge)
        out.append(piece[:end])
        self._edge = b""
        if end == len(piece) and piece.endswith(b"\r"):
            self._lf = b"\n"
        return piece[end:]

    def _sift(self, piece: bytes, out: list[bytes]) -> None:
        """Pass on the complete events but the extra one; hold what may become that one."""
        data = self._held + piece
        start = 0
        extra = False
        for blank in _BLANK_LINE.finditer(data, max(0, len(self._held) - 3)):
            event = data[start : blank.end()]
            start = blank.end()
            extra = _is_extra(event)
            out.append(_leading(event) if extra else event)
        self._held = data[start:]
        if not self._held:
            if data.endswith(b"\r"):
                self._lf = b"" if extra else b"\n"
        elif _SOME_CHOICE in self._held or _too_long(self._held):
            out.append(self._held)
            self._held, self._edge = b"", self._held[-3:]


def _leading(event: bytes) -> bytes:
    """The blank lines before an event, which are not its own."""
    return event[: len(event) - len(event.lstrip(b"\r\n"))]


def _too_long(event: bytes) -> bool:
    return len(event) > HOLD and len(event.rstrip(b"\r\n")) > HOLD


def _is_extra(event: bytes) -> bool:
    # These tests agree with the ones that pass a piece, or an open event, on without decoding it.
    if _CHOICES not in event or _SOME_CHOICE in event or _too_long(event):
        return False
    payloads = SseEvents().feed(event)
    if len(payloads) != 1:
        return False
    try:
        chunk = _members(payloads[0])
    except BROKEN:
        return False
    choices, usage = bytes(chunk.get("choices", b"")), bytes(chunk.get("usage", b""))
    return _EMPTY_LIST.fullmatch(choices) is not None and usage.startswith(b"{")
