"""Many streams at once: their events, how late each came, and the proxy's CPU meanwhile."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from typing import cast

import uvloop

from benchmarks import cpu
from benchmarks.load.asking import percentile
from benchmarks.payload import STAMP, request_body, request_head

_SETTLE_S = 1.0


class Window:
    """What all streams saw while the window was open."""

    def __init__(self) -> None:
        self.open = False
        self.events = 0
        self.late_us: list[float] = []
        self.first_us: list[float] = []
        self.alive = 0


class Reading(asyncio.Protocol):
    """One stream's client."""

    transport: asyncio.Transport

    def __init__(self, window: Window, request: bytes) -> None:
        self._window = window
        self._request = request
        self._asked_ns = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has its own class
        self._asked_ns = time.monotonic_ns()
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        at = data.find(STAMP)
        if at < 0:
            return
        window, now = self._window, time.monotonic_ns()
        if self._asked_ns:
            window.first_us.append((now - self._asked_ns) / 1000)
            window.alive += 1
            self._asked_ns = 0
        if window.open:
            at += len(STAMP)
            window.events += data.count(STAMP)
            window.late_us.append((now - int(data[at : at + 20])) / 1000)

    def connection_lost(self, _: Exception | None) -> None:
        self._window.alive -= not self._asked_ns


async def measure(port: int, streams: int, seconds: float, pid: int, ask: bool) -> object:
    """Open the streams, let them settle, measure, close them."""
    loop, window = asyncio.get_running_loop(), Window()
    body = request_body(stream=True, ask_usage=ask)
    request = request_head(len(body)) + body
    opened = [
        await loop.create_connection(lambda: Reading(window, request), "127.0.0.1", port)
        for _ in range(streams)
    ]
    await asyncio.sleep(_SETTLE_S)
    before, window.open = cpu.cpu_s(pid), True
    await asyncio.sleep(seconds)
    after, window.open = cpu.cpu_s(pid), False
    alive = window.alive
    for transport, _ in opened:
        transport.abort()
    late, first = sorted(window.late_us), sorted(window.first_us)
    return {
        "streams": streams,
        "alive": alive,
        "events": window.events,
        "cpu_us_per_event": (after - before) * 1e6 / window.events,
        **{f"late_p{p}_us": round(percentile(late, p), 1) for p in (50, 99)},
        **{f"first_p{p}_us": round(percentile(first, p), 1) for p in (50, 99)},
    }


def main() -> None:
    """`python -m benchmarks.load.streams PORT STREAMS SECONDS PROXY_PID [--ask-usage]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("streams", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("pid", type=int)
    parser.add_argument("--ask-usage", action="store_true")
    given = parser.parse_args()
    asked = measure(given.port, given.streams, given.seconds, given.pid, given.ask_usage)
    print(json.dumps(uvloop.run(asked)))


if __name__ == "__main__":
    main()
