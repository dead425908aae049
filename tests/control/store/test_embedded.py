"""The embedded store in one process: its life, its lock, its hints, its repair."""

from __future__ import annotations

import asyncio
import stat
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from control.store import Conflict, Stored, StoreInUse, StoreUnavailable
from control.store.embedded import EmbeddedStore
from proxy import wire
from proxy.source.embedded import EmbeddedSource
from tests.control.store.contract import StoreContract, commit
from tests.doubles.damage import repaired
from tests.doubles.documents import document


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "state")
    yield store
    await store.close()


class TestEmbeddedStore(StoreContract):
    @pytest.fixture
    def store(self, store: EmbeddedStore) -> EmbeddedStore:
        return store


async def test_everything_it_makes_is_for_its_owner_alone(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    await commit(store, 1)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    made = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "state").iterdir()}
    assert made == {"store.db": 0o600, "serve.lock": 0o600}


async def test_a_closed_store_is_read_by_the_next(tmp_path: Path) -> None:
    first = EmbeddedStore(tmp_path)
    await commit(first, 1)
    await first.close()
    second = EmbeddedStore(tmp_path)
    assert await second.read() == Stored(1, document(1))
    await second.close()


async def test_a_second_store_is_refused_until_the_first_closes(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    await store.open()
    second = EmbeddedStore(tmp_path / "state")
    for refused in (second.open(), second.read(), commit(second, 1)):
        with pytest.raises(StoreInUse, match="another crossfade"):
            await refused
    await store.close()
    await second.open()
    await commit(second, 1)
    await second.close()


async def test_opening_and_closing_twice_is_once(store: EmbeddedStore) -> None:
    await store.open()
    await store.open()
    await store.close()
    await store.close()


async def test_a_closed_store_is_unavailable(store: EmbeddedStore) -> None:
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.read()


async def test_commits_that_wait_when_it_closes_are_done_first(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    committing = [asyncio.ensure_future(commit(store, version)) for version in range(1, 9)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*committing)
    again = EmbeddedStore(tmp_path)
    assert (await again.read()).version == 8
    await again.close()


async def test_a_hint_follows_every_commit_and_no_conflict(store: EmbeddedStore) -> None:
    hints: list[str] = []
    store.subscribe(lambda: hints.append(threading.current_thread().name))
    await commit(store, 1)
    await commit(store, 2)
    with pytest.raises(Conflict):
        await commit(store, 2)
    assert hints == [threading.current_thread().name] * 2


async def test_a_commit_is_done_and_hinted_though_its_caller_hangs_up(
    store: EmbeddedStore,
) -> None:
    hinted = asyncio.Event()
    store.subscribe(hinted.set)
    committing = asyncio.ensure_future(commit(store, 1))
    await asyncio.sleep(0)
    committing.cancel()
    await hinted.wait()
    assert committing.cancelled()
    assert await store.read() == Stored(1, document(1))


async def test_a_state_dir_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = EmbeddedStore(tmp_path / "file")
    with pytest.raises(StoreUnavailable, match="state_dir cannot be created: File exists"):
        await store.open()
    await store.close()


async def test_a_new_store_may_begin_with_the_last_good_document(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path, seed=document(7))
    assert await store.read() == Stored(7, document(7))
    await commit(store, 8)
    await store.close()
    later = EmbeddedStore(tmp_path, seed=document(7))
    assert await later.read() == Stored(8, document(8))
    await later.close()


@pytest.mark.parametrize(
    ("served", "why"),
    [
        (document(9), "went back to version 8 of epoch 0; version 9 of epoch 0 is kept"),
        (document(8, share=1), "another document under version 8 of epoch 0"),
    ],
)
async def test_a_backup_that_is_older_than_what_was_served_is_refused(
    tmp_path: Path, served: bytes, why: str
) -> None:
    """Failure case 70: else changes on top of it would undo a rollback that came after it."""
    old = EmbeddedStore(tmp_path, seed=document(8))
    await old.open()
    await old.close()
    store = EmbeddedStore(tmp_path, seed=served)
    for refused in (store.read(), commit(store, 9)):
        with pytest.raises(StoreUnavailable, match=why):
            await refused
    (tmp_path / "store.db").unlink()
    assert await store.read() == Stored(served_version(served), served)
    await store.close()


def served_version(document: bytes) -> int:
    return wire.decode(document)[0].version


async def test_a_file_removed_while_it_runs_is_not_begun_anew(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    await commit(store, 1)
    (tmp_path / "state" / "store.db").unlink()
    with pytest.raises(StoreUnavailable, match=r"store.db is missing"):
        await store.read()
    with pytest.raises(StoreUnavailable, match=r"store.db is missing"):
        await commit(store, 2)
    assert not (tmp_path / "state" / "store.db").exists()


async def test_a_file_found_damaged_is_left_alone_until_someone_acts(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"garbage" * 1_000)
    store = EmbeddedStore(tmp_path, seed=document(7))
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="not a database"):
            await store.open()
    assert (tmp_path / "store.db").read_bytes() == b"garbage" * 1_000
    (tmp_path / "store.db").unlink()
    assert await store.read() == Stored(7, document(7))
    await store.close()


async def test_a_file_damaged_while_it_runs_serves_again_once_repaired(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    await commit(store, 1)
    path = tmp_path / "state" / "store.db"
    whole = path.read_bytes()
    repaired(path, b"garbage" * 1_000)
    with pytest.raises(StoreUnavailable):
        await commit(store, 2)
    repaired(path, whole)
    await commit(store, 2)
    assert await store.read() == Stored(2, document(2))


async def test_workers_are_heard_and_forgotten_at_the_next_start(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    await store.open()
    source = EmbeddedSource(tmp_path)
    await source.acknowledge("one", 3)
    assert [(w.worker, w.version, w.live) for w in await store.workers()] == [("one", 3, True)]
    await store.close()
    later = EmbeddedStore(tmp_path)
    assert await later.workers() == []
    await source.close()
    await later.close()
