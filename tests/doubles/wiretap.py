"""Every byte that crosses one server connection, and when and how it ended."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import struct
from collections.abc import Callable, Iterable
from typing import cast

KEPT = 32 * 1024 * 1024  # bytes of each tape; longer ones keep their length and digest


class Tape:
    """Bytes in the order they came: kept up to a bound, always counted and digested."""

    def __init__(self, kept: int = KEPT) -> None:
        self._start = bytearray()
        self._digest = hashlib.sha256()
        self._kept = kept
        self.length = 0

    def add(self, piece: bytes | bytearray | memoryview) -> None:
        room = self._kept - len(self._start)
        self._start += piece[: max(0, room)]
        self._digest.update(piece)
        self.length += len(piece)

    @property
    def bytes(self) -> bytes:
        """All of it; an assertion error where it was longer than what is kept."""
        assert self.is_kept, f"{self.length} bytes, and only {self._kept} are kept"
        return bytes(self._start)

    @property
    def is_kept(self) -> bool:
        """Whether all of it is kept."""
        return self.length <= self._kept

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, in hex."""
        return self._digest.hexdigest()


class Connection:
    """One accepted connection. `reset` says that the peer ended it with RST."""

    def __init__(self, number: int, now: Callable[[], float]) -> None:
        self.number = number
        self.received = Tape()
        self.sent = Tape()
        self.ended = asyncio.Event()  # the peer's FIN or RST, or our own close
        self.ended_at: float | None = None
        self.made = False  # not before its TLS handshake is done
        self.reset = False
        self.on_end: Callable[[], None] | None = None
        self._now = now

    def end(self, reason: BaseException | None) -> None:
        if self.ended.is_set():
            return
        self.reset = isinstance(reason, ConnectionResetError)
        self.ended_at = self._now()
        self.ended.set()
        if self.on_end is not None:
            self.on_end()


class Tap(asyncio.Protocol):
    """Stands between a transport and a protocol, and records both directions."""

    def __init__(self, inner: asyncio.Protocol, connection: Connection) -> None:
        self._inner = inner
        self.connection = connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        inner = cast("asyncio.Transport", transport)  # uvloop has its own class
        self.connection.made = True
        wait_for_all(inner)
        self._inner.connection_made(TappedTransport(inner, self.connection))

    def data_received(self, data: bytes) -> None:
        self.connection.received.add(data)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        self.connection.end(None)
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.connection.end(exc)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


class TappedTransport(asyncio.Transport):
    """A transport that records what is written and can be severed."""

    def __init__(self, inner: asyncio.Transport, connection: Connection) -> None:
        super().__init__()
        self._inner = inner
        self._severed = False
        self.connection = connection

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._severed:
            self.connection.sent.add(data)
            self._inner.write(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def sever(self, *, reset: bool) -> None:
        """End the connection here and now: what is written later never leaves."""
        self._severed = True
        if not reset:
            self._inner.close()
            return
        linger_zero(self._inner)
        self._inner.abort()

    def close(self) -> None:
        self._inner.close()

    def abort(self) -> None:
        self._inner.abort()

    def is_closing(self) -> bool:
        return self._severed or self._inner.is_closing()

    def is_reading(self) -> bool:
        return self._inner.is_reading()

    def pause_reading(self) -> None:
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        self._inner.resume_reading()

    def get_write_buffer_size(self) -> int:
        return self._inner.get_write_buffer_size()

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._inner.get_extra_info(name, default)


def wait_for_all(transport: asyncio.Transport) -> None:
    """Make a drained write one that is on the wire; uvloop's TLS never drains to a mark of 0."""
    secure = transport.get_extra_info("ssl_object") is not None
    transport.set_write_buffer_limits(high=1 if secure else 0)


def linger_zero(transport: asyncio.BaseTransport) -> None:
    """Make the transport's abort send RST instead of FIN."""
    wire = transport.get_extra_info("socket")
    if wire is not None and wire.family != socket.AF_UNIX:  # None: it is closed already
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
