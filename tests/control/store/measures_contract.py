"""What every store must do with measurements, scores and the lead."""

from __future__ import annotations

import asyncio

from control.store.measures import Measures
from proxy.source import Sink
from tests.doubles.deltas import flushed
from tests.doubles.until import until


async def places(measures: Measures, sink: Sink, count: int) -> list[str]:
    """Pushes so many flushes; gives the place after each."""
    found = []
    for seq in range(1, count + 1):
        await sink.push(flushed(seq))
        found.append((await measures.measured(found[-1] if found else "")).place)
    return found


class MeasuresContract:
    """A subclass gives the fixtures `measures` and `sink`, of a store that holds nothing yet."""

    async def test_where_nothing_was_measured_there_is_nothing(self, measures: Measures) -> None:
        first = await measures.measured("")
        assert (first.rollup, first.deltas) == (None, ())
        assert (await measures.measured(first.place)).deltas == ()

    async def test_flushes_are_read_once_each_and_in_order(
        self, measures: Measures, sink: Sink
    ) -> None:
        await sink.push(flushed(1))
        await sink.push(flushed(2))
        early = await measures.measured("")
        assert early.deltas == (flushed(1), flushed(2))
        await sink.push(flushed(3))
        late = await measures.measured(early.place)
        assert (late.rollup, late.deltas) == (None, (flushed(3),))
        assert (await measures.measured(late.place)).deltas == ()
        assert (await measures.measured("")).deltas == (flushed(1), flushed(2), flushed(3))

    async def test_a_flush_that_is_handed_over_again_is_there_once(
        self, measures: Measures, sink: Sink
    ) -> None:
        for seq in (1, 1, 2, 1, 2):
            await sink.push(flushed(seq))
        assert (await measures.measured("")).deltas == (flushed(1), flushed(2))

    async def test_numbers_count_for_each_start_of_each_worker(
        self, measures: Measures, sink: Sink
    ) -> None:
        pushed = [flushed(1), flushed(1, boot="c"), flushed(1, worker="two"), flushed(2, boot="c")]
        for data in pushed:
            await sink.push(data)
        assert list((await measures.measured("")).deltas) == pushed

    async def test_a_hundred_workers_are_all_heard(self, measures: Measures, sink: Sink) -> None:
        pushed = [flushed(1, worker=str(number)) for number in range(100)]
        for data in pushed:
            await sink.push(data)
        assert sorted((await measures.measured("")).deltas) == sorted(pushed)

    async def test_a_roll_up_stands_for_what_came_before_it(
        self, measures: Measures, sink: Sink
    ) -> None:
        found = await places(measures, sink, 4)
        assert await measures.roll_up(b"1 and 2", up_to=found[1], expected="")
        anew = await measures.measured("")
        assert anew == (b"1 and 2", (flushed(3), flushed(4)), found[3])
        assert await measures.measured(found[0]) == anew

    async def test_readers_who_are_past_a_roll_up_go_on_without_it(
        self, measures: Measures, sink: Sink
    ) -> None:
        found = await places(measures, sink, 4)
        await measures.roll_up(b"1 and 2", up_to=found[1], expected="")
        assert await measures.measured(found[1]) == (None, (flushed(3), flushed(4)), found[3])
        assert await measures.measured(found[2]) == (None, (flushed(4),), found[3])
        assert await measures.measured(found[3]) == (None, (), found[3])

    async def test_the_next_roll_up_goes_on_from_the_last(
        self, measures: Measures, sink: Sink
    ) -> None:
        found = await places(measures, sink, 3)
        await measures.roll_up(b"1", up_to=found[0], expected="")
        assert await measures.roll_up(b"1 to 3", up_to=found[2], expected=found[0])
        assert await measures.measured("") == (b"1 to 3", (), found[2])
        await sink.push(flushed(4))
        assert (await measures.measured("")).deltas == (flushed(4),)

    async def test_a_roll_up_from_a_stale_place_changes_nothing(
        self, measures: Measures, sink: Sink
    ) -> None:
        found = await places(measures, sink, 3)
        await measures.roll_up(b"1", up_to=found[0], expected="")
        for stale in ("", found[1]):
            assert not await measures.roll_up(b"stale", up_to=found[2], expected=stale)
        assert await measures.measured("") == (b"1", (flushed(2), flushed(3)), found[2])

    async def test_of_roll_ups_that_race_one_wins(self, measures: Measures, sink: Sink) -> None:
        found = await places(measures, sink, 8)
        rolled = await asyncio.gather(
            *(measures.roll_up(place.encode(), up_to=place, expected="") for place in found)
        )
        assert rolled.count(True) == 1
        winner = found[rolled.index(True)]
        now = await measures.measured("")
        assert now.rollup == winner.encode()
        assert len(now.deltas) == 7 - found.index(winner)

    async def test_an_empty_store_may_be_rolled_up_too(self, measures: Measures) -> None:
        place = (await measures.measured("")).place
        if place:
            await measures.roll_up(b"nothing", up_to=place, expected="")
        assert (await measures.measured("")).deltas == ()

    async def test_scores_are_kept_in_order_and_by_migration(self, measures: Measures) -> None:
        for migration, batch in (("a", b"1"), ("b", b"2"), ("a", b"3"), ("a", b"4")):
            await measures.scored(migration, batch)
        assert await measures.scores("a", 0) == (b"1", b"3", b"4")
        assert await measures.scores("a", 1) == (b"3", b"4")
        assert await measures.scores("a", 3) == ()
        assert await measures.scores("b", 0) == (b"2",)
        assert await measures.scores("c", 0) == ()

    async def test_one_leads_until_it_resigns(self, measures: Measures) -> None:
        assert await measures.lead("one", 60)
        assert not await measures.lead("two", 60)
        assert await measures.lead("one", 60)
        await measures.resign("two")
        assert not await measures.lead("two", 60)
        await measures.resign("one")
        assert await measures.lead("two", 60)
        assert not await measures.lead("one", 60)

    async def test_a_lead_that_is_not_kept_runs_out(self, measures: Measures) -> None:
        assert await measures.lead("one", 0.02)
        await until(lambda: measures.lead("two", 60))
        assert not await measures.lead("one", 60)
