"""The words of a limit: which figure of the candidate, how far it may go, and what happens then."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from proxy.errors import Invalid


class Metric(StrEnum):
    """What a limit can be about; the closed list that the interface publishes."""

    ERROR_RATE = "error_rate"
    AVAILABILITY = "availability"
    LATENCY_P50 = "latency_p50"
    LATENCY_P95 = "latency_p95"
    LATENCY_P99 = "latency_p99"
    TTFT_P50 = "ttft_p50"
    TTFT_P95 = "ttft_p95"
    TTFT_P99 = "ttft_p99"
    COST_PER_REQUEST = "cost_per_request"
    TOKENS_PER_REQUEST = "tokens_per_request"
    TRUNCATION_RATE = "truncation_rate"
    QUALITY = "quality"


class Side(StrEnum):
    """What a limit's number is compared with, and on which side of it lies harm."""

    OVER = "over"
    UNDER = "under"
    OVER_BASELINE = "over_baseline"
    UNDER_BASELINE = "under_baseline"

    @property
    def relative(self) -> bool:
        """Whether the concurrent baseline is the measure, rather than a number of its own."""
        return self in (Side.OVER_BASELINE, Side.UNDER_BASELINE)

    @property
    def above(self) -> bool:
        """Whether harm lies above the number, rather than below it."""
        return self in (Side.OVER, Side.OVER_BASELINE)


class Scale(StrEnum):
    """How a limit's number is to be read."""

    PLAIN = "plain"  # a fraction of 1, seconds, USD, tokens or a score, by the metric
    FACTOR = "x"  # times the baseline's figure
    POINTS = "pp"  # percentage points, as a fraction of 1, away from the baseline's figure


class OnFail(StrEnum):
    """What a breach does, from the mildest to the hardest."""

    WARN = "warn"
    HOLD = "hold"
    STEP_BACK = "step_back"
    ROLLBACK = "rollback"


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One failure criterion; a sequential test decides when it is breached.

    `number` is in the metric's own unit: a fraction of 1 for rates, availability and quality,
    seconds for times, USD for cost, tokens. `for_s` is how long a breach must last to count as
    one; `within_s` is the deadline at which what `on_fail` says happens by itself, None for at
    once. `written` is the number as its author wrote it ("2%", "1.25x").
    """

    metric: Metric
    side: Side
    number: float
    scale: Scale = Scale.PLAIN
    written: str
    on_fail: OnFail = OnFail.WARN
    for_s: float = 0.0
    within_s: float | None = None
    page: bool = False

    def __post_init__(self) -> None:
        if self.side.relative == (self.scale is Scale.PLAIN):
            raise Invalid("a limit against the baseline is in x or pp, and no other is")

    @property
    def key(self) -> str:
        """What tells this limit from the others of its migration, in the words of its file."""
        return f"{self.metric} {self.side} {self.written}"
