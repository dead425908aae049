"""A model API that streams: one 300-byte event each 20 ms on every stream, or nothing at all.

`POST /v1/chat/completions` opens a stream. With the header `x-idle: 1` it gets one event and then
none; with `x-plain: 1` it is answered whole. `POST /release` sends every idle stream its last event
and ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import time
from pathlib import Path
from typing import ClassVar, cast

import uvloop

from benchmarks.payload import answer_body, event

EVERY_MS = 20
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
_ANSWER = answer_body("events")
_PLAIN = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b") % (
    len(_ANSWER),
    _ANSWER,
)
_END = b"0\r\n\r\n"
_DONE = b"data: [DONE]\n\n"


class Streams:
    """All open streams, in as many groups as an event takes milliseconds, so that their events
    are spread evenly over time."""

    def __init__(self) -> None:
        self.groups: list[set[Answering]] = [set() for _ in range(EVERY_MS)]
        self.idle: set[Answering] = set()
        self._next = 0

    def add(self, stream: Answering) -> None:
        self.groups[self._next % EVERY_MS].add(stream)
        self._next += 1

    async def beat(self) -> None:
        """Send each group's events when its millisecond comes."""
        loop = asyncio.get_running_loop()
        due, turn = loop.time(), 0
        while True:
            due += 0.001
            turn = (turn + 1) % EVERY_MS
            await asyncio.sleep(max(0.0, due - loop.time()))
            group = self.groups[turn]
            if group:
                piece = _chunk(event(time.monotonic_ns()))
                for stream in group:
                    stream.transport.write(piece)


class Answering(asyncio.Protocol):
    """One connection: reads a request (its body is discarded), then streams."""

    transport: asyncio.Transport
    streams: ClassVar[Streams]

    def __init__(self) -> None:
        self._head = b""
        self._body_left = 0
        self._idle = self._plain = False
        self._path = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has its own class

    def data_received(self, data: bytes) -> None:
        if self._body_left:
            self._body_left -= len(data)
        else:
            self._head += data
            head, found, rest = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._begin(head.lower(), len(rest))
        if self._body_left <= 0:
            self._answer()

    def connection_lost(self, _: Exception | None) -> None:
        for group in (*self.streams.groups, self.streams.idle):
            group.discard(self)

    def _begin(self, head: bytes, arrived: int) -> None:
        self._head = b""
        self._path = head.split(b" ", 2)[1]
        self._idle = b"\r\nx-idle:" in head
        self._plain = b"\r\nx-plain:" in head
        _, _, after = head.partition(b"\r\ncontent-length:")
        self._body_left = int(after.split(b"\r\n")[0]) - arrived if after else 0

    def _answer(self) -> None:
        self._body_left = 0
        if self._plain:
            self.transport.write(_PLAIN)
            return
        if self._path == b"/release":
            for stream in self.streams.idle:
                stream.transport.write(_chunk(_DONE) + _END)
            count = b"%d" % len(self.streams.idle)
            self.streams.idle.clear()
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(count))
            self.transport.write(count)
            return
        self.transport.write(_HEAD + _chunk(event(time.monotonic_ns())))
        if self._idle:
            self.streams.idle.add(self)
        else:
            self.streams.add(self)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def _serve(ports: list[int], ca_folder: Path | None) -> None:
    loop = asyncio.get_running_loop()
    tls = None
    if ca_folder:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(ca_folder / "server.pem", ca_folder / "server.key")
    for port in ports:
        await loop.create_server(Answering, "127.0.0.1", port, backlog=4096, ssl=tls)
    await Answering.streams.beat()


def main() -> None:
    """`python -m benchmarks.mocks.events PORT PORT [--ca-folder FOLDER]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ports", type=int, nargs="+")
    parser.add_argument("--ca-folder", type=Path)
    given = parser.parse_args()
    Answering.streams = Streams()
    uvloop.run(_serve(given.ports, given.ca_folder))


if __name__ == "__main__":
    main()
