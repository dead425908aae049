"""The messages on their way to one notifier: in order, retried, bounded, counted."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable

from control.notify.message import Message
from control.notify.post import Posted
from control.notify.retry import pause_s

MOST_WAITING = 100

log = logging.getLogger(__name__)

Send = Callable[[Message], Awaitable[Posted]]
Pause = Callable[[float], Awaitable[None]]


class Outbox:
    """One notifier's queue; at most MOST_WAITING wait, and the oldest gives way.

    `delivered`, `failed` (given up) and `dropped` (gave way) count from the start of the process.
    """

    def __init__(
        self,
        name: str,
        send: Send,
        *,
        pause: Pause = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.delivered = self.failed = self.dropped = 0
        self._send = send
        self._pause = pause
        self._jitter = jitter
        self._waiting: deque[Message] = deque()
        self._news = asyncio.Event()

    def offer(self, message: Message) -> None:
        """Takes a message and returns at once."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
            log.warning("notification_dropped notifier=%s waiting=%d", self.name, MOST_WAITING)
        self._waiting.append(message)
        self._news.set()

    async def run(self) -> None:
        """Sends what is offered, one after the other, until cancelled."""
        while True:
            while self._waiting:
                await self._carry(self._waiting.popleft())
            self._news.clear()
            await self._news.wait()

    async def _carry(self, message: Message) -> None:
        try:
            why = await self._tried(message)
        except Exception:
            log.exception("notification_fault notifier=%s", self.name)
            why = "a fault of crossfade's own"
        if why is None:
            self.delivered += 1
            log.info("notification_sent notifier=%s topic=%s", self.name, message.topic)
        else:
            self.failed += 1
            log.error(
                "notification_failed notifier=%s topic=%s why=%s", self.name, message.topic, why
            )

    async def _tried(self, message: Message) -> str | None:
        """None once it has arrived, else why it was given up."""
        attempt = 0
        while True:
            attempt += 1
            posted = await self._send(message)
            if posted.why is None or not posted.again:
                return posted.why
            rest_s = pause_s(attempt, jitter=self._jitter(), asked_s=posted.after_s)
            if rest_s is None:
                return posted.why
            log.warning(
                "notification_delayed notifier=%s attempt=%d why=%s", self.name, attempt, posted.why
            )
            await self._pause(rest_s)
