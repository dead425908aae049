"""Where the mean of scores from 0 to 1 lies: the empirical Bernstein confidence sequence.

Exact at any number of scores and looks (Waudby-Smith and Ramdas, JRSS-B 2024, theorem 2;
statistics.md 4.4). A difference d from -1 to 1 is judged as the score (d + 1) / 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log, log1p, sqrt

from control.stats.logarithms import threshold

_BOLDEST = 0.5  # the largest bet: c of the theorem


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What is to be kept of all scores so far; only their order within matters to it.

    `alpha` is the chance of ever being wrong to either side and must not change on the way.
    Refuses an alpha that is not between 0 and 1 with ValueError.
    """

    alpha: float
    count: int = 0
    total: float = 0.0
    spread: float = 0.0
    """The sum of (score - mean so far, it included) squared."""
    bets: float = 0.0
    won: float = 0.0
    """The sum of bet times score."""
    stake: float = 0.0
    """What the bets cost: the sum of (score - mean before it) squared * psi(bet)."""

    def __post_init__(self) -> None:
        threshold(self.alpha)

    def and_then(self, scores: Iterable[float]) -> Scores:
        """These and further scores, in the order of their arrival.

        Refuses a score that is not between 0 and 1 with ValueError.
        """
        count, total, spread = self.count, self.total, self.spread
        bets, won, stake = self.bets, self.won, self.stake
        budget = 2 * (threshold(self.alpha) + log(2))
        for score in scores:
            if not 0 <= score <= 1:
                raise ValueError(f"a score is between 0 and 1, not {score}")
            before, variance = (0.5 + total) / (count + 1), (0.25 + spread) / (count + 1)
            count += 1
            total += score
            spread += (score - (0.5 + total) / (count + 1)) ** 2
            bet = min(_BOLDEST, sqrt(budget / (variance * count * log1p(count))))
            bets += bet
            won += bet * score
            stake += (score - before) ** 2 * (-log1p(-bet) - bet)
        return Scores(
            alpha=self.alpha,
            count=count,
            total=total,
            spread=spread,
            bets=bets,
            won=won,
            stake=stake,
        )

    @property
    def mean(self) -> float | None:
        """The plain mean of the scores, None where there is none."""
        return self.total / self.count if self.count else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true mean lies; all of 0 to 1 before the first score."""
        if not self.count:
            return (0.0, 1.0)
        center = self.won / self.bets
        margin = (threshold(self.alpha) + log(2) + self.stake) / self.bets
        return (max(center - margin, 0.0), min(center + margin, 1.0))

    def log_e_under(self, limit: float) -> float:
        """Evidence against "the true mean is at least `limit`".

        It reaches `threshold(alpha / 2)` when the interval lies under the limit.
        """
        return limit * self.bets - self.won - self.stake

    def log_e_over(self, limit: float) -> float:
        """Evidence against "the true mean is at most `limit`", as `log_e_under`."""
        return self.won - limit * self.bets - self.stake
