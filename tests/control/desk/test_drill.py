"""control.desk.drill: a rollback practised on a real store and a real watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from control.desk.drill import Drill
from control.desk.fleet import Served
from control.migration.book import opened
from control.migration.ledger import Cause, Phase, State
from control.refusal import Code, DeskError
from control.store import Conflict, Event, Stored, StoreUnavailable
from proxy.numbers.arm_figures import Figures
from proxy.policy import ArmName
from tests.control.office import ASK, Office, office, source


@pytest.fixture
async def busy(tmp_path: Path) -> AsyncIterator[Office]:
    """An office with a migration at 10 %."""
    async with office(tmp_path) as opened:
        await opened.desk.apply("triage", source(), ASK)
        await opened.desk.set_weight("triage", 10, ASK)
        yield opened


class Clock:
    """Time that only pauses move; each of `answers` is what was counted after one more pause."""

    def __init__(self, *answers: int) -> None:
        self.now = 0.0
        self.answers = list(answers)
        self.during: Callable[[], Awaitable[object]] | None = None

    async def pause(self, seconds: float) -> None:
        self.now += seconds
        if self.during is not None:
            act, self.during = self.during, None
            await act()
        await asyncio.sleep(0)

    def figures(self, _: str, arm: ArmName) -> Figures:
        assert arm is ArmName.CANDIDATE
        count = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Figures(requests=count)


class Faulty:
    """The office's store, each of whose commits may fail; `faults` says how, in turn."""

    def __init__(self, of: Office, *faults: Exception | None) -> None:
        self._store = of.store
        self._faults = list(faults)

    async def read(self) -> Stored:
        return await self._store.read()

    async def commit(self, document: bytes, expected: int, event: Event) -> None:
        fault = self._faults.pop(0) if self._faults else None
        if fault is not None:
            raise fault
        await self._store.commit(document, expected, event)


def drill(of: Office, clock: Clock, store: Faulty | None = None) -> Drill:
    return Drill(
        store=store or of.store,  # type: ignore[arg-type]
        fleet=of.desk.acknowledged,
        figures=clock.figures,
        now_s=lambda: 1_790_000_000.0,
        clock=lambda: clock.now,
        pause=clock.pause,
    )


async def standing(of: Office) -> State:
    found = opened((await of.store.read()).document).state("triage")
    assert found is not None
    return found


def versionless(state: State) -> State:
    entry = msgspec.structs.replace(state.entry, changed_version=0)
    return State(entry=entry, route=state.route)


async def test_a_round_takes_everything_back_and_leaves_everything_as_it_was(busy: Office) -> None:
    before = await standing(busy)
    done = await drill(busy, Clock(100)).round("triage", "jane@desk", None, 2.0)
    after = await standing(busy)
    assert versionless(after) == versionless(before)
    assert (done.weight, done.version, done.missing) == (10, after.entry.changed_version, ())
    assert list(done.workers) == ["one"]
    assert done.last_candidate_request == done.workers["one"]
    assert done.drained is None
    shares = [snapshot.routes[0].split.share for snapshot in busy.served if snapshot.routes]
    assert shares[-3:] == [1_000, 0, 1_000]
    past = await busy.store.history("triage", 2)
    assert [(event.verb, event.phase, event.reason) for event in past] == [
        ("drill", Phase.PROGRESSING, "drill: as it was"),
        ("drill", Phase.DEGRADED, "drill: rollback"),
    ]


async def test_a_shift_comes_first_and_is_taken_back_too(busy: Office) -> None:
    await busy.desk.set_weight("triage", 0, ASK)
    before = await standing(busy)
    done = await drill(busy, Clock(100)).round("triage", "jane@desk", 100, 2.0)
    assert done.weight == 1
    assert versionless(await standing(busy)) == versionless(before)


async def test_the_last_answer_of_the_candidate_is_when_its_count_rests(busy: Office) -> None:
    clock = Clock(100, 100, 103, 103, 104)
    done = await drill(busy, clock).round("triage", "jane@desk", None, 0.0)
    assert done.drained == pytest.approx(400)


