"""control/stats/bernoulli.py: e-values of counts against a probability."""

from __future__ import annotations

from math import comb, exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.bernoulli import climb, log_e, weigh

NULL = 0.2


@pytest.mark.parametrize("true", [0.2, 0.15, 0.01])
def test_the_mean_e_value_under_the_null_is_one_at_most(true: float) -> None:
    grid = weigh(NULL, climb(NULL, 0.9, 8))
    mean = sum(
        comb(12, k) * true**k * (1 - true) ** (12 - k) * exp(log_e(k, 12, grid)) for k in range(13)
    )
    assert mean == pytest.approx(1.0) if true == NULL else mean < 1.0


@given(st.integers(0, 50), st.integers(0, 50))
def test_one_more_success_is_more_evidence_for_a_higher_probability(k: int, rest: int) -> None:
    grid = weigh(NULL, climb(NULL, 0.9, 8))
    assert log_e(k + 1, k + 1 + rest, grid) > log_e(k, k + 1 + rest, grid)


def test_a_grid_of_one_is_a_likelihood_ratio() -> None:
    assert log_e(3, 10, weigh(0.2, [0.3])) == pytest.approx(3 * log(0.3 / 0.2) + 7 * log(0.7 / 0.8))


def test_a_million_successes_overflow_nothing() -> None:
    assert log_e(10**9, 10**9, weigh(NULL, climb(NULL, 0.9, 8))) > 1e9


def test_a_grid_climbs_to_its_top() -> None:
    assert climb(0.01, 0.16, 4) == pytest.approx([0.02, 0.04, 0.08, 0.16])


@pytest.mark.parametrize(
    ("successes", "trials", "null", "grid", "said"),
    [
        (-1, 5, 0.5, [0.6], "-1 successes of 5"),
        (6, 5, 0.5, [0.6], "6 successes of 5"),
        (float("nan"), 5, 0.5, [0.6], "nan successes of 5"),
        (1, 5, 0.0, [0.6], "not 0.0"),
        (1, 5, 0.5, [1.0], "not 1.0"),
        (1, 5, 0.5, [], "nothing to average"),
    ],
)
def test_nonsense_is_refused(
    successes: float, trials: float, null: float, grid: list[float], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        log_e(successes, trials, weigh(null, grid))
