"""What the fleet measured, brought up to now for who asks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from control.store import StoreUnavailable

PATIENCE_S = 0.5

log = logging.getLogger(__name__)


async def always_new() -> None:
    """In place of `freshen`, where figures are of now anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """`flush` hands over what this host counted until now, `look` takes in what the store has."""

    flush: Callable[[], Awaitable[None]]
    look: Callable[[], Awaitable[None]]

    async def freshen(self) -> None:
        """After this, a request that was answered before is counted; it takes 0.5 s at most.

        Where that fails, older figures have to do.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.flush()
                await self.look()
        except (StoreUnavailable, TimeoutError) as error:
            log.info("figures_are_old reason=%r", error)
