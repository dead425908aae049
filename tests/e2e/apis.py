"""The two model APIs of a migration, on a thread of their own: synchronous SDKs block theirs."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Coroutine, Mapping
from typing import Self, TypeVar

import uvloop

from tests.doubles.received import Received
from tests.doubles.until import PATIENCE_S
from tests.doubles.upstream import Server

T = TypeVar("T")


class Apis:
    """`old` and `new`, from `with` to its end; what they saw is read from any thread."""

    def __init__(self) -> None:
        self._marked: defaultdict[str, asyncio.Queue[Received]] = defaultdict(asyncio.Queue)
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="model APIs")

    def __enter__(self) -> Self:
        self._thread.start()
        self.old, self.new = self.run(_served("old")), self.run(_served("new"))
        self._sorting = [self.run(self._sort(server)) for server in (self.old, self.new)]
        return self

    def __exit__(self, *_: object) -> None:
        self.run(_cancelled(self._sorting))
        self.run(self.new.__aexit__(None, None, None))
        self.run(self.old.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Do something on the APIs' loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def behind(self, headers: Mapping[str, str]) -> Received:
        """The request that an answer with these headers was given to, once that is over."""
        received = self._server(headers["x-served-by"]).requests[_number(headers)]
        self.run(received.done.wait())
        return received

    def since(self, server: Server, before: int) -> list[Received]:
        """The requests that came after the first `before`."""
        return server.requests[before:]

    def held(self, mark: str) -> Received:
        """The next request with this header `x-mark`, once it waits for `go`."""

        async def found() -> Received:
            received = await self._marked[mark].get()
            await received.held.wait()
            return received

        return self.run(found())

    def go(self, received: Received) -> None:
        """Let a held answer go on."""
        self._loop.call_soon_threadsafe(received.go.set)

    async def _sort(self, server: Server) -> asyncio.Task[None]:
        """Begins to put requests by their marks as they arrive."""

        async def sort() -> None:
            while True:
                received = await server.arrived.get()
                if mark := received.header("x-mark"):
                    self._marked[mark].put_nowait(received)

        return asyncio.create_task(sort())

    def _server(self, name: str) -> Server:
        return self.old if name == "old" else self.new


async def _served(name: str) -> Server:
    return await Server(name).__aenter__()


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _number(headers: Mapping[str, str]) -> int:
    return int(headers["x-request-id"].removeprefix("req_"))
