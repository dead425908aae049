"""control.demo.traffic: customers who go on asking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from control.demo import traffic
from control.demo.callers import Failed
from control.demo.traffic import going_on


class Fickle:
    """A caller whose every third request fails, after which `many` have asked."""

    says = "nothing"

    def __init__(self, many: int) -> None:
        self.asked: list[str] = []
        self.enough = asyncio.Event()
        self._many = many

    async def ask(self, customer: str) -> str:
        self.asked.append(customer)
        if len(self.asked) >= self._many:
            self.enough.set()
        await asyncio.sleep(0)
        if len(self.asked) % 3 == 0:
            raise Failed(500)
        return "baseline"

    async def stream(self, customer: str) -> AsyncIterator[str]:
        yield customer


async def test_customers_take_turns_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "PAUSE_S", 0)
    caller = Fickle(30)
    async with going_on(caller, ["a", "b", "c"]) as seen:
        await caller.enough.wait()
    count = len(caller.asked)
    await asyncio.sleep(0)
    assert len(caller.asked) == count
    assert caller.asked[:6] == ["a", "b", "c", "a", "b", "c"]
    assert seen.failed > 0
    assert seen.failed + seen.answered["baseline"] <= count


async def test_what_goes_wrong_otherwise_is_no_answer() -> None:
    class Broken(Fickle):
        async def ask(self, customer: str) -> str:
            raise ConnectionError("nobody is there")

    with pytest.raises(ExceptionGroup) as broken:
        async with going_on(Broken(1), ["a"]):
            await asyncio.Event().wait()
    assert all(isinstance(one, ConnectionError) for one in broken.value.exceptions)
