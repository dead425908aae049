"""One exchange, from a request's head to its record: decides, sends, moves the answer, meters it.

Callback-driven, without a task of its own; only connecting to an upstream waits in one (`leg`).
"""

from __future__ import annotations

from typing import Final

from proxy.carrying.account import Account
from proxy.carrying.client import Client
from proxy.carrying.forward import Forward
from proxy.carrying.intake import Intake
from proxy.carrying.leg import Leg, Owner
from proxy.carrying.refusal import error_answer, own_lines
from proxy.carrying.worker import Worker
from proxy.dialects import error_event
from proxy.errors import (
    BODY_TIMEOUT,
    FIRST_BYTE_TIMEOUT,
    STREAM_IDLE_TIMEOUT,
    TOTAL_TIMEOUT,
    Failure,
    Refused,
)
from proxy.exchange import Outcome, outcome_of_failure
from proxy.http.framing import BodyReader
from proxy.http.head import AnswerHead, RequestHead
from proxy.metering.meter import Meter
from proxy.routing.aim import Aim
from proxy.routing.routing import Routing

MIN_RATE: Final = 1024  # bytes a second that an upload must keep up to outlast body_timeout


class Relay(Owner):
    """One request on its way; ends in exactly one of `finished` and `cut`, and is recorded once."""

    __slots__ = (
        "_account",
        "_aim",
        "_body",
        "_client",
        "_ends",
        "_forward",
        "_held_up",
        "_intake",
        "_keeps",
        "_leg",
        "_meter",
        "_reusable",
        "_upload_began",
        "_worker",
        "over",
    )

    def __init__(self, worker: Worker, client: Client, head: RequestHead, routing: Routing) -> None:
        """Raises Refused for a request that names an unknown upstream."""
        now = worker.clock()
        # What each event touches stands first: compiled, members lie in memory in this order.
        self._worker = worker
        self._meter: Meter | None = None
        self._forward: Forward | None = None
        self._client = client
        self._ends = now + worker.bounds.total_us
        self._intake = Intake(worker, head, routing)
        self._account = Account(worker, now)
        self._leg = Leg(worker, self, self._intake)
        self._aim: Aim | None = None
        self._body: BodyReader | None = None
        self._reusable = False
        self._keeps = False  # whether the answer's head lets the client ask again
        self._upload_began = now
        self._held_up = False  # the upload waits for the upstream, not for the client
        self.over = False
        worker.active += 1

    @property
    def ends_by_close(self) -> bool:
        """Whether nothing but the connection's end tells the client that the answer is complete."""
        return self._forward is not None and self._forward.closes

    # From the client's connection

    def start(self, body: bytes | None) -> None:
        """Begin; `body` is the whole body where it came in one piece with the head."""
        if body is not None:
            self._intake.complete = True
            self.body(body)
            self._account.request_bytes = len(body)
            if self._aim is None and not self.over:
                self._decide([])
        elif self._intake.complete:
            self._decide([])
        else:
            self._client.set_deadline(self._upload_ends())
            if not self._intake.collecting:
                self._decide([])

    def body(self, piece: bytes) -> None:
        """More of the request's body."""
        try:
            self._intake.count(piece)
            if self._intake.collecting:
                unread = self._intake.collect(piece)
            elif self._aim is None:
                unread = [piece]
            else:
                self._leg.upload(piece)
                return
        except Refused as refused:
            self.fail(refused.failure)
            return
        if unread is not None:
            self._decide(unread)

    def end(self) -> None:
        """The request is complete: its last byte has just come in."""
        self._intake.complete = True
        self._account.request_bytes = self._intake.received
        if self._held_up:
            self.resume_upload()  # from now on a client's bytes are read to see it leave
        if self._aim is None:
            self._account.arrived = self._worker.clock()
            self._decide([])
        elif self._leg.connected:
            self._leg.end_upload()
            self._await_answer(self._worker.clock())

    def cancelled(self, outcome: Outcome) -> None:
        """The client is gone: stop the upstream's work at once, and account for it."""
        self._settle(outcome)

    def client_full(self) -> None:
        self._leg.hold()
        self._wait(self._worker.bounds.write_stall_us, self._worker.clock())

    def client_drained(self) -> None:
        self._leg.go_on()
        self._wait(self._worker.bounds.stream_idle_us, self._worker.clock())

    def expire(self) -> None:
        """A deadline has passed; which one follows from where the exchange stands."""
        now = self._worker.clock()
        if now >= self._ends:
            self.fail(TOTAL_TIMEOUT)
        elif self._client.full:
            self._write_stalled()
        elif not self._intake.complete and not self._held_up:
            self._upload_stalled(now)
        elif self._forward is not None:
            self.fail(STREAM_IDLE_TIMEOUT)
        elif self._leg.connected:
            self.fail(FIRST_BYTE_TIMEOUT)
        else:
            self._client.set_deadline(self._ends)  # connecting has a clock of its own

    # From the leg and its connection

    def sent(self, *, warm: bool) -> None:
        now = self._account.sent(warm=warm)
        if self._intake.complete:
            self._await_answer(now)

    def answered(self, head: AnswerHead, body: BodyReader, payload: bytes) -> None:
        came = self._worker.clock()
        assert self._aim is not None
        request = self._intake.head
        self._intake.release()
        forward = self._forward = Forward(request, head, body, strip=self._aim.strip)
        self._body = body
        self._reusable = head.reusable
        own = own_lines(self._aim, self._account.id)
        keep = self._keeps = self._keep()
        begin = forward.begin(request, head, own, keep=keep)
        self._client.write(begin + forward.body(body, payload))
        now = self._account.handed_on(came)
        self._meter = self._account.answered(head, payload, came, whole=body.done)
        self._after(body, now)

    def more(self, body: BodyReader, payload: bytes) -> None:
        now = self._worker.clock()
        assert self._forward is not None
        text = self._meter is not None and self._meter.feed(payload, now)
        data = self._forward.body(body, payload, text=text)
        if data:
            self._client.write(data)
        self._after(body, now)

    def lost(self, failure: Failure, *, answer_begun: bool) -> None:
        if answer_begun or not self._leg.retry():
            self.fail(failure)

    def hold_upload(self) -> None:
        self._held_up = True
        self._client.hold_upload()

    def resume_upload(self) -> None:
        self._held_up = False
        self._upload_began = self._worker.clock()
        self._client.resume_upload()
        if not self.over and not self._intake.complete:
            self._client.set_deadline(self._upload_ends())

    def upstream_full(self) -> None:
        if not self._intake.complete:
            self.hold_upload()
            self._wait(self._worker.bounds.first_byte_us, self._worker.clock())

    def upstream_drained(self) -> None:
        if self._held_up:
            self.resume_upload()

    # Ending

    def fail(self, failure: Failure) -> None:
        """End with one of crossfade's own errors, in whatever form is still possible."""
        keep = self._keep() and not failure.close
        if self._aim is None:
            self._worker.recorder.refused(failure.code)
        event = self._last_event(failure)
        self._settle(outcome_of_failure(failure))
        if self._forward is not None:
            if event:
                self._client.write(event)
            self._client.cut()
            return
        head, call = self._intake.head, self._intake.look.call
        own = own_lines(self._aim, self._account.id)
        bodiless = head.method == b"HEAD"
        self._client.write(error_answer(failure, call, own, keep=keep, bodiless=bodiless))
        self._client.finished(self._worker.clock(), keep=keep)

    def _last_event(self, failure: Failure) -> bytes:
        if self._forward is None or self._aim is None or not self._account.at_boundary:
            return b""
        return self._forward.event(error_event(self._aim.call, failure), self._body)

    def _after(self, body: BodyReader, now: int) -> None:
        if not body.done:
            if not self._client.full:
                self._wait(self._worker.bounds.stream_idle_us, now)
            return
        keep = self._keeps and self._forward is not None and not self._forward.closes
        self._leg.finish(now, reusable=self._reusable and not body.rest)
        self._account.complete(now)
        self._leave()
        self._client.finished(now, keep=keep)

    def _settle(self, outcome: Outcome) -> None:
        """Record an end that was not the answer's own, and let go of the upstream."""
        self._leg.drop()
        self._account.broken(outcome)
        self._leave()

    def _leave(self) -> None:
        self.over = True
        self._intake.release()
        self._worker.active -= 1

    def _keep(self) -> bool:
        return self._intake.complete and self._intake.head.keep_alive and not self._worker.draining

    def _decide(self, unsent: list[bytes]) -> None:
        """Choose the arm, once, by the snapshot that is in force now."""
        routing = self._worker.routing
        assert routing is not None
        try:
            self._aim = self._intake.aim(routing, self._account.unique)
            self._account.aimed(self._aim)
            self._leg.go(self._aim, unsent)
        except Refused as refused:
            self.fail(refused.failure)

    # Deadlines

    def _write_stalled(self) -> None:
        if self._client.progressed():
            self._wait(self._worker.bounds.write_stall_us, self._worker.clock())
            return
        self._settle(Outcome.CLIENT_CANCELLED)
        self._client.cut()

    def _upload_stalled(self, now: int) -> None:
        if now >= self._upload_ends():
            self.fail(BODY_TIMEOUT)
        else:
            self._client.set_deadline(self._upload_ends())

    def _upload_ends(self) -> int:
        allowed_us = self._worker.bounds.body_us + self._intake.received * 1_000_000 // MIN_RATE
        return min(self._upload_began + allowed_us, self._ends)

    def _await_answer(self, now: int) -> None:
        if self._forward is None and not self.over:
            self._wait(self._worker.bounds.first_byte_us, now)

    def _wait(self, microseconds: int, now: int) -> None:
        self._client.set_deadline(min(self._ends, now + microseconds))
