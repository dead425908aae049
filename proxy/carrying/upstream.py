"""One connection to an upstream: sends one request at a time, reads its answer strictly."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Final, Protocol, cast

from proxy.carrying.tls import Channel
from proxy.carrying.wheel import NEVER, Timed
from proxy.errors import (
    INTERNAL,
    UPSTREAM_CLOSED,
    UPSTREAM_MALFORMED,
    UPSTREAM_TRUNCATED,
    Failure,
    Refused,
)
from proxy.http.answer_heads import AnswerHeads
from proxy.http.framing import BodyReader, Chunked, Sized, UntilClose
from proxy.http.head import AnswerHead

_END: Final = b"\r\n\r\n"


class Listener(ABC):
    """Who waits for the answer (the relay)."""

    __slots__ = ()

    @abstractmethod
    def answered(self, head: AnswerHead, body: BodyReader, payload: bytes) -> None:
        """The head has arrived, with what came of the body in the same read."""

    @abstractmethod
    def more(self, body: BodyReader, payload: bytes) -> None:
        """More of the body has arrived; `body.done` says that it is complete."""

    @abstractmethod
    def lost(self, failure: Failure, *, answer_begun: bool) -> None:
        """The connection ended, or sent nonsense, before the answer was complete."""

    @abstractmethod
    def upstream_full(self) -> None:
        """Stop handing over upload bytes."""

    @abstractmethod
    def upstream_drained(self) -> None:
        """Go on."""


class Home(Protocol):
    """Where an idle connection lives (its pool)."""

    def forget(self, connection: UpstreamConnection) -> None:
        """This connection is gone, or not to be used again."""


class UpstreamConnection(Timed, asyncio.Protocol):
    """Lives in a pool between requests; anything unexpected closes it rather than reusing it."""

    __slots__ = (
        "_abandoned",
        "_body",
        "_buffer",
        "_heads",
        "_held",
        "_home",
        "_listener",
        "_max_headers",
        "_method",
        "_transport",
        "answer_begun",
        "full",
        "uses",
    )

    def __init__(self, home: Home, max_headers: int, heads: AnswerHeads) -> None:
        super().__init__()
        self._home = home
        self._heads = heads
        self._max_headers = max_headers
        self._listener: Listener | None = None
        self._body: BodyReader | None = None
        self._buffer = b""
        self._method = b""
        self._transport: Channel | None = None
        self._abandoned = False
        self._held = False
        self.answer_begun = False
        self.full = False  # what was sent has not all left
        self.uses = 0

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def send(self, listener: Listener, method: bytes, data: bytes, body: bytes = b"") -> None:
        """Begin a request: `data`, then `body` without a copy. Its answer goes to `listener`."""
        assert self._transport is not None
        self._listener = listener
        self._method = method
        self._body = None
        self.answer_begun = False
        self.uses += 1
        if body:
            self._transport.writelines((data, body))
        else:
            self._transport.write(data)

    def upload(self, data: bytes) -> None:
        """More of the request's body, framed."""
        assert self._transport is not None
        self._transport.write(data)

    def hold(self) -> None:
        """Stop reading: the client is slower than the upstream."""
        if self.usable and self._transport is not None:
            self._transport.pause_reading()
            self._held = True

    def go_on(self) -> None:
        if self._held and self.usable and self._transport is not None:
            self._transport.resume_reading()
        self._held = False

    def leave(self) -> None:
        """The exchange is over and the connection is idle again."""
        self._listener = None
        self._body = None
        self.go_on()  # its client may have been slower than the answer's last bytes

    def abort(self) -> None:
        """Close at once; nobody is told."""
        self._listener = None
        self._home.forget(self)
        if self._transport is not None:
            self._transport.abort()

    def abandon(self) -> None:
        """Nobody waits for this connection any more; it may still come, and is closed then."""
        self._home.forget(self)
        self._abandoned = True
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    def expire(self) -> None:
        """Idle for too long."""
        self.deadline = NEVER
        if self._listener is None:
            self.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._abandoned:
            cast(Channel, transport).abort()
            return
        self._transport = cast(Channel, transport)
        # High water 1: a write tries the socket at once, and one read is the most that waits here
        # (0 would count as full at once on TLS).
        self._transport.set_write_buffer_limits(high=1)

    def data_received(self, data: bytes) -> None:
        listener = self._listener
        if listener is None:  # bytes that nobody asked for: what follows them cannot be trusted
            self.abort()
            return
        try:
            body = self._body
            if body is None:
                self._read_head(listener, data)
            else:
                listener.more(body, body.feed(data))
        except Refused as refused:
            self.abort()
            failure = UPSTREAM_TRUNCATED if self.answer_begun else refused.failure
            listener.lost(failure, answer_begun=True)

    def eof_received(self) -> None:
        self._home.forget(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._home.forget(self)
        listener, self._listener = self._listener, None
        if listener is None:
            return
        body = self._body
        if isinstance(body, UntilClose) and exc is None:
            body.done, body.wire = True, b""
            listener.more(body, b"")
        else:
            ours = exc is not None and not isinstance(exc, OSError)  # a callback of ours raised
            theirs = UPSTREAM_TRUNCATED if self.answer_begun else UPSTREAM_CLOSED
            begun = ours or self.answer_begun or bool(self._buffer)
            listener.lost(INTERNAL if ours else theirs, answer_begun=begun)

    def pause_writing(self) -> None:
        self.full = True
        if self._listener is not None:
            self._listener.upstream_full()

    def resume_writing(self) -> None:
        self.full = False
        if self._listener is not None:
            self._listener.upstream_drained()

    def _read_head(self, listener: Listener, data: bytes) -> None:
        if self._buffer:
            data, self._buffer = self._buffer + data, b""
        while True:
            end = data.find(_END) + 4
            if max(end, len(data) if end == 3 else 0) > self._max_headers:
                raise Refused(UPSTREAM_MALFORMED, "header too large")
            if end == 3:
                self._buffer = data
                return
            head = self._heads.read(data[:end], self._method)
            data = data[end:]
            if head.status >= 200:
                break  # 100 and 103 are for the hop before; the final answer follows
        body = self._body = _reader(head)
        payload = body.feed(data) if data else b""
        self.answer_begun = True
        listener.answered(head, body, payload)


def _reader(head: AnswerHead) -> BodyReader:
    if head.chunked:
        return Chunked(UPSTREAM_MALFORMED)
    if head.length is not None:
        return Sized(head.length)
    return UntilClose()
