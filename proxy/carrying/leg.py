"""A request's way to its upstream: a pooled or new connection, and the body that goes up it."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from typing import Final

from proxy.carrying.intake import Intake
from proxy.carrying.pool import Pool
from proxy.carrying.upstream import Listener, UpstreamConnection
from proxy.carrying.worker import Worker
from proxy.errors import ARM_OVERLOADED, INTERNAL, Failure, Refused
from proxy.http.framing import LAST_CHUNK, chunk
from proxy.http.head import RequestHead
from proxy.routing.aim import Aim

log = logging.getLogger(__name__)

APART: Final = 32 * 1024  # bytes of a body from which on a copy behind its head costs more
_LENGTH: Final = b"Content-Length: %d\r\n\r\n"
_SAFE_TO_REPEAT: Final = frozenset({b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"})


class Owner(Listener):
    """Whose request it is (the relay)."""

    __slots__ = ()

    @abstractmethod
    def sent(self, *, warm: bool) -> None:
        """What is here of the request was written; `warm` to a connection that stood ready."""

    @abstractmethod
    def fail(self, failure: Failure) -> None:
        """No connection is to be had."""

    @abstractmethod
    def hold_upload(self) -> None:
        """There is nowhere to put more of the body yet."""

    @abstractmethod
    def resume_upload(self) -> None:
        """There is."""


class Leg:
    """One attempt after another, at most two, to have one request answered."""

    __slots__ = (
        "_aim",
        "_connecting",
        "_connection",
        "_intake",
        "_owner",
        "_pool",
        "_unsent",
        "_worker",
    )

    def __init__(self, worker: Worker, owner: Owner, intake: Intake) -> None:
        self._worker = worker
        self._owner: Owner | None = owner
        self._intake = intake
        self._aim: Aim | None = None
        self._pool: Pool | None = None
        self._connection: UpstreamConnection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._unsent: list[bytes] = []

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def go(self, aim: Aim, unsent: list[bytes]) -> None:
        """Send what `aim` says, then `unsent`. Raises Refused: arm_overloaded."""
        pool = self._worker.pool(aim)
        if pool.busy >= pool.most:
            raise Refused(ARM_OVERLOADED)
        pool.busy += 1
        self._aim, self._pool, self._unsent = aim, pool, unsent
        connection = pool.take()
        if connection is None:
            self._connect(pool)
        else:
            self._send(connection, warm=True)

    def upload(self, piece: bytes) -> None:
        """More of a body that passes through unread."""
        if self._connection is None:
            self._unsent.append(piece)
        else:
            self._connection.upload(chunk(piece) if self._intake.head.chunked else piece)

    def end_upload(self) -> None:
        """The body is complete."""
        passing = self._aim is not None and self._aim.body is None
        if self._connection is not None and passing and self._intake.head.chunked:
            self._connection.upload(LAST_CHUNK)

    def hold(self) -> None:
        if self._connection is not None:
            self._connection.hold()

    def go_on(self) -> None:
        if self._connection is not None:
            self._connection.go_on()

    def retry(self) -> bool:
        """Try a second connection after a warm one turned out dead; False where that is unsafe."""
        stale, self._connection = self._connection, None
        if stale is None or stale.uses == 1 or self._pool is None or not self._repeatable():
            return False
        self._connect(self._pool)
        return True

    def finish(self, now: int, *, reusable: bool) -> None:
        """The answer is complete; the connection may serve again if both sides are at its end."""
        connection, self._connection = self._connection, None
        if connection is not None and self._pool is not None:
            if reusable and self._intake.complete and not connection.full:
                self._pool.give_back(connection, now)
            else:
                connection.abort()
        self._leave()

    def drop(self) -> None:
        """Stop the upstream's work at once."""
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
        if self._connection is not None:
            self._connection.abort()
        self._leave()

    @property
    def _waiting(self) -> Owner:
        assert self._owner is not None, "nobody waits for this leg any more"
        return self._owner

    def _leave(self) -> None:
        self._owner = None  # no cycle is left for the collector: memory stays flat under load
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.busy -= 1

    def _connect(self, pool: Pool) -> None:
        if not self._intake.complete:
            self._waiting.hold_upload()
        self._worker.make_room()
        self._connecting = self._worker.spawn(self._connected(pool))

    async def _connected(self, pool: Pool) -> None:
        try:
            connection = await pool.connect()
        except Refused as refused:
            self._connecting = None
            self._worker.recorder.trouble(refused)
            self._waiting.fail(refused.failure)
            return
        except Exception:
            log.exception("connect_failed")
            self._connecting = None
            self._waiting.fail(INTERNAL)
            return
        self._connecting = None
        self._send(connection, warm=False)
        if not self._intake.complete and self._owner is not None:
            self._owner.resume_upload()

    def _send(self, connection: UpstreamConnection, *, warm: bool) -> None:
        aim, head, owner = self._aim, self._intake.head, self._waiting
        assert aim is not None
        self._connection = connection
        body = aim.body
        if body is None or len(body) < APART:
            connection.send(owner, head.method, aim.head + _framed(aim, head))
        else:
            connection.send(owner, head.method, aim.head + _LENGTH % len(body), body)
        unsent, self._unsent = self._unsent, []
        for piece in unsent:
            self.upload(piece)
        if self._intake.complete:
            self.end_upload()
        owner.sent(warm=warm)

    def _repeatable(self) -> bool:
        head = self._intake.head
        whole = self._aim is not None and (self._aim.body is not None or not head.has_body)
        named = any(lower == b"idempotency-key" for lower, _, _ in head.headers)
        return whole and (named or head.method in _SAFE_TO_REPEAT)


def _framed(aim: Aim, head: RequestHead) -> bytes:
    """The request's framing line, and its body where that is at hand."""
    if aim.body is not None:
        return b"Content-Length: %d\r\n\r\n%b" % (len(aim.body), aim.body)
    if head.chunked:
        return b"Transfer-Encoding: chunked\r\n\r\n"
    if head.length or head.method in (b"POST", b"PUT", b"PATCH"):
        return _LENGTH % head.length
    return b"\r\n"
