"""control.hosting.loop: it moves a migration by the rules, and survives what happens to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from control.guard.rulings import Rulings
from control.hosting.loop import SETTLED_S, Loop
from control.migration.ledger import Cause, Phase, Verb
from control.store import Stored
from control.words.evidence import Evidence
from tests.control.ruled import Ruled, Shaky, begun, ruled


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Ruled]:
    async with ruled(tmp_path) as found:
        yield found


async def lasting(held: Ruled, loop: Loop, seconds: int) -> None:
    """So many ticks with fresh measurements."""
    for _ in range(seconds):
        held.now_s += 1
        held.keep_fresh()
        await loop.turn()


async def test_a_healthy_candidate_goes_to_the_next_step_when_its_hold_is_over(held: Ruled) -> None:
    loop = held.loop()
    held.measured(1, candidate=(2, 400), baseline=(18, 3_600))
    await lasting(held, loop, 59)
    assert (await held.state()).route.split.share == 1_000
    await lasting(held, loop, 1)
    after = await held.state()
    assert (after.route.split.share, after.entry.cause) == (5_000, Cause.STEPPED)
    assert after.entry.step_index == 1
    assert held.rung == 1


async def test_a_ramp_goes_to_its_end(held: Ruled) -> None:
    loop = held.loop()
    for _ in range(3):
        epoch = (await held.state()).route.split.since
        held.measured(epoch, candidate=(2, 400), baseline=(2, 400))
        await lasting(held, loop, 61)
    after = await held.state()
    assert (after.entry.phase, after.route.split.share) == (Phase.HEALTHY, 9_900)


async def test_a_candidate_that_is_worse_is_rolled_back_and_latched(
    held: Ruled, caplog: pytest.LogCaptureFixture
) -> None:
    loop = held.loop()
    held.measured(1, candidate=(60, 400), baseline=(36, 3_600))
    held.now_s += 1
    held.keep_fresh()
    with caplog.at_level(logging.WARNING):
        await loop.turn()
    after = await held.state()
    assert (after.entry.phase, after.entry.latched, after.route.split.share) == (
        Phase.DEGRADED,
        True,
        0,
    )
    event = (await held.store.history("triage", 1))[0]
    assert (event.verb, event.actor, event.phase) == (Verb.ROLLBACK, "guard", Phase.DEGRADED)
    assert event.reason == after.entry.since.note
    assert "error_rate over_baseline 1.25x" in event.evidence["limit"]
    assert (event.evidence["occasion"], event.evidence["page"]) == ("rolled_back", "yes")
    assert event.evidence["cause"] == Cause.ROLLED_BACK
    assert "verb=rollback version=2 phase=Degraded" in caplog.text
    await lasting(held, loop, 5)
    assert (await held.state()) == after
    kept = loop.rulings.verdict("triage")
    assert kept is not None
    assert kept.breaches  # what it was rolled back by is still there to be read


async def test_who_stands_by_judges_and_changes_nothing(held: Ruled) -> None:
    held.lease.holder = "two"
    loop = held.loop("one")
    held.measured(1, candidate=(60, 400), baseline=(36, 3_600))
    assert (await held.after(loop, 3)).route.split.share == 1_000
    assert not loop.leading
    verdict = loop.rulings.verdict("triage")
    assert verdict is not None
    assert verdict.breaches
    assert held.crier.looks == 0


async def test_a_new_leader_goes_on_where_the_last_one_stopped(held: Ruled) -> None:
    first = held.loop("one")
    held.measured(1, candidate=(2, 400), baseline=(18, 3_600))
    await lasting(held, first, 40)
    held.lease.holder = None
    second = held.loop("two")
    await lasting(held, second, 20)
    assert second.leading
    assert (await held.state()).entry.step_index == 1


async def test_a_store_that_is_down_pauses_nothing_and_promotes_nothing(
    held: Ruled, caplog: pytest.LogCaptureFixture
) -> None:
    loop = held.loop()
    held.measured(1, candidate=(2, 400), baseline=(18, 3_600))
    await lasting(held, loop, 20)
    held.store.down = True
    with caplog.at_level(logging.WARNING):
        for _ in range(300):
            held.now_s += 1
            await loop.turn()
    assert (loop.blind, loop.leading, loop.faults) == (300, False, 0)
    assert caplog.text.count("control_loop_blind") == 1
    held.store.down = False
    # The newest measurement is five minutes old now, as the workers have not flushed yet.
    after = await held.after(loop, SETTLED_S - 1)
    assert (after.entry.phase, after.route.split.share) == (Phase.PROGRESSING, 1_000)
    held.keep_fresh()
    after = await held.after(loop, 1)
    assert after.entry.step_index == 1


async def test_measurements_that_stay_old_pause_the_ramp(held: Ruled) -> None:
    loop = held.loop()
    held.measured(1, candidate=(2, 400), baseline=(18, 3_600))
    after = await held.after(loop, SETTLED_S + 2)
    assert (after.entry.phase, after.entry.cause) == (Phase.PAUSED, Cause.STALE_METRICS)
    assert after.route.split.share == 1_000
    await lasting(held, loop, 2)
    assert (await held.state()).entry.cause is Cause.RESUMED


async def test_a_process_that_was_stopped_does_not_take_its_old_measurements_for_silence(
    held: Ruled,
) -> None:
    loop = held.loop()
    held.measured(1, candidate=(2, 400), baseline=(18, 3_600))
    await lasting(held, loop, 40)
    held.now_s += 120  # SIGSTOP, SIGCONT
    after = await held.after(loop, 5)
    assert after.entry.phase is Phase.PROGRESSING


async def test_a_fault_about_one_migration_is_no_other_ones(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with ruled(tmp_path, begun("broken"), begun("triage")) as held:
        loop = held.loop()
        held.measured(1, candidate=(60, 400), baseline=(36, 3_600))
        sound = loop.rulings.evidence

        def faulty(name: str) -> Evidence:
            if name == "broken":
                raise RuntimeError("a fault")
            return sound(name)

        loop.rulings = Rulings(faulty)
        with caplog.at_level(logging.ERROR):
            after = await held.after(loop, 1)
        assert after.entry.latched
        assert loop.faults == 1
        assert "migration_failed migration=broken" in caplog.text
        assert not (await held.state("broken")).entry.latched


async def test_a_fault_of_the_tick_itself_ends_nothing(held: Ruled) -> None:
    loop = held.loop()

    class Broken:
        async def look(self, book: object, now_s: float) -> None:
            raise RuntimeError("a fault")

        def stand_by(self) -> None:
            raise RuntimeError("a fault")

    loop.crier = Broken()
    await held.after(loop, 2)
    assert (loop.ticks, loop.faults) == (2, 2)


async def test_a_document_that_cannot_be_trusted_is_no_document(held: Ruled) -> None:
    class Damaged(Shaky):
        async def read(self) -> Stored:
            stored = await super().read()
            return Stored(stored.version, b"damaged")

    loop = held.loop()
    held.store.__class__ = Damaged
    await loop.turn()
    assert (loop.blind, loop.faults) == (1, 0)


async def test_it_ticks_until_it_is_cancelled_and_gives_the_lead_back(held: Ruled) -> None:
    loop = held.loop()
    ticked = asyncio.Event()

    async def paused(seconds: float) -> None:
        ticked.set()
        await asyncio.Event().wait()

    loop.pause = paused
    running = asyncio.ensure_future(loop.run())
    await ticked.wait()
    assert held.lease.holder == "one"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert held.lease.holder is None


async def test_a_migration_that_is_gone_is_forgotten(held: Ruled) -> None:
    loop = held.loop()
    loop.rulings.rule(begun("gone"), held.now_s)
    await held.after(loop, 1)
    assert loop.rulings.verdict("gone") is None
    assert loop.rulings.verdict("triage") is not None


async def test_what_the_guard_says_of_a_latched_migration_is_asked_once_after_a_restart(
    tmp_path: Path,
) -> None:
    known = begun()
    latched = msgspec.structs.replace(
        known,
        entry=msgspec.structs.replace(
            known.entry, phase=Phase.DEGRADED, cause=Cause.ROLLED_BACK, latched=True
        ),
        route=msgspec.structs.replace(
            known.route, split=msgspec.structs.replace(known.route.split, share=0)
        ),
    )
    async with ruled(tmp_path, latched) as held:
        loop = held.loop()
        held.measured(1, candidate=(60, 400), baseline=(36, 3_600))
        await held.after(loop, 1)
        verdict = loop.rulings.verdict("triage")
        held.evidence.clear()
        await held.after(loop, 1)
        assert loop.rulings.verdict("triage") is verdict
