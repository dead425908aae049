"""control/stats/bernstein.py against the formula of its theorem, term by term."""

from __future__ import annotations

from itertools import product
from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.bernstein import Scores
from control.stats.logarithms import threshold

scores = st.lists(st.floats(0, 1), min_size=1, max_size=40)


def formula(x: list[float], alpha: float) -> tuple[float, float]:
    """Center and margin of statistics.md 4.4, in its own letters."""

    def mu(t: int) -> float:
        return (0.5 + sum(x[:t])) / (t + 1)

    def s2(t: int) -> float:
        return (0.25 + sum((x[i] - mu(i + 1)) ** 2 for i in range(t))) / (t + 1)

    lam = [
        min(0.5, sqrt(2 * log(2 / alpha) / (s2(i - 1) * i * log(1 + i))))
        for i in range(1, len(x) + 1)
    ]
    paid = sum((x[i] - mu(i)) ** 2 * (-log(1 - lam[i]) - lam[i]) for i in range(len(x)))
    center = sum(bet * each for bet, each in zip(lam, x, strict=True)) / sum(lam)
    return center, (log(2 / alpha) + paid) / sum(lam)


@given(scores, st.floats(0.001, 0.5))
def test_the_interval_is_that_of_the_formula(x: list[float], alpha: float) -> None:
    center, margin = formula(x, alpha)
    low, high = Scores(alpha=alpha).and_then(x).interval
    assert low == pytest.approx(max(center - margin, 0), abs=1e-9)
    assert high == pytest.approx(min(center + margin, 1), abs=1e-9)


@given(scores, scores)
def test_scores_may_come_in_portions(first: list[float], second: list[float]) -> None:
    start = Scores(alpha=0.05)
    assert start.and_then(first).and_then(second) == start.and_then(first + second)


@pytest.mark.parametrize("mean", [0.1, 0.5, 0.8])
def test_the_mean_e_value_at_the_limit_is_one_at_most(mean: float) -> None:
    start = Scores(alpha=0.05)
    earned = {"under": 0.0, "over": 0.0}
    for path in product((0.0, 1.0), repeat=8):
        chance = mean ** sum(path) * (1 - mean) ** (8 - sum(path))
        seen = start.and_then(path)
        earned["under"] += chance * exp(seen.log_e_under(mean))
        earned["over"] += chance * exp(seen.log_e_over(mean))
    assert earned["under"] <= 1
    assert earned["over"] <= 1


def test_evidence_alarms_where_the_interval_ends() -> None:
    seen = Scores(alpha=0.05).and_then([0.7, 0.8, 0.9, 0.6] * 100)
    low, high = seen.interval
    assert seen.log_e_over(low) == pytest.approx(threshold(0.025))
    assert seen.log_e_under(high) == pytest.approx(threshold(0.025))
    assert low < 0.75 < high


def test_no_score_says_nothing() -> None:
    nothing = Scores(alpha=0.05)
    assert nothing.mean is None
    assert nothing.interval == (0.0, 1.0)
    assert nothing.log_e_under(0.9) == 0
    assert nothing.and_then([0.25, 0.5]).mean == 0.375


@pytest.mark.parametrize("score", [-0.01, 1.01, float("nan")])
def test_a_score_outside_0_to_1_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match="a score is between"):
        Scores(alpha=0.05).and_then([0.5, score])


def test_an_alpha_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match="alpha"):
        Scores(alpha=1.0)
