"""An open loop: requests leave at a fixed rate, whether or not earlier ones are answered."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import deque

import uvloop

from benchmarks.load.asking import Asking, percentile
from benchmarks.payload import request_body, request_head

_CONNECTIONS = 64
_WARM_S = 1.0


class OpenLoop:
    """Sends `rate` requests a second for `seconds`; times each from its sending.

    The loop's own clock ticks in milliseconds, so the times are perf_counter's.
    """

    def __init__(self, port: int, rate: int, seconds: float) -> None:
        self._port = port
        self._rate = rate
        self._seconds = seconds
        body = request_body()
        self._request = request_head(len(body)) + body
        self._free: deque[Asking] = deque()
        self._times: list[float] = []
        self._failed = self._unsent = 0
        self._counting = False

    async def run(self) -> dict[str, object]:
        """Warm up, then measure."""
        loop = asyncio.get_running_loop()
        for _ in range(_CONNECTIONS):
            _, one = await loop.create_connection(self._asking, "127.0.0.1", self._port)
            self._free.append(one)
        await self._send_for(_WARM_S)
        self._counting = True
        sent = await self._send_for(self._seconds)
        await asyncio.sleep(0.5)
        times = sorted(self._times)
        return {
            "sent": sent,
            "answered": len(times),
            "failed": self._failed,
            "unsent": self._unsent,
            **{f"p{p}_us": round(percentile(times, p) * 1e6, 1) for p in (50, 95, 99)},
        }

    async def _send_for(self, seconds: float) -> int:
        start, sent, total = time.perf_counter(), 0, int(self._rate * seconds)
        while sent < total:
            due = min(total, int((time.perf_counter() - start) * self._rate))
            while sent < due:
                self._send(time.perf_counter())
                sent += 1
            await asyncio.sleep(0.001)
        return sent

    def _send(self, now: float) -> None:
        if not self._free:
            self._unsent += self._counting
            return
        self._free.popleft().ask(self._request, now)

    def _asking(self) -> Asking:
        return Asking(self._answered, self._lost)

    def _answered(self, one: Asking, ok: bool) -> None:
        if self._counting:
            self._times.append(time.perf_counter() - one.asked_at)
            self._failed += not ok
        self._free.append(one)

    def _lost(self, one: Asking) -> None:
        if one in self._free:
            self._free.remove(one)


def main() -> None:
    """`python -m benchmarks.load.rate PORT RATE SECONDS`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("rate", type=int)
    parser.add_argument("seconds", type=float)
    given = parser.parse_args()
    print(json.dumps(uvloop.run(OpenLoop(given.port, given.rate, given.seconds).run())))


if __name__ == "__main__":
    main()
