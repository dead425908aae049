"""failure-cases.md 79 and 80: noise, no data, a broken backend, and an outage of both arms."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from control.guard.rulings import Rulings
from control.hosting.loop import Loop
from control.migration.ledger import Cause, Phase, Verb
from control.words.criteria import OnFail
from control.words.evidence import Evidence
from control.words.steps import Step
from tests.control.ramps import ERRORS
from tests.control.ruled import COURSE, WORSE, Ruled, begun, ruled

HOUR_S = 3_600
LONG = msgspec.structs.replace(COURSE, steps=(Step(share=5_000, hold_s=2.0 * HOUR_S),))


async def hours(held: Ruled, loop: Loop, rate: float, *, both: bool, seed: int) -> None:
    """An hour of traffic, ten looks a minute; candidate and baseline fail at a rate of 1 %."""
    draw = random.Random(seed)
    counts = {"candidate": [0, 0], "baseline": [0, 0]}
    for _ in range(HOUR_S // 6):
        for arm, count in counts.items():
            chance = rate if both or arm == "candidate" else 0.01
            count[1] += 30
            count[0] += sum(draw.random() < chance for _ in range(30))
        held.now_s += 6
        held.measured(1, candidate=tuple(counts["candidate"]), baseline=tuple(counts["baseline"]))
        await loop.turn()


async def test_79_noise_is_no_breach(tmp_path: Path) -> None:
    """An hour at the baseline's own rate, looked at 600 times, for each of five seeds."""
    for seed in range(5):
        async with ruled(tmp_path / str(seed), begun(course=LONG)) as held:
            loop = held.loop()
            await hours(held, loop, 0.01, both=True, seed=seed)
            after = await held.state()
            assert (after.entry.phase, after.route.split.share) == (Phase.PROGRESSING, 5_000)


async def test_79_the_first_failures_alone_are_no_breach(tmp_path: Path) -> None:
    async with ruled(tmp_path) as held:
        held.measured(1, candidate=(2, 5), baseline=(1, 40))
        after = await held.after(held.loop(), 3)
        assert (after.entry.phase, after.route.split.share) == (Phase.PROGRESSING, 1_000)


async def test_79_no_traffic_pauses_and_never_promotes_nor_rolls_back(tmp_path: Path) -> None:
    async with ruled(tmp_path) as held:
        loop = held.loop()
        held.measured(1, candidate=(0, 0), baseline=(0, 900))
        for _ in range(300):
            held.now_s += 1
            held.keep_fresh()
            await loop.turn()
        after = await held.state()
        assert (after.entry.phase, after.entry.cause) == (Phase.PAUSED, Cause.NO_TRAFFIC)
        assert (after.route.split.share, after.entry.step_index) == (1_000, 0)
        verbs = [event.verb for event in await held.store.history("triage", 100)]
        assert verbs == [Verb.PAUSE, Verb.START]


async def test_79_an_error_of_the_measurements_is_no_failure_of_the_candidate(
    tmp_path: Path,
) -> None:
    """Rulings raise at every look; then the newest measurement is old. No weight moves."""
    async with ruled(tmp_path) as held:
        loop = held.loop()
        sound, loop.rulings = loop.rulings, Rulings(_broken)
        after = await held.after(loop, 120)
        assert (after.entry.phase, after.route.split.share) == (Phase.PROGRESSING, 1_000)
        assert loop.faults == 120
        loop.rulings = sound
        after = await held.after(loop, 2)
        assert (after.entry.phase, after.entry.cause) == (Phase.PAUSED, Cause.STALE_METRICS)
        assert after.route.split.share == 1_000


def _broken(name: str) -> Evidence:
    raise RuntimeError(f"the measurements of {name} cannot be read")


async def test_80_both_arms_failing_is_not_the_candidates_fault(tmp_path: Path) -> None:
    """A provider's outage: thirty percent of both arms for an hour."""
    async with ruled(tmp_path, begun(course=LONG)) as held:
        loop = held.loop()
        await hours(held, loop, 0.3, both=True, seed=1)
        after = await held.state()
        assert (after.entry.phase, after.route.split.share) == (Phase.PROGRESSING, 5_000)


async def test_80_a_limit_of_its_own_acts_once_and_does_not_flap(tmp_path: Path) -> None:
    """An absolute limit is breached by an outage too: one step back, and then nothing more."""
    back = msgspec.structs.replace(ERRORS, on_fail=OnFail.STEP_BACK)
    course = msgspec.structs.replace(LONG, limits=(WORSE, back))
    async with ruled(tmp_path, begun(course=course)) as held:
        loop = held.loop()
        await hours(held, loop, 0.3, both=True, seed=2)
        after = await held.state()
        assert (after.entry.phase, after.entry.cause) == (Phase.PAUSED, Cause.STEPPED_BACK)
        moves = [event.verb for event in await held.store.history("triage", 100)]
        assert moves == [Verb.STEP_BACK, Verb.START]


async def test_a_candidate_that_is_worse_is_found_in_that_hour(tmp_path: Path) -> None:
    """So that the tests above are about something: five percent against one."""
    async with ruled(tmp_path, begun(course=LONG)) as held:
        loop = held.loop()
        await hours(held, loop, 0.05, both=False, seed=3)
        assert (await held.state()).entry.latched