async def test_streams_that_go_on_are_not_waited_for(busy: Office) -> None:
    clock = Clock(*range(1_000))
    done = await drill(busy, clock).round("triage", "jane@desk", None, 0.0)
    assert done.drained is None
    assert (await standing(busy)).route.split.share == 1_000


async def test_a_rollback_during_a_drill_stays(busy: Office) -> None:
    clock = Clock(100)

    async def in_earnest() -> None:
        clock.during = rolled_back

    async def rolled_back() -> None:
        changed = await busy.desk.rollback("triage", ASK)
        assert changed.changed

    clock.during = in_earnest
    with pytest.raises(DeskError) as refused:
        await drill(busy, clock).round("triage", "joe@desk", None, 0.0)
    assert refused.value.code is Code.VERSION_CONFLICT
    after = await standing(busy)
    assert (after.entry.phase, after.entry.cause) == (Phase.DEGRADED, Cause.ROLLED_BACK)


async def test_a_change_while_it_holds_stops_the_drill_before_it_begins(busy: Office) -> None:
    clock = Clock(100)
    clock.during = lambda: busy.desk.set_weight("triage", 25, ASK)
    with pytest.raises(DeskError) as refused:
        await drill(busy, clock).round("triage", "joe@desk", None, 1.0)
    assert refused.value.code is Code.VERSION_CONFLICT
    assert (await standing(busy)).route.split.share == 2_500


async def test_a_drill_that_is_broken_off_restores_what_it_can(busy: Office) -> None:
    before = await standing(busy)
    clock = Clock(100)
    running = asyncio.ensure_future(drill(busy, clock).round("triage", "jane@desk", 5_000, 1.0))

    async def ended() -> None:
        running.cancel()

    clock.during = ended
    with pytest.raises(asyncio.CancelledError):
        await running
    assert versionless(await standing(busy)) == versionless(before)


async def test_a_change_of_another_migration_is_no_matter(busy: Office) -> None:
    await busy.desk.apply("billing", source("billing", match="gpt-5"), ASK)
    clock = Clock(100)
    clock.during = lambda: busy.desk.set_weight("billing", 5, ASK)
    done = await drill(busy, clock).round("triage", "jane@desk", None, 1.0)
    assert done.weight == 10


@pytest.mark.parametrize("name", ["nobody", "triage"])
async def test_what_is_unknown_or_rolled_back_is_refused(busy: Office, name: str) -> None:
    await busy.desk.rollback("triage", ASK)
    with pytest.raises(DeskError) as refused:
        await drill(busy, Clock(100)).round(name, "jane@desk", None, 0.0)
    assert refused.value.code in (Code.UNKNOWN_MIGRATION, Code.LATCHED)


async def test_a_worker_that_does_not_switch_is_named(busy: Office) -> None:
    class Lagging:
        async def served(self, version: int, timeout_s: float) -> Served:
            return Served(complete=False, workers={"one": 3.0}, missing=("two",))

    lagging = replace(drill(busy, Clock(0)), fleet=Lagging())
    done = await lagging.round("triage", "jane@desk", None, 0.0)
    assert (done.last_candidate_request, done.missing) == (None, ("two",))


async def test_a_store_that_is_lost_in_the_middle_leaves_the_safe_side(busy: Office) -> None:
    store = Faulty(busy, None, StoreUnavailable("it is gone"))
    with pytest.raises(DeskError, match="it stays rolled back until 'retry'"):
        await drill(busy, Clock(100), store).round("triage", "jane@desk", None, 0.0)
    assert (await standing(busy)).entry.latched


@pytest.mark.parametrize("races", [1, 1_000])
async def test_a_lost_race_is_run_again_but_not_for_ever(busy: Office, races: int) -> None:
    """Others come first so many times."""
    crowded = drill(busy, Clock(100), Faulty(busy, *[Conflict(0)] * races))
    if races == 1:
        assert (await crowded.round("triage", "jane@desk", None, 0.0)).weight == 10
        return
    with pytest.raises(DeskError) as refused:
        await crowded.round("triage", "jane@desk", None, 0.0)
    assert refused.value.code is Code.BUSY
