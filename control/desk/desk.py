"""What an operator can do: one method a verb; the admin API and through it the command line."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from control.desk.commit import Committed, Decide, Order, commit, read, registered, told
from control.desk.glass import Glass
from control.desk.inquiry import Inquiry
from control.desk.view import Changed
from control.files import plan, units
from control.files.config import Config
from control.files.problems import ConfigError, Wrong, shown
from control.migration import approval, steering, transitions
from control.migration.book import Book
from control.migration.ledger import Source, Stamp, State, Verb
from control.migration.moment import written
from control.migration.transitions import Wanted, set_share
from control.refusal import Code, DeskError
from proxy.following.latch import Note

log = logging.getLogger(__name__)

PATIENCE_S = 10.0

Move = Callable[[State, Stamp], State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What comes with every verb; `expected_version` is the one that last changed the migration."""

    actor: str
    reason: str | None = None
    expected_version: int | None = None
    wait: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Inquiry):
    """Reads, decides by the plain functions of `transitions`, commits.

    `clock` gives monotonic seconds, `draw_salt` fresh hex. Changes made through one desk queue up,
    so that they do not race each other for a version.
    """

    config: Config
    clock: Callable[[], float]
    draw_salt: Callable[[], str]
    glass: Glass | None = None
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
        share = share_of(percent)
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
        """Rolls back every migration, each with its own version, and waits for the last one.

        One that fails keeps no other from it; then DeskError names the first such one.
        """

        async def work() -> Book:
            return await read(self.store)

        note = Note(actor=ask.actor, at=written(self._now_s()), reason=ask.reason, replay=True)
        book = await (work() if self.glass is None else self.glass.guarded_all(note, work))
        names = [state.route.name for state in book.states()]
        done: list[Changed] = []
        failed: list[DeskError] = []
        for name in names:
            last = name == names[-1]
            try:
                done.append(await self.rollback(name, replace(ask, wait=ask.wait and last)))
            except DeskError as error:
                if self.glass is not None and error.code is Code.LATCHED_HERE:
                    raise await self.glass.broken(None, note, error.message) from error
                failed.append(DeskError(error.code, f"{name} is not rolled back: {error.message}"))
        if failed:
            raise failed[0]
        return tuple(done)

    async def retry(self, name: str, ask: Ask) -> Changed:
        """Clears the latch; the weight stays 0."""
        return await self._move(Verb.RETRY, name, ask, transitions.retry)

    async def repeat(self, refresh: Callable[[], Awaitable[object]]) -> None:
        """Brings the store the rollbacks that it could not take, until cancelled.

        `refresh` learns who is there, while the store still tells.
        """
        if self.glass is not None:
            await self.glass.run(self._again, refresh)

    async def _again(self, name: str | None, note: Note) -> Sequence[str]:
        ask = Ask(actor=note.actor, reason=note.reason)
        done = await self.rollback_all(ask) if name is None else (await self.rollback(name, ask),)
        lagging = [worker for one in done for worker in one.missing]
        if not lagging and self.glass and any(one.acknowledged is False for one in done):
            return [self.glass.own]  # the store fell silent again: nobody knows who obeys it
        return lagging

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
            return move(registered(name, known), stamp)

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
        committed = await self._committed(order, decide)
        if committed.changed:
            _log(order, committed)
        stored_ms = round((self.clock() - began) * 1_000, 3)
        served = None
        if ask.wait:
            served = await self.acknowledged.served(committed.version, self.patience_s)
        return told(order, committed, stored_ms, served)

    async def _committed(self, order: Order, decide: Decide) -> Committed:
        async def work() -> Committed:
            async with self._turn:
                return await commit(self.store, order, decide)

        return await (work() if self.glass is None else self.glass.guarded(order, work))


def share_of(percent: object) -> int:
    """The basis points that somebody asks for as a percent. Refuses what is none."""
    try:
        return units.share(percent)
    except Wrong as wrong:
        raise DeskError(
            Code.INVALID_PERCENT, f"the percent {wrong.message}: {wrong.hint}"
        ) from wrong


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
