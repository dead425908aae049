"""Customers who go on asking while an operator works, and how their requests ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle

from control.demo.callers import Caller, Failed

TOGETHER = 8
PAUSE_S = 0.03


class Traffic:
    """What became of the requests so far, by arm; `failed` are those that were answered badly."""

    def __init__(self) -> None:
        self.answered: dict[str, int] = {}
        self.failed = 0

    async def ask(self, caller: Caller, customer: str) -> None:
        """One request, counted."""
        try:
            arm = await caller.ask(customer)
        except Failed:
            self.failed += 1
        else:
            self.answered[arm] = self.answered.get(arm, 0) + 1


@asynccontextmanager
async def going_on(caller: Caller, customers: Sequence[str]) -> AsyncIterator[Traffic]:
    """Asks in the name of one customer after the other until this ends."""
    traffic, turns = Traffic(), cycle(customers)

    async def some() -> None:
        while True:
            await traffic.ask(caller, next(turns))
            await asyncio.sleep(PAUSE_S)

    async with asyncio.TaskGroup() as tasks:
        asking = [tasks.create_task(some()) for _ in range(TOGETHER)]
        try:
            yield traffic
        finally:
            for task in asking:
                task.cancel()
