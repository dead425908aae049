"""tests/doubles/until.py: what comes to hold ends the wait, what does not is named."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.doubles import until as module
from tests.doubles.until import block_until, until, until_beside


class Third:
    """Holds when it is asked for the third time."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked == 3

    async def later(self) -> bool:
        return self()


async def test_it_is_asked_until_it_holds() -> None:
    made = [Third() for _ in range(4)]
    await until(made[0])
    await until(made[1].later)
    await until_beside(made[2])
    block_until(made[3])
    assert [one.asked for one in made] == [3] * 4


async def test_what_never_comes_to_hold_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    pigs = asyncio.Event()
    with pytest.raises(AssertionError, match=r"in 0 s .* hold: await until\(lambda: pigs.is_set"):
        await until(lambda: pigs.is_set())  # noqa: PLW0108 - its text is looked for
    with pytest.raises(AssertionError, match=re.escape(repr(pigs.is_set))):
        block_until(pigs.is_set)
