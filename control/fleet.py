"""Every live worker of a store, for whoever waits until all of them serve a version."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from control.store import Store, StoreUnavailable


class Fleet:
    """This process's own worker, which is asked itself, and the others, which the store knows.

    One that fell silent without leaving counts as live until the store gives it up; where the
    store cannot be asked, the others have not answered.
    """

    def __init__(
        self, store: Store, *, worker: str, reached: Callable[[int, float], Awaitable[bool]]
    ) -> None:
        self._store = store
        self._worker = worker
        self._reached = reached

    async def reached(self, version: int, timeout_s: float) -> bool:
        """Waits until every live worker serves `version` or a later one; False in the end."""
        try:
            async with asyncio.timeout(timeout_s):
                if not await self._reached(version, timeout_s):
                    return False
                news = self._store.news()
                while await self._waits(version):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(news.within_s):
                            await news.told.wait()
                    news = self._store.news()
        except TimeoutError:
            return False
        return True

    async def _waits(self, version: int) -> bool:
        try:
            workers = await self._store.workers()
        except StoreUnavailable:
            return True
        others = (one for one in workers if one.live and one.worker != self._worker)
        return any(one.version < version for one in others)
