"""control/stats/matching.py: the baseline in the candidate's mix of times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.matching import matched
from control.stats.means import Moments

NOTHING = Moments(count=0, total=0.0, squares=0.0)


def sample(count: int, mean: float, spread: float = 0.0) -> Moments:
    return Moments(count=count, total=count * mean, squares=count * (mean**2 + spread**2))


def test_a_share_that_never_changed_leaves_both_as_they_are() -> None:
    cells = [(sample(10, 1.0), sample(90, 1.0)), (sample(20, 3.0), sample(180, 4.0))]
    ours, theirs = matched(cells)
    assert (ours.count, theirs.count) == (30, 270)
    assert ours.mean == pytest.approx(70 / 30)
    assert theirs.mean == pytest.approx(270 * 3 / 270)


def test_a_swing_with_a_changing_share_is_no_difference() -> None:
    night = sample(10, 1.0), sample(990, 1.0)
    day = sample(500, 2.0), sample(500, 2.0)
    ours, theirs = matched([night, day])
    assert ours.mean == pytest.approx(theirs.mean) == pytest.approx(1010 / 510)
    assert 500 <= theirs.count < 1490


def test_the_baseline_spreads_as_its_requests_do() -> None:
    ours, theirs = matched([(sample(100, 1.0, 0.5), sample(400, 1.0, 0.5))])
    assert ours.error == pytest.approx(0.25 / 99)
    assert theirs.error == pytest.approx(0.25 / 399)


@pytest.mark.parametrize("cells", [[], [(NOTHING, sample(5, 1.0))], [(sample(5, 1.0), NOTHING)]])
def test_cells_of_one_arm_alone_compare_nothing(cells: list[tuple[Moments, Moments]]) -> None:
    assert matched(cells) == (NOTHING, NOTHING)


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), st.floats(0.1, 9)), max_size=8),
    st.floats(0.2, 5),
)
def test_the_ratio_of_the_cells_is_the_ratio_of_the_whole(
    counts: list[tuple[int, int, float]], factor: float
) -> None:
    ours, theirs = matched(
        [(sample(n1, factor * mean), sample(n0, mean)) for n1, n0, mean in counts]
    )
    assert theirs.count <= sum(n0 for _, n0, _ in counts)
    if theirs.count:
        assert ours.mean == pytest.approx(factor * theirs.mean)
