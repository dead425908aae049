"""Quarters of an hour, wide cells of old ones, and keys by epoch."""

from __future__ import annotations

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from control.measures.cells import FINE_QUARTERS, MOST_CELLS, MOST_SAMPLED, WIDE, Cells, ToldCell
from control.measures.sums import times
from control.words.evidence import Keys
from proxy.delta import Window
from proxy.exchange import Outcome
from proxy.numbers.keysample import MOST, WHOLE_SPACE
from proxy.policy import ArmName, Dialect
from tests.control.workers import plain

BASELINE, CANDIDATE = ArmName.BASELINE, ArmName.CANDIDATE


def add(cells: Cells, quarter: int, epoch: int = 3, count: int = 1) -> None:
    window = Window(
        migration="triage",
        arm=CANDIDATE,
        dialect=Dialect.OPENAI,
        epoch=epoch,
        outcomes={Outcome.OK: count},
    )
    cells.add(window, times(window), quarter)


def places(cells: Cells) -> list[tuple[int, int, int]]:
    found = cells.evidence(None).cells
    return [(cell.quarter, cell.epoch, cell.candidate.requests) for cell in found]


def test_cells_are_in_the_order_of_time_and_then_of_epochs() -> None:
    cells = Cells()
    for quarter, epoch in ((7, 3), (5, 9), (7, 2), (5, 3), (7, 3)):
        add(cells, quarter, epoch)
    assert places(cells) == [(5, 3, 1), (5, 9, 1), (7, 2, 1), (7, 3, 2)]


def test_cells_of_two_days_ago_are_six_hours_wide() -> None:
    cells = Cells()
    for quarter in range(48):
        add(cells, quarter)
    add(cells, 48 + FINE_QUARTERS - 1)
    assert places(cells)[:2] == [(0, 3, 24), (24, 3, 1)]
    add(cells, 48 + FINE_QUARTERS)
    assert places(cells) == [
        (0, 3, 24),
        (24, 3, 24),
        (48 + FINE_QUARTERS - 1, 3, 1),
        (48 + FINE_QUARTERS, 3, 1),
    ]


def test_a_wide_cell_is_of_one_weight() -> None:
    cells = Cells()
    add(cells, 1, epoch=3)
    add(cells, 2, epoch=9)
    add(cells, 3 * FINE_QUARTERS)
    assert places(cells)[:2] == [(0, 3, 1), (0, 9, 1)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3 * FINE_QUARTERS), st.integers(1, 4)), max_size=30),
    st.randoms(use_true_random=False),
)
def test_how_cells_widen_does_not_depend_on_the_order(
    drawn: list[tuple[int, int]], draw: random.Random
) -> None:
    straight, shuffled = Cells(), Cells()
    for quarter, epoch in drawn:
        add(straight, quarter, epoch)
    draw.shuffle(drawn)
    for quarter, epoch in drawn:
        add(shuffled, quarter, epoch)
    assert plain(straight.evidence(1.0)) == plain(shuffled.evidence(1.0))
    for quarter, epoch, _ in places(straight):
        assert epoch
        assert quarter % WIDE == 0 or quarter >= max(q for q, _ in drawn) - FINE_QUARTERS - WIDE


def test_there_are_never_more_cells_than_a_thousand_and_the_oldest_go() -> None:
    cells = Cells()
    for epoch in range(1, MOST_CELLS + 11):
        add(cells, 5, epoch)
    assert [epoch for _, epoch, _ in places(cells)] == list(range(11, MOST_CELLS + 11))
    add(cells, 4, 1)
    assert len(places(cells)) == MOST_CELLS


def test_evidence_is_made_anew_only_where_something_changed() -> None:
    cells = Cells()
    add(cells, 5)
    add(cells, 6)
    first = cells.evidence(1.0)
    assert cells.evidence(1.0) is first
    later = cells.evidence(2.0)
    assert later.fresh_at_s == 2.0
    assert later.cells == first.cells
    add(cells, 6)
    assert cells.evidence(2.0).cells[0] is first.cells[0]
    assert cells.evidence(2.0).cells[1] is not first.cells[1]


def test_keys_are_counted_where_the_share_is_known_and_under_one_ceiling() -> None:
    cells = Cells()
    draw = random.Random(1)
    many = [draw.getrandbits(47) for _ in range(3 * MOST)]
    cells.sample(BASELINE, 3, many, WHOLE_SPACE)
    cells.sample(CANDIDATE, 3, [1, 2, WHOLE_SPACE - 1], WHOLE_SPACE)
    cells.sample(CANDIDATE, 9, [1], WHOLE_SPACE)
    assert cells.evidence(None).keys == ()
    cells.share(3, 100)
    cells.share(4, 100)
    assert cells.evidence(None).keys == (Keys(epoch=3, share=100, baseline=MOST, candidate=2),)
    cells.share(3, 200)
    assert cells.evidence(None).keys[0].share == 200
    held = cells.evidence(None)
    cells.share(3, 200)
    assert cells.evidence(None) is held


def test_keys_of_the_newest_epochs_alone_are_kept() -> None:
    cells = Cells()
    for epoch in range(1, MOST_SAMPLED + 4):
        cells.sample(BASELINE, epoch, [epoch], WHOLE_SPACE)
        cells.share(epoch, 100)
    cells.sample(BASELINE, 1, [1], WHOLE_SPACE)
    assert [each.epoch for each in cells.evidence(None).keys] == list(range(4, MOST_SAMPLED + 4))


def test_what_is_told_is_heard_and_cells_that_stayed_are_not_told_anew() -> None:
    cells = Cells()
    for quarter in (1, 300, 301):
        add(cells, quarter)
    cells.sample(BASELINE, 3, [5, 6], 9)
    cells.sample(CANDIDATE, 9, [7], 9)
    cells.share(3, 100)
    raw, samples = cells.told()
    heard = Cells()
    heard.hear([msgspec.msgpack.decode(each, type=ToldCell) for each in raw], samples)
    assert plain(heard.evidence(1.0)) == plain(cells.evidence(1.0))
    assert heard.told()[1] == samples
    add(cells, 301)
    again = cells.told()[0]
    assert [old is new for old, new in zip(raw, again, strict=True)] == [True, True, False]
    add(heard, 2)  # goes where the newest says
    assert places(heard)[0] == (0, 3, 2)
