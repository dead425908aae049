"""A worker's end of the socket that it shares with the parent process of its host.

The socket's end is the parent's end: a worker does not outlive it. What is sent never waits; where
the parent does not read, it is dropped and counted.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import cast

import msgspec

from proxy.errors import Invalid
from proxy.running.frames import Frames, Kind, Standing, frame

MOST_UNSENT = 8 * 1024 * 1024

log = logging.getLogger(__name__)


class HostLink(asyncio.Protocol):
    """A Sink for deltas, and the parent's voice: `leave`, `look`, `flush` are called as it says.

    `gone` is called once the parent has ended.
    """

    def __init__(
        self,
        *,
        leave: Callable[[], None],
        look: Callable[[], None],
        gone: Callable[[], None],
        flush: Callable[[], None] = lambda: None,
    ) -> None:
        self.dropped = 0
        self._does = {Kind.LEAVE: leave, Kind.LOOK: look, Kind.FLUSH: flush}
        self._gone = gone
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    async def connect(self, descriptor: int) -> None:
        """Speaks over the inherited socket from now on. Raises OSError for what is none."""
        held = socket.socket(fileno=descriptor)
        held.set_inheritable(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=held)

    def ready(self) -> None:
        """This worker listens and serves."""
        self._send(frame(Kind.READY))

    def say(self, standing: Standing) -> None:
        """How this worker stands now."""
        self._send(frame(Kind.STANDING, msgspec.json.encode(standing)))

    def flushed(self) -> None:
        """What was counted when the parent asked is in the store."""
        self._send(frame(Kind.FLUSHED))

    async def push(self, delta: bytes) -> None:
        """Hands a flush to the parent; it never raises."""
        self._send(frame(Kind.DELTA, delta))

    def close(self) -> None:
        """Ends the link once everything said has gone out."""
        if self._transport is not None:
            self._transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            for kind, _ in self._frames.feed(data):
                if kind in self._does:
                    self._does[kind]()
        except Invalid as error:
            log.error("host_link_broken reason=%s", error)
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it ended
        self._transport = None
        self._gone()

    def _send(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.get_write_buffer_size() > MOST_UNSENT:
            self.dropped += 1
            return
        transport.write(data)
