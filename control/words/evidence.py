"""The words of what is known of a migration's arms: sums by weight epoch and quarter of an hour.

Everything that a test needs is a sum over cells, so evidence is complete after any restart, and
workers, replayed flushes and roll-ups change nothing in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from proxy.numbers.histogram import Histogram
from proxy.policy import ArmName

QUARTER_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """One arm's exchanges in one cell, primary ones that count alone.

    `requests` are eligible ones: complete good answers and the upstream's failures; what a client
    caused or broke off weighs in none of these figures. `errors` are the upstream's;
    `length_stops` are answers that ended at a token limit. `cost_usd` sums the `priced` requests,
    `tokens` (input and output) those `with_usage`; the squares are sums of squares. `latency` is
    of complete good answers, `ttft` of streams that had a first token; both in microseconds.
    """

    requests: int = 0
    errors: int = 0
    length_stops: int = 0
    priced: int = 0
    cost_usd: float = 0.0
    cost_squares: float = 0.0
    with_usage: int = 0
    tokens: int = 0
    tokens_squares: float = 0.0
    latency: Histogram = field(default_factory=Histogram)
    ttft: Histogram = field(default_factory=Histogram)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One weight epoch in one quarter of an hour (`quarter` = UTC seconds // 900)."""

    epoch: int
    quarter: int
    baseline: Sums = field(default_factory=Sums)
    candidate: Sums = field(default_factory=Sums)

    def arm(self, name: ArmName) -> Sums:
        return self.baseline if name is ArmName.BASELINE else self.candidate

    @property
    def share(self) -> float:
        """The candidate's observed share of the eligible requests: the w of statistics.md."""
        together = self.baseline.requests + self.candidate.requests
        return self.candidate.requests / together if together else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """How many distinct sticky keys one weight epoch, of a share in basis points, sent to each arm.

    Whole numbers, counted in the same sample of all keys for both arms: their ratio is that of all
    keys, and an exact test may take them as they are.
    """

    epoch: int
    share: int
    baseline: float
    candidate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All cells of a migration, in the order of (quarter, epoch).

    `fresh_at_s` is when a new flush was last heard of (UTC seconds), None where none ever was;
    `spared_at_s` when last of a worker whose breaker keeps requests from the candidate. `heard`
    has, of each worker that lives, when a new flush of it was last read (UTC seconds).
    `scores` are the arms' quality scores from 0 to 1 in the order of their arrival, and
    `score_epochs` the weight epochs of the answers that they are of, score by score.
    """

    cells: tuple[Cell, ...] = ()
    fresh_at_s: float | None = None
    spared_at_s: float | None = None
    heard: Mapping[str, float] = field(default_factory=dict)
    keys: tuple[Keys, ...] = ()
    scores: dict[ArmName, tuple[float, ...]] = field(default_factory=dict)
    score_epochs: dict[ArmName, tuple[int, ...]] = field(default_factory=dict)

    def epoch(self, since: int) -> tuple[Cell, ...]:
        """The cells of one weight epoch."""
        return tuple(cell for cell in self.cells if cell.epoch == since)
