"""control/stats/points.py: differences of rates, by their laws."""

from __future__ import annotations

from math import comb, exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.points import Hits, log_e_points

arms = st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
cells = st.lists(st.tuples(arms, arms), max_size=6)


def binomial(k: int, n: int, p: float) -> float:
    return comb(n, k) * p**k * (1 - p) ** (n - k)


@pytest.mark.parametrize("margin", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("rate", [0.0, 0.01, 0.2, 0.69])
@pytest.mark.parametrize(("ours", "theirs"), [(3, 12), (8, 8), (12, 3)])
def test_a_cell_is_worth_one_at_most_on_average(
    ours: int, theirs: int, rate: float, margin: float
) -> None:
    mean = sum(
        binomial(k1, ours, rate + margin)
        * binomial(k0, theirs, rate)
        * exp(log_e_points([((k1, ours), (k0, theirs))], [0], margin)[0])
        for k1 in range(ours + 1)
        for k0 in range(theirs + 1)
    )
    assert mean <= 1 + 1e-12


@pytest.mark.parametrize(
    ("k1", "margin", "alarms"),
    [(50, 0.0, True), (50, 0.01, True), (50, 0.04, False), (20, 0.01, False), (10, -0.01, True)],
)
def test_points_too_many_are_found(k1: int, margin: float, *, alarms: bool) -> None:
    found = log_e_points([((k1, 1000), (90, 9000))], [0], margin)
    assert (found[0] >= log(100)) is alarms


def test_a_few_points_above_a_high_rate_are_found() -> None:
    assert log_e_points([((3650, 10_000), (3000, 10_000))], [0], 0.03)[0] > log(100)


def test_a_rate_that_swings_with_the_weight_is_no_difference() -> None:
    """Pooled, the candidate would fail at 4.6 % and the baseline at 1.9 %."""
    night: Hits = ((1, 100), (99, 9900))
    day: Hits = ((50, 1000), (50, 1000))
    assert log_e_points([night, day], [0], 0.0)[0] < 0


@given(cells, st.lists(st.integers(0, 8), max_size=4), st.floats(-0.1, 0.5))
def test_every_start_sees_the_cells_from_it_on(
    known: list[Hits], starts: list[int], margin: float
) -> None:
    wanted = [log_e_points(known[start:], [0], margin)[0] for start in starts]
    assert log_e_points(known, starts, margin) == pytest.approx(wanted, abs=1e-6)


@given(cells, st.floats(0, 0.5), st.floats(0, 0.4))
def test_a_wider_margin_is_harder_to_exceed(known: list[Hits], margin: float, more: float) -> None:
    assert log_e_points(known, [0], margin + more)[0] <= log_e_points(known, [0], margin)[0] + 1e-9


def test_an_arm_without_trials_compares_nothing() -> None:
    assert log_e_points([((5, 5), (0, 0)), ((0, 0), (0, 99))], [0], 0.0) == pytest.approx([0.0])


@pytest.mark.parametrize("margin", [-1.0, 1.0, float("nan")])
def test_no_difference_of_rates_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="a difference of rates"):
        log_e_points([], [0], margin)


@pytest.mark.parametrize(
    "cell", [((-1, 5), (0, 5)), ((6, 5), (0, 5)), ((0, 5), (-1, 5)), ((0, 5), (6, 5))]
)
def test_impossible_counts_are_refused(cell: Hits) -> None:
    with pytest.raises(ValueError, match="no hits and trials"):
        log_e_points([cell], [0], 0.0)


def test_a_start_before_the_first_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="before the first cell"):
        log_e_points([], [-1], 0.0)
