"""An arm's figures out of what one process tallied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from proxy.errors import Blame
from proxy.exchange import Outcome, UsageState, blame_of
from proxy.numbers.arm_figures import Figures, Percentiles, Tokens, UsageStates
from proxy.numbers.histogram import Histogram
from proxy.numbers.prices import PICOUSD
from proxy.recording.tally import Sums, Tally


def figures(tallies: Sequence[Tally]) -> Figures:
    """The figures of one arm's tallies together."""
    sums = [tally.counted for tally in tallies]
    priced = sum(each.priced for each in sums)
    cost = sum(each.cost_picousd for each in sums) / PICOUSD
    return Figures(
        requests=sum(each.requests for each in sums),
        errors=_blamed(sums, Blame.UPSTREAM),
        client_cancelled=_ended(sums, Outcome.CLIENT_CANCELLED),
        client_errors=_ended(sums, Outcome.CLIENT_ERROR),
        proxy_errors=_blamed(sums, Blame.PROXY),
        latency_ms=_percentiles(tally.durations[Outcome.OK] for tally in tallies),
        ttft_ms=_percentiles(tally.first_token for tally in tallies),
        gap_ms=_percentiles(tally.gaps for tally in tallies),
        tokens=_tokens(sums),
        cost_usd=cost if priced else None,
        unpriced=sum(each.unpriced for each in sums),
        usage=_usage_states(sums),
        uncounted=sum(tally.uncounted.requests for tally in tallies),
    )


def _ended(sums: Sequence[Sums], outcome: Outcome) -> int:
    return sum(each.outcomes[outcome] for each in sums)


def _blamed(sums: Sequence[Sums], blame: Blame) -> int:
    return sum(_ended(sums, outcome) for outcome in Outcome if blame_of(outcome) is blame)


def _tokens(sums: Sequence[Sums]) -> Tokens:
    return Tokens(
        input=sum(each.input for each in sums),
        cached_input=sum(each.cached_input for each in sums),
        output=sum(each.output for each in sums),
        reasoning=sum(each.reasoning for each in sums),
    )


def _usage_states(sums: Sequence[Sums]) -> UsageStates:
    return UsageStates(
        final=sum(each.usage_states[UsageState.FINAL] for each in sums),
        estimated=sum(each.usage_states[UsageState.ESTIMATED] for each in sums),
        missing=sum(each.usage_states[UsageState.MISSING] for each in sums),
    )


def _percentiles(histograms: Iterable[Histogram]) -> Percentiles:
    whole = Histogram()
    for histogram in histograms:
        whole.merge(histogram)
    found = [None if us is None else us / 1_000 for us in whole.percentiles((50, 95, 99))]
    return Percentiles(p50=found[0], p95=found[1], p99=found[2])
