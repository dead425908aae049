"""Short requests, a fifth hung up on: half of those before the answer, half inside its stream."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time

import uvloop

from benchmarks import cpu
from benchmarks.load.asking import Asking, resetting_socket
from benchmarks.payload import STAMP, request_body, request_head

_CONNECTIONS = 32
_EVERY_S = 0.5


class Run:
    """Counts `total` requests over all connections, or stops after `seconds`."""

    def __init__(self, port: int, total: int, seconds: float) -> None:
        self.port = port
        self.left = total
        self.done = self.hung_up = self.failed = 0
        self.until = time.monotonic() + seconds
        self.over = asyncio.Event()
        draw = random.Random(20)  # noqa: S311 - the same hang-ups in every run
        self._dice = iter(draw.random, None)
        plain, stream = request_body(), request_body(stream=True)
        self.plain = request_head(len(plain), "x-plain: 1") + plain
        self.stream = request_head(len(stream), "x-idle: 1") + stream

    def next(self) -> str | None:
        """What the next request is: plain, early (hung up on at once), inside; None: no more."""
        if self.left <= 0 or time.monotonic() > self.until:
            self.over.set()
            return None
        self.left -= 1
        die = next(self._dice)
        if die >= 0.2:
            return "plain"
        return "early" if die < 0.1 else "inside"


async def client(run: Run) -> None:
    """One connection after another, each kept until it is hung up on."""
    kept: Kept | None = None
    while kind := run.next():
        if kind == "plain":
            kept = kept or await Kept.open(run.port)
            if not await kept.ask(run.plain):
                run.failed, kept = run.failed + 1, None
            run.done += 1
            continue
        if kept is not None:
            kept.close()
            kept = None
        await _hang_up(run, inside=kind == "inside")
    if kept is not None:
        kept.close()


class Kept:
    """A kept connection, used by one client."""

    _asking: Asking

    def __init__(self) -> None:
        self._answers: asyncio.Queue[bool] = asyncio.Queue()

    @classmethod
    async def open(cls, port: int) -> Kept:
        kept = cls()
        answers = kept._answers
        _, kept._asking = await asyncio.get_running_loop().create_connection(
            lambda: Asking(
                lambda _, ok: answers.put_nowait(ok), lambda _: answers.put_nowait(False)
            ),
            sock=resetting_socket(port),
        )
        return kept

    async def ask(self, request: bytes) -> bool:
        """Whether the answer came and was a 200."""
        self._asking.ask(request, 0)
        return await self._answers.get()

    def close(self) -> None:
        self._asking.transport.abort()


async def _hang_up(run: Run, *, inside: bool) -> None:
    end = resetting_socket(run.port)
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(end, run.stream)
    seen = b""
    while inside and STAMP not in seen:
        piece = await loop.sock_recv(end, 65536)
        run.failed += not piece
        seen += piece or STAMP
    end.close()
    run.hung_up += 1
    run.done += 1


async def measure(port: int, total: int, seconds: float, pid: int) -> object:
    """Carry the requests and read the proxy's memory twice a second."""
    run, samples = Run(port, total, seconds), []
    started = time.monotonic()
    tasks = [asyncio.create_task(client(run)) for _ in range(_CONNECTIONS)]
    while not run.over.is_set():
        samples.append((run.done, cpu.rss(pid)))
        await asyncio.sleep(_EVERY_S)
    await asyncio.gather(*tasks)
    samples.append((run.done, cpu.rss(pid)))
    return {
        "requests": run.done,
        "hung_up": run.hung_up,
        "failed": run.failed,
        "seconds": round(time.monotonic() - started, 1),
        "samples": samples,
    }


def main() -> None:
    """`python -m benchmarks.load.hangups PORT REQUESTS SECONDS PROXY_PID`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("requests", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("pid", type=int)
    given = parser.parse_args()
    asked = measure(given.port, given.requests, given.seconds, given.pid)
    print(json.dumps(uvloop.run(asked)))


if __name__ == "__main__":
    main()
