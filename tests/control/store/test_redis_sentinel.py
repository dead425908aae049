"""A failover by a real Sentinel: to a replica that has it all, and to one that was left behind."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from control.store import Stored, StoreUnavailable
from control.store.redis import RedisStore
from proxy.following.watch import Watch
from proxy.redis import keys
from proxy.source.redis import RedisSource
from tests.control.store.contract import commit
from tests.doubles.documents import document
from tests.doubles.patience import patient
from tests.doubles.sentinels import Sentinels
from tests.doubles.until import PATIENCE_S, until


async def eventually(store: RedisStore) -> Stored | None:
    """What the store gives once it is available."""
    given: list[Stored | None] = []

    async def gives() -> bool:
        with suppress(StoreUnavailable):
            given.append(await store.read())
        return bool(given)

    await until(gives)
    return given[0]


async def until_said(store: RedisStore, said: str) -> None:
    """Returns once the store is unavailable for that."""

    async def says() -> bool:
        try:
            await store.read()
        except StoreUnavailable as error:
            return said in str(error)
        return False

    await until(says)


async def insist(store: RedisStore, version: int) -> None:
    """Commits it; a Sentinel that is not sure yet is asked again."""

    async def taken() -> bool:
        try:
            await commit(store, version)
        except StoreUnavailable:
            return False
        return True

    await until(taken)


async def test_a_failover_to_a_replica_that_has_it_all_is_followed(tmp_path: Path) -> None:
    with Sentinels(tmp_path) as servers:
        link = patient(servers.url)
        store = RedisStore(link)
        source = RedisSource(link)
        await commit(store, 1)
        assert await link.ask("WAIT", 1, 8_000) == 1
        async with source.listening():
            await source.changed(3600)
            await asyncio.to_thread(servers.fail_over)
            assert await eventually(store) == Stored(1, document(1))
            await source.changed(3600)  # connected anew
            await insist(store, 2)
            await source.changed(3600)
            assert (await eventually(store)) == Stored(2, document(2))
        await source.acknowledge("one", 2)
        await source.close()
        await link.close()


async def test_a_master_that_was_demoted_alive_is_left(tmp_path: Path) -> None:
    with Sentinels(tmp_path) as servers:
        link = patient(servers.url)
        store, source = RedisStore(link), RedisSource(link)
        await commit(store, 1)
        assert await link.ask("WAIT", 1, 8_000) == 1
        watch = Watch(source, lambda _: None, state_dir=tmp_path / "state", worker="one")
        async with source.listening():
            following = asyncio.create_task(watch.run())
            assert await watch.reached(1, PATIENCE_S)
            await asyncio.to_thread(servers.switch_over)
            await insist(store, 2)
            assert await watch.reached(2, PATIENCE_S)
            assert b'"version":2' in servers.replica.cli("GET", keys.SNAPSHOT)
            following.cancel()
        await source.close()
        await link.close()


async def test_a_failover_to_a_stale_replica_is_refused_and_reported(tmp_path: Path) -> None:
    with Sentinels(tmp_path) as servers:
        link = patient(servers.url)
        store, source = RedisStore(link), RedisSource(link)
        await commit(store, 1)
        assert await link.ask("WAIT", 1, 8_000) == 1
        watch = Watch(source, lambda _: None, state_dir=tmp_path / "state", worker="one")
        async with source.listening():
            following = asyncio.create_task(watch.run())
            await asyncio.to_thread(servers.cut_replication)
            await commit(store, 2)
            await commit(store, 3)
            assert await watch.reached(3, PATIENCE_S)
            await asyncio.to_thread(servers.fail_over)
            await until_said(store, "went back to version 1 of epoch 0; version 3")
            await until(lambda: any("went back" in why for why in watch.status().reasons))
            assert watch.snapshot is not None
            assert watch.snapshot.version == 3
            following.cancel()
        await until_said(store, "a person has to act")
        await source.close()
        await link.close()
