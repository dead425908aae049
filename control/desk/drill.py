"""One rollback practised on the real fleet, timed, and undone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from control.desk.commit import MOST_RACES, read, registered
from control.desk.fleet import Fleetwide
from control.desk.outlook import weights
from control.measures.measuring import always_new
from control.migration.book import Book
from control.migration.change import shift
from control.migration.ledger import Phase, Stamp, State
from control.migration.moment import written
from control.migration.rehearsal import practised, restored, unmeddled
from control.migration.transitions import set_share
from control.refusal import Code, DeskError
from control.store import Conflict, Event, Store, StoreUnavailable
from proxy.numbers.arm_figures import Figures
from proxy.policy import ArmName

DRILL = "drill"  # the verb in the history; nobody is told of it
PATIENCE_S = 10.0
LOOK_S = 0.1
QUIET_S = 2.5  # so long without an answer of the candidate, and all flushes are in


class Drilled(msgspec.Struct, frozen=True, kw_only=True):
    """One round. Milliseconds from when the rollback was asked for.

    `accepted`: it was in the store. `workers`: each one's switch, from which on it sends nothing to
    the candidate; `last_candidate_request` is the last of them, None where some worker is
    `missing`. `drained`: the last answer of the candidate that was counted, to the second; None
    where none was counted after the switch, or streams go on. `restored`: everything was as it had
    been.
    """

    migration: str
    weight: float
    accepted: float
    workers: dict[str, float]
    missing: tuple[str, ...]
    last_candidate_request: float | None
    drained: float | None
    restored: float
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """Practises rollbacks. `figures` are the fleet's, which `freshen` brings up to now.

    `now_s` gives UTC, `clock` monotonic seconds.
    It refuses a migration that is latched, and undoes nothing that somebody else did meanwhile.
    """

    store: Store
    fleet: Fleetwide
    figures: Callable[[str, ArmName], Figures]
    now_s: Callable[[], float]
    clock: Callable[[], float]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    freshen: Callable[[], Awaitable[None]] = always_new

    async def round(self, name: str, actor: str, share: int | None, hold_s: float) -> Drilled:
        """Shifts to `share` if one is given, holds, rolls back, waits, and restores everything."""
        before = registered(name, (await read(self.store)).state(name))
        began_s = self.now_s()
        shifted = await self._shifted(before, actor, share)
        try:
            await self.pause(hold_s)
            began = self.clock()
            drilled = await self._move(shifted, actor, "drill: rollback", practised)
        except BaseException:
            if shifted is not before:
                await self._restored(before, shifted, actor, began_s)
            raise
        accepted = self._since(began)
        try:
            served = await self.fleet.served(drilled.entry.changed_version, PATIENCE_S)
            drained = await self._drained(name, began)
        finally:
            after = await self._restored(before, drilled, actor, began_s)
        back = await self.fleet.served(after.entry.changed_version, PATIENCE_S)
        workers = {worker: round(accepted + ms, 3) for worker, ms in served.workers.items()}
        return Drilled(
            migration=name,
            weight=weights(shifted.route.split.share).candidate,
            accepted=accepted,
            workers=workers,
            missing=tuple(dict.fromkeys((*served.missing, *back.missing))),
            last_candidate_request=max(workers.values(), default=None) if served.complete else None,
            drained=drained,
            restored=self._since(began),
            version=after.entry.changed_version,
        )

    async def _shifted(self, before: State, actor: str, share: int | None) -> State:
        if share is None or share == before.route.split.share:
            return before

        def move(known: State, stamp: Stamp) -> State:
            return set_share(known, share, stamp)

        shifted = await self._move(before, actor, "drill: shift", move)
        await self.fleet.served(shifted.entry.changed_version, PATIENCE_S)
        return shifted

    async def _drained(self, name: str, began: float) -> float | None:
        """When the candidate's count was seen to grow last, once it rests.

        None where it did not grow, or goes on growing: long streams are not waited for.
        """
        count, at, grown = self._answers(name), self.clock(), None
        until = at + PATIENCE_S
        while self.clock() - at < QUIET_S:
            await self.pause(LOOK_S)
            await self.freshen()
            seen = self._answers(name)
            if seen != count:
                count, at, grown = seen, self.clock(), self._since(began)
            if self.clock() > until:
                return None
        return grown

    def _answers(self, name: str) -> int:
        return self.figures(name, ArmName.CANDIDATE).requests

    async def _restored(self, before: State, left: State, actor: str, began_s: float) -> State:
        def move(known: State, stamp: Stamp) -> State:
            return restored(before, known, stamp, began_s=began_s)

        return await self._move(left, actor, "drill: as it was", move)

    async def _move(
        self, seen: State, actor: str, note: str, move: Callable[[State, Stamp], State]
    ) -> State:
        """One change, on what was seen and nothing newer of this migration."""
        name = seen.route.name
        for _ in range(MOST_RACES):
            book = await read(self.store)
            known = registered(name, book.state(name))
            unmeddled(seen, known)
            at = written(self.now_s())
            stamp = Stamp(version=book.version + 1, actor=actor, at=at, note=note)
            state = move(known, stamp)
            try:
                await self._commit(book, known, state, stamp)
            except Conflict:
                continue  # another migration was changed
            return state
        raise DeskError(Code.BUSY, f"the drill lost {MOST_RACES} races; try again")

    async def _commit(self, book: Book, known: State, state: State, stamp: Stamp) -> None:
        event = Event(
            version=stamp.version,
            migration=state.route.name,
            verb=DRILL,
            actor=stamp.actor,
            reason=stamp.note,
            at=stamp.at,
            phase=state.entry.phase,
            evidence=shift(known.route.split.share, state.route.split.share),
        )
        try:
            await self.store.commit(book.amended([state]).document(), book.version, event)
        except StoreUnavailable as error:
            latched = state.entry.phase is not Phase.DEGRADED and known.entry.latched
            left = "; it stays rolled back until 'retry'" if latched else ""
            raise DeskError(
                Code.STORE_UNAVAILABLE, f"the drill broke off: {error}{left}"
            ) from error

    def _since(self, began: float) -> float:
        return round((self.clock() - began) * 1_000, 3)
