"""Migrations whose salts are given, put into a state directory before a crossfade starts on it.

Else salts are drawn, and how many of a thousand keys move would differ from run to run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from control.desk.desk import Ask, Desk
from control.files import config
from control.migration.ledger import Source
from control.store.embedded import EmbeddedStore
from proxy.numbers.arm_figures import Figures
from tests.e2e import canary
from tests.e2e.process import Crossfade


class _Nobody:
    """No worker serves yet."""

    async def reached(self, version: int, timeout_s: float) -> bool:
        return False


async def register(crossfade: Crossfade, files: Mapping[str, Mapping[str, object]]) -> None:
    """Register migration files, each by the salt that it gets."""
    settings = config.load(crossfade.write(), canary.ENVIRON)
    store = EmbeddedStore(settings.state_dir)
    salts = iter(files)
    desk = Desk(
        store=store,
        config=settings,
        acknowledged=_Nobody(),
        figures=lambda _name, _arm: Figures(),
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
        draw_salt=lambda: next(salts),
    )
    for file in files.values():
        source = Source(text=json.dumps(file))
        await desk.apply(str(file["migration"]), source, Ask(actor="jane@desk", wait=False))
    await store.close()
