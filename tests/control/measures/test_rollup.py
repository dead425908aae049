"""States are taken now and written later, and a lost race is noticed."""

from __future__ import annotations

import pytest

from control.measures.fold import Fold, decode
from control.measures.rollup import EVERY_S, RollUp
from proxy import delta
from tests.control.workers import FAR
from tests.doubles.deltas import flushed
from tests.doubles.memory_measures import MemoryMeasures


class Rig:
    """A store, a reader that keeps up with it, and a clock."""

    def __init__(self) -> None:
        self.measures = MemoryMeasures(lambda: 0.0)
        self.fold = Fold()
        self.rolling = RollUp(self.measures)
        self.now_s = 5_000.0
        self.seq = 0

    async def second(self) -> bool:
        """A flush, and a look at it."""
        self.seq += 1
        await self.measures.push(flushed(self.seq))
        batch = await self.measures.measured(self.fold.place)
        for data in batch.deltas:
            self.fold.add(delta.decode(data), FAR)
        self.fold.place = batch.place
        self.now_s += 1
        return await self.rolling.turn(self.fold, self.now_s)


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_flushes_stand_for_minutes_before_they_are_rolled_up(rig: Rig) -> None:
    most = 0
    for _ in range(int(5 * EVERY_S)):
        assert await rig.second()
        most = max(most, rig.measures.held)
    assert 2 * EVERY_S - 2 <= most <= 2 * EVERY_S + 2
    assert rig.measures.held >= EVERY_S
    assert rig.measures.rollup is not None
    rolled = decode(rig.measures.rollup)
    assert rolled.place == rig.rolling.held == str(rig.measures.up_to)


async def test_a_roll_up_and_what_follows_it_are_everything(rig: Rig) -> None:
    for _ in range(int(3 * EVERY_S)):
        await rig.second()
    batch = await rig.measures.measured("")
    assert batch.rollup is not None
    again = decode(batch.rollup)
    assert [again.add(delta.decode(data), FAR) for data in batch.deltas] == [True] * len(
        batch.deltas
    )
    assert again.evidence("triage") == rig.fold.evidence("triage")
    assert not any(again.add(delta.decode(flushed(seq)), FAR) for seq in range(1, rig.seq + 1))


async def test_where_somebody_else_rolled_up_it_says_so_and_writes_nothing(rig: Rig) -> None:
    for _ in range(int(2 * EVERY_S) - 1):
        await rig.second()
    await rig.measures.roll_up(b"theirs", up_to="1", expected="")
    told = [await rig.second() for _ in range(5)]
    assert told.count(False) == 1
    assert rig.measures.rollup == b"theirs"


async def test_what_was_taken_before_a_pause_of_leading_is_not_written(rig: Rig) -> None:
    for _ in range(int(1.5 * EVERY_S)):
        await rig.second()
    rig.rolling.forget()
    for _ in range(int(1.5 * EVERY_S)):
        await rig.second()
    assert rig.measures.rollup is None


async def test_where_nothing_was_measured_there_is_nothing_to_roll_up(rig: Rig) -> None:
    for _ in range(5):
        rig.now_s += EVERY_S
        assert await rig.rolling.turn(rig.fold, rig.now_s)
    assert rig.measures.rollup is None
