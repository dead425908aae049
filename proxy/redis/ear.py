"""Hears one channel of a Redis, through whatever happens to the connection."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from proxy.redis.link import Link, said

QUIET_S = 5.0  # after so long without a message the connection is tried
FIRST_S, LONGEST_S = 0.1, 5.0  # between two attempts to connect

log = logging.getLogger(__name__)


class Ear:
    """Calls `heard` with every message, and with nothing (b"") whenever one may have been missed.

    Whatever a message says, it is a hint: the truth is read.
    """

    def __init__(
        self,
        link: Link,
        channel: str,
        heard: Callable[[bytes], None],
        *,
        quiet_s: float = QUIET_S,
        longest_s: float = LONGEST_S,
    ) -> None:
        self.hears = False
        self.faults = 0
        self._link = link
        self._channel = channel
        self._heard = heard
        self._lost: str | None = None
        self._quiet_s = quiet_s
        self._longest_s = longest_s

    async def run(self) -> None:
        """Listens until cancelled."""
        pause_s = FIRST_S
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                pause_s = FIRST_S if self.hears else min(pause_s * 2, self._longest_s)
                self._lose(said(error))
            except Exception:
                log.exception("hints_failed channel=%s", self._channel)
                self.faults += 1
                pause_s = self._longest_s
            finally:
                self.hears = False
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - spreads workers

    async def _listen(self) -> None:
        pubsub = self._link.pubsub()
        try:
            await self._subscribe(pubsub)
            self.hears, self._lost = True, None
            self._heard(b"")
            while True:
                said = await self._message(pubsub, self._quiet_s)
                if said is None:
                    await self._subscribe(pubsub)
                else:
                    self._heard(said)
        finally:
            with suppress(RedisError, OSError):
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    def _lose(self, reason: str) -> None:
        """Says once why changes are found by polling alone until it hears again."""
        if self._lost != reason:
            log.warning("hints_lost channel=%s reason=%s", self._channel, reason)
        self._lost = reason

    async def _subscribe(self, pubsub: PubSub) -> None:
        """Has it confirmed; on a connection that is subscribed already this shows that it lives."""
        await pubsub.subscribe(self._channel)
        if await self._message(pubsub, self._link.timeout_s) is None:
            raise TimeoutError

    async def _message(self, pubsub: PubSub, timeout_s: float) -> bytes | None:
        """What is said next; b"" for what only answers a subscription."""
        message: Mapping[str, object] | None = await pubsub.get_message(timeout=timeout_s)
        if message is None:
            return None
        said = message["data"]
        return said if isinstance(said, bytes) else b""


@asynccontextmanager
async def listening(ear: Ear) -> AsyncIterator[None]:
    """The ear hears for as long as this lasts."""
    task = asyncio.create_task(ear.run(), name="hints")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
