"""control/guard/counting.py: hits and trials."""

from __future__ import annotations

import pytest

from control.guard.counting import Row, of_first_token, of_latency, of_rate, part, rows, totals
from control.words.criteria import Metric
from tests.control.guard.cases import cell, sums, times

MS = 1_000


def test_a_failure_is_one_of_all_requests() -> None:
    (row,) = rows([cell(sums(100, 5), sums(900, 9))], of_rate(Metric.ERROR_RATE))
    assert (row.candidate, row.candidate_trials) == (5, 100)
    assert (row.baseline, row.baseline_trials) == (9, 900)
    assert row.share == pytest.approx(0.1)


def test_a_cut_answer_is_one_of_the_answers_not_of_the_requests() -> None:
    cut = cell(sums(100, 20, length_stops=8), sums(50, 0, length_stops=70))
    (row,) = rows([cut], of_rate(Metric.TRUNCATION_RATE))
    assert (row.candidate, row.candidate_trials) == (8, 80)
    assert (row.baseline, row.baseline_trials) == (50, 50)


def test_a_slow_request_is_over_the_bound_or_failed() -> None:
    slow = cell(
        sums(110, 10, latency=times(900 * MS, 95, (2_000 * MS, 5))),
        sums(100, latency=times(1_000 * MS, 100)),
    )
    (row,) = rows([slow], of_latency(1.0))
    assert (row.candidate, row.candidate_trials) == (15, 110)
    assert (row.baseline, row.baseline_trials) == (0, 100)


def test_failures_count_as_late_streams_in_the_measure_that_answers_are_streams() -> None:
    late = cell(
        sums(110, 10, latency=times(MS, 100), ttft=times(400 * MS, 18, (700 * MS, 2))),
        sums(105, 5, latency=times(MS, 100), ttft=times(400 * MS, 30)),
    )
    (row,) = rows([late], of_first_token(0.5))  # 50 of 200 good answers were streams
    assert (row.candidate, row.candidate_trials) == (2 + 2, 2 + 20)
    assert (row.baseline, row.baseline_trials) == (1, 1 + 30)


def test_with_no_answer_at_all_nothing_is_known_of_streams() -> None:
    (row,) = rows([cell(sums(10, 10), sums(10, 10))], of_first_token(0.5))
    assert (row.candidate_trials, row.baseline_trials, row.share) == (0, 0, 0.0)


def test_streams_that_clients_broke_off_make_no_more_streams_than_answers() -> None:
    late = cell(sums(12, 2, latency=times(MS, 10), ttft=times(MS, 30)))
    (row,) = rows([late], of_first_token(0.5))
    assert (row.candidate, row.candidate_trials) == (2, 32)


def test_totals_are_over_all_rows() -> None:
    row = Row(epoch=1, quarter=1, candidate=1, candidate_trials=2, baseline=3, baseline_trials=4)
    assert totals([row, row]) == ((2, 4), (6, 8))
    assert totals([]) == ((0, 0), (0, 0))


def test_a_part_of_nothing_is_nothing() -> None:
    assert part((1, 4)) == 0.25
    assert part((0, 0)) is None
