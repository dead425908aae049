"""Follows what all workers measure, second by second, and holds what it comes to.

Whoever asks gets the newest whole evidence, which does not change any more; so threads may ask too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from control.measures import fold
from control.measures.fleet_gauges import Arms, Followed
from control.measures.fold import Fold
from control.measures.rollup import RollUp
from control.measures.scores import Score, Scores, Taken, encode
from control.measures.silence import Silence
from control.store import StoreUnavailable, WorkerStatus
from control.store.measures import Measures
from control.words.evidence import Evidence
from proxy import delta
from proxy.delta import Aside
from proxy.errors import Invalid
from proxy.numbers.arm_figures import Figures
from proxy.policy import ArmName, Snapshot

EVERY_S = 1.0
SCORES_EVERY = 5  # looks
MOST_ASKED = 100  # migrations whose scores one look asks for
SLICE = 8  # flushes that are folded at a stretch, in 2 ms

log = logging.getLogger(__name__)


class Follow:
    """Folds what the store was given since the last look.

    `snapshot` says which migrations there are, and by which weights. `now` gives UTC seconds,
    `clock` monotonic ones; `workers` says which live. It rolls up what is old while `leading`.
    Evidence is as fresh as the last look that found a new flush: a worker's clock may be wrong.
    """

    def __init__(
        self,
        measures: Measures,
        *,
        snapshot: Callable[[], Snapshot | None],
        now: Callable[[], float],
        clock: Callable[[], float],
        workers: Callable[[], Awaitable[Sequence[WorkerStatus]]],
        leading: Callable[[], bool] = lambda: True,
    ) -> None:
        self._measures = measures
        self._snapshot = snapshot
        self._now = now
        self._clock = clock
        self._workers = workers
        self._leading = leading
        self._fold = Fold()
        self._rolling = RollUp(measures)
        self._unknown = Evidence()
        self._scores: dict[str, Scores] = {}
        self._asked = 0
        self._turn = asyncio.Lock()
        self._looks = 0
        self._good_at: float | None = None
        self._heard_at_s = 0.0
        self._spared_at_s: dict[str, float] = {}
        self._silence = Silence()
        self._heard: Mapping[str, float] = {}
        self._refused = self._failures = 0
        self._evidence: Mapping[str, Evidence] = {}
        self._figures: Arms = {}

    def evidence(self, migration: str) -> Evidence:
        """The newest evidence; an empty one where nothing was measured."""
        return self._evidence.get(migration, self._unknown)

    def figures(self, migration: str, arm: ArmName) -> Figures:
        """What the fleet measured on an arm since the migration began."""
        return self._figures.get((migration, arm), Figures())

    def arms(self) -> Arms:
        """The same of every arm that anything is known of."""
        return self._figures

    def status(self) -> Followed:
        age_s = None if self._good_at is None else self._clock() - self._good_at
        return Followed(age_s=age_s, refused=self._refused, failures=self._failures)

    async def run(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look once a second until cancelled; whatever goes wrong is logged and counted."""
        while True:
            try:
                await self.look()
            except StoreUnavailable as error:
                self._failed(error)
            except Exception:
                self._failures += 1
                log.exception("follow_failed")
            await pause(EVERY_S)

    async def look(self) -> None:
        """Take in what is new. Raises StoreUnavailable; then what was known stays known."""
        async with self._turn:
            await self._look()

    async def score(self, migration: str, scores: Sequence[Score]) -> Taken:
        """Store what is new of scores without faults.

        Raises StoreUnavailable, and Invalid where a migration has too many already.
        """
        held = self._scores.setdefault(migration, Scores(migration))
        await self._read_scores_of(held, migration)
        taken = held.take(scores)
        if len(taken.fresh) > held.room:
            raise Invalid("the migration has as many scores as it may have")
        if taken.fresh:
            await self._measures.scored(migration, encode(taken.fresh))
        return taken

    async def _look(self) -> None:
        await self._read()
        if self._looks % SCORES_EVERY == 0:
            await self._read_scores()
        self._looks += 1
        self._heard = self._silence.look(await self._workers(), self._now())
        self._publish()
        self._good_at = self._clock()
        if not self._leading():
            self._rolling.forget()
        elif not await self._rolling.turn(self._fold, self._clock()):
            self._fold.place = ""

    async def _read(self) -> None:
        anew = not self._fold.place
        batch = await self._measures.measured(self._fold.place)
        if batch.rollup is not None:
            self._begin(batch.rollup)
        elif anew:
            self._rolling.held = ""
        news = 0
        for number, data in enumerate(batch.deltas, 1):
            news += self._add(data)
            if number % SLICE == 0:
                await asyncio.sleep(0)
        self._fold.place = batch.place
        if news and self._looks:  # what the first look finds may have lain there
            self._heard_at_s = self._now()

    def _begin(self, data: bytes) -> None:
        """Go on from a roll-up, which stands for all that was read so far too."""
        try:
            self._fold = fold.decode(data)
        except Invalid as error:
            self._refuse("roll_up", error)
        else:
            self._rolling.held = self._fold.place

    def _add(self, data: bytes) -> bool:
        try:
            flush, now_s = delta.decode(data), self._now()
            new = self._fold.add(flush, int(now_s * 1_000))
            if new:
                self._silence.flushed(flush.worker)
                self._spared_at_s |= dict.fromkeys(flush.asides.get(Aside.SPARED, ()), now_s)
            return new
        except Invalid as error:
            self._refuse("flush", error)
            return False

    async def _read_scores(self) -> None:
        """Of at most MOST_ASKED migrations a time, each in its turn: a store may have thousands."""
        snapshot = self._snapshot()
        routes = () if snapshot is None else snapshot.routes
        if self._asked >= len(routes):
            self._asked = 0
        for route in routes[self._asked : self._asked + MOST_ASKED]:
            held = self._scores.setdefault(route.name, Scores(route.name))
            await self._read_scores_of(held, route.name)
        self._asked += MOST_ASKED

    async def _read_scores_of(self, held: Scores, migration: str) -> None:
        after = held.batches
        batches = await self._measures.scores(migration, after)
        for batch in batches[held.batches - after :]:  # another look may have been quicker
            try:
                held.add(batch)
            except Invalid as error:
                self._refuse("scores", error)

    def _publish(self) -> None:
        """Of migrations that something is known of; the others have one empty evidence together."""
        snapshot = self._snapshot()
        names = dict.fromkeys(self._fold.migrations()) | dict.fromkeys(self._spared_at_s)
        names |= {name: None for name, scores in self._scores.items() if scores.batches}
        self._unknown = self._gathered("")
        for route in () if snapshot is None else snapshot.routes:
            self._fold.share(route.name, route.split.since, route.split.share)
        self._evidence = {name: self._gathered(name) for name in names}
        self._figures = {
            (name, arm): self._fold.figures(name, arm) for name in names for arm in ArmName
        }

    def _gathered(self, name: str) -> Evidence:
        scores = self._scores.get(name)
        evidence = replace(self._fold.evidence(name), heard=self._heard)
        if name in self._spared_at_s:
            evidence = replace(evidence, spared_at_s=self._spared_at_s[name])
        if self._heard_at_s > (evidence.fresh_at_s or 0.0):
            evidence = replace(evidence, fresh_at_s=self._heard_at_s)
        if scores is None:
            return evidence
        given = scores.by_arm()
        return replace(evidence, scores=given.scores, score_epochs=given.epochs)

    def _refuse(self, what: str, error: Invalid) -> None:
        """The log has the first, the second, the fourth and so on."""
        self._refused += 1
        if self._refused & (self._refused - 1) == 0:
            log.error("measurement_refused what=%s times=%d reason=%s", what, self._refused, error)

    def _failed(self, error: StoreUnavailable) -> None:
        self._failures += 1
        if self._failures & (self._failures - 1) == 0:
            log.warning("follow_blind times=%d reason=%s", self._failures, error)
