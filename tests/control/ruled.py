"""A control loop with everything real around it but time and what was measured."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from control.guard.rulings import Rulings
from control.hosting.loop import Loop
from control.migration.book import Book, opened
from control.migration.ledger import Ledger, State
from control.migration.moment import written
from control.migration.steering import start
from control.store import Event, Stored, StoreUnavailable
from control.store.embedded import EmbeddedStore
from control.words.evidence import QUARTER_S, Cell, Evidence, Sums
from control.words.steps import Course, Step
from proxy.policy import Snapshot
from tests.control.ramps import RELATIVE
from tests.control.states import state

NOON_S = 1_790_000_100.0 // QUARTER_S * QUARTER_S
WORSE = msgspec.structs.replace(RELATIVE, page=True)
STEPS = (
    Step(share=1_000, hold_s=60.0),
    Step(share=5_000, hold_s=60.0),
    Step(share=10_000, hold_s=60.0, soak=True, holdback=100),
)
COURSE = Course(steps=STEPS, limits=(WORSE,), min_requests=100)


class Lease:
    """A lead that nobody disputes until somebody else has it."""

    def __init__(self) -> None:
        self.holder: str | None = None
        self.asked = 0

    async def lead(self, who: str, ttl_s: float) -> bool:
        self.asked += 1
        self.holder = self.holder or who
        return self.holder == who

    async def resign(self, who: str) -> None:
        if self.holder == who:
            self.holder = None


class Shaky(EmbeddedStore):
    """The embedded store, which can be out of reach."""

    down = False

    async def read(self) -> Stored:
        self._refuse()
        return await super().read()

    async def commit(self, document: bytes, expected: int, event: Event) -> None:
        self._refuse()
        await super().commit(document, expected, event)

    def _refuse(self) -> None:
        if self.down:
            raise StoreUnavailable("it is out of reach")


class Silent:
    """Nobody is told anything."""

    looks = 0

    async def look(self, states: Iterable[State], now_s: float) -> None:
        self.looks += 1

    def stand_by(self) -> None:
        self.looks = 0


@dataclass(slots=True, kw_only=True)
class Ruled:
    """A loop, its store, its time (UTC and monotonic go together), and what was measured."""

    store: Shaky
    lease: Lease = field(default_factory=Lease)
    crier: Silent = field(default_factory=Silent)
    now_s: float = NOON_S
    evidence: dict[str, Evidence] = field(default_factory=dict)
    rung: int = 0

    def loop(self, who: str = "one") -> Loop:
        """A loop that has just started, on the store as it is."""
        return Loop(
            store=self.store,
            lease=self.lease,
            rulings=Rulings(lambda name: self.evidence.get(name, Evidence())),
            crier=self.crier,
            who=who,
            now_s=lambda: self.now_s,
            clock=lambda: self.now_s,
            rang=self._ring,
        )

    async def state(self, name: str = "triage") -> State:
        found = opened((await self.store.read()).document).state(name)
        assert found is not None
        return found

    async def after(self, loop: Loop, seconds: float) -> State:
        """The migration after so many ticks, one a second."""
        for _ in range(int(seconds)):
            self.now_s += 1
            await loop.turn()
        return await self.state()

    def measured(
        self,
        epoch: int,
        *,
        candidate: tuple[int, int],
        baseline: tuple[int, int],
        name: str = "triage",
        at_s: float | None = None,
    ) -> None:
        """From now on so many errors of so many requests are known of each arm."""
        cell = Cell(
            epoch=epoch,
            quarter=int(NOON_S // QUARTER_S),
            baseline=Sums(errors=baseline[0], requests=baseline[1]),
            candidate=Sums(errors=candidate[0], requests=candidate[1]),
        )
        fresh = self.now_s if at_s is None else at_s
        before = self.evidence.get(name, Evidence()).cells
        cells = tuple(one for one in before if one.epoch != epoch)
        self.evidence[name] = Evidence(cells=(*cells, cell), fresh_at_s=fresh)

    def keep_fresh(self, name: str = "triage") -> None:
        """The newest measurement is from now."""
        known = self.evidence[name]
        self.evidence[name] = Evidence(cells=known.cells, fresh_at_s=self.now_s)

    def _ring(self) -> None:
        self.rung += 1


def begun(name: str = "triage", course: Course = COURSE, *, version: int = 1) -> State:
    """A migration whose ramp has just begun."""
    known = state(name)
    entry = msgspec.structs.replace(known.entry, course=course)
    stamp = msgspec.structs.replace(known.entry.since, version=version, at=written(NOON_S))
    return start(State(entry=entry, route=known.route), stamp)


@asynccontextmanager
async def ruled(folder: Path, *states: State) -> AsyncIterator[Ruled]:
    """With these migrations in a store at version 1."""
    store = Shaky(folder / "state")
    await store.open()
    migrations = states or (begun(),)
    book = Book(
        snapshot=Snapshot(epoch=1, version=1, routes=tuple(one.route for one in migrations)),
        ledger=Ledger(entries={one.route.name: one.entry for one in migrations}),
    )
    first = migrations[0]
    event = Event(
        version=1,
        migration=first.route.name,
        verb="start",
        actor="jane@desk",
        at=written(NOON_S),
        phase=first.entry.phase,
    )
    await store.commit(book.document(), 0, event)
    try:
        yield Ruled(store=store)
    finally:
        store.down = False
        await store.close()
