"""control/stats/logarithms.py: sums of numbers that no float could hold."""

from __future__ import annotations

from math import exp, inf, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.logarithms import log_mean, log_sum, threshold

small = st.lists(st.floats(-20, 20), min_size=1, max_size=30)


@given(small)
def test_a_sum_is_the_sum_where_floats_can_hold_it(logs: list[float]) -> None:
    assert isclose(log_sum(logs), log(sum(exp(each) for each in logs)), abs_tol=1e-9)


@given(small, st.floats(-1e6, 1e6))
def test_what_all_share_comes_out_in_front(logs: list[float], more: float) -> None:
    assert isclose(log_sum([each + more for each in logs]), log_sum(logs) + more, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("logs", "total"),
    [([], -inf), ([-inf, -inf], -inf), ([inf, 1.0], inf), ([1e300, -1e300], 1e300), ([3.0], 3.0)],
)
def test_a_sum_has_no_range_to_leave(logs: list[float], total: float) -> None:
    assert log_sum(logs) == total


def test_the_mean_of_equals_is_their_value() -> None:
    assert log_mean([700.0, 700.0, 700.0]) == pytest.approx(700.0)
    with pytest.raises(ValueError, match="nothing to average"):
        log_mean([])


def test_the_threshold_is_one_over_alpha() -> None:
    assert threshold(0.01) == pytest.approx(log(100))
    for alpha in (0.0, 1.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            threshold(alpha)
