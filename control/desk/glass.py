"""A rollback that the store cannot take: this host is latched, and the store gets it later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from control.desk.commit import Order
from control.migration.ledger import Verb
from control.refusal import Code, DeskError
from proxy.following import latch
from proxy.following.latch import Note

STORE_S = 1.0
AGAIN_S = 1.0
REASONS = (Code.STORE_UNAVAILABLE, Code.STORE_UNREADABLE, Code.BUSY)
LOOK_ROUNDS = 5  # how many rounds pass between two looks at who is there

T = TypeVar("T")
Again = Callable[[str | None, Note], Awaitable[Sequence[str]]]

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Glass:
    """Breaks where a rollback would fail.

    `own` is what the names of this host's workers begin with; `others` gives the names of all
    workers that were heard of lately, `names` the migrations that this host serves (None: it does
    not know), `look` tells the workers that the latches have changed.
    """

    state_dir: Path
    own: str
    others: Callable[[], Sequence[str]]
    names: Callable[[], Collection[str] | None]
    look: Callable[[], None]
    pending: dict[str | None, Note] = field(default_factory=dict)

    async def guarded(self, order: Order, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` gives; for a rollback that it cannot give within a second, the local latch.

        Then DeskError says so, and names the hosts that were not reached.
        """
        if order.verb is not Verb.ROLLBACK:
            return await work()
        return await self._guarded(order.name, _note(order), work)

    async def guarded_all(self, note: Note, work: Callable[[], Awaitable[T]]) -> T:
        """The same for a rollback of everything there is."""
        return await self._guarded(None, note, work)

    async def run(self, again: Again, refresh: Callable[[], Awaitable[object]]) -> None:
        """Repeats what the store has not got, until cancelled; `again` gives who lags behind."""
        await self._remember()
        rounds = 0
        while True:
            if rounds % LOOK_ROUNDS == 0:
                await refresh()
            rounds += 1
            for name, note in tuple(self.pending.items()):
                await self._repeat(name, note, again)
            await asyncio.sleep(AGAIN_S)

    async def broken(self, name: str | None, note: Note, why: str) -> DeskError:
        """Latches a migration, or everything (None): how that went, to be raised."""
        known = self.names()
        before = self.pending.get(name)  # what was refused once is not refused later on
        if name is not None and known is not None and name not in known and before is None:
            return DeskError(Code.UNKNOWN_MIGRATION, f"{name} is not served here, and {why}")
        if before is not None and note.reason is None:
            note = before  # whoever asks again without a word means what was said
        try:
            await asyncio.to_thread(latch.latch, self.state_dir, name, note)
        except (OSError, ValueError) as error:
            return DeskError(
                Code.STORE_UNAVAILABLE,
                f"NOTHING WAS ROLLED BACK: {why}; nor can this host be latched: {error}",
            )
        self.pending[name] = note
        self.look()
        log.error("glass_broken migration=%s", name or "*")
        return DeskError(Code.LATCHED_HERE, self._said(name, why))

    async def _guarded(self, name: str | None, note: Note, work: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(STORE_S):
                return await work()
        except TimeoutError:
            why = f"it does not answer within {STORE_S:g} s"
        except DeskError as error:
            if error.code not in REASONS:
                raise
            why = error.message
        raise await self.broken(name, note, why)

    def _said(self, name: str | None, why: str) -> str:
        what, again = (name, name) if name is not None else ("every migration", "--all")
        others = sorted({_host(worker) for worker in self.others() if not self._mine(worker)})
        reached = "no other host is known"
        if others:
            reached = (
                f"not reached: {', '.join(others)}; on each of them run "
                f"'crossfade rollback {again} --local'"
            )
        return (
            f"{what} is latched on this host alone ({self.own}), which serves the baseline within "
            "a second: "
            f"{why}; {reached}; the rollback is repeated once the store answers"
        )

    def _mine(self, worker: str) -> bool:
        return worker == self.own or worker.startswith(f"{self.own}:")

    async def _remember(self) -> None:
        try:
            self.pending |= await asyncio.to_thread(latch.to_replay, self.state_dir)
        except OSError as error:
            log.error("latches_unreadable reason=%s", error.strerror)

    async def _repeat(self, name: str | None, note: Note, again: Again) -> None:
        try:
            lagging = await again(name, note)
        except DeskError as error:
            if error.code is Code.UNKNOWN_MIGRATION:  # by the store's own word
                self.pending.pop(name, None)
                log.error("replay_given_up migration=%s code=%s", name or "*", error.code)
            elif error.code is not Code.LATCHED_HERE:
                log.error("replay_failed migration=%s code=%s", name or "*", error.code)
            return
        if not any(map(self._mine, lagging)):
            await self._mend(name)

    async def _mend(self, name: str | None) -> None:
        """The store has it, and this host obeys it: the latch has done its work."""
        self.pending.pop(name, None)
        log.warning("rollback_replayed migration=%s", name or "*")
        try:
            await asyncio.to_thread(_clear_if_ours, self.state_dir, name)
        except OSError as error:
            log.error("latch_stays migration=%s reason=%s", name or "*", error.strerror)
        self.look()


def _clear_if_ours(state_dir: Path, name: str | None) -> None:
    """A latch that somebody set on purpose stays until somebody clears it."""
    found = latch.note(state_dir, name)
    if found is not None and found.replay:
        latch.clear(state_dir, name)


def _note(order: Order) -> Note:
    return Note(actor=order.actor, at=order.at, reason=order.note, replay=True)


def _host(worker: str) -> str:
    return worker.rpartition(":")[0]
