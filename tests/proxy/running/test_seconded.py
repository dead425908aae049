"""A worker of a parent: it serves on inherited sockets, reports, leaves gently, and never alone."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from control.store.embedded import EmbeddedStore
from proxy.errors import Invalid
from proxy.running import heir
from proxy.running.frames import Frames, Kind, Standing, frame, standing
from proxy.running.seconded import inherit
from proxy.running.settings import encode
from tests.control.store.contract import commit
from tests.doubles.alone import Alone, start
from tests.doubles.deltas import counted
from tests.doubles.raw import connected
from tests.doubles.requests import chat
from tests.doubles.upstream import Server
from tests.proxy.running.test_alone import settings


class Parent:
    """A parent's sockets, and one worker that has them."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.link, self.theirs = socket.socketpair()
        self.link.setblocking(False)
        self.port: int = self.listener.getsockname()[1]
        self.frames = Frames()
        self.said: list[tuple[Kind, bytes]] = []

    async def hears(self, kind: Kind) -> bytes:
        """The payload of the next frame of this kind."""
        while True:
            while self.said:
                found, payload = self.said.pop(0)
                if found is kind:
                    return payload
            data = await asyncio.get_running_loop().sock_recv(self.link, 65_536)
            assert data, "the worker has hung up"
            self.said += self.frames.feed(data)

    async def stands(self, version: int) -> Standing:
        """The first standing at this version."""
        while (now := standing(await self.hears(Kind.STANDING))).version != version:
            pass
        return now

    def close(self) -> None:
        for one in (self.listener, self.link, self.theirs):
            one.close()


@asynccontextmanager
async def seconded(
    folder: Path, port: int, alone_s: float = 30.0
) -> AsyncIterator[tuple[Parent, Alone]]:
    parent = Parent()
    descriptors = (parent.listener.fileno(), parent.theirs.fileno())
    words = ("-", "--listen-fds", str(descriptors[0]), "--host-link", str(descriptors[1]))
    words = (*words, "--alone-for", str(alone_s))
    made = Alone(await start(encode(settings(folder, port)), *words, fds=descriptors, KEY="sk-x"))
    parent.theirs.close()
    made.port = parent.port
    try:
        await parent.hears(Kind.READY)
        yield parent, made
    finally:
        parent.close()
        if made.process.returncode is None:
            made.process.kill()
            await made.ended()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path)
    await opened.open()
    yield opened
    await opened.close()


async def test_it_serves_on_the_parents_socket_and_says_how_it_stands(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    await commit(store, 1)
    async with seconded(tmp_path, old.port) as (parent, worker):
        stands = await parent.stands(1)
        assert await worker.arm() == "baseline"
        assert stands.worker == f"{os.uname().nodename}:{os.getpid()}:{worker.process.pid}"
        assert (stands.reasons, stands.active, stands.draining) == ((), 0, False)


async def test_one_that_is_replaced_answers_who_is_connected_and_says_so(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    """Failure case 83: no request meets a reset, and the socket stays open for the next worker."""
    await commit(store, 1)
    async with seconded(tmp_path, old.port) as (parent, worker):
        async with connected(worker.port) as idle, connected(worker.port) as busy:
            assert (await busy.ask(chat())).get(b"connection") is None
            parent.link.send(frame(Kind.LEAVE))
            await worker.event("draining")
            answers = [await client.ask(chat()) for client in (idle, busy)]
            assert [one.status for one in answers] == [200, 200]
            assert [one.get(b"connection") for one in answers] == [b"close", b"close"]
            await idle.closed()
            await busy.closed()
        assert await worker.ended() == 0
        async with connected(parent.port):  # waits in the queue that the parent still holds
            pass


async def test_it_serves_on_when_the_parent_dies_until_another_one_has_workers(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    """Failure case 85: nobody notices that the parent was killed."""
    await commit(store, 1)
    async with seconded(tmp_path, old.port) as (parent, worker):
        await parent.stands(1)
        parent.link.close()
        await worker.event("parent_died")
        assert await worker.arm() == "baseline"
        assert heir.held(tmp_path, heir.WORKERS)
        succeeding = asyncio.create_task(heir.succeed(tmp_path))
        await worker.event("worker_leaves")
        assert await worker.ended() == 0
        assert not heir.held(tmp_path, heir.WORKERS)
        succeeding.cancel()
        await asyncio.wait([succeeding])


async def test_it_does_not_outlive_its_parent_for_long(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    """Failure case 85: without a successor it takes no more, and ends."""
    await commit(store, 1)
    async with seconded(tmp_path, old.port, 0.05) as (parent, worker):
        parent.close()
        assert await worker.ended() == 0
    async with seconded(tmp_path, old.port) as (parent, worker):
        parent.link.close()
        await worker.event("parent_died")
        worker.process.terminate()  # an orphan can be ended like anybody
        assert await worker.ended() == 0


async def test_a_latch_is_obeyed_at_the_parents_word(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    await commit(store, 1, share=10_000)
    async with seconded(tmp_path, old.port) as (parent, worker):
        await parent.stands(1)
        assert await worker.arm() == "candidate"
        (tmp_path / "latch").mkdir()
        (tmp_path / "latch" / "migration.triage").touch()
        parent.link.send(frame(Kind.LOOK))
        while not (stands := await parent.stands(1)).reasons:
            pass
        assert stands.reasons[0].startswith("triage is latched on this host")
        assert await worker.arm() == "baseline"


async def test_at_the_parents_word_the_store_has_what_it_counted(
    tmp_path: Path, store: EmbeddedStore, old: Server
) -> None:
    await commit(store, 1)
    await store.measured("")  # makes the file
    async with seconded(tmp_path, old.port) as (parent, worker):
        await parent.stands(1)
        for number in range(1, 4):
            await worker.arm()
            parent.link.send(frame(Kind.FLUSH))
            await parent.hears(Kind.FLUSHED)
            assert counted((await store.measured("")).deltas) == number


def test_descriptors_that_are_none_are_refused() -> None:
    with pytest.raises(Invalid):
        inherit(3, "x", Path())
    with pytest.raises(OSError, match=r".*"):
        inherit(3, "999", Path())
