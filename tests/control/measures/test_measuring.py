"""Figures are brought up to now, or are as old as they are."""

from __future__ import annotations

import asyncio

import pytest

from control.measures import measuring
from control.measures.measuring import Measuring
from control.store import StoreUnavailable


async def test_what_was_counted_is_handed_over_before_the_look() -> None:
    did: list[str] = []

    async def flush() -> None:
        did.append("flush")

    async def look() -> None:
        did.append("look")

    await Measuring(flush=flush, look=look).freshen()
    assert did == ["flush", "look"]


async def test_without_a_store_the_figures_stay_as_they_are() -> None:
    async def flush() -> None: ...

    async def look() -> None:
        raise StoreUnavailable("away")

    await Measuring(flush=flush, look=look).freshen()


async def test_nobody_waits_long_for_a_store_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "PATIENCE_S", 0.01)

    async def flush() -> None:
        await asyncio.Event().wait()

    async def look() -> None:
        raise AssertionError

    await Measuring(flush=flush, look=look).freshen()
