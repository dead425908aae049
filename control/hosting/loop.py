"""The control loop: once a tick it reads, judges, decides and commits; one leads, others stand by.

What it knows is in the store, so a new leader goes on where the last one stopped. A leader that
slept through its lease does no harm: every commit names the version that the decision was made on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from control.guard.rulings import Ruling, Rulings
from control.hosting.newest import Newest
from control.migration import ramp
from control.migration.book import Book
from control.migration.change import Change
from control.migration.ledger import Cause, State, Verb
from control.notify.words import OCCASION, PAGE
from control.store import Conflict, Event, Store, StoreUnavailable
from proxy.errors import Invalid

TICK_S = 1.0
LEASE_S = 5.0
RENEW_S = 2.0  # in a tick that takes long, the lead and the document are renewed so often
SETTLED_S = ramp.STALE_S  # after so long with a readable store, old measurements are really old

log = logging.getLogger(__name__)


class Lease(Protocol):
    """What decides who leads; every store's Measures do."""

    async def lead(self, who: str, ttl_s: float) -> bool:
        """Takes or keeps the lead; False while another one has it."""
        ...

    async def resign(self, who: str) -> None:
        """Gives the lead back, if `who` has it."""
        ...


class Teller(Protocol):
    """Who tells people what holds, while this loop leads; a Crier."""

    async def look(self, states: Iterable[State], now_s: float) -> None:
        """A new look at the migrations that somebody is told of."""
        ...

    def stand_by(self) -> None:
        """Somebody else leads."""
        ...


@dataclass(slots=True, kw_only=True)
class Loop:
    """One control loop; `now_s` gives UTC seconds that only run forward, `clock` monotonic ones.

    `ticks`, `faults` (that ended a tick or a migration's turn in it), `blind` ticks (without a
    store) and `lost` races count from the start of the process. `rang` is called after a change.
    `newest` is what was read last.
    """

    store: Store
    lease: Lease
    rulings: Rulings
    crier: Teller
    who: str
    now_s: Callable[[], float]
    clock: Callable[[], float]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    rang: Callable[[], None] = lambda: None
    leading: bool = False
    newest: Newest = field(default_factory=Newest)
    ticks: int = 0
    faults: int = 0
    blind: int = 0
    lost: int = 0
    _seen_since: float | None = None
    _began: float = -inf

    async def run(self) -> None:
        """Ticks until cancelled, then gives the lead back."""
        try:
            while True:
                await self.turn()
                await self.pause(TICK_S)
        finally:
            with suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self.lease.resign(self.who)

    async def turn(self) -> None:
        """One tick; whatever goes wrong in it is logged and counted."""
        self.ticks += 1
        if self.clock() - self._began > LEASE_S:
            self._seen_since = None  # it slept: what it sees first may be old
        try:
            await self._tick()
        except (StoreUnavailable, Invalid) as error:
            self._blinded(error)
        except Exception:
            log.exception("loop_failed")
            self.faults += 1

    async def _tick(self) -> None:
        await self._look()
        self.rulings.keep(self.newest.states)
        for name in self.newest.ruled:
            if self.clock() - self._began > RENEW_S:
                await self._look()
            await self._attend(name)
        if self.leading:
            await self.crier.look(self.newest.told, self.now_s())
        else:
            self.crier.stand_by()

    async def _look(self) -> None:
        """The newest document, and who leads, both of now."""
        self._began = self.clock()
        leading = await self.lease.lead(self.who, LEASE_S)
        await self.newest.take((await self.store.read()).document)
        if self._seen_since is None:
            self._seen_since = self._began
        self._led(leading)

    def _led(self, leading: bool) -> None:
        if leading != self.leading:
            log.info("control_loop_%s who=%s", "leads" if leading else "stands_by", self.who)
        self.leading = leading

    def _blinded(self, error: Exception) -> None:
        """Without a store nothing is decided: nothing pauses, and nothing is promoted."""
        self.blind += 1
        self.leading = False
        if self._seen_since is not None or self.blind == 1:
            log.warning("control_loop_blind reason=%s", error)
        self._seen_since = None

    async def _attend(self, name: str) -> None:
        """A migration's turn; a fault in it is no other migration's."""
        book, state = self.newest.book, self.newest.states.get(name)
        if book is None or state is None:
            return
        try:
            now_s = self.now_s()
            change = _decided(state, await self._ruling(state, now_s), now_s, book.version + 1)
            if change is not None and self._may_write(change):
                await self._commit(book, change)
        except Conflict as conflict:
            log.info("control_loop_lost_a_race migration=%s current=%d", name, conflict.current)
            self.lost += 1
            await self._look()  # the next tick decides about this one
        except StoreUnavailable:
            raise  # the whole tick's matter
        except Exception:
            log.exception("migration_failed migration=%s", name)
            self.faults += 1

    async def _ruling(self, state: State, now_s: float) -> Ruling:
        if (kept := self.rulings.kept(state)) is not None:
            return kept
        return await asyncio.to_thread(self.rulings.rule, state, now_s)

    def _may_write(self, change: Change) -> bool:
        """Not without the lead, nor by a decision that is older than it; no data is old for sure
        only where the store could be read all the time.
        """
        if not self.leading or self.clock() - self._began > LEASE_S:
            return False
        wants_data = change.verb is Verb.PAUSE and change.cause in (
            Cause.STALE_METRICS,
            Cause.NO_TRAFFIC,
        )
        seen_since = self._began if self._seen_since is None else self._seen_since
        return not wants_data or self.clock() - seen_since >= SETTLED_S

    async def _commit(self, book: Book, change: Change) -> None:
        """Raises Conflict where somebody changed something in between."""
        amended = book.amended([change.state])
        document = amended.document()
        await self.store.commit(document, book.version, _event(change))
        self.newest.turn(amended, document)
        self.rang()
        level = logging.WARNING if change.verb is Verb.ROLLBACK else logging.INFO
        log.log(
            level,
            "migration_changed migration=%s verb=%s version=%d phase=%s why=%s",
            change.state.route.name,
            change.verb,
            change.version,
            change.phase,
            change.sentence,
        )


def _decided(state: State, ruling: Ruling, now_s: float, version: int) -> Change | None:
    change = ramp.next(state, ruling.verdict, now_s, version=version)
    return change or ramp.anchored(state, ruling.anchors, now_s, version=version)


def _event(change: Change) -> Event:
    """What the history says of it, with what it takes to tell people."""
    told = {
        "cause": change.cause.value,
        OCCASION: "" if change.occasion is None else change.occasion.value,
        PAGE: "yes" if change.page else "no",
    }
    return Event(
        version=change.version,
        migration=change.state.route.name,
        verb=change.verb,
        actor=change.actor,
        reason=change.sentence,
        at=change.at,
        evidence=change.evidence | told,
        phase=change.phase,
    )
