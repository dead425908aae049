"""How far means of costs and token counts are known, and whether one is above what it may be.

Asymptotic (Robbins 1970; Waudby-Smith et al., Ann. Statist. 2024; statistics.md 4.3): it holds as
soon as means are about normal. `planned` is how many requests, of both arms together, the
evidence is sharpest at; it is fixed beforehand, and any number is valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p, sqrt
from typing import TypeAlias

from control.stats.logarithms import threshold

PLANNED = 10_000
FIRST = 30  # requests of an arm before its mean says anything at all
ENOUGH = 500  # requests of an arm before its mean can be a pass: skewed costs look too cheap before

Interval: TypeAlias = tuple[float | None, float | None]

_FINEST = 1e-12  # a spread below this part of the squares is rounding, not knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """A sample by its sums. Refuses a negative count or sum of squares with ValueError."""

    count: int
    total: float
    squares: float

    def __post_init__(self) -> None:
        if not (self.count >= 0 and self.squares >= 0):
            raise ValueError(f"no sums of a sample: {self}")

    @property
    def mean(self) -> float:
        """Refuses an empty sample with ValueError."""
        if not self.count:
            raise ValueError("nothing has no mean")
        return self.total / self.count

    @property
    def error(self) -> float:
        """The square of the mean's standard error. Refuses fewer than two with ValueError."""
        if self.count < 2:
            raise ValueError("one value has no spread")
        spread = max(self.squares - self.total * self.mean, _FINEST * self.squares)
        return spread / (self.count - 1) / self.count


def mean_interval(sample: Moments, alpha: float, *, planned: int = PLANNED) -> Interval:
    """Where a mean lies, however often one looks; also the mean difference of pairs.

    No bounds before 30 values. Refuses with ValueError: an alpha that is not between 0 and 1, and
    nothing planned.
    """
    sharpness = _sharpness(sample.count, alpha, planned)
    if sample.count < FIRST:
        return (None, None)
    margin = sqrt(_square_reach(sharpness, alpha) * sample.error)
    return (sample.mean - margin, sample.mean + margin)


def ratio_interval(
    candidate: Moments, baseline: Moments, alpha: float, *, planned: int = PLANNED
) -> Interval:
    """Where the candidate's mean lies in multiples of the baseline's, however often one looks.

    For figures that are never negative. No bounds before 30 values of each; the upper one is None
    while the baseline's mean may be 0. Refuses what `mean_interval` refuses.
    """
    sharpness = _sharpness(candidate.count + baseline.count, alpha, planned)
    if min(candidate.count, baseline.count) < FIRST:
        return (None, None)
    # The ratios r with (m1 - r*m0)**2 <= reach**2 * (v1 + r**2 * v0): Fieller's quadratic.
    square = _square_reach(sharpness, alpha)
    ours = candidate.mean**2 - square * candidate.error
    theirs = baseline.mean**2 - square * baseline.error
    middle = candidate.mean * baseline.mean
    crest = middle + sqrt(max(middle**2 - ours * theirs, 0.0))
    low = ours / crest if ours > 0 and crest else 0.0
    return (low, crest / theirs if theirs > 0 else None)


def log_e_over(sample: Moments, limit: float, alpha: float, *, planned: int = PLANNED) -> float:
    """Evidence against "the mean is at most `limit`", to be held against `threshold(alpha)`.

    None (0) before 30 values. Refuses what `mean_interval` refuses.
    """
    sharpness = _sharpness(sample.count, alpha, planned)
    if sample.count < FIRST:
        return 0.0
    return _log_e(sample.mean - limit, sample.error, sharpness)


def log_e_over_baseline(
    candidate: Moments, baseline: Moments, factor: float, alpha: float, *, planned: int = PLANNED
) -> float:
    """Evidence against "the candidate's mean is at most `factor` times the baseline's".

    None (0) before 30 values of each. Refuses what `mean_interval` refuses.
    """
    sharpness = _sharpness(candidate.count + baseline.count, alpha, planned)
    if min(candidate.count, baseline.count) < FIRST:
        return 0.0
    excess = candidate.mean - factor * baseline.mean
    return _log_e(excess, candidate.error + factor**2 * baseline.error, sharpness)


def _sharpness(seen: int, alpha: float, planned: int) -> float:
    """The mixture's variance in units of the mean's, best at `planned`: tau**2 / v."""
    if planned < 1:
        raise ValueError("evidence is planned for no request")
    bar = 2 * threshold(alpha)
    return (bar + log1p(bar)) * seen / planned


def _square_reach(sharpness: float, alpha: float) -> float:
    """The square of how many standard errors an always-valid interval reaches to each side."""
    return (1 + 1 / sharpness) * (log1p(sharpness) + 2 * threshold(alpha))


def _log_e(excess: float, error: float, sharpness: float) -> float:
    """The Gaussian mixture's evidence; it reaches `threshold(alpha)` where the interval ends."""
    if excess <= 0:
        return -log1p(sharpness) / 2
    gain = sharpness / (1 + sharpness) * excess**2 / error if error else 0.0
    return (gain - log1p(sharpness)) / 2
