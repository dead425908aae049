"""Real worker processes under one parent: started, killed, replaced under load, ended."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from control.hosting import supervise
from control.hosting.listening import listening
from control.hosting.supervise import Supervisor, supervising
from control.store.embedded import EmbeddedStore
from proxy.running.settings import Settings, encode
from tests.control.store.contract import commit
from tests.doubles.deltas import counted
from tests.doubles.raw import connected
from tests.doubles.requests import chat
from tests.doubles.until import PATIENCE_S, until
from tests.doubles.upstream import Server
from tests.proxy.running.test_alone import settings


class Host:
    """A supervisor, the port of its workers, and everything they flushed."""

    def __init__(self, supervisor: Supervisor, port: int, deltas: list[bytes]) -> None:
        self.supervisor = supervisor
        self.port = port
        self.deltas = deltas

    @property
    def pids(self) -> set[int]:
        return {int(one.worker.rpartition(":")[2]) for one in self.supervisor.standings()}

    async def stands(self, workers: int) -> set[int]:
        """The workers' pids once so many have said how they stand."""
        await until(lambda: len(self.pids) == workers and not self.supervisor.reasons)
        return self.pids

    async def ask(self) -> int:
        async with connected(self.port) as client:
            return (await client.ask(chat())).status


@asynccontextmanager
async def host(said: Settings, count: int = 2, drain_s: float = 20.0) -> AsyncIterator[Host]:
    sockets = listening(["127.0.0.1:0"])
    deltas: list[bytes] = []
    os.environ["KEY"] = "sk-CANARY-supervised"
    try:
        async with supervising(
            count, encode(said), sockets, drain_s=drain_s, on_delta=deltas.append
        ) as made:
            yield Host(made, sockets[0].getsockname()[1], deltas)
    finally:
        del os.environ["KEY"]
        for one in sockets:
            one.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path)
    await opened.open()
    await commit(opened, 1)
    yield opened
    await opened.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_killed_worker_is_started_again_while_the_others_serve(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    """Failure case 84: nobody but who was being served by it notices."""
    async with host(settings(tmp_path, old.port)) as served:
        assert await served.supervisor.started(PATIENCE_S)
        before = await served.stands(2)
        assert await served.ask() == 200
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        while served.supervisor.restarts == 0:
            assert await served.ask() == 200
        assert await served.supervisor.started(PATIENCE_S)
        after = await served.stands(2)
        assert victim not in after
        assert len(after & before) == 1
        await served.supervisor.drain(asyncio.Event())
        assert served.pids == set()


async def test_what_every_worker_has_counted_is_in_the_store_when_it_is_asked_for(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    await store.measured("")  # makes the file
    async with host(settings(tmp_path, old.port)) as one:
        await one.stands(2)
        for number in range(1, 4):
            assert [await one.ask() for _ in range(8)] == [200] * 8
            await one.supervisor.flush()
            assert counted((await store.measured("")).deltas) == 8 * number


async def test_a_rolling_restart_replaces_every_worker_and_loses_no_request(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    """Failure case 83."""
    async with host(settings(tmp_path, old.port)) as served:
        assert await served.supervisor.started(PATIENCE_S)
        before = await served.stands(2)
        over = asyncio.Event()
        statuses: list[int] = []

        async def load() -> None:
            while not over.is_set():
                statuses.append(await served.ask())

        async with asyncio.TaskGroup() as tasks:
            for _ in range(4):
                tasks.create_task(load())
            assert await served.supervisor.restart()
            over.set()
        assert set(statuses) == {200}
        await until(lambda: not served.pids & before)
        assert len(served.pids) == 2
        await served.supervisor.drain(asyncio.Event())


async def test_a_restart_with_workers_that_do_not_start_leaves_those_that_serve(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    async with host(settings(tmp_path, old.port)) as served:
        assert await served.supervisor.started(PATIENCE_S)
        before = await served.stands(2)
        del os.environ["KEY"]  # a new worker finds no key
        assert not await served.supervisor.restart()
        os.environ["KEY"] = "sk-CANARY-again"
        assert await served.ask() == 200
        assert await served.stands(2) == before


async def test_workers_that_cannot_start_are_tried_again_and_again(
    tmp_path: Path, old: Server
) -> None:
    """Failure case 85: a crash loop at the start is slow, and says that nothing serves."""
    async with host(settings(tmp_path, old.port), 1) as served:
        del os.environ["KEY"]

        def tried() -> bool:
            assert served.supervisor.reasons == ("1 of 1 workers do not serve",)
            return served.supervisor.restarts >= 2

        await until(tried)
        os.environ["KEY"] = "sk-CANARY-at-last"
        assert await served.supervisor.started(PATIENCE_S)


async def test_streams_finish_before_the_workers_end(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    """Failure case 82."""
    async with host(settings(tmp_path, old.port)) as served, connected(served.port) as client:
        assert await served.supervisor.started(PATIENCE_S)
        await client.send(chat(hold_head=True))
        request = await old.arrived.get()
        draining = asyncio.create_task(served.supervisor.drain(asyncio.Event()))
        await asyncio.sleep(0)
        assert not draining.done()
        request.go.set()
        assert (await client.read_message()).status == 200
        await draining


async def test_a_second_stop_ends_the_patience(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    async with host(settings(tmp_path, old.port)) as served, connected(served.port) as client:
        assert await served.supervisor.started(PATIENCE_S)
        await client.send(chat(hold_head=True))
        await old.arrived.get()
        hurry = asyncio.Event()
        draining = asyncio.create_task(served.supervisor.drain(hurry))
        await asyncio.sleep(0)
        hurry.set()
        await draining
        assert (await client.read_message()).status == 503


async def test_a_worker_that_does_not_end_in_time_is_killed(
    tmp_path: Path, store: EmbeddedStore, old: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "OVERTIME_S", 0.0)
    async with (
        host(settings(tmp_path, old.port), 1, 0.0) as served,
        connected(served.port) as client,
    ):
        assert await served.supervisor.started(PATIENCE_S)
        (pid,) = await served.stands(1)
        await client.send(chat(hold_head=True))
        await old.arrived.get()
        await served.supervisor.drain(asyncio.Event())
        assert not alive(pid)


async def test_workers_that_are_not_there_at_once_are_not_waited_for_without_end(
    tmp_path: Path, old: Server
) -> None:
    async with host(settings(tmp_path, old.port), 1) as served:
        assert not await served.supervisor.started(0.0)


async def test_what_is_left_when_the_parent_gives_up_is_killed(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    async with host(settings(tmp_path, old.port)) as served:
        assert await served.supervisor.started(PATIENCE_S)
        pids = await served.stands(2)
    assert not any(alive(pid) for pid in pids)


async def test_a_restart_while_ending_is_refused(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    async with host(settings(tmp_path, old.port), 1) as served:
        assert await served.supervisor.started(PATIENCE_S)
        await served.supervisor.drain(asyncio.Event())
        assert not await served.supervisor.restart()


def test_sockets_are_left_to_whoever_bound_them() -> None:
    (one,) = listening(["127.0.0.1:0"])
    assert one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    one.close()
