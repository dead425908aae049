"""A request's body on its way to a decision: collected where routing needs it, else passed on."""

from __future__ import annotations

from proxy.carrying.worker import Worker
from proxy.errors import BODY_TOO_LARGE, BUFFERS_FULL, UNREADABLE_BODY, Refused
from proxy.http.head import RequestHead
from proxy.routing.aim import Aim
from proxy.routing.routing import Routing


class Intake:
    """What has come of one request's body, and what the routing says of it.

    `received` counts body bytes; `complete` says that the request is all here.
    """

    __slots__ = ("_held", "_pieces", "_worker", "complete", "head", "look", "received")

    def __init__(self, worker: Worker, head: RequestHead, routing: Routing) -> None:
        """Raises Refused for an upstream that is not configured."""
        self._worker = worker
        self.head = head
        self.look = routing.look(head)
        self.received = 0
        self.complete = not head.has_body
        self._held = 0
        self._pieces: list[bytes] | None = None
        if self.look.wants_body:
            if head.length > worker.bounds.max_parse or head.encoded:
                worker.recorder.unread()
            else:
                self._pieces = []

    @property
    def collecting(self) -> bool:
        return self._pieces is not None

    def count(self, piece: bytes) -> None:
        """Raises Refused: body_too_large."""
        self.received += len(piece)
        if self.received > self._worker.bounds.max_body:
            raise Refused(BODY_TOO_LARGE)

    def collect(self, piece: bytes) -> list[bytes] | None:
        """Keep a piece; past max_parse give back all of it, to be passed on unread.

        Raises Refused: buffers_full.
        """
        assert self._pieces is not None
        self._pieces.append(piece)
        self._held += len(piece)
        self._worker.buffered += len(piece)
        if self._worker.buffered > self._worker.bounds.max_buffered:
            raise Refused(BUFFERS_FULL)
        if self.received <= self._worker.bounds.max_parse:
            return None
        pieces, self._pieces = self._pieces, None
        self._worker.recorder.unread()
        return pieces

    def aim(self, routing: Routing, request_id: bytes) -> Aim:
        """Decide by what is here. Raises Refused."""
        body = b"".join(self._pieces) if self._pieces is not None else None
        self._pieces = None
        try:
            return routing.aim(self.look, self.head, body, request_id)
        except RecursionError:
            raise Refused(UNREADABLE_BODY, "nested too deeply") from None

    def release(self) -> None:
        """The collected bytes are out of our hands."""
        if self._held:
            self._worker.buffered -= self._held
            self._held = 0
