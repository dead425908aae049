"""One client connection: heads through the gate, one exchange at a time, answers in order."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Final, cast

from proxy.carrying.client import Client
from proxy.carrying.refusal import error_answer, guess_call
from proxy.carrying.relay import Relay
from proxy.carrying.reset import reset_on_close
from proxy.carrying.worker import Worker
from proxy.errors import DRAINING, HEADER_TIMEOUT, MALFORMED_REQUEST, OVERLOADED, Failure, Refused
from proxy.exchange import Outcome, outcome_of_loss
from proxy.http.framing import BodyReader, Chunked, Sized
from proxy.http.head import RequestHead
from proxy.http.heads import Recent
from proxy.http.inbox import Inbox

LINGER_US: Final = 2_000_000  # what a refused client still sends is read, so that it sees why
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class State(Enum):
    """Where the connection stands between two reads."""

    HEAD = "head"  # waits for a request, or for the rest of one's head
    BODY = "body"  # the body of the exchange's request is still coming
    ANSWER = "answer"  # the request is complete, its answer is not
    LINGER = "linger"  # everything is said; what still comes is thrown away
    CLOSED = "closed"


class ClientConnection(Client, asyncio.Protocol):
    """Serves requests one after another; any doubt about framing ends the connection."""

    __slots__ = (
        "_advancing",
        "_body",
        "_heads",
        "_inbox",
        "_relay",
        "_state",
        "_transport",
        "_waiting",
        "_worker",
    )

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker
        self._transport: asyncio.Transport | None = None
        self._state = State.HEAD
        self._relay: Relay | None = None
        self._body: BodyReader | None = None
        self._heads = Recent()
        self._inbox = Inbox()
        self._advancing = False
        self._waiting = 0

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=1)  # see UpstreamConnection
        if not self._worker.join(self):
            self._worker.recorder.refused(OVERLOADED.code)
            self.write(error_answer(OVERLOADED, guess_call(b""), b"", keep=False))
            self._close()  # nobody lingers here: that would take yet more room
            return
        self._set_deadline_in(self._worker.bounds.header_us)

    def data_received(self, data: bytes) -> None:
        if self._state is State.BODY:
            self._take_body(data)
        elif self._state is State.ANSWER or (self.full and self._state is State.HEAD):
            self._inbox.hold(data)
        elif self._state is State.HEAD:
            self._inbox.add(data)
            self._advance()

    def eof_received(self) -> None:
        """The client hung up, also by half: whoever still wants an answer keeps its side open."""
        self._gone()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone(outcome_of_loss(exc))  # a reset is a hang-up like any other
        self._worker.wheel.remove(self)
        self._worker.leave(self)

    def pause_writing(self) -> None:
        self.full = True
        self._waiting = self._unsent()
        if self._relay is not None:
            self._relay.client_full()

    def resume_writing(self) -> None:
        self.full = False
        if self._relay is not None:
            self._relay.client_drained()
        elif self._state is State.HEAD and self._inbox:
            self._advance()

    # For the wheel and the plane

    def expire(self) -> None:
        """The deadline has passed."""
        if self._state is State.CLOSED:
            self._flush_or_abort()
        elif self._relay is not None:
            self._relay.expire()
        elif self._state is State.HEAD and self._inbox:
            self._worker.recorder.refused(HEADER_TIMEOUT.code)
            self._say(HEADER_TIMEOUT, b"")
        else:
            self._close()

    def drain(self) -> None:
        """No more requests: close now if idle, else once the exchange is over."""
        if self._state is State.HEAD:
            self._close()

    def end_drain(self) -> None:
        """The time to drain is over."""
        if self._relay is not None:
            self._relay.fail(DRAINING)

    def abort(self) -> None:
        """Cut whatever there is, now."""
        self._gone()
        if self._transport is not None:
            self._transport.abort()

    # For the relay

    def write(self, data: bytes) -> None:
        if self._transport is not None and self._state is not State.CLOSED:
            self._transport.write(data)

    def progressed(self) -> bool:
        """Whether the client has taken anything since this was last asked."""
        before, self._waiting = self._waiting, self._unsent()
        return self._waiting < before

    def hold_upload(self) -> None:
        if self._transport is not None and self._state is State.BODY:
            self._transport.pause_reading()

    def resume_upload(self) -> None:
        if self._transport is not None and self._state is not State.CLOSED:
            self._transport.resume_reading()

    def set_deadline(self, deadline: int) -> None:
        if self._state is not State.CLOSED:
            self._worker.wheel.set(self, deadline)

    def finished(self, now: int, *, keep: bool) -> None:
        """The answer is complete. Go on with the next request, or see the client off."""
        self._relay = None
        if self._state is State.CLOSED:
            return
        self._body = None
        if not keep or self._worker.ending:
            self._linger()
            return
        self._state = State.HEAD
        self.set_deadline(now + self._worker.bounds.client_keepalive_us)
        if self._inbox or self._inbox.overrun:
            self._advance()

    def cut(self) -> None:
        """End a half-sent answer so that nobody takes it for a whole one."""
        relay, self._relay = self._relay, None
        if relay is not None and relay.ends_by_close and self._transport is not None:
            reset_on_close(self._transport)
            self._transport.abort()
        self._close()

    # Heads

    def _advance(self) -> None:
        """Serve what is in the inbox, request by request, without recursion."""
        if self._advancing:
            return
        self._advancing = True
        while self._state is State.HEAD and not self.full and self._serve_next():
            pass
        self._advancing = False
        if self._inbox.overrun and self._state is State.HEAD:
            self._close()

    def _serve_next(self) -> bool:
        raw = b""
        try:
            head = self._inbox.head(self._worker.bounds.max_headers)
            if head is None:
                self._await_head()
                return False
            raw = head
            self._begin(self._heads.read(raw, self._worker.heads))
        except Refused as refused:
            self._worker.recorder.refused(refused.failure.code)
            self._say(refused.failure, raw)
        return True

    def _await_head(self) -> None:
        ends = self._worker.clock() + self._worker.bounds.header_us
        if self._inbox and self.deadline > ends:
            self.set_deadline(ends)

    def _begin(self, head: RequestHead) -> None:
        routing = self._worker.admit(head)
        body = self._inbox.take(head.length) if head.length else None
        if body is None and head.has_body and self._inbox.overrun:
            self._close()  # what came next was thrown away: this body has a hole
            return
        relay = self._relay = Relay(self._worker, self, head, routing)
        if body is not None or not head.has_body:
            self._state = State.ANSWER
            relay.start(body)
            return
        self._state = State.BODY
        self._body = Chunked(MALFORMED_REQUEST) if head.chunked else Sized(head.length)
        early = self._inbox.rest()
        if head.expects and not early:
            self.write(_CONTINUE)
        relay.start(None)
        if early and self._state is State.BODY:
            self._take_body(early)

    # Bodies

    def _take_body(self, data: bytes) -> None:
        body, relay = self._body, self._relay
        assert body is not None
        try:
            payload = body.feed(data)
        except Refused as refused:
            if relay is not None:
                relay.fail(refused.failure)
            return
        if payload and relay is not None:
            relay.body(payload)
        if body.done and self._state is State.BODY and self._relay is relay:
            self._state = State.ANSWER
            self._body = None
            if body.rest:
                self._inbox.hold(body.rest)
            if relay is not None:
                relay.end()

    # Ends

    def _say(self, failure: Failure, raw: bytes) -> None:
        bodiless = raw.startswith(b"HEAD ")
        self.write(error_answer(failure, guess_call(raw), b"", keep=False, bodiless=bodiless))
        self._linger()

    def _linger(self) -> None:
        """Say that nothing follows, and give the client time to read before the reset."""
        self._state = State.LINGER
        self._set_deadline_in(LINGER_US)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            if self._transport.can_write_eof():
                self._transport.write_eof()

    def _gone(self, outcome: Outcome = Outcome.CLIENT_CANCELLED) -> None:
        relay, self._relay = self._relay, None
        if relay is not None and not relay.over:
            relay.cancelled(outcome)
        self._close()

    def _close(self) -> None:
        """Close when what was written has gone out, or when that stands still."""
        if self._state is State.CLOSED or self._transport is None:
            return
        self._state = State.CLOSED
        self._transport.close()
        self._waiting = self._unsent() + 1
        self._flush_or_abort()

    def _flush_or_abort(self) -> None:
        self._worker.wheel.remove(self)
        if self.progressed() and self._waiting:
            worker = self._worker
            worker.wheel.set(self, worker.clock() + worker.bounds.write_stall_us)
        elif self._waiting and self._transport is not None:
            self._transport.abort()

    def _unsent(self) -> int:
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def _set_deadline_in(self, microseconds: int) -> None:
        self.set_deadline(self._worker.clock() + microseconds)
