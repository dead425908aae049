"""One arm's figures over the whole fleet and since the migration began, while they are added up."""

from __future__ import annotations

from collections import Counter

import msgspec

from control.measures.sums import Times
from proxy.delta import Window
from proxy.errors import Blame
from proxy.exchange import Outcome, UsageState, blame_of
from proxy.numbers import hdr
from proxy.numbers.arm_figures import Figures, Percentiles, Tokens, UsageStates
from proxy.numbers.histogram import Histogram
from proxy.numbers.prices import PICOUSD


class ToldTotal(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An arm's figures in a roll-up; `counts` as `Total` names them."""

    outcomes: dict[Outcome, int]
    usage_states: dict[UsageState, int]
    counts: dict[str, int]
    latency: bytes
    ttft: bytes
    gaps: bytes


class Total:
    """What the windows of one arm's primary exchanges add up to."""

    __slots__ = ("_counts", "_figures", "_gaps", "_latency", "_outcomes", "_ttft", "_usage_states")

    def __init__(self) -> None:
        self._outcomes: Counter[Outcome] = Counter()
        self._usage_states: Counter[UsageState] = Counter()
        self._counts: Counter[str] = Counter()
        self._latency = Histogram()
        self._ttft = Histogram()
        self._gaps = Histogram()
        self._figures: Figures | None = None

    def add(self, window: Window, times: Times) -> None:
        self._figures = None
        self._outcomes.update(window.outcomes)
        self._usage_states.update(window.usage_states)
        counts = self._counts
        counts["input"] += window.input
        counts["cached_input"] += window.cached_input
        counts["output"] += window.output
        counts["reasoning"] += window.reasoning
        counts["cost_picousd"] += window.cost_picousd
        counts["priced"] += window.priced
        counts["unpriced"] += window.unpriced
        counts["uncounted"] += sum(window.uncounted.values())
        self._latency.fill(times.latency)
        self._ttft.fill(times.ttft)
        self._gaps.fill(times.gaps)

    def figures(self) -> Figures:
        """As people read them."""
        if self._figures is None:
            self._figures = self._made()
        return self._figures

    def told(self) -> ToldTotal:
        """For a roll-up."""
        return ToldTotal(
            dict(self._outcomes),
            dict(self._usage_states),
            dict(self._counts),
            hdr.encode(hdr.filled(self._latency)),
            hdr.encode(hdr.filled(self._ttft)),
            hdr.encode(hdr.filled(self._gaps)),
        )

    def hear(self, told: ToldTotal) -> None:
        """Adds what a roll-up tells. Raises Invalid."""
        self._figures = None
        self._outcomes.update(told.outcomes)
        self._usage_states.update(told.usage_states)
        self._counts.update(told.counts)
        self._latency.fill(hdr.decode(told.latency))
        self._ttft.fill(hdr.decode(told.ttft))
        self._gaps.fill(hdr.decode(told.gaps))

    def _made(self) -> Figures:
        counts, states = self._counts, self._usage_states
        return Figures(
            requests=self._outcomes.total(),
            errors=self._blamed(Blame.UPSTREAM),
            client_cancelled=self._outcomes[Outcome.CLIENT_CANCELLED],
            client_errors=self._outcomes[Outcome.CLIENT_ERROR],
            proxy_errors=self._blamed(Blame.PROXY),
            latency_ms=_percentiles(self._latency),
            ttft_ms=_percentiles(self._ttft),
            gap_ms=_percentiles(self._gaps),
            tokens=Tokens(
                input=counts["input"],
                cached_input=counts["cached_input"],
                output=counts["output"],
                reasoning=counts["reasoning"],
            ),
            cost_usd=counts["cost_picousd"] / PICOUSD if counts["priced"] else None,
            unpriced=counts["unpriced"],
            usage=UsageStates(
                final=states[UsageState.FINAL],
                estimated=states[UsageState.ESTIMATED],
                missing=states[UsageState.MISSING],
            ),
            uncounted=counts["uncounted"],
        )

    def _blamed(self, blame: Blame) -> int:
        return sum(count for outcome, count in self._outcomes.items() if blame_of(outcome) is blame)


def _percentiles(histogram: Histogram) -> Percentiles:
    p50, p95, p99 = (
        None if us is None else us / 1_000 for us in histogram.percentiles((50, 95, 99))
    )
    return Percentiles(p50=p50, p95=p95, p99=p99)
