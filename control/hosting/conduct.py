"""The deciding half of one process, put together: the control loop and what it judges and tells."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from control.desk.gauges import Bearing, Ruled, Told
from control.desk.outlook import observed
from control.files.config import Config
from control.guard.rulings import Rulings
from control.hosting.beside import beside
from control.hosting.loop import Loop
from control.measures.follow import Follow
from control.migration.ledger import State
from control.migration.moment import written
from control.notify import words
from control.notify.crier import Crier
from control.notify.herald import Herald
from control.notify.message import Delivery, Message
from control.notify.updates import update
from control.store.embedded import EmbeddedStore
from control.store.redis import RedisStore
from control.words.verdict import Verdict
from proxy.policy import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Conductor:
    """What decides here, and what can be asked of it; `rulings` are the desk's judge."""

    environment: str
    now_s: Callable[[], float]
    follow: Follow
    rulings: Rulings
    herald: Herald
    loop: Loop

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Decides and tells while this lasts; in the end another one may lead at once.

        What goes wrong inside comes out as it is.
        """
        async with beside(self.follow.run(), self.loop.run(), self.herald.run()):
            yield

    def bearing(self) -> Bearing:
        """What /metrics says of all this."""
        loop = self.loop
        return Bearing(
            leading=loop.leading,
            ticks=loop.ticks,
            faults=loop.faults,
            blind=loop.blind,
            migrations=tuple(map(self._ruled, loop.newest.states.values())),
            told=tuple(
                Told(
                    notifier=box.name,
                    sent=box.delivered,
                    failed=box.failed,
                    dropped=box.dropped,
                )
                for box in self.herald.outboxes
            ),
        )

    async def test_notifier(self, name: str, actor: str) -> Delivery | None:
        """Sends a test message in somebody's name; None where there is no such notifier."""
        message = words.test(self.environment, actor, written(self.now_s()))
        return await self.herald.test(name, message)

    def _ruled(self, state: State) -> Ruled:
        name = state.route.name
        verdict = self.rulings.verdict(name)
        return Ruled(migration=name, phase=state.entry.phase, verdict=verdict)


def conduct(
    config: Config,
    store: EmbeddedStore | RedisStore,
    snapshot: Callable[[], Snapshot | None],
    now_s: Callable[[], float],
    *,
    who: str,
) -> Conductor:
    """The deciding half, which does not run yet; `who` is its name before the other leaders."""
    follow = Follow(
        store,
        snapshot=snapshot,
        now=now_s,
        clock=time.monotonic,
        workers=store.workers,
        leading=lambda: loop.leading,
    )
    rulings = Rulings(follow.evidence)
    herald = Herald(config.notifiers, now_s=now_s, clock=time.monotonic)

    def updated(state: State, at_s: float) -> Message:
        name = state.route.name
        verdict = rulings.verdict(name) or Verdict()
        seen = observed(rulings.evidence(name), state.route.split.since)
        return update(state, verdict, seen, environment=config.environment, now_s=at_s)

    crier = Crier(store, herald.tell, updated, environment=config.environment)
    loop = Loop(
        store=store,
        lease=store,
        rulings=rulings,
        crier=crier,
        who=who,
        now_s=now_s,
        clock=time.monotonic,
    )
    return Conductor(
        environment=config.environment,
        now_s=now_s,
        follow=follow,
        rulings=rulings,
        herald=herald,
        loop=loop,
    )
