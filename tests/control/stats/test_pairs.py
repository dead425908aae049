"""control/stats/pairs.py: a sign test on the pairs that differ."""

from __future__ import annotations

from math import comb, exp, log

import pytest

from control.stats.pairs import log_e_discordant


def test_a_fair_coin_earns_one_on_average() -> None:
    mean = sum(comb(10, k) / 2**10 * exp(log_e_discordant(k, 10 - k)) for k in range(11))
    assert mean == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("worse", "better", "alarms"), [(10, 0, True), (9, 0, False), (9, 9, False)]
)
def test_ten_losses_in_a_row_are_an_alarm_at_one_percent(
    worse: int, better: int, *, alarms: bool
) -> None:
    assert (log_e_discordant(worse, better) >= log(100)) is alarms


def test_a_noisy_judge_may_lose_more_than_half() -> None:
    assert log_e_discordant(60, 40, fair=0.6) < 0 < log_e_discordant(70, 30)


@pytest.mark.parametrize(("worse", "better"), [(-1, 3), (3, -1)])
def test_negative_counts_are_refused(worse: int, better: int) -> None:
    with pytest.raises(ValueError, match="successes of"):
        log_e_discordant(worse, better)


@pytest.mark.parametrize("fair", [0.0, 0.98, 1.0])
def test_a_share_that_leaves_nothing_to_find_is_refused(fair: float) -> None:
    with pytest.raises(ValueError, match="a fair share"):
        log_e_discordant(1, 1, fair=fair)
