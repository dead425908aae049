"""Steps whoever follows a source, turn by turn, instead of sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    """Counts each time that the follower comes back to wait; `hint` ends such a wait."""

    def __init__(self, hint: Callable[[], None]) -> None:
        self._hint = hint
        self._arrivals = 0
        self._waiting = False
        self._arrived = asyncio.Event()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """What the source's `changed` waits inside of."""
        self._arrivals += 1
        self._waiting = True
        self._arrived.set()
        try:
            yield
        finally:
            self._waiting = False

    async def whole(self) -> None:
        """Returns once a turn that began after this call has ended."""
        wanted = self._arrivals + (1 if self._waiting else 2)  # one under way does not count
        while self._arrivals < wanted:
            self._hint()
            self._arrived.clear()
            await self._arrived.wait()
