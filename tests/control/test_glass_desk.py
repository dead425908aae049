"""A desk that repeats a rollback: the latch stays until the host is known to obey the store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from control import glass as glasses
from control.fleet import Served
from control.glass import Glass
from proxy import latch
from proxy.latch import Note
from proxy.latched import Latched
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


async def _nothing() -> None:
    """Nobody else is there."""
