"""The demo's story, scene by scene; every sentence that promises something was checked before."""

from __future__ import annotations

import asyncio
import math
import shlex
import time

from control.demo import others, samples
from control.demo.callers import Caller, ask_all, openai_caller
from control.demo.files import ASKED, NAME
from control.demo.narrator import Narrator
from control.demo.ramp import Broken, Ramp, demand
from control.demo.samples import Sight
from control.demo.stage import Done, Stage

BASELINE, CANDIDATE = "baseline", "candidate"
SIGMAS = 5  # one run in a million strays further by chance
LOOKS = 100  # at /metrics, for an exchange that has just ended


class Story:
    """Plays one migration on a stage."""

    def __init__(self, stage: Stage, narrator: Narrator, *, customers: int) -> None:
        self._stage = stage
        self._tell = narrator
        self._customers = [f"customer-{number}" for number in range(customers)]

    def tell(self) -> None:
        """All scenes. Raises Broken at the first promise that is not kept."""
        asyncio.run(self._play())

    async def _play(self) -> None:
        async with openai_caller(self._stage.url) as caller:
            self._opening()
            await self._registered(caller)
            await self._unmatched()
            at_10 = await self._weighed(caller, 10)
            await self._asked_again(caller, at_10)
            at_25 = await self._weighed(caller, 25)
            self._nobody_back(at_10, at_25)
            await self._streamed(caller, _on(CANDIDATE, at_25)[0])
            await self._rolled_back(caller, _on(CANDIDATE, at_25))
            await Ramp(self._stage, self._tell, self._customers).tell(caller)
            self._closing()

    def _opening(self) -> None:
        stage, tell = self._stage, self._tell
        tell.scene("Two model APIs, and crossfade in front of them")
        tell.say(f"old   {stage.old}   serves gpt-4o-2024-08-06, the baseline")
        tell.say(f"new   {stage.new}   serves gpt-4o-mini, the candidate")
        tell.typed("crossfade serve")
        tell.say(f"{stage.url} for applications, {stage.admin_url} for operators")

    async def _registered(self, caller: Caller) -> None:
        tell = self._tell
        tell.scene("The migration is registered, at weight 0")
        self._crossfade("apply", f"{NAME}.yaml")
        tell.say(f"An application on {caller.says}; all it changed:")
        tell.say(f"OPENAI_BASE_URL={self._stage.url}/v1")
        arm = await caller.ask(self._customers[0])
        demand(arm == BASELINE, f"weight 0 sent a request to the {arm}")
        tell.good(f"it asks for {ASKED} and is answered by the {arm}")

    async def _unmatched(self) -> None:
        known = others.installed()
        if not known:
            return
        self._tell.scene("What no migration matches passes through, and is measured too")
        for name, ask in known.items():
            text = await asyncio.to_thread(ask, self._stage.url)
            demand(text.startswith("[old]"), f"{name} was answered with {text[:40]!r}")
            self._tell.good(f"the {name} SDK: {text[:46]}…")

    async def _weighed(self, caller: Caller, weight: int) -> dict[str, str]:
        count = len(self._customers)
        self._tell.scene(f"{weight} % of the customers")
        self._crossfade("set", "weight", NAME, str(weight))
        begun = time.monotonic()
        arms = await ask_all(caller, self._customers)
        took = time.monotonic() - begun
        self._tell.share(len(_on(CANDIDATE, arms)), count)
        share, odds = len(_on(CANDIDATE, arms)) / count, weight / 100
        by_chance = SIGMAS * math.sqrt(odds * (1 - odds) / count)
        demand(abs(share - odds) <= by_chance, f"the candidate got {share:.1%}")
        self._tell.say(f"{count:,} customers, a request each, in {took:.1f} s")
        return arms

    async def _asked_again(self, caller: Caller, before: dict[str, str]) -> None:
        few = _on(CANDIDATE, before) + _on(BASELINE, before)[:100]
        after = await ask_all(caller, few)
        demand(all(before[one] == after[one] for one in few), "a customer changed its arm")
        self._tell.good(f"{len(few)} of them ask again: each on the same arm as before")

    def _nobody_back(self, before: dict[str, str], after: dict[str, str]) -> None:
        were = _on(CANDIDATE, before)
        back = [one for one in were if after[one] == BASELINE]
        demand(not back, f"{len(back)} customers moved back when the weight was raised")
        self._tell.good(f"the {len(were)} from before stay with the candidate: nobody moved back")

    async def _streamed(self, caller: Caller, customer: str) -> None:
        tell = self._tell
        tell.scene("A stream, word by word")
        before = self._sight()
        begun, first = time.monotonic(), None
        tell.word("   ")
        async for word in caller.stream(customer):
            first = first or time.monotonic() - begun
            tell.word(word)
        tell.word("\n")
        after = await self._counted(before)
        seen_ms = (after.first_token_s - before.first_token_s) * 1000
        tell.say(f"the application saw the first word after {(first or 0) * 1000:.0f} ms")
        tell.say(
            f"in /metrics: first token {seen_ms:.0f} ms, "
            f"{after.tokens_in - before.tokens_in:.0f} tokens in, "
            f"{after.tokens_out - before.tokens_out:.0f} out, "
            f"{after.cost_usd - before.cost_usd:.7f} USD"
        )

    async def _counted(self, before: Sight) -> Sight:
        for _ in range(LOOKS):
            after = self._sight()
            if after.first_tokens > before.first_tokens:
                return after
            await asyncio.sleep(0.02)
        raise Broken("a stream that ended is not in /metrics")

    def _sight(self) -> Sight:
        return samples.sight(self._stage.metrics(), migration=NAME, arm=CANDIDATE)

    async def _rolled_back(self, caller: Caller, customers: list[str]) -> None:
        tell = self._tell
        tell.scene("Rollback")
        self._crossfade("rollback", NAME, "--reason", "practice")
        arm = await caller.ask(customers[0])
        demand(arm == BASELINE, f"the request after the rollback went to the {arm}")
        tell.good("the very next request of a candidate's customer: baseline")
        arms = await ask_all(caller, customers)
        demand(not _on(CANDIDATE, arms), "the candidate was asked after the rollback")
        tell.good(f"and so the requests of all {len(customers)} of them")
        self._crossfade("set", "weight", NAME, "10", status=1)
        tell.good("refused: a rollback is latched until someone says retry")

    def _closing(self) -> None:
        self._tell.scene("Where it stands, and how it came there")
        self._crossfade("get", NAME)
        self._crossfade("history", NAME)

    def _crossfade(self, *words: str, status: int = 0) -> None:
        self._tell.typed(shlex.join(["crossfade", *words]))
        done: Done = self._stage.crossfade(*words)
        self._tell.answered(done.text)
        demand(done.status == status, f"exit code {done.status} instead of {status}")


def _on(arm: str, arms: dict[str, str]) -> list[str]:
    return [customer for customer, served in arms.items() if served == arm]
