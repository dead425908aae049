"""A desk over a crossfade's own state, for what is to be there before it starts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from control.desk.desk import Ask, Desk
from control.files import config
from control.store.embedded import EmbeddedStore
from proxy.numbers.arm_figures import Figures
from tests.e2e.process import Crossfade

JANE = Ask(actor="jane@desk", wait=False)


class _Nobody:
    """No worker serves yet."""

    async def reached(self, version: int, timeout_s: float) -> bool:
        return False


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def desk(
    crossfade: Crossfade,
    *,
    now: Callable[[], datetime] = _now,
    draw_salt: Callable[[], str] = lambda: "5a17" * 8,
) -> AsyncIterator[Desk]:
    """One that writes into the state of a crossfade that does not run."""
    settings = config.load(crossfade.write(), crossfade._environ)
    store = EmbeddedStore(settings.state_dir)
    yield Desk(
        store=store,
        config=settings,
        acknowledged=_Nobody(),
        figures=lambda _name, _arm: Figures(),
        now=now,
        clock=time.monotonic,
        draw_salt=draw_salt,
    )
    await store.close()
