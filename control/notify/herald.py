"""Takes messages to the notifiers of crossfade.yaml."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial

from control.notify.message import Delivery, Message
from control.notify.outbox import Outbox
from control.notify.post import Posted, post
from control.words.notifiers import Notifier

log = logging.getLogger(__name__)


class Herald:
    """An outbox for each notifier, so that a slow one keeps no other one waiting.

    `now_s` gives UTC seconds, `clock` monotonic ones.
    """

    def __init__(
        self,
        notifiers: Mapping[str, Notifier],
        *,
        now_s: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._notifiers = notifiers
        self._now_s = now_s
        self._clock = clock
        self._outboxes = {
            name: Outbox(name, partial(self._post, notifier))
            for name, notifier in notifiers.items()
        }
        self.unknown = 0

    @property
    def outboxes(self) -> tuple[Outbox, ...]:
        """Each notifier's queue, with its counters."""
        return tuple(self._outboxes.values())

    def tell(self, to: str, message: Message) -> None:
        """Queues a message; one for a notifier that this host does not have is counted."""
        outbox = self._outboxes.get(to)
        if outbox is None:
            self.unknown += 1
            log.warning("notifier_unknown topic=%s", message.topic)
        else:
            outbox.offer(message)

    async def run(self) -> None:
        """Sends until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for outbox in self._outboxes.values():
                tasks.create_task(outbox.run())

    async def test(self, name: str, message: Message) -> Delivery | None:
        """Sends a message now, once, past the queue; None where there is no such notifier."""
        notifier = self._notifiers.get(name)
        if notifier is None:
            return None
        began = self._clock()
        posted = await self._post(notifier, message)
        return Delivery(
            notifier=name,
            delivered=posted.why is None,
            why=posted.why,
            took_ms=round((self._clock() - began) * 1_000, 3),
        )

    async def _post(self, notifier: Notifier, message: Message) -> Posted:
        return await post(notifier, message, now_s=int(self._now_s()))
