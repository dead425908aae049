"""TLS to an upstream, on OpenSSL's memory BIOs: between a TCP transport and the protocol above."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterable
from typing import Final, Protocol, cast

_RECORD: Final = 16_384  # bytes of plaintext that a record holds at the most
_PIECE: Final = 32_768  # bytes fed to OpenSSL at once: its buffers grow and never shrink


async def dial(
    above: asyncio.Protocol, context: ssl.SSLContext, name: str, address: str, port: int
) -> None:
    """Connect, shake hands, and then hand `above` its transport.

    Chain and `name` are checked as `context` says. Raises ssl.SSLError and other OSErrors; when it
    fails or is cancelled, no connection is left.
    """
    failure = await _connected(above, context, name, address, port)
    if failure is not None:
        try:
            raise failure
        finally:
            del failure  # or it would hold itself by its traceback, and all of TLS with it


async def _connected(
    above: asyncio.Protocol, context: ssl.SSLContext, name: str, address: str, port: int
) -> Exception | None:
    loop = asyncio.get_running_loop()
    result: asyncio.Future[Exception | None] = loop.create_future()
    tls = Tls(above, context, name, lambda failure: _tell(result, failure))
    try:
        await loop.create_connection(lambda: tls, address, port)
        return await result
    except BaseException:
        tls.abort()
        raise


def _tell(result: asyncio.Future[Exception | None], failure: Exception | None) -> None:
    if not result.done():  # a dial that was cancelled waits no more
        result.set_result(failure)


class Channel(Protocol):
    """What an upstream's connection asks of its transport: the loop's own, or `Tls`."""

    def write(self, data: bytes) -> None: ...
    def writelines(self, pieces: Iterable[bytes]) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def set_write_buffer_limits(self, high: int) -> None: ...
    def is_closing(self) -> bool: ...
    def abort(self) -> None: ...


class Tls(asyncio.Protocol):
    """A protocol towards the socket, and a transport towards the protocol above.

    All that one read brings is handed on at once, as one piece: nothing decrypted waits here while
    reading is paused. An end is clean only after the peer's close_notify; any other is an error.
    """

    __slots__ = (
        "_above",
        "_closing",
        "_failure",
        "_finished",
        "_incoming",
        "_open",
        "_outgoing",
        "_read",
        "_session",
        "_shaken",
        "_tcp",
        "_write",
    )

    def __init__(
        self,
        above: asyncio.Protocol,
        context: ssl.SSLContext,
        name: str,
        shaken: Callable[[Exception | None], None],
    ) -> None:
        """`shaken` is called once: with None after the handshake, or with what was in its way."""
        self._above: asyncio.Protocol | None = above
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._read = self._session.read
        self._write = self._session.write
        self._tcp: asyncio.Transport | None = None
        self._failure: Exception | None = None
        self._finished = False  # the peer has said close_notify
        self._open = False  # hands are shaken
        self._closing = False
        self._shaken = shaken

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._tcp = cast(asyncio.Transport, transport)
        if self._closing:
            self._tcp.abort()
            return
        self._tcp.set_write_buffer_limits(high=1)  # a write tries the socket at once: alerts leave
        self._shake()

    def data_received(self, data: bytes) -> None:
        plain = self._decrypt(data) if len(data) <= _PIECE else self._decrypt_long(data)
        if self._outgoing.pending:  # TLS answers by itself to a key update, and alerts a bad peer
            self._flush()
        if plain and self._above is not None and not self._closing:
            self._above.data_received(plain)
        if self._finished or self._failure is not None:
            self._end()

    def eof_received(self) -> None:
        if not self._finished and self._failure is None:
            self._failure = ConnectionAbortedError("the end came without close_notify")
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        above, self._above = self._above, None  # no cycle is left for the collector
        lost = exc or self._failure
        if not self._open:
            self._shaken(lost or ConnectionAbortedError("given up"))
        elif above is not None:
            above.connection_lost(lost)

    def pause_writing(self) -> None:
        if self._above is not None:
            self._above.pause_writing()

    def resume_writing(self) -> None:
        if self._above is not None:
            self._above.resume_writing()

    # A transport

    def write(self, data: bytes) -> None:
        if self._closing or self._tcp is None:
            return
        try:
            sent = self._write(data)
            if sent == len(data):
                self._tcp.write(self._outgoing.read())
            else:
                first = self._outgoing.read()
                self._tcp.writelines((first, *self._encrypt(memoryview(data)[sent:])))
        except ssl.SSLError as error:
            self._note(error)
            self.abort()

    def writelines(self, pieces: Iterable[bytes]) -> None:
        if self._closing or self._tcp is None:
            return
        try:
            self._tcp.writelines(
                [one for data in pieces for one in self._encrypt(memoryview(data))]
            )
        except ssl.SSLError as error:
            self._note(error)
            self.abort()

    def pause_reading(self) -> None:
        if self._tcp is not None:
            self._tcp.pause_reading()

    def resume_reading(self) -> None:
        if self._tcp is not None:
            self._tcp.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        if self._tcp is not None:
            self._tcp.set_write_buffer_limits(high=high, low=low)

    def get_write_buffer_size(self) -> int:
        return 0 if self._tcp is None else self._tcp.get_write_buffer_size()

    def is_closing(self) -> bool:
        return self._closing or self._tcp is None or self._tcp.is_closing()

    def close(self) -> None:
        """Say close_notify, and close once all that was written has left."""
        if self._closing or self._tcp is None:
            return
        self._closing = True
        with contextlib.suppress(ssl.SSLError):  # the peer's own is not waited for
            self._session.unwrap()
        self._flush()
        self._tcp.close()

    def abort(self) -> None:
        """Close at once, and say nothing."""
        self._closing = True
        if self._tcp is not None:
            self._tcp.abort()

    # TLS

    def _shake(self) -> None:
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return
        except ssl.SSLError as error:
            self._note(error)
            self._flush()
            self.abort()
            return
        self._flush()
        self._open = True
        if self._above is not None:
            channel: Channel = self
            self._above.connection_made(cast(asyncio.BaseTransport, channel))
        self._shaken(None)

    def _decrypt(self, data: bytes | memoryview) -> bytes:
        """The plaintext that `data` completes; `_finished` and `_failure` tell of an end."""
        self._incoming.write(data)
        if not self._open:
            self._shake()
            if not self._open:
                return b""
        try:
            plain = self._read(_RECORD)
        except ssl.SSLError as error:
            self._note(error)
            return b""
        if plain and not self._incoming.pending:
            return plain  # the usual case: one read is one record
        return self._decrypt_more(plain)

    def _decrypt_more(self, plain: bytes) -> bytes:
        pieces = [plain]
        try:
            while pieces[-1] and self._incoming.pending:
                pieces.append(self._read(_RECORD))
        except ssl.SSLError as error:
            self._note(error)
        self._finished = not pieces[-1]
        return b"".join(pieces)

    def _decrypt_long(self, data: bytes) -> bytes:
        view = memoryview(data)
        pieces = []
        for start in range(0, len(data), _PIECE):
            pieces.append(self._decrypt(view[start : start + _PIECE]))
            if self._finished or self._failure is not None:
                break
        return b"".join(pieces)

    def _encrypt(self, data: memoryview) -> list[bytes]:
        records = []
        sent = 0
        while sent < len(data):
            sent += self._write(data[sent:])
            records.append(self._outgoing.read())
        return records

    def _note(self, error: ssl.SSLError) -> None:
        if not isinstance(error, ssl.SSLWantReadError):
            self._failure = error.with_traceback(None)  # whose frames would hold this connection

    def _flush(self) -> None:
        if self._tcp is not None:
            self._tcp.write(self._outgoing.read())

    def _end(self) -> None:
        if self._closing:
            return
        if self._failure is not None:
            self.abort()
            return
        if self._above is not None:
            self._above.eof_received()
        self.close()
