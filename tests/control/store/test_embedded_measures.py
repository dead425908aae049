"""The embedded store's measurements: the contract, and a file that comes and goes."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from control.store import StoreInUse, StoreUnavailable
from control.store.embedded import EmbeddedStore
from proxy.source import SourceUnavailable
from proxy.source.embedded_sink import EmbeddedSink
from tests.control.store.measures_contract import MeasuresContract
from tests.doubles.deltas import flushed


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path)
    await store.measured("")  # makes the file that the sink writes to
    yield store
    await store.close()


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[EmbeddedSink]:
    sink = EmbeddedSink(tmp_path)
    yield sink
    sink.close()


class TestEmbeddedMeasures(MeasuresContract):
    @pytest.fixture
    def measures(self, store: EmbeddedStore) -> EmbeddedStore:
        return store


async def test_what_was_measured_is_there_after_a_restart(
    store: EmbeddedStore, sink: EmbeddedSink, tmp_path: Path
) -> None:
    await sink.push(flushed(1))
    await store.scored("triage", b"scores")
    held = await store.measured("")
    await store.close()
    later = EmbeddedStore(tmp_path)
    assert await later.measured("") == held
    assert await later.scores("triage", 0) == (b"scores",)
    await later.close()


async def test_a_file_that_is_removed_is_begun_anew_and_old_places_read_all_of_it(
    store: EmbeddedStore, sink: EmbeddedSink, tmp_path: Path
) -> None:
    for seq in (1, 2, 3):
        await sink.push(flushed(seq))
    old = (await store.measured("")).place
    (tmp_path / "measures.db").unlink()
    with pytest.raises(SourceUnavailable, match="missing"):
        await sink.push(flushed(4))
    assert (await store.measured(old)).deltas == ()
    await sink.push(flushed(4))
    assert (await store.measured(old)).deltas == (flushed(4),)


async def test_measuring_waits_for_the_directory_like_everything_else(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    second = EmbeddedStore(tmp_path)
    with pytest.raises(StoreInUse):
        await second.measured("")
    await second.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await second.measured("")


async def test_what_comes_while_it_closes_is_told_that_it_is_closed(store: EmbeddedStore) -> None:
    store._measuring.shutdown()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.measured("")


async def test_the_file_is_for_its_owner_alone(store: EmbeddedStore, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "measures.db").stat().st_mode) == 0o600
