"""A process follows the store, serves, drains when it is told to, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proxy.carrying.clients import Clients
from proxy.errors import Invalid
from proxy.following.watch import Watch
from proxy.policy import Limits
from proxy.recording.pricebook import PriceBook
from proxy.running.build import DataPlane, Parts, build
from proxy.running.process import (
    keep_fresh,
    running,
    settle,
    stop_event,
    until_drained,
    worker_name,
)
from proxy.source import SourceUnavailable
from tests.doubles.documents import document
from tests.doubles.memory_source import MemorySource
from tests.doubles.raw import RawClient, connected
from tests.doubles.requests import chat
from tests.doubles.until import until
from tests.doubles.upstream import Server
from tests.doubles.worker import upstream

ANYWHERE = ("127.0.0.1:0",)


class Crashing(MemorySource):
    """A source with an error that nobody foresaw, from the moment that `crash` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.crash = asyncio.Event()

    async def changed(self, timeout_s: float) -> None:
        await self.crash.wait()
        raise RuntimeError("not foreseen")


def built(port: int = 9) -> DataPlane:
    return build(
        Parts(
            upstreams=(upstream(port=port),),
            clients=Clients(None),
            limits=Limits(max_streams=10),
            prices={},
        )
    )


def served(
    folder: Path, plane: DataPlane, source: MemorySource | None = None, *, at: str = "127.0.0.1:0"
) -> AbstractAsyncContextManager[list[str]]:
    watch = Watch(source or MemorySource(), plane.plane.swap, state_dir=folder, worker="w")
    return running(plane, watch, [at], patience_s=30.0)


def port_of(bound: list[str]) -> int:
    return int(bound[0].rpartition(":")[2])


async def drains(plane: DataPlane) -> None:
    await until(lambda: plane.plane.draining)


async def test_it_serves_at_the_address_it_gives_and_no_longer(tmp_path: Path) -> None:
    async with served(tmp_path, built()) as bound, connected(port_of(bound)) as client:
        assert (await client.ask(b"GET / HTTP/1.1\r\n\r\n")).status == 400
    with pytest.raises(ConnectionRefusedError):
        async with connected(port_of(bound)):
            pass


async def test_it_listens_once_a_snapshot_serves(tmp_path: Path) -> None:
    source = MemorySource()
    source.document = document(3)
    plane = built()
    async with served(tmp_path, plane, source):
        assert plane.plane.snapshot is not None
        assert plane.plane.snapshot.version == 3


async def test_it_listens_without_a_snapshot_when_patience_ends(tmp_path: Path) -> None:
    source = MemorySource()
    source.failure = SourceUnavailable("not today")
    plane = built()
    watch = Watch(source, plane.plane.swap, state_dir=tmp_path, worker="w")
    async with running(plane, watch, ANYWHERE, patience_s=0.0) as bound:
        assert plane.plane.snapshot is None
        async with connected(port_of(bound)) as client:
            answer = await client.ask(chat())
        assert answer.status == 503


async def test_an_address_that_is_taken_is_an_os_error(tmp_path: Path) -> None:
    async with served(tmp_path, built()) as bound:
        with pytest.raises(OSError, match="in use"):
            async with served(tmp_path, built(), at=bound[0]):
                pass


async def test_a_bad_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="an address is HOST:PORT"):
        async with served(tmp_path, built(), at="nowhere"):
            pass


async def test_what_goes_wrong_inside_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="mine"):
        async with served(tmp_path, built()):
            raise KeyError("mine")


async def test_what_goes_wrong_beside_ends_what_runs_inside(tmp_path: Path) -> None:
    async def serve(source: Crashing) -> None:
        async with served(tmp_path, built(), source):
            source.crash.set()
            await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="not foreseen"):
        await serve(Crashing())


async def test_two_errors_come_out_together(tmp_path: Path) -> None:
    async def serve(source: Crashing) -> None:
        async with served(tmp_path, built(), source):
            source.crash.set()
            try:
                await asyncio.Event().wait()
            finally:
                raise KeyError("mine")

    with pytest.raises(ExceptionGroup) as raised:
        await serve(Crashing())
    assert {type(error) for error in raised.value.exceptions} == {KeyError, RuntimeError}


async def with_an_answer_under_way(
    folder: Path, old: Server, then: Callable[[DataPlane, RawClient], Awaitable[None]]
) -> None:
    """Have one exchange whose upstream waits for `go`."""
    plane = built(old.port)
    async with served(folder, plane) as bound, connected(port_of(bound)) as client:
        await client.send(chat(hold_head=True))
        await old.arrived.get()
        await then(plane, client)


async def test_draining_waits_for_what_runs(tmp_path: Path, old: Server) -> None:
    async def drain(plane: DataPlane, client: RawClient) -> None:
        stop = asyncio.Event()
        stop.set()
        async with asyncio.TaskGroup() as tasks:
            drained = tasks.create_task(until_drained(plane, stop))
            await drains(plane)
            assert not drained.done()
            old.requests[0].go.set()
            assert (await client.read_message()).status == 200
        assert plane.plane.active == 0

    await with_an_answer_under_way(tmp_path, old, drain)


async def test_a_second_stop_ends_the_patience(tmp_path: Path, old: Server) -> None:
    async def drain(plane: DataPlane, client: RawClient) -> None:
        stop = asyncio.Event()
        stop.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(until_drained(plane, stop))
            await drains(plane)
            stop.set()
            assert (await client.read_message()).status == 503
        assert plane.plane.active == 0

    await with_an_answer_under_way(tmp_path, old, drain)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops(number: signal.Signals) -> None:
    stop = stop_event()
    assert not stop.is_set()
    os.kill(os.getpid(), number)
    await stop.wait()
    for handled in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(handled)


class Counted(PriceBook):
    """A price book that hears of its refreshing."""

    def __init__(self) -> None:
        super().__init__({}, (), datetime.now(UTC))
        self.refreshed: asyncio.Queue[datetime] = asyncio.Queue()

    def refresh(self, now: datetime) -> None:
        super().refresh(now)
        self.refreshed.put_nowait(now)


async def test_prices_are_refreshed_again_and_again() -> None:
    prices = Counted()
    refreshing = asyncio.create_task(keep_fresh(prices, 0.0))
    first, second = await prices.refreshed.get(), await prices.refreshed.get()
    refreshing.cancel()
    assert first <= second <= datetime.now(UTC)


@pytest.mark.usefixtures("collector")
def test_what_is_there_at_the_start_is_not_collected_again() -> None:
    gc.unfreeze()
    settle()
    assert gc.get_freeze_count() > 0


def test_a_worker_is_named_by_its_host_and_process() -> None:
    assert worker_name() == f"{os.uname().nodename}:{os.getpid()}"
