"""A seat is never empty for longer than it must: who dies is followed by another."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from control.hosting.child import Child
from control.hosting.seat import Seat


class Dummy(Child):
    """A process that lives as long as a test says."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.said: list[str] = []
        self.code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def die(self, code: int = 1) -> None:
        self._over.set()
        if not self.code.done():
            self.code.set_result(code)

    async def ended(self) -> int:
        return await asyncio.shield(self.code)

    def leave(self) -> None:
        self.said.append("leave")

    def end(self) -> None:
        self.said.append("end")

    def signal(self, number: signal.Signals) -> None:
        self.said.append(number.name)


class Bench:
    """A seat whose processes are dummies; `refuse` makes the next start fail."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.spawned: asyncio.Queue[Dummy] = asyncio.Queue()
        self.refuse = False
        self.began: asyncio.Event | None = None  # with `may`: a start that takes its time
        self.may: asyncio.Event | None = None
        self.now = 0.0
        self.seat = Seat(self._spawn, lambda: self.now, tasks)

    async def _spawn(self) -> Child:
        if self.began is not None and self.may is not None:
            self.began.set()
            await self.may.wait()
        if self.refuse:
            self.refuse = False
            raise OSError("no room")
        child = Dummy()
        self.spawned.put_nowait(child)
        return child


@asynccontextmanager
async def kept() -> AsyncIterator[tuple[Bench, Dummy]]:
    """A seat that is kept, and the first process in it, which serves."""
    async with asyncio.TaskGroup() as tasks:
        bench = Bench(tasks)
        keeping = tasks.create_task(bench.seat.keep())
        first = await bench.spawned.get()
        first.ready.set()
        await asyncio.sleep(0)
        yield bench, first
        bench.seat.close()
        for child in bench.seat.children:
            assert isinstance(child, Dummy)
            child.die(0)
        await keeping


async def test_who_dies_is_followed_by_another() -> None:
    async with kept() as (bench, first):
        assert bench.seat.ready
        first.die()
        second = await bench.spawned.get()
        assert second is not first
        assert bench.seat.restarts == 1
        assert not bench.seat.ready


async def test_a_start_that_fails_is_tried_again() -> None:
    async with kept() as (bench, first):
        bench.refuse = True
        first.die()
        await bench.spawned.get()
        assert bench.seat.restarts == 2


async def test_a_replacement_takes_over_once_it_serves() -> None:
    async with kept() as (bench, first), asyncio.TaskGroup() as tasks:
        replacing = tasks.create_task(bench.seat.replace())
        second = await bench.spawned.get()
        assert bench.seat.child is first
        second.ready.set()
        assert await replacing
        assert bench.seat.child is second
        assert first.said == ["leave"]
        assert set(bench.seat.children) == {first, second}
        first.die(0)
        assert bench.seat.restarts == 0


async def test_a_replacement_that_dies_replaces_nobody() -> None:
    async with kept() as (bench, first), asyncio.TaskGroup() as tasks:
        replacing = tasks.create_task(bench.seat.replace())
        second = await bench.spawned.get()
        second.die()
        assert not await replacing
        assert (bench.seat.child, first.said) == (first, [])


async def test_a_replacement_that_cannot_start_replaces_nobody() -> None:
    async with kept() as (bench, first):
        bench.refuse = True
        assert not await bench.seat.replace()
        assert bench.seat.child is first


async def test_a_replacement_that_comes_when_all_ends_is_ended_too() -> None:
    async with kept() as (bench, first), asyncio.TaskGroup() as tasks:
        replacing = tasks.create_task(bench.seat.replace())
        second = await bench.spawned.get()
        bench.seat.close()
        second.ready.set()
        assert not await replacing
        assert second.said == ["end"]
        assert first.said == []


async def test_nothing_is_replaced_once_all_ends() -> None:
    async with kept() as (bench, first):
        bench.seat.close()
        assert not await bench.seat.replace()
        assert bench.seat.children == (first,)


async def test_a_process_that_is_just_being_started_when_all_ends_is_ended_at_once() -> None:
    async with asyncio.TaskGroup() as tasks:
        bench = Bench(tasks)
        bench.began = asyncio.Event()
        bench.may = asyncio.Event()
        keeping = tasks.create_task(bench.seat.keep())
        await bench.began.wait()
        bench.seat.close()
        bench.may.set()
        late = await bench.spawned.get()
        await keeping
        assert late.said == ["end"]
        late.die(0)
