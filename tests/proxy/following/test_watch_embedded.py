"""The watch on the real embedded store, wrecked and repaired under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from control.store.embedded import EmbeddedStore
from proxy.following.watch import Watch
from proxy.policy import Snapshot
from proxy.source.embedded import EmbeddedSource
from tests.control.store.contract import commit
from tests.doubles.bench import running
from tests.doubles.damage import WRECKS, repaired
from tests.doubles.turns import Turns


class SteppedSource(EmbeddedSource):
    """The real one, whose follower can be stepped turn by turn."""

    def __init__(self, state_dir: Path) -> None:
        super().__init__(state_dir)
        self.turns = Turns(self.hint)

    async def changed(self, timeout_s: float) -> None:
        with self.turns.waiting():
            await super().changed(timeout_s)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path)
    yield store
    await store.close()


@pytest.mark.parametrize("wreck", WRECKS.values(), ids=WRECKS.keys())
async def test_the_embedded_store_may_be_wrecked_and_repaired_while_it_serves(
    store: EmbeddedStore, tmp_path: Path, wreck: Callable[[Path], None]
) -> None:
    path = tmp_path / "store.db"
    source = SteppedSource(tmp_path)
    applied: list[Snapshot] = []
    watch = Watch(source, applied.append, state_dir=tmp_path, worker="one")
    async with running(watch):
        await commit(store, 1)
        await source.turns.whole()
        whole = path.read_bytes()
        wreck(path)
        await source.turns.whole()
        assert (watch.status().version, watch.status().degraded) == (1, True)
        repaired(path, whole)
        await commit(store, 2)
        await source.turns.whole()
        assert (watch.status().version, watch.status().degraded) == (2, False)
    await source.close()


async def test_a_commit_in_the_same_process_serves_without_waiting_for_the_poll(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    source = EmbeddedSource(tmp_path)
    store.subscribe(source.hint)
    applied: list[Snapshot] = []
    watch = Watch(source, applied.append, state_dir=tmp_path, worker="one")
    async with running(watch):
        for version in range(1, 21):
            await commit(store, version)
            assert await watch.reached(version, 60)
    assert [snapshot.version for snapshot in applied][-20:] == list(range(1, 21))
    await source.close()
