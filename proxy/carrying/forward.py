"""An upstream's answer as the client gets it, without I/O: new head, body bytes as they came."""

from __future__ import annotations

from enum import Enum
from typing import Final

from proxy.http.framing import LAST_CHUNK, BodyReader, Chunked, chunk
from proxy.http.head import AnswerHead, RequestHead
from proxy.metering.strip import UsageStripper

_CHUNKED: Final = b"Transfer-Encoding: chunked\r\n"
_CLOSE: Final = b"Connection: close\r\n"
_KEEP: Final = b"Connection: keep-alive\r\n"
_PLAIN: Final = frozenset({b"", b"identity"})


class Mode(Enum):
    """How the body's framing reaches the client."""

    RAW = "raw"  # the very bytes of the upstream, framing included
    CHUNKED = "chunked"  # framed anew
    BARE = "bare"  # payload alone; the end of the connection ends it


class Forward:
    """One answer on its way. Raw wherever the upstream's framing suits the client."""

    __slots__ = ("_at_boundary", "_clear", "_raw", "_strip", "closes", "encoded", "mode")

    def __init__(
        self, request: RequestHead, answer: AnswerHead, body: BodyReader, *, strip: bool
    ) -> None:
        """`strip`: remove the usage event that crossfade asked for, if this is a stream."""
        self.encoded = answer.encoding not in _PLAIN
        self._strip = None
        if strip and answer.kind.startswith(b"text/event-stream") and not self.encoded:
            self._strip = UsageStripper()
        bodiless = answer.length == 0
        if not self._strip and (answer.length is not None or bodiless):
            self.mode = Mode.RAW
        elif request.minor == 0:
            self.mode = Mode.BARE
        elif self._strip or not isinstance(body, Chunked):
            self.mode = Mode.CHUNKED
        else:
            self.mode = Mode.RAW
        self.closes = self.mode is Mode.BARE
        # Of a stream that is stripped: as it came, where nothing of a read has to go.
        self._raw = self.mode is Mode.CHUNKED and isinstance(body, Chunked)
        self._at_boundary = True
        self._clear = self._raw  # and nothing of an event has come yet, or is held

    def begin(self, request: RequestHead, answer: AnswerHead, own: bytes, *, keep: bool) -> bytes:
        """The head for the client; `own` are crossfade's header lines."""
        framing = answer.length_line
        if self.mode is not Mode.RAW or answer.chunked or answer.status == 204:
            framing = b"" if self.mode is Mode.BARE or answer.status == 204 else _CHUNKED
        if not keep or self.closes:
            framing += _CLOSE
        elif request.minor == 0:
            framing += _KEEP
        return b"".join((answer.first, *answer.lines, framing, own, b"\r\n"))

    def body(self, body: BodyReader, payload: bytes, *, text: bool = False) -> bytes:
        """What to write for one read of the upstream; the end included when `body.done`.

        `text` says that the payload is one event of generated text.
        """
        if self.mode is Mode.RAW:
            return body.wire
        if self._strip is not None:
            if text and self._clear and body.boundary:
                return body.wire
            kept = self._stripped(self._strip, body, payload)
            self._clear = self._raw and self._at_boundary and self._strip.clear
            return kept
        if self.mode is Mode.BARE:
            return payload
        return chunk(payload) + LAST_CHUNK if body.done else chunk(payload)

    def event(self, event: bytes, body: BodyReader | None) -> bytes:
        """A last event framed for the client, or nothing where none can be put."""
        if self.encoded or (self.mode is Mode.RAW and not (body is not None and body.boundary)):
            return b""
        return event if self.mode is Mode.BARE else chunk(event)

    def _stripped(self, strip: UsageStripper, body: BodyReader, payload: bytes) -> bytes:
        kept = strip.feed(payload)
        whole = self._at_boundary and (body.boundary or body.done)
        self._at_boundary = body.boundary
        if kept is payload and whole and self._raw:
            rest = strip.flush() if body.done else b""
            return body.wire if not rest else chunk(kept + rest) + LAST_CHUNK
        if body.done:
            kept += strip.flush()
        if self.mode is Mode.BARE:
            return kept
        return chunk(kept) + LAST_CHUNK if body.done else chunk(kept)
