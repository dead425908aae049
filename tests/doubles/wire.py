"""One raw TCP connection, either side: exact bytes out, exact bytes in, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from enum import StrEnum

from tests.doubles.message import Message, head_of
from tests.doubles.wiretap import linger_zero

_READ = 64 * 1024


class Ended(StrEnum):
    """How the peer ended the connection."""

    FIN = "fin"
    RST = "rst"


class Wire:
    """`received` is everything that came, `ended` how the peer ended it (None while it has not)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=0)  # so that a drained write has left
        self.reader = reader
        self.writer = writer
        self.received = b""
        self.ended: Ended | None = None
        self._unread = b""

    async def send(self, *pieces: bytes) -> None:
        """Write each piece with its own system call, and wait until each has left."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def send_split(self, text: bytes, sizes: Iterable[int] = ()) -> None:
        """Write `text` in pieces of these sizes, then one byte at a time."""
        at = 0
        for size in sizes:
            await self.send(text[at : at + size])
            at += size
        for byte in range(at, len(text)):
            await self.send(text[byte : byte + 1])

    async def read(self) -> bytes:
        """The next bytes; b"" when the peer has ended the connection."""
        if self._unread:
            piece, self._unread = self._unread, b""
            return piece
        return await self._more()

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
        while await self._more_unread():
            pass
        text, self._unread = self._unread, b""
        return text

    async def until(self, mark: bytes) -> bytes:
        """Everything up to and with `mark`; raises AssertionError where it never comes."""
        return await self._until(mark)

    async def closed(self) -> Ended:
        """Wait, reading on, until the peer ends the connection."""
        while await self._more_unread():
            pass
        assert self.ended is not None
        return self.ended

    def half_close(self) -> None:
        """Send FIN; reading goes on."""
        self.writer.write_eof()

    def reset(self) -> None:
        """Send RST; what was not yet sent is lost."""
        linger_zero(self.writer.transport)
        self.writer.transport.abort()

    async def close(self) -> None:
        """End it with FIN (or leave it ended) and release it."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

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
        while b"\r\n" not in self._unread and await self._more_unread():
            pass
        line, found, rest = self._unread.partition(b"\r\n")
        self._unread = rest
        return line + found

    async def _until(self, mark: bytes) -> bytes:
        while mark not in self._unread:
            assert await self._more_unread(), f"{self.ended} before {mark!r}: {self._unread!r}"
        text, _, self._unread = self._unread.partition(mark)
        return text + mark

    async def _exactly(self, count: int) -> tuple[bytes, bool]:
        while len(self._unread) < count and await self._more_unread():
            pass
        text, self._unread = self._unread[:count], self._unread[count:]
        return text, len(text) == count

    async def _more_unread(self) -> bool:
        piece = await self._more()
        self._unread += piece
        return bool(piece)

    async def _more(self) -> bytes:
        if self.ended is not None:
            return b""
        try:
            piece = await self.reader.read(_READ)
        except OSError:
            self.ended = Ended.RST
            return b""
        if not piece:
            self.ended = Ended.FIN
        self.received += piece
        return piece
