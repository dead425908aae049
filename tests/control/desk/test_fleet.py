"""A version is reached when every live worker serves it, this process's own and all others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from control.desk.fleet import Fleet
from control.store.embedded import EmbeddedStore
from proxy.source.embedded import EmbeddedSource

LONG_S = 30.0
LOOKS_S = 2.0  # the store is looked at in this time, on any machine
SHORT_S = 0.05


class Parts:
    """A store, a source through which other workers speak, and a clock for both."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_000.0
        self.store = EmbeddedStore(folder, clock=lambda: self.now)
        self.source = EmbeddedSource(folder, clock=lambda: self.now)
        self.own_serves = True
        self.fleet = Fleet(self.store, worker="own", reached=self._reached, clock=lambda: self.now)

    async def _reached(self, version: int, timeout_s: float) -> bool:
        return self.own_serves


async def reached(fleet: Fleet, timeout_s: float) -> bool:
    return (await fleet.served(3, timeout_s)).complete


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    made = Parts(tmp_path)
    await made.store.open()
    yield made
    await made.source.close()
    await made.store.close()


async def test_alone_it_is_there_as_soon_as_the_own_worker_is(parts: Parts) -> None:
    assert await reached(parts.fleet, LONG_S)


async def test_nothing_is_reached_that_the_own_worker_does_not_serve(parts: Parts) -> None:
    parts.own_serves = False
    assert not await reached(parts.fleet, LONG_S)


async def test_the_own_worker_is_believed_before_it_has_told_the_store(parts: Parts) -> None:
    await parts.source.acknowledge("own", 2)
    assert await reached(parts.fleet, LONG_S)


async def test_another_that_serves_it_or_a_later_one_is_not_waited_for(parts: Parts) -> None:
    await parts.source.acknowledge("same", 3)
    await parts.source.acknowledge("later", 4)
    assert await reached(parts.fleet, LONG_S)


async def test_another_is_waited_for(parts: Parts) -> None:
    await parts.source.acknowledge("other", 2)
    assert not await reached(parts.fleet, SHORT_S)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(reached(parts.fleet, LONG_S))
        await parts.source.acknowledge("other", 3)
    assert waiting.result()


async def test_one_that_has_fallen_silent_is_not_waited_for(parts: Parts) -> None:
    await parts.source.acknowledge("other", 2)
    parts.now += 31
    assert await reached(parts.fleet, LONG_S)


async def test_one_that_has_left_is_not_waited_for(parts: Parts) -> None:
    await parts.source.acknowledge("other", 2)
    await parts.source.close()
    assert await reached(parts.fleet, LONG_S)


async def test_a_store_that_cannot_be_asked_has_not_answered(parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"damaged")
    assert not await reached(parts.fleet, SHORT_S)


async def test_it_tells_who_serves_it_since_when_and_who_does_not(parts: Parts) -> None:
    await parts.source.acknowledge("there", 3)
    await parts.source.acknowledge("behind", 2)
    served = await parts.fleet.served(3, LOOKS_S)
    assert served.workers == {"own": 0.0, "there": 0.0}
    assert (served.complete, served.missing) == (False, ("behind",))
    assert set(parts.fleet.others) == {"there", "behind"}


async def test_a_process_that_serves_nothing_waits_for_the_others_alone(parts: Parts) -> None:
    parts.own_serves = False
    parent = Fleet(parts.store, worker=None, reached=parts._reached, clock=lambda: parts.now)
    await parts.source.acknowledge("one", 3)
    assert (await parent.served(3, LONG_S)).workers == {"one": 0.0}


async def test_the_own_worker_that_lags_behind_is_named(parts: Parts) -> None:
    parts.own_serves = False
    assert (await parts.fleet.served(3, SHORT_S)).missing == ("own",)


async def test_what_workers_say_of_themselves_is_told_at_once(parts: Parts) -> None:
    await parts.source.acknowledge("one", 3)
    await parts.source.acknowledge("one", 3, ("latched *", "breaker triage"))
    (told,) = await parts.store.workers()
    assert told.notes == ("latched *", "breaker triage")
    await parts.source.acknowledge("one", 3)
    (told,) = await parts.store.workers()
    assert told.notes == ()
