"""A desk behind the glass: what it rolls back at once, what later, and until when a latch stays."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from control.desk import glass as glasses
from control.desk.fleet import Served
from control.desk.glass import Glass
from control.refusal import Code, DeskError
from control.store import Store, Stored, StoreUnavailable
from proxy.following import latch
from proxy.following.latch import Note
from proxy.following.latched import Latched
from tests.control.office import ASK, office, source

NOTE = Note(actor="jane@desk", at="2026-01-02T03:04:05Z", reason="bad", replay=True)


class Silent:
    """A store that takes the rollback and cannot be asked who obeys it, for the first times."""

    def __init__(self, times: int) -> None:
        self.asked = 0
        self._times = times

    async def served(self, version: int, timeout_s: float) -> Served:
        assert version > 0
        assert timeout_s > 0
        self.asked += 1
        return Served(complete=self.asked > self._times)


async def test_what_nobody_confirms_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glasses, "AGAIN_S", 0.001)
    async with office(tmp_path) as here:
        await here.desk.apply("triage", source(), ASK)
        folder = here.desk.config.state_dir
        latch.latch(folder, "triage", NOTE)
        mended, silent = asyncio.Event(), Silent(times=2)
        glass = Glass(
            state_dir=folder,
            own="one",
            others=tuple,
            names=lambda: {"triage"},
            look=mended.set,
        )
        object.__setattr__(here.desk, "glass", glass)
        object.__setattr__(here.desk, "acknowledged", silent)
        repeating = asyncio.create_task(here.desk.repeat(_nothing))
        await mended.wait()
        repeating.cancel()
        await asyncio.wait([repeating])
        assert silent.asked == 3
        assert latch.read(folder) == Latched()


class Away:
    """A store that nobody can read while it is `gone`."""

    def __init__(self, store: Store) -> None:
        self.gone = True
        self._store = store

    async def read(self) -> Stored:
        if self.gone:
            raise StoreUnavailable("gone")
        return await self._store.read()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


async def test_a_desk_rolls_back_what_it_can_reach_and_the_rest_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glasses, "AGAIN_S", 0.001)
    async with office(tmp_path) as here:
        await here.desk.apply("triage", source(), ASK)
        await here.desk.set_weight("triage", 25, ASK)
        looked = asyncio.Event()
        glass = Glass(
            state_dir=here.desk.config.state_dir,
            own="one",
            others=tuple,
            names=lambda: {"triage"},
            look=looked.set,
        )
        object.__setattr__(here.desk, "glass", glass)
        away = Away(here.store)
        object.__setattr__(here.desk, "store", away)
        for verb in (here.desk.rollback("triage", ASK), here.desk.rollback_all(ASK)):
            with pytest.raises(DeskError) as refused:
                await verb
            assert refused.value.code is Code.LATCHED_HERE
        assert set(glass.pending) == {None, "triage"}
        repeating = asyncio.create_task(here.desk.repeat(_nothing))
        away.gone = False
        while glass.pending:
            looked.clear()
            await looked.wait()
        repeating.cancel()
        await asyncio.wait([repeating])
        assert (await here.desk.get("triage")).latched
        assert here.served[-1].routes[0].split.share == 0


async def _nothing() -> None:
    """Nobody else is there."""
