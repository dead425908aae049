"""control.conduct: the deciding half of a process, put together and ended."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from control.conduct import Conductor, conduct
from control.store.embedded import EmbeddedStore
from tests.control.office import configured


async def conductor(folder: Path, store: EmbeddedStore) -> Conductor:
    await store.open()
    config = configured(folder)
    return conduct(config, store, lambda: None, lambda: 1_790_000_000.0, who="one:1")


async def test_it_leads_while_it_runs_and_then_another_one_may(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "state")
    first = await conductor(tmp_path, store)
    async with first.running():
        while not first.loop.leading:  # noqa: ASYNC110 - a thread of the store answers
            await asyncio.sleep(0)
        assert not await store.lead("two", 5.0)
        assert first.bearing().leading
    assert await store.lead("two", 5.0)
    await store.close()


async def test_what_goes_wrong_inside_comes_out_as_it_is(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "state")
    first = await conductor(tmp_path, store)
    with pytest.raises(OSError, match="taken"):
        async with first.running():
            raise OSError("the address is taken")
    await store.close()


async def test_an_unknown_notifier_is_none(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "state")
    first = await conductor(tmp_path, store)
    assert await first.test_notifier("nobody", "jane@desk") is None
    assert first.bearing().told == ()
    await store.close()
