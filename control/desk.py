"""What an operator can do: one method a verb; the admin API and through it the command line."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from control import approval, plan, steering, transitions, units
from control.book import Book
from control.commit import Committed, Decide, Order, commit, read, told
from control.config import Config
from control.forecast import Forecast, Traffic, forecast, observed
from control.guard import Explanation
from control.judge import Judge, Unjudged
from control.ledger import Source, Stamp, State, Verb
from control.moment import written
from control.outlook import explained, outlook
from control.problems import ConfigError, Wrong, shown
from control.refusal import Code, DeskError
from control.store import Event, Store, StoreUnavailable, WorkerStatus
from control.transitions import Wanted, set_share
from control.view import Changed, Summary, Timings, View, summary, view
from proxy.arm_figures import Figures
from proxy.policy import ArmName

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
MOST_EVENTS = 1_000
LAST_EVENTS = 5

Move = Callable[[State, Stamp], State]


class Acknowledged(Protocol):
    """Whoever knows which version the live workers serve."""

    async def reached(self, version: int, timeout_s: float) -> bool:
        """Waits until every live worker serves `version` or a later one; False in the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What comes with every verb; `expected_version` is the one that last changed the migration."""

    actor: str
    reason: str | None = None
    expected_version: int | None = None
    wait: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Reads, decides by the plain functions of `transitions`, commits.

    `figures` gives what was measured on a migration's arm.
    `now` gives UTC, `clock` monotonic seconds; `draw_salt` gives fresh hex. Changes made through
    one desk queue up, so that they do not race each other for a version.
    """

    store: Store
    config: Config
    acknowledged: Acknowledged
    figures: Callable[[str, ArmName], Figures]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    draw_salt: Callable[[], str]
    judge: Judge = field(default_factory=Unjudged)
    patience_s: float = PATIENCE_S
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def apply(self, name: str, source: Source, ask: Ask) -> Changed:
        """Registers a migration at weight 0, or updates it; never changes a weight.

        Refuses a file that is invalid or names another migration.
        """
        wanted = await self._wanted(name, source)

        def decide(known: State | None, book: Book, stamp: Stamp) -> State:
            return transitions.register(known, wanted, stamp, others=book.routes)

        return await self._change(Verb.APPLY, name, ask, decide)

    async def set_weight(self, name: str, percent: object, ask: Ask) -> Changed:
        """Gives the candidate a percent of the traffic, two decimals; refused while latched."""
        try:
            share = units.share(percent)
        except Wrong as wrong:
            raise DeskError(
                Code.INVALID_PERCENT, f"the percent {wrong.message}: {wrong.hint}"
            ) from wrong

        return await self._move(
            Verb.SET_WEIGHT, name, ask, lambda known, stamp: set_share(known, share, stamp)
        )

    async def start(self, name: str, ask: Ask) -> Changed:
        """Begins the ramp with its first step."""
        return await self._move(Verb.START, name, ask, steering.start)

    async def pause(self, name: str, ask: Ask) -> Changed:
        """Stops the ramp at the weight that it has."""
        return await self._move(Verb.PAUSE, name, ask, steering.pause)

    async def resume(self, name: str, ask: Ask) -> Changed:
        """Lets a paused ramp go on; after a step back or a rejection it asks for a reason."""
        return await self._move(Verb.RESUME, name, ask, steering.resume)

    async def approve(self, name: str, ask: Ask) -> Changed:
        """Opens the gate of the step that the ramp is at."""
        return await self._move(Verb.APPROVE, name, ask, approval.approve)

    async def reject(self, name: str, ask: Ask) -> Changed:
        """Undoes the step that waits for approval."""
        return await self._move(Verb.REJECT, name, ask, approval.reject)

    async def dismiss(self, name: str, ask: Ask, limit: str | None = None) -> Changed:
        """Says that nothing shall follow from open breaches, or from one limit's; asks for why."""
        return await self._move(
            Verb.DISMISS, name, ask, lambda known, stamp: steering.dismiss(known, stamp, limit)
        )

    async def promote(self, name: str, ask: Ask, *, full: bool = False) -> Changed:
        """Goes to the next step at once, or with `full` to weight 100."""
        return await self._move(
            Verb.PROMOTE, name, ask, lambda known, stamp: steering.promote(known, stamp, full=full)
        )

    async def rollback(self, name: str, ask: Ask) -> Changed:
        """Weight 0 and the latch, in every phase; rolling back twice is rolling back once."""
        return await self._move(Verb.ROLLBACK, name, ask, transitions.roll_back)

    async def rollback_all(self, ask: Ask) -> tuple[Changed, ...]:
        """Rolls back every migration, each with its own version, and waits for the last one."""
        names = [state.route.name for state in (await read(self.store)).states()]
        done: list[Changed] = []
        for name in names:
            last = name == names[-1]
            done.append(await self.rollback(name, replace(ask, wait=ask.wait and last)))
        return tuple(done)

    async def retry(self, name: str, ask: Ask) -> Changed:
        """Clears the latch; the weight stays 0."""

        return await self._move(Verb.RETRY, name, ask, transitions.retry)

    async def list(self) -> tuple[Summary, ...]:
        """Every migration, in the order of registration."""
        book = await read(self.store)
        return tuple(summary(state, book.version) for state in book.states())

    async def get(self, name: str) -> View:
        """One migration in full."""
        book = await read(self.store)
        state = _registered(name, book.state(name))
        return view(
            state,
            book.version,
            {arm: self.figures(name, arm) for arm in ArmName},
            outlook(state, self.judge, self._now_s()),
            workers=await self.workers(),
            events=await self._past(name, LAST_EVENTS),
        )

    async def history(self, name: str, limit: int = MOST_EVENTS) -> Sequence[Event]:
        """What happened to a migration, the latest first."""
        book = await read(self.store)
        _registered(name, book.state(name))
        return await self._past(name, limit)

    async def explain(self, name: str, asked: str) -> Sequence[Explanation]:
        """The arithmetic of each limit of this metric or key, on all evidence so far."""
        state = _registered(name, (await read(self.store)).state(name))
        found = await asyncio.to_thread(explained, state, self.judge, asked, self._now_s())
        if not found:
            known = ", ".join(limit.key for limit in state.entry.course.limits) or "none"
            raise DeskError(
                Code.UNKNOWN_LIMIT, f"{name} has no limit of {shown(asked)}; it has: {known}"
            )
        return found

    async def forecast(self, name: str, traffic: Traffic | None = None) -> Forecast:
        """What the ramp takes and can find, at the traffic observed of late or at this one."""
        state = _registered(name, (await read(self.store)).state(name))
        seen = traffic or observed(self.judge.evidence(name))
        return await asyncio.to_thread(forecast, state.entry.course, seen)

    async def workers(self) -> Sequence[WorkerStatus]:
        """The live workers and the versions that they serve."""
        try:
            return await self.store.workers()
        except StoreUnavailable as error:
            raise _unreadable(error) from error

    async def _past(self, name: str, limit: int) -> Sequence[Event]:
        try:
            return await self.store.history(name, limit)
        except StoreUnavailable as error:
            raise _unreadable(error) from error

    async def _wanted(self, name: str, source: Source) -> Wanted:
        try:
            # YAML of 60 KB takes a second to read: in a thread, so that no stream waits for it.
            migration = await asyncio.to_thread(
                plan.parse, source.text, source.files, self.config, name=f"{name}.yaml"
            )
        except ConfigError as error:
            raise DeskError(
                Code.INVALID_MIGRATION,
                "the migration file is invalid:",
                problems=tuple(str(problem) for problem in error.problems),
            ) from error
        if migration.name != name:
            raise DeskError(
                Code.NAME_MISMATCH, f"the file is of {migration.name}, not of {shown(name)}"
            )
        route = plan.route(migration, self.config, self.draw_salt(), 0)
        return Wanted(route=route, owner=migration.owner, source=source, course=migration.course)

    async def _move(self, verb: Verb, name: str, ask: Ask, move: Move) -> Changed:
        def decide(known: State | None, _: Book, stamp: Stamp) -> State:
            return move(_registered(name, known), stamp)

        return await self._change(verb, name, ask, decide)

    async def _change(self, verb: Verb, name: str, ask: Ask, decide: Decide) -> Changed:
        began = self.clock()
        order = Order(
            verb=verb,
            name=name,
            actor=ask.actor,
            at=written(self._now_s()),
            note=ask.reason,
            expected_version=ask.expected_version,
        )
        async with self._turn:
            committed = await commit(self.store, order, decide)
        if committed.changed:
            _log(order, committed)
        stored_ms = self._since(began)
        if not ask.wait:
            return told(order, committed, None, Timings(stored=stored_ms))
        served = await self.acknowledged.reached(committed.version, self.patience_s)
        timings = Timings(stored=stored_ms, acknowledged=self._since(began) if served else None)
        return told(order, committed, served, timings)

    def _now_s(self) -> float:
        return self.now().timestamp()

    def _since(self, began: float) -> float:
        return round((self.clock() - began) * 1_000, 3)


def _log(order: Order, committed: Committed) -> None:
    """The name is one that plan allows; who and why, free texts, are in the history."""
    entry = committed.state.entry
    log.info(
        "migration_changed migration=%s verb=%s version=%d phase=%s",
        order.name,
        order.verb,
        committed.version,
        entry.phase,
    )


def _registered(name: str, known: State | None) -> State:
    if known is None:
        raise DeskError(Code.UNKNOWN_MIGRATION, f"no migration {shown(name)} is registered")
    return known


def _unreadable(error: StoreUnavailable) -> DeskError:
    return DeskError(Code.STORE_UNAVAILABLE, f"the store cannot be read: {error}")
