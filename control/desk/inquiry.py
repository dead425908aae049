"""What an operator can ask about migrations: one method a question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from control.desk.commit import read, registered
from control.desk.fleet import Fleetwide
from control.desk.outlook import explained, outlook
from control.desk.view import Summary, View, summary, view
from control.files.problems import shown
from control.guard import Explanation
from control.guard.forecast import Forecast, Traffic, forecast, observed
from control.measures.judge import Judge, Unjudged
from control.measures.measuring import always_new
from control.migration.ledger import Cause, Phase, State
from control.migration.moment import seconds
from control.refusal import Code, DeskError
from control.store import Event, Store, StoreUnavailable, WorkerStatus
from proxy.numbers.arm_figures import Figures
from proxy.policy import ArmName

GLANCE_S = 0.25  # a look waits so long for workers that lag behind a rollback
MOST_EVENTS = 1_000
LAST_EVENTS = 5

T = TypeVar("T", bound=Summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Reads the store, and asks whoever measures, judges and serves.

    `figures` gives what was measured on a migration's arm, which `freshen` brings up to now; `now`
    gives UTC.
    """

    store: Store
    acknowledged: Fleetwide
    figures: Callable[[str, ArmName], Figures]
    now: Callable[[], datetime]
    judge: Judge = field(default_factory=Unjudged)
    freshen: Callable[[], Awaitable[None]] = always_new

    async def list(self) -> tuple[Summary, ...]:
        """Every migration, in the order of registration."""
        book = await read(self.store)
        states = book.states()
        latest = max((_latched(state) for state in states), default=0)
        if not latest or await self._obeyed(latest):  # one look tells for all of them
            return tuple(summary(state, book.version) for state in states)
        return tuple([await self._shown(summary(state, book.version), state) for state in states])

    async def get(self, name: str) -> View:
        """One migration in full."""
        await self.freshen()
        book = await read(self.store)
        state = registered(name, book.state(name))
        whole = view(
            state,
            book.version,
            {arm: self.figures(name, arm) for arm in ArmName},
            outlook(state, self.judge, self._now_s()),
            workers=await self.workers(),
            events=await self._past(name, LAST_EVENTS),
        )
        return await self._shown(whole, state)

    async def history(self, name: str, limit: int = MOST_EVENTS) -> Sequence[Event]:
        """What happened to a migration, the latest first."""
        book = await read(self.store)
        registered(name, book.state(name))
        return await self._past(name, limit)

    async def explain(self, name: str, asked: str | None = None) -> Sequence[Explanation]:
        """The arithmetic of each limit, of this metric or key alone, on all evidence so far."""
        await self.freshen()
        state = registered(name, (await read(self.store)).state(name))
        found = await asyncio.to_thread(explained, state, self.judge, asked, self._now_s())
        if not found:
            known = ", ".join(limit.key for limit in state.entry.course.limits) or "none"
            what = "" if asked is None else f" of {shown(asked)}"
            raise DeskError(Code.UNKNOWN_LIMIT, f"{name} has no limit{what}; it has: {known}")
        return found

    async def forecast(self, name: str, traffic: Traffic | None = None) -> Forecast:
        """What the ramp takes and can find, at the traffic observed of late or at this one."""
        await self.freshen()
        state = registered(name, (await read(self.store)).state(name))
        entry = state.entry
        begun_s = seconds(entry.since.at) if entry.cause is Cause.REGISTERED else 0.0
        seen = traffic or observed(self.judge.evidence(name), begun_s)
        return await asyncio.to_thread(forecast, entry.course, seen)

    async def workers(self) -> Sequence[WorkerStatus]:
        """The live workers and the versions that they serve."""
        try:
            return await self.store.workers()
        except StoreUnavailable as error:
            raise _unreadable(error) from error

    async def _shown(self, told: T, state: State) -> T:
        """The same with the phase that people are shown: RollingBack until every worker obeys.

        What is kept is Degraded from the first moment: the latch waits for no worker.
        """
        entry = state.entry
        if not entry.latched or await self._obeyed(entry.since.version):
            return told
        return msgspec.structs.replace(told, phase=Phase.ROLLING_BACK)

    async def _obeyed(self, version: int) -> bool:
        return (await self.acknowledged.served(version, GLANCE_S)).complete

    async def _past(self, name: str, limit: int) -> Sequence[Event]:
        try:
            return await self.store.history(name, limit)
        except StoreUnavailable as error:
            raise _unreadable(error) from error

    def _now_s(self) -> float:
        return self.now().timestamp()


def _latched(state: State) -> int:
    """The version that latched a migration, 0 where it is not."""
    return state.entry.since.version if state.entry.latched else 0


def _unreadable(error: StoreUnavailable) -> DeskError:
    return DeskError(Code.STORE_UNAVAILABLE, f"the store cannot be read: {error}")
