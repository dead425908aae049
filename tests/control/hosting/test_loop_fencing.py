"""control.hosting.loop: whatever comes between a decision and its commit, nothing old is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from control.guard.rulings import Rulings
from control.hosting.loop import LEASE_S, RENEW_S
from control.migration.book import opened
from control.migration.ledger import Phase
from control.migration.steering import pause
from control.store import Stored
from control.words.evidence import Evidence
from tests.control.ruled import Ruled, Shaky, begun, ruled
from tests.control.states import stamp
from tests.doubles.documents import event


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Ruled]:
    async with ruled(tmp_path) as found:
        yield found


class Meddled(Shaky):
    """A store in which somebody pauses the ramp between the loop's read and its commit."""

    meddle = False

    async def read(self) -> Stored:
        stored = await super().read()
        if self.meddle:
            self.meddle = False
            await self._paused(stored)
        return stored

    async def _paused(self, stored: Stored) -> None:
        book = opened(stored.document)
        known = book.state("triage")
        assert known is not None
        after = pause(known, stamp(book.version + 1))
        paused = event(book.version + 1, verb="pause", phase=after.entry.phase)
        await self.commit(book.amended([after]).document(), book.version, paused)


async def test_a_decision_on_an_old_version_is_not_written(held: Ruled) -> None:
    loop = held.loop()
    held.measured(1, candidate=(60, 400), baseline=(36, 3_600))
    held.store.__class__ = Meddled
    held.store.meddle = True  # type: ignore[attr-defined]
    first = await held.after(loop, 1)
    assert (loop.lost, first.entry.phase, first.entry.latched) == (1, Phase.PAUSED, False)
    second = await held.after(loop, 1)  # decided afresh, on what is there now
    assert second.entry.latched


async def test_a_leader_that_slept_over_its_decision_writes_nothing(held: Ruled) -> None:
    held.measured(1, candidate=(60, 400), baseline=(36, 3_600))
    known = held.evidence["triage"]

    def asleep(_: str) -> Evidence:
        held.now_s += LEASE_S + 1
        return known

    loop = held.loop()
    awake, loop.rulings = loop.rulings, Rulings(asleep)
    await loop.turn()
    assert not (await held.state()).entry.latched
    loop.rulings = awake
    await loop.turn()
    assert (await held.state()).entry.latched


async def test_a_lost_race_about_one_migration_holds_up_no_other_one(tmp_path: Path) -> None:
    async with ruled(tmp_path, begun("triage"), begun("billing")) as held:
        loop = held.loop()
        for name in ("triage", "billing"):
            held.measured(1, candidate=(60, 400), baseline=(36, 3_600), name=name)
        held.store.__class__ = Meddled
        held.store.meddle = True  # type: ignore[attr-defined]
        await held.after(loop, 1)
        assert loop.lost == 1
        assert (await held.state("billing")).entry.latched
        assert not (await held.state("triage")).entry.latched


async def test_a_tick_that_takes_long_renews_its_lead_and_acts_on_every_migration(
    tmp_path: Path,
) -> None:
    names = [f"m-{number}" for number in range(6)]
    async with ruled(tmp_path, *map(begun, names)) as held:
        for name in names:
            held.measured(1, candidate=(60, 400), baseline=(36, 3_600), name=name)
        known = dict(held.evidence)

        def slow(name: str) -> Evidence:
            held.now_s += RENEW_S / 2 + 0.1  # asked twice for each: to judge, and for anchors
            return known[name]

        loop = held.loop()
        loop.rulings = Rulings(slow)
        await loop.turn()
        assert held.lease.asked > 2
        for name in names:
            assert (await held.state(name)).entry.latched, name


async def test_a_store_that_is_lost_before_the_commit_ends_the_tick(held: Ruled) -> None:
    """Nobody knows whether it was written: the next tick reads, and decides on what is there."""
    held.measured(1, candidate=(60, 400), baseline=(36, 3_600))
    loop = held.loop()
    sound, known = loop.rulings, held.evidence["triage"]

    def lost(_: str) -> Evidence:
        held.store.down = True
        return known

    loop.rulings = Rulings(lost)
    await loop.turn()
    assert (loop.blind, loop.faults, loop.leading) == (1, 0, False)
    held.store.down, loop.rulings = False, sound
    assert (await held.after(loop, 1)).entry.latched
