"""The fleet's measurements in one process: they are followed, and brought up to now for who asks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from control.follow import Follow
from control.store import StoreUnavailable

PATIENCE_S = 0.5

log = logging.getLogger(__name__)


async def nothing() -> None:
    """Where no data plane of one's own measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """Follows the store; `flush` hands over what this process counted until now."""

    follow: Follow
    flush: Callable[[], Awaitable[None]] = nothing

    async def freshen(self) -> None:
        """Take in what this process counted, and what the store has; half a second at most.

        A request that was answered before is counted after. Where that fails, older figures have
        to do.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.flush()
                await self.follow.look()
        except (StoreUnavailable, TimeoutError) as error:
            log.info("figures_are_old reason=%s", error)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follows while this lasts. What goes wrong inside comes out as it is."""
        try:
            async with asyncio.TaskGroup() as tasks:
                following = tasks.create_task(self.follow.run())
                try:
                    yield
                finally:
                    following.cancel()
        except BaseExceptionGroup as group:
            if len(group.exceptions) == 1:
                raise group.exceptions[0] from None
            raise
