"""A Sink in memory, which a test makes refuse, hang or fail."""

from __future__ import annotations

import asyncio

from proxy import delta
from proxy.delta import Delta


class MemorySink:
    """Keeps what it takes; while `failure` is set it raises that, while `stuck` it hangs."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.failure: Exception | None = None
        self.stuck = False
        self.released = asyncio.Event()
        self.asked = asyncio.Event()  # somebody came, whatever came of it

    async def push(self, delta: bytes) -> None:
        self.asked.set()
        if self.stuck:
            await self.released.wait()
        if self.failure is not None:
            raise self.failure
        self.taken.append(delta)

    @property
    def deltas(self) -> list[Delta]:
        return [delta.decode(data) for data in self.taken]
