"""Streams that stand still: how much memory each one takes, and whether all of them end well."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import cast

import uvloop

from benchmarks import cpu
from benchmarks.load.asking import resetting_socket
from benchmarks.payload import STAMP, request_body, request_head

_WARM = 50
_AT_ONCE = 50
_SETTLE_S = 2.0
_PATIENCE_S = 60.0


class Waiting(asyncio.Protocol):
    """One stream's client: `begun` at its first event, `ended` at its last one."""

    transport: asyncio.Transport

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._tail = b""
        self.begun = asyncio.get_running_loop().create_future()
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has its own class
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._tail = self._tail[-16:] + data
        if not self.begun.done() and STAMP in self._tail:
            self.begun.set_result(True)
        if not self.ended.done() and b"0\r\n\r\n" in self._tail and b"[DONE]" in self._tail:
            self.ended.set_result(True)

    def connection_lost(self, _: Exception | None) -> None:
        for future in (self.begun, self.ended):
            if not future.done():
                future.set_result(False)


async def measure(port: int, mock: int, steps: list[int], pid: int) -> object:
    """Open streams up to each step's number, read the proxy's memory, release them all."""
    body = request_body(stream=True)
    request = request_head(len(body), "x-idle: 1") + body
    for one in await _open(port, request, _WARM):
        one.transport.abort()
    await asyncio.sleep(_SETTLE_S)
    empty = cpu.rss(pid)
    streams: list[Waiting] = []
    rows = []
    for step in steps:
        streams += await _open(port, request, step - len(streams))
        await asyncio.sleep(_SETTLE_S)
        begun = sum(one.begun.result() for one in streams)
        grown = cpu.rss(pid) - empty
        rows.append(
            {"streams": step, "begun": begun, "bytes_per_stream": round(grown / max(1, begun))}
        )
    _, writer = await asyncio.open_connection("127.0.0.1", mock)
    writer.write(b"POST /release HTTP/1.1\r\nHost: mock\r\n\r\n")
    await asyncio.wait([one.ended for one in streams], timeout=_PATIENCE_S)
    whole = sum(one.ended.done() and one.ended.result() for one in streams)
    writer.close()
    for one in streams:
        one.transport.abort()
    return {"steps": rows, "lost": rows[-1]["begun"] - whole}


async def _open(port: int, request: bytes, count: int) -> list[Waiting]:
    loop = asyncio.get_running_loop()
    opened: list[Waiting] = []
    while len(opened) < count:
        some = []
        for _ in range(min(_AT_ONCE, count - len(opened))):
            end = resetting_socket(port)
            some.append((await loop.create_connection(lambda: Waiting(request), sock=end))[1])
        await asyncio.wait([one.begun for one in some], timeout=_PATIENCE_S)
        for one in some:
            if not one.begun.done():
                one.begun.set_result(False)
        opened += some
    return opened


def main() -> None:
    """`python -m benchmarks.load.idle PORT MOCK_PORT PROXY_PID STEP...`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("mock", type=int)
    parser.add_argument("pid", type=int)
    parser.add_argument("steps", type=int, nargs="+")
    given = parser.parse_args()
    print(json.dumps(uvloop.run(measure(given.port, given.mock, given.steps, given.pid))))


if __name__ == "__main__":
    main()
