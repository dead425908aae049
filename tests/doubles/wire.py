"""One raw TCP connection, either side: exact bytes out, exact bytes in, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from typing import cast

from tests.doubles.message import Message, head_of
from tests.doubles.wiretap import Tape, linger_zero, wait_for_all

_UNREAD = 1024 * 1024  # bytes: with more than this waiting, reading from the socket pauses


class Ended(StrEnum):
    """How the peer ended the connection."""

    FIN = "fin"
    RST = "rst"


class Wire(asyncio.Protocol):
    """Both directions of one connection.

    `received` is everything that came. `ended` is how the peer ended it (None while it has not, or
    where this side did) and `ended_at` when, by the loop's clock: both are known as it happens,
    also while nobody reads.
    """

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.ended: Ended | None = None
        self.ended_at: float | None = None
        self.gone = asyncio.Event()  # the connection is over in both directions
        self._tape = Tape()
        self._unread = bytearray()
        self._news = asyncio.Event()
        self._waiting = 0  # readers; while there is one, reading goes on whatever has piled up
        self._paused = False
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has its own class
        wait_for_all(self.transport)

    def data_received(self, data: bytes) -> None:
        self._tape.add(data)
        self._unread += data
        if len(self._unread) > _UNREAD and not self._waiting:
            self.transport.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        self._note(Ended.FIN)
        return self.transport.get_extra_info("ssl_object") is None  # TLS knows no half-close

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._note(Ended.RST)
        self.gone.set()
        self._news.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    @property
    def writable(self) -> bool:
        """Whether everything that was sent has left: the other side takes what it gets."""
        return self._writable.is_set()

    @property
    def received(self) -> bytes:
        """Everything that came, read or not."""
        return self._tape.bytes

    async def send(self, *pieces: bytes) -> None:
        """Write each piece with its own system call, and wait until each has left."""
        for piece in pieces:
            if self.gone.is_set() or self.transport.is_closing():  # the loop may not know yet
                raise ConnectionResetError("the connection is over")
            self.transport.write(piece)
            await self._writable.wait()

    async def send_split(self, text: bytes, sizes: Iterable[int] = ()) -> None:
        """Write `text` in pieces of these sizes, then one byte at a time."""
        at = 0
        for size in sizes:
            await self.send(text[at : at + size])
            at += size
        for byte in range(at, len(text)):
            await self.send(text[byte : byte + 1])

    async def more(self) -> bool:
        """Wait for a next byte; False when the peer ends the connection instead."""
        return bool(self._unread) or await self._more()

    async def read(self) -> bytes:
        """The next bytes; b"" when the peer has ended the connection."""
        if not self._unread:
            await self._more()
        return self._take(len(self._unread))

    def pause(self) -> None:
        """Stop reading from the socket: a client that does not keep up."""
        self._paused = True
        self.transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        self._paused = False
        self._read_on()

    async def read_head(self) -> Message:
        """The next message's first line and headers, without its body."""
        text = await self._until(b"\r\n\r\n")
        return head_of(text)

    async def read_message(self, *, no_body: bool = False) -> Message:
        """The next message whole; `complete` is False where the peer ended inside its body."""
        head = await self.read_head()
        if no_body or head.bodiless:
            return head
        if head.chunked:
            return await self._chunked(head)
        if head.length is not None:
            body, complete = await self._exactly(head.length)
            return head.with_body(body, complete=complete)
        if head.is_request:
            return head
        return head.with_body(await self.rest(), complete=self.ended is Ended.FIN)

    async def rest(self) -> bytes:
        """Everything until the peer ends the connection."""
        text = bytearray(self._take(len(self._unread)))
        while await self._more():
            text += self._take(len(self._unread))
        return bytes(text)

    async def until(self, mark: bytes) -> bytes:
        """Everything up to and with `mark`; raises AssertionError where it never comes."""
        return await self._until(mark)

    async def closed(self) -> Ended | None:
        """Wait until the peer ends the connection; what it sends meanwhile stays to be read."""
        while await self._more():
            pass
        return self.ended

    def half_close(self) -> None:
        """Send FIN; reading goes on. A peer that is gone hears nothing."""
        with suppress(OSError):  # asyncio's loop says so, uvloop's does not
            self.transport.write_eof()

    def reset(self) -> None:
        """Send RST; what was not yet sent is lost."""
        if not self.gone.is_set():
            linger_zero(self.transport)
            self.transport.abort()

    async def close(self) -> None:
        """End it with FIN (or leave it ended) and wait until it is released."""
        self.transport.close()
        await self.gone.wait()

    async def _chunked(self, head: Message) -> Message:
        chunks: list[bytes] = []
        raw = b""
        while True:
            line = await self._line()
            raw += line
            if not line.endswith(b"\r\n"):
                return head.with_chunks(chunks, raw, b"", complete=False)
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            data, complete = await self._exactly(size + 2)
            raw += data
            chunks.append(data[:size])
            if not complete:
                return head.with_chunks(chunks, raw, b"", complete=False)
        trailers = b""
        while (line := await self._line()) not in (b"\r\n", b""):
            trailers += line
        return head.with_chunks(chunks, raw + trailers + line, trailers, complete=bool(line))

    async def _line(self) -> bytes:
        while b"\r\n" not in self._unread and await self._more():
            pass
        return self._take(self._unread.find(b"\r\n") + 2)

    async def _until(self, mark: bytes) -> bytes:
        while mark not in self._unread:
            assert await self._more(), f"{self.ended} before {mark!r}: {bytes(self._unread)!r}"
        return self._take(self._unread.index(mark) + len(mark))

    async def _exactly(self, count: int) -> tuple[bytes, bool]:
        while len(self._unread) < count and await self._more():
            pass
        text = self._take(count)
        return text, len(text) == count

    def _take(self, count: int) -> bytes:
        text = bytes(self._unread[:count])
        del self._unread[:count]
        if len(self._unread) <= _UNREAD:
            self._read_on()
        return text

    def _read_on(self) -> None:
        if not (self._paused or self.transport.is_closing()):
            self.transport.resume_reading()

    async def _more(self) -> bool:
        """Wait for more bytes; False when none will come."""
        if self.ended is not None or self.gone.is_set():
            return False
        before = self._tape.length
        self._news.clear()
        self._waiting += 1
        self._read_on()
        await self._news.wait()
        self._waiting -= 1
        return self._tape.length > before

    def _note(self, ended: Ended) -> None:
        if self.ended is None:
            self.ended = ended
            self.ended_at = asyncio.get_running_loop().time()
        self._news.set()
