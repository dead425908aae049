"""A worker's own breaker, through a whole process: callers are spared without guard or store."""

from __future__ import annotations

import asyncio

from tests.doubles.requests import prompt, request
from tests.doubles.script import Script
from tests.e2e.asking import ask
from tests.e2e.stage import Stage

FAILURES = 5


async def test_five_failures_in_a_row_spare_the_candidate_until_somebody_decides(
    alone: Stage,
) -> None:
    moved = alone.migrate(weight=100)
    asked = request(body=prompt(model=moved.asks))

    async def arm() -> tuple[int, bytes | None]:
        seen = await ask(alone.crossfade, alone.apis, asked)
        return seen.answer.status, seen.arm

    alone.apis.new.upcoming.extend(Script(status=500) for _ in range(FAILURES))
    for _ in range(FAILURES):
        assert await arm() == (500, b"candidate")
    for _ in range(10):
        assert await arm() == (200, b"baseline")
    metrics = alone.crossfade.admin.metrics()
    assert metrics.value("crossfade_breaker_open", migration=moved.name) == 1
    assert metrics.value("crossfade_breaker_trips_total", migration=moved.name) == 1
    assert metrics.value("crossfade_spared_requests_total", migration=moved.name) == 10
    await asyncio.to_thread(moved.weigh, 99.99)  # a later weight: somebody has decided
    assert await arm() == (200, b"candidate")
    assert alone.crossfade.admin.metrics().value("crossfade_breaker_open") == 0
