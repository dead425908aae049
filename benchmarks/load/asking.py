"""One kept connection that asks and tells when the whole answer is there."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import cast


class Asking(asyncio.Protocol):
    """`answered(self, ok)` is called for each answer, `lost(self)` when the connection ends."""

    transport: asyncio.Transport

    def __init__(
        self, answered: Callable[[Asking, bool], None], lost: Callable[[Asking], None]
    ) -> None:
        self._answered = answered
        self._lost = lost
        self._left: int | None = None  # bytes of the body still to come; None: before the head
        self._head = b""
        self._ok = False
        self.asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has its own class

    def data_received(self, data: bytes) -> None:
        if self._left is None:
            self._head += data
            head, found, body = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._ok = head.startswith(b"HTTP/1.1 200")
            _, _, after = head.lower().partition(b"\r\ncontent-length:")
            self._left = int(after.split(b"\r\n")[0]) if after else 0
            data = body
        self._left -= len(data)
        if self._left <= 0:
            self._left, self._head = None, b""
            self._answered(self, self._ok)

    def connection_lost(self, _: Exception | None) -> None:
        self._lost(self)

    def ask(self, request: bytes, now: float) -> None:
        self.asked_at = now
        self.transport.write(request)


def resetting_socket(port: int) -> socket.socket:
    """A connected socket whose close sends RST: a hang-up that leaves no TIME_WAIT behind."""
    end = socket.create_connection(("127.0.0.1", port))
    end.setblocking(False)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return end


def percentile(values: list[float], percent: float) -> float:
    """The smallest value that `percent` of the sorted values do not exceed."""
    return values[min(len(values) - 1, int(len(values) * percent / 100))]
