"""Bytes from one socket to another on uvloop, and nothing else: what the loop alone costs.

No parsing, no split, no metering: each client has one connection to the old upstream.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import ssl
from typing import cast
from urllib.parse import SplitResult, urlsplit

import uvloop


class End(asyncio.Protocol):
    """One side: what comes in here goes out at the other, later if that is not there yet."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: End | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=1)
        if self.other is not None:
            self.other.meet(self)

    def meet(self, other: End) -> None:
        """The other side is there."""
        self.other = other
        for data in self._early:
            self.data_received(data)
        self._early.clear()

    def data_received(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self._early.append(data)
        else:
            self.other.transport.write(data)

    def connection_lost(self, _: Exception | None) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.abort()


class Entry(End):
    """A client's side, which dials the upstream."""

    def __init__(self, upstream: SplitResult, trusted: ssl.SSLContext | None) -> None:
        super().__init__()
        self._upstream = upstream
        self._trusted = trusted

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._dialling = asyncio.get_running_loop().create_task(self._dial())

    async def _dial(self) -> None:
        far = End()
        far.other = self
        host, port = self._upstream.hostname or "localhost", self._upstream.port or 80
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: far, host, port, ssl=self._trusted)


async def serve(port: int, upstream: SplitResult, trusted: ssl.SSLContext | None) -> None:
    """Until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Entry(upstream, trusted), "127.0.0.1", port, backlog=4096
    )
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    await server.serve_forever()


def main() -> None:
    """`python -m benchmarks.peers.uvloop_pipe PORT URL [--ca-file FILE]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("upstream")
    parser.add_argument("--ca-file")
    given = parser.parse_args()
    trusted = ssl.create_default_context(cafile=given.ca_file) if given.ca_file else None
    uvloop.run(serve(given.port, urlsplit(given.upstream), trusted))


if __name__ == "__main__":
    main()
