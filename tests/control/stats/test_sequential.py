"""control/stats/sequential.py against the reference of statistics.md 4.1 and by its laws."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.sequential import (
    Counts,
    log_e_absolute,
    log_e_relative,
    log_e_since,
    multi_start,
)

shares = st.floats(0.0001, 0.9999)
cells = st.lists(st.tuples(shares, st.integers(0, 200), st.integers(0, 200)), max_size=6)
ratios = st.floats(0.2, 15)


def reference(counts: Iterable[Counts], ratio: float) -> float:
    """The reference implementation of statistics.md, as it stands there."""
    out = []
    for j in range(1, 25):
        rho = ratio * (20 / ratio) ** (j / 24)
        total = 0.0
        for w, k1, k0 in counts:
            th, t0 = w * rho / (w * rho + 1 - w), w * ratio / (w * ratio + 1 - w)
            total += k1 * log(th / t0) + k0 * log((1 - th) / (1 - t0))
        out.append(total)
    most = max(out)
    return most + log(sum(exp(each - most) for each in out)) - log(24)


@given(cells, ratios)
def test_the_evidence_is_that_of_the_reference(known: list[Counts], ratio: float) -> None:
    assert log_e_relative(known, ratio) == pytest.approx(reference(known, ratio), abs=1e-6)


@pytest.mark.parametrize(("share", "ratio"), [(0.01, 1.0), (0.5, 1.25), (0.9, 0.5)])
def test_one_error_is_worth_one_on_average_at_the_boundary(share: float, ratio: float) -> None:
    ours = share * ratio / (share * ratio + 1 - share)
    mean = ours * exp(log_e_relative([(share, 1, 0)], ratio))
    mean += (1 - ours) * exp(log_e_relative([(share, 0, 1)], ratio))
    assert mean == pytest.approx(1.0)


@given(cells, ratios, shares)
def test_errors_of_the_candidate_speak_against_it(
    known: list[Counts], ratio: float, share: float
) -> None:
    before = log_e_relative(known, ratio)
    assert log_e_relative([*known, (share, 1, 0)], ratio) > before
    assert log_e_relative([*known, (share, 0, 1)], ratio) < before


def test_no_cell_and_no_error_are_no_evidence() -> None:
    assert log_e_relative([], 1.0) == pytest.approx(0.0)
    assert log_e_relative([(0.3, 0, 0)], 1.0) == pytest.approx(0.0)


def test_a_share_of_nothing_or_everything_compares_nothing() -> None:
    assert log_e_relative([(0.0, 0, 50), (1.0, 50, 0)], 1.25) == pytest.approx(0.0)


def test_a_total_outage_of_billions_overflows_nothing() -> None:
    assert log_e_relative([(0.5, 10**12, 0)], 1.0) > 1e11
    assert log_e_relative([(1e-300, 10**6, 0), (1 - 1e-16, 0, 10**6)], 1.0) > -1e9


@given(cells, st.lists(st.integers(0, 8), max_size=4))
def test_every_start_sees_the_cells_from_it_on(known: list[Counts], starts: list[int]) -> None:
    wanted = [log_e_relative(known[start:], 1.25) for start in starts]
    assert log_e_since(known, starts, 1.25) == pytest.approx(wanted, abs=1e-6)


def test_several_starts_are_averaged_and_those_to_come_count_as_one() -> None:
    assert multi_start([log(5.0), log(3.0)], [0.25] * 4) == pytest.approx(log((5 + 3 + 1 + 1) / 4))
    assert multi_start([log(5.0), log(3.0)], [0.8, 0.2]) == pytest.approx(log(4.6))
    assert multi_start([], [0.9, 0.1]) == 0
    assert multi_start([5000.0, -5000.0], [0.5, 0.5]) == pytest.approx(5000.0 - log(2))


@pytest.mark.parametrize(
    ("logs", "weights", "said"),
    [
        ([0.0, 0.0], [1.0], "2 starts where 1 are planned"),
        ([], [], "no weights"),
        ([0.0], [0.5, 0.4], "no weights"),
        ([0.0], [1.0, 0.0], "no weights"),
        ([0.0], [1.5, -0.5], "no weights"),
    ],
)
def test_what_was_not_planned_is_refused(
    logs: list[float], weights: list[float], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        multi_start(logs, weights)


@pytest.mark.parametrize(
    ("errors", "limit", "alarms"), [(0, 0.02, False), (2, 0.02, False), (3, 0.02, True)]
)
def test_three_errors_in_a_row_break_a_limit_of_two_percent(
    errors: int, limit: float, *, alarms: bool
) -> None:
    assert (log_e_absolute(errors, errors, limit) >= log(100)) is alarms


@pytest.mark.parametrize("limit", [0.0001, 0.02, 0.5, 0.985, 0.99, 0.9999])
def test_any_limit_can_be_kept_and_most_can_be_broken(limit: float) -> None:
    assert log_e_absolute(0, 1000, limit) < 0
    assert log_e_absolute(10**6, 10**6, limit) > 0


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1, float("nan")])
def test_a_limit_that_nothing_or_everything_breaks_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="a rate to test"):
        log_e_absolute(1, 10, limit)


@pytest.mark.parametrize("ratio", [0.0, -1.0, 20.0, 25.0, float("nan")])
def test_a_ratio_outside_the_grid_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="a ratio to test"):
        log_e_relative([(0.5, 1, 1)], ratio)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ((-0.1, 1, 1), "no share and counts"),
        ((1.1, 1, 1), "no share and counts"),
        ((float("nan"), 1, 1), "no share and counts"),
        ((0.5, -1, 1), "no share and counts"),
        ((0.5, 1, -1), "no share and counts"),
        ((0.0, 1, 1), "without requests"),
        ((1.0, 1, 1), "without requests"),
    ],
)
def test_impossible_cells_are_refused(cell: Counts, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        log_e_relative([cell], 1.0)


def test_a_start_before_the_first_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="before the first cell"):
        log_e_since([(0.5, 1, 1)], [-1], 1.0)
