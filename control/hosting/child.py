"""One worker process as its parent sees it: started, heard, told to leave, waited for."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import cast

from proxy.errors import Invalid
from proxy.running.frames import Frames, Kind, Standing, frame, standing

log = logging.getLogger(__name__)


class Child(asyncio.Protocol):
    """A `python -m proxy` with this host's sockets; its secrets come by the inherited environment.

    `standing` is what it said last, None before it serves. `on_delta` is given each flush of its
    measurements.
    """

    def __init__(self, on_delta: Callable[[bytes], None]) -> None:
        self.standing: Standing | None = None
        self._told = False  # to leave or to end: a second time would cut its streams
        self.ready = asyncio.Event()
        self._flushed = asyncio.Event()
        self._on_delta = on_delta
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None
        self._process: Process | None = None
        self._over = asyncio.Event()

    @property
    def pid(self) -> int:
        return -1 if self._process is None else self._process.pid

    async def start(self, settings: bytes, sockets: Sequence[socket.socket]) -> None:
        """Starts the process. Raises OSError where there is no room for another one."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                ours.setblocking(False)
                self._process = await _spawned([one.fileno() for one in sockets], theirs.fileno())
            await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=ours)
            await self._give(settings)
        except BaseException:  # the link's end is the worker's end, however far it got
            ours.close()
            self.close()
            raise

    def close(self) -> None:
        """Ends the link, and with it the worker."""
        if self._transport is not None:
            self._transport.abort()

    async def ended(self) -> int:
        """Waits until the process has ended and everything it said is heard; its exit code."""
        assert self._process is not None
        code = await self._process.wait()
        await self._over.wait()
        return code

    async def serves(self, patience_s: float) -> bool:
        """Waits until it serves; False where it ends before, or takes longer."""
        ready = asyncio.ensure_future(self.ready.wait())
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait(
                (ready, over), timeout=patience_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ready.cancel()
            over.cancel()
        return self.ready.is_set() and not self._over.is_set()

    def leave(self) -> None:
        """Another one has taken over: it takes no more, and ends without hurrying anybody."""
        self._told = True
        self._send(frame(Kind.LEAVE))

    def end(self) -> None:
        """It takes no more and lets streams finish; nothing new where it was told so before."""
        if not self._told:
            self._told = True
            self.signal(signal.SIGTERM)

    def look(self) -> None:
        """The host's latches have changed."""
        self._send(frame(Kind.LOOK))

    async def flush(self) -> None:
        """Returns when what it has counted is in the store, or it is at its end."""
        if self._transport is not None:
            self._flushed.clear()
            self._send(frame(Kind.FLUSH))
            await self._flushed.wait()

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal, if it still runs."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            for kind, payload in self._frames.feed(data):
                self._heard(kind, payload)
        except Invalid as error:
            log.error("worker_misunderstood pid=%d reason=%s", self.pid, error)
            self.signal(signal.SIGTERM)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it ended
        self._transport = None
        self._over.set()
        self._flushed.set()

    def _heard(self, kind: Kind, payload: bytes) -> None:
        match kind:
            case Kind.READY:
                self.ready.set()
            case Kind.STANDING:
                self.standing = standing(payload)
            case Kind.DELTA:
                self._on_delta(payload)
            case Kind.FLUSHED:
                self._flushed.set()
            case _:
                raise Invalid(f"a worker said {kind.name}")

    async def _give(self, settings: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(ConnectionError):  # it has died already, which is noticed elsewhere
            self._process.stdin.write(settings)
            await self._process.stdin.drain()
        self._process.stdin.close()

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


async def _spawned(listen: list[int], link: int) -> Process:
    # -P: what lies about in the working directory is not imported.
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "proxy", "-"),
        *("--listen-fds", ",".join(map(str, listen))),
        *("--host-link", str(link)),
        stdin=PIPE,
        pass_fds=(*listen, link),
        start_new_session=True,  # a terminal's Ctrl-C is for the parent alone
    )
