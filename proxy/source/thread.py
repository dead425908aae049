"""One thread of one's own for blocking calls, which can hang without holding back the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class OwnThread:
    """Runs one blocking call at a time; nothing queues behind one that hangs.

    `patience_s` bounds every wait. A call that was given up still ends by itself in the thread,
    also where its waiter was cancelled before the thread had taken it up.
    """

    def __init__(self, name: str, *, patience_s: float) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"crossfade-{name}")
        self._patience_s = patience_s
        self._answered: Callable[[], bool] = lambda: True

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises; TimeoutError when it, or a call before it, still hangs."""
        if not self._answered():
            raise TimeoutError("an earlier call still hangs")
        future = self._executor.submit(work)
        self._answered = future.done
        try:
            async with asyncio.timeout(self._patience_s):
                return await asyncio.shield(asyncio.wrap_future(future))
        except TimeoutError as error:
            raise TimeoutError(f"no answer within {self._patience_s} s") from error

    def close(self) -> None:
        """Lets the thread end once its last call has; none can follow."""
        self._executor.shutdown(wait=False)
