"""control/guard/weighing.py: counts against limits, over all starts."""

from __future__ import annotations

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.guard.case import Case
from control.guard.counting import of_rate, rows
from control.guard.weighing import (
    Weighed,
    against_baseline,
    against_bound,
    against_points,
    lesser,
    weight_of_start,
)
from control.stats.points import log_e_points
from control.stats.sequential import log_e_absolute, log_e_relative
from control.words.criteria import Metric
from tests.control.guard.cases import case, cell, sums

CELLS = (
    cell(sums(100, 1), sums(900, 9), epoch=5, quarter=1_000),
    cell(sums(500, 30), sums(500, 5), epoch=5, quarter=1_010),  # past six o'clock
)
COUNTED = rows(CELLS, of_rate(Metric.ERROR_RATE))


def mixed(of: Case, logs: list[float]) -> float:
    """The first of eight starts weighs a half, the second of them a fourteenth."""
    assert of.planned == 8
    return log(exp(logs[0]) / 2 + exp(logs[1]) / 14 + 6 / 14)


def test_each_start_weighs_what_came_since_and_the_others_count_as_one() -> None:
    these = case(*CELLS)
    assert these.starts == (0, 1)
    cells = [(0.1, 1, 9), (0.5, 30, 5)]
    logs = [log_e_relative(cells, 1.25), log_e_relative(cells[1:], 1.25)]
    weighed = against_baseline(these, COUNTED, 1.25)
    assert weighed.begun == pytest.approx(logs)
    assert weighed.log_e == pytest.approx(mixed(these, logs))


def test_a_bound_is_held_against_the_candidate_alone() -> None:
    these = case(*CELLS)
    logs = [log_e_absolute(31, 600, 0.02), log_e_absolute(30, 500, 0.02)]
    assert against_bound(these, COUNTED, 0.02).log_e == pytest.approx(mixed(these, logs))


def test_points_are_weighed_cell_by_cell() -> None:
    these = case(*CELLS)
    cells = [((1, 100), (9, 900)), ((30, 500), (5, 500))]
    logs = log_e_points(cells, [0, 1], 0.01)
    assert against_points(these, COUNTED, 0.01).log_e == pytest.approx(mixed(these, logs))


def test_a_ratio_beyond_the_usual_grid_has_a_grid_of_its_own() -> None:
    bad = (cell(sums(1_000, 900), sums(9_000, 90)),)
    weighed = against_baseline(case(*bad), rows(bad, of_rate(Metric.ERROR_RATE)), 30.0)
    assert weighed.log_e > log(100)


def test_nothing_measured_is_no_evidence() -> None:
    for weighed in (
        against_baseline(case(), (), 1.25),
        against_bound(case(), (), 0.02),
        against_points(case(), (), 0.02),
    ):
        assert weighed == Weighed(log_e=0.0, begun=(), formula=weighed.formula)
        assert weighed.formula


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_of_two_the_weaker_counts(one: float, other: float) -> None:
    found = lesser(Weighed(log_e=one, begun=()), Weighed(log_e=other, begun=()))
    assert found.log_e == min(one, other)


@given(st.integers(2, 50))
def test_all_planned_starts_together_weigh_one(planned: int) -> None:
    weights = [weight_of_start(index, planned) for index in range(planned)]
    assert sum(weights) == pytest.approx(1)
    assert weights[0] == 0.5


def test_when_every_start_has_come_none_is_waited_for() -> None:
    cells = [cell(sums(10), sums(90), quarter=at * 24) for at in range(12)]
    these = case(*cells)
    assert len(these.starts) == these.planned
    weighed = against_baseline(these, rows(cells, of_rate(Metric.ERROR_RATE)), 1.0)
    assert weighed.log_e == pytest.approx(0)
