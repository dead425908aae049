"""The story's second half: a ramp with holds, and a candidate that turns bad in its midst."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import msgspec

from control.demo.callers import Caller
from control.demo.files import NAME
from control.demo.narrator import Narrator
from control.demo.stage import Stage
from control.demo.traffic import Traffic, going_on
from control.desk.outlook import Current
from control.desk.view import View
from control.migration.ledger import Phase

BAD_PERCENT = 30
PATIENCE_S = 45.0
LOOK_S = 0.25
SAY_S = 2.0


class Broken(Exception):
    """Something that crossfade promises was not seen; the text says what."""


class Ramp:
    """Plays a ramp on a stage whose migration was rolled back before."""

    def __init__(self, stage: Stage, narrator: Narrator, customers: Sequence[str]) -> None:
        self._stage = stage
        self._tell = narrator
        self._customers = customers

    async def tell(self, caller: Caller) -> None:
        """All of it. Raises Broken at the first promise that is not kept."""
        async with going_on(caller, self._customers) as traffic:
            await self._started()
            await self._stepped()
            await self._turned_bad(traffic)
        await self._crossfade("explain", NAME, "error_rate")
        await asyncio.to_thread(self._stage.turn_bad, 0)

    async def _started(self) -> None:
        tell = self._tell
        tell.scene("A ramp: steps with holds, limits that are tested all the time")
        tell.say("10 % for 5 s, then 50 % for a minute, then all but 1 %; back by itself when the")
        tell.say("candidate's errors are over 1.25 x the baseline's. Customers go on asking.")
        await self._crossfade("retry", NAME, "--reason", "practice is over")
        await self._crossfade("start", NAME)

    async def _stepped(self) -> None:
        view = await self._until("the second step", lambda seen: _index(seen) == 2)
        self._tell.good(f"step 1 has passed by itself: {_newest(view)}")
        weight = view.weights.candidate
        demand(weight == 50, f"the second step has weight {weight:g}")

    async def _turned_bad(self, traffic: Traffic) -> None:
        tell = self._tell
        tell.scene("The candidate turns bad")
        tell.say(f"From now on the new model API answers 500 to {BAD_PERCENT} % of its requests.")
        failed, begun = traffic.failed, time.monotonic()
        await asyncio.to_thread(self._stage.turn_bad, BAD_PERCENT)
        view = await self._until("the rollback", lambda seen: seen.phase is Phase.DEGRADED)
        took = time.monotonic() - begun
        demand(view.latched, "the rollback is not latched")
        demand(view.events[0].actor == "guard", f"{view.events[0].actor} rolled it back")
        tell.good(f"rolled back by itself after {took:.1f} s, latched; nobody typed anything:")
        tell.say(_newest(view))
        tell.say(f"{traffic.failed - failed} requests had failed by then")
        await asyncio.sleep(LOOK_S)  # for what was asked before the switch
        failed, answered = traffic.failed, traffic.answered.get("baseline", 0)
        await asyncio.sleep(1)
        demand(traffic.failed == failed, "requests went on failing after the rollback")
        answered = traffic.answered.get("baseline", 0) - answered
        tell.good(f"{answered} requests in the next second: all of them answered, by the baseline")

    async def _until(self, what: str, holds: Callable[[View], bool]) -> View:
        """The migration once it is so; what it waits for is said from time to time, never twice."""
        begun = said = time.monotonic()
        last = ""
        while True:
            view = await self._view()
            if holds(view):
                return view
            now = time.monotonic()
            demand(now - begun < PATIENCE_S, f"{what} did not come: {view.phase} ({view.reason})")
            waits = "" if view.step is None else _waiting(view.step)
            if waits != last and now - said >= SAY_S:
                self._tell.say(waits)
                said, last = now, waits
            await asyncio.sleep(LOOK_S)

    async def _view(self) -> View:
        text = await asyncio.to_thread(self._stage.told, f"/api/migrations/{NAME}")
        return msgspec.json.decode(text, type=View)

    async def _crossfade(self, *words: str) -> None:
        """In a thread, since customers go on asking."""
        self._tell.typed(" ".join(["crossfade", *(f"'{w}'" if " " in w else w for w in words)]))
        done = await asyncio.to_thread(self._stage.crossfade, *words)
        self._tell.answered(done.text)
        demand(done.status == 0, f"exit code {done.status} instead of 0")


def demand(kept: bool, broken: str) -> None:
    """Raises Broken where a promise was not kept."""
    if not kept:
        raise Broken(broken)


def _index(view: View) -> int | None:
    return None if view.step is None else view.step.index


def _newest(view: View) -> str:
    return view.events[0].reason or view.events[0].verb


def _waiting(step: Current) -> str:
    waits = ", ".join(step.awaiting[:2]) or "the next look"
    return f"step {step.index} of {step.of} at {step.weight:g} %, waits for {waits}"
