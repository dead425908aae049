"""What a step can find: figures for before a ramp starts."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from math import ceil, sqrt
from statistics import NormalDist

from control.stats.logarithms import threshold
from control.stats.sequential import log_e_absolute, log_e_relative

POWER = 0.8  # the chance of being found that makes an effect a detectable one

_NORMAL = NormalDist()
_POINTS = 9  # how finely the baseline's own chance is taken into account
_HALVINGS = 20


def detectable_rate(
    requests: int, share: float, rate: float, alpha: float, *, ratio: float = 1.0
) -> float | None:
    """The smallest error rate of the candidate that the relative test finds with 80 % chance.

    `requests` are both arms' within the step, `share` the candidate's part of them, `rate` the
    baseline's error rate, `ratio` what is tolerated. Where the limit's evidence is averaged over
    several starts, `alpha` is to be divided by their number. None: not even a total outage is
    found. Errs to the safe side: it counts alarms that stand at the step's end, and by then some
    more have been. Refuses with ValueError: a share that is not between 0 and 1, a rate that is
    not from 0 to 1, a ratio without a test, an alpha that is not between 0 and 1.
    """
    if not (0 < share < 1 and 0 <= rate < 1):
        raise ValueError(f"no share and rate to plan with: {share} and {rate}")
    bar, ours = threshold(alpha), round(requests * share)

    def alarms(errors: int, baseline: int) -> bool:
        return log_e_relative([(share, errors, baseline)], ratio) >= bar

    needed = [
        bisect_left(range(ours + 1), True, key=partial(alarms, baseline=each))
        for each in _baseline_errors(requests - ours, rate)
    ]
    return _smallest(ours, needed, min(ratio * rate, 1.0))


def detectable_absolute(requests: int, limit: float, alpha: float) -> float | None:
    """As `detectable_rate`, for the test against a limit; `requests` are the candidate's.

    Refuses with ValueError: a limit or an alpha that is not between 0 and 1.
    """
    bar = threshold(alpha)
    ranks = range(requests + 1)
    needed = bisect_left(ranks, bar, key=lambda errors: log_e_absolute(errors, requests, limit))
    return _smallest(requests, [needed], limit)


def _baseline_errors(requests: int, rate: float) -> list[int]:
    """Equally likely numbers of errors, by the normal approximation."""
    mean, spread = requests * rate, sqrt(requests * rate * (1 - rate))
    middles = [_NORMAL.inv_cdf((i + 0.5) / _POINTS) for i in range(_POINTS)]
    return [max(round(mean + spread * each), 0) for each in middles]


def _smallest(requests: int, needed: list[int], known_good: float) -> float | None:
    """The least rate at which the errors needed are reached with 80 % chance."""

    def found(rate: float) -> bool:
        return sum(_reached(each, requests, rate) for each in needed) >= POWER * len(needed)

    low, high = known_good, 1.0
    if not found(high):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high


def _reached(errors: int, requests: int, rate: float) -> float:
    """The chance of at least so many errors (Camp and Paulson's approximation of 1951)."""
    if errors > requests or errors <= 0 or rate in (0, 1):
        return float(errors <= requests * ceil(rate) or errors <= 0)
    below = errors - 1
    left, right = 1 / (9 * (requests - below)), 1 / (9 * errors)
    odds = errors * (1 - rate) / (rate * (requests - below))
    z = ((1 - right) * odds ** (1 / 3) - (1 - left)) / sqrt(right * odds ** (2 / 3) + left)
    return 1 - _NORMAL.cdf(z)
