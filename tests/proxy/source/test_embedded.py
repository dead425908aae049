"""The embedded store as the data plane reads it: real files, damaged for real."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from control.store.embedded import EmbeddedStore
from proxy import wire
from proxy.errors import Invalid
from proxy.source import SourceUnavailable
from proxy.source.embedded import FORGET_S, HEARTBEAT_S, EmbeddedSource
from tests.control.store.contract import commit
from tests.doubles.damage import WRECKS, repaired, zero_page
from tests.doubles.documents import document, event
from tests.proxy.source.contract import SourceContract, SourceRig


class EmbeddedRig(SourceRig):
    """A source on the file that a real store writes; `now` is its clock."""

    def __init__(self, state_dir: Path) -> None:
        self.now = 1_000.0
        self.path = state_dir / "store.db"
        self.store = EmbeddedStore(state_dir, clock=lambda: self.now)
        self.source: EmbeddedSource = EmbeddedSource(state_dir, clock=lambda: self.now)
        self.store.subscribe(self.source.hint)

    async def put(self, data: bytes) -> None:
        version = wire.decode(data)[0].version
        await self.store.commit(data, version - 1, event(version))
        await self.source.changed(3600)  # the commit's own hint

    def hint(self) -> None:
        self.source.hint()

    async def acknowledged(self) -> dict[str, int]:
        return {told.worker: told.version for told in await self.store.workers()}


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[EmbeddedRig]:
    rig = EmbeddedRig(tmp_path)
    await rig.store.open()
    yield rig
    await rig.source.close()
    await rig.store.close()


class TestEmbeddedSource(SourceContract):
    @pytest.fixture
    def rig(self, rig: EmbeddedRig) -> EmbeddedRig:
        return rig


@pytest.fixture
def locked_out(rig: EmbeddedRig) -> Iterator[None]:
    """Another process that keeps the whole file to itself."""
    with closing(sqlite3.connect(rig.path, isolation_level=None)) as elsewhere:
        elsewhere.execute("PRAGMA locking_mode = EXCLUSIVE")
        elsewhere.execute("BEGIN EXCLUSIVE")
        yield


@pytest.mark.parametrize("wreck", WRECKS.values(), ids=WRECKS.keys())
async def test_a_wrecked_file_is_unavailable_and_serves_again_once_repaired(
    rig: EmbeddedRig, wreck: Callable[[Path], None]
) -> None:
    await rig.put(document(1))
    whole = rig.path.read_bytes()
    wreck(rig.path)
    with pytest.raises(SourceUnavailable, match=r"store.db"):
        await rig.source.load()
    with pytest.raises(SourceUnavailable, match=r"store.db"):
        await rig.source.acknowledge("one", 1)
    repaired(rig.path, whole)
    assert await rig.source.load() == document(1)
    await rig.source.acknowledge("one", 1)


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("seed", range(3))
async def test_a_flipped_bit_never_makes_a_store_empty_or_another(
    rig: EmbeddedRig, version: int, seed: int
) -> None:
    if version:
        await rig.put(document(1))
    whole = rig.path.read_bytes()
    truth = await rig.source.load()
    draw = random.Random(seed)
    for _ in range(100):
        damaged = bytearray(whole)
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        repaired(rig.path, bytes(damaged))
        try:
            data = await rig.source.load()
        except SourceUnavailable:
            continue
        if data != truth:
            assert data is not None
            with pytest.raises(Invalid):
                wire.decode(data)


@pytest.mark.parametrize("statement", ["DELETE FROM snapshot", "UPDATE snapshot SET document = 7"])
async def test_a_document_that_is_gone_is_not_taken_for_empty(
    rig: EmbeddedRig, statement: str
) -> None:
    with closing(sqlite3.connect(rig.path, isolation_level=None)) as connection:
        connection.execute(statement)
    with pytest.raises(SourceUnavailable, match="its document is gone"):
        await rig.source.load()


async def test_a_lost_page_of_the_document_is_not_taken_for_empty(rig: EmbeddedRig) -> None:
    await rig.put(document(1))
    zero_page(rig.path, 1)
    with pytest.raises(SourceUnavailable):
        await rig.source.load()


async def test_a_document_over_the_limit_is_never_read(rig: EmbeddedRig) -> None:
    with closing(sqlite3.connect(rig.path, isolation_level=None)) as connection:
        connection.execute("UPDATE snapshot SET document = zeroblob(100000000)")
    with pytest.raises(SourceUnavailable, match="too big"):
        await rig.source.load()


async def test_a_file_of_a_later_layout_is_refused(rig: EmbeddedRig) -> None:
    with closing(sqlite3.connect(rig.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(SourceUnavailable, match="another version of crossfade"):
        await rig.source.load()


@pytest.mark.usefixtures("locked_out")
async def test_a_file_that_stays_locked_is_unavailable(rig: EmbeddedRig) -> None:
    with pytest.raises(SourceUnavailable, match="database is locked"):
        await rig.source.load()


async def test_a_directory_without_a_store_is_unavailable_not_empty(tmp_path: Path) -> None:
    source = EmbeddedSource(tmp_path / "nowhere")
    with pytest.raises(SourceUnavailable, match=r"store.db is missing"):
        await source.load()
    await source.close()


async def test_a_store_that_appears_later_is_read(tmp_path: Path) -> None:
    source = EmbeddedSource(tmp_path)
    with pytest.raises(SourceUnavailable):
        await source.load()
    store = EmbeddedStore(tmp_path)
    await commit(store, 1)
    assert await source.load() == document(1)
    await store.close()
    await source.close()


async def test_a_worker_that_repeats_itself_is_written_once_a_heartbeat(rig: EmbeddedRig) -> None:
    for step in (0.0, HEARTBEAT_S - 1, 1.0):
        rig.now += step
        await rig.source.acknowledge("one", 1)
        (told,) = await rig.store.workers()
        assert told.age_s == (HEARTBEAT_S - 1 if step == HEARTBEAT_S - 1 else 0.0)


async def test_workers_long_silent_or_of_an_earlier_boot_are_forgotten(rig: EmbeddedRig) -> None:
    await rig.source.acknowledge("long silent", 1)
    rig.now += FORGET_S + 1
    await rig.source.acknowledge("lately silent", 1)
    rig.now += FORGET_S
    await rig.source.acknowledge("one", 1)
    assert sorted(await rig.acknowledged()) == ["lately silent", "one"]
    rig.now = 5.0
    await rig.source.acknowledge("after the boot", 1)
    assert sorted(await rig.acknowledged()) == ["after the boot"]


async def test_while_an_earlier_call_hangs_the_store_is_unavailable(rig: EmbeddedRig) -> None:
    released = threading.Event()
    hanging = asyncio.ensure_future(rig.source._thread.run(released.wait))
    await asyncio.sleep(0)
    for refused in (rig.source.load(), rig.source.acknowledge("one", 1)):
        with pytest.raises(SourceUnavailable, match=r"store.db does not answer"):
            await refused
    released.set()
    await hanging
    assert await rig.source.load() is None
