"""control/stats/split.py: the split's self-check."""

from __future__ import annotations

from math import comb, exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.split import log_e_split


@pytest.mark.parametrize("weight", [0.01, 0.5, 0.9])
def test_a_true_split_earns_one_on_average(weight: float) -> None:
    mean = sum(
        comb(20, k) * weight**k * (1 - weight) ** (20 - k) * exp(log_e_split(k, 20 - k, weight))
        for k in range(21)
    )
    assert mean == pytest.approx(1.0)


@pytest.mark.parametrize("candidate", [30, 200])
def test_too_few_and_too_many_keys_are_both_found(candidate: int) -> None:
    assert log_e_split(candidate, 1000 - candidate, 0.1) > log(1000)
    assert log_e_split(100, 900, 0.1) < 0


@given(st.floats(0, 1e12), st.floats(0, 1e12), st.floats(0.0001, 0.9999))
def test_no_number_of_keys_is_too_large(candidate: float, baseline: float, weight: float) -> None:
    assert log_e_split(candidate, baseline, weight) == pytest.approx(
        log_e_split(baseline, candidate, 1 - weight), rel=1e-6, abs=0.1
    )


@pytest.mark.parametrize("weight", [0.0, 1.0, float("nan")])
def test_a_split_of_all_or_nothing_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        log_e_split(1, 1, weight)


@pytest.mark.parametrize(("candidate", "baseline"), [(-1, 1), (1, -1), (float("nan"), 1)])
def test_impossible_keys_are_refused(candidate: float, baseline: float) -> None:
    with pytest.raises(ValueError, match="keys"):
        log_e_split(candidate, baseline, 0.5)
