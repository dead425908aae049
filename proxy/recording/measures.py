"""The metrics that every tally feeds: name, help, label, and where the numbers are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from proxy.numbers.buckets import GAP_US, LATENCY_US, OVERHEAD_US
from proxy.numbers.histogram import Histogram
from proxy.numbers.prices import PICOUSD
from proxy.recording.tally import Sums, Tally


class Count(NamedTuple):
    """A counter per tally; `label` is None where it has one value, said with an empty key."""

    name: str
    says: str
    label: str | None
    values: Callable[[Tally], Iterable[tuple[str, float]]]


class Timing(NamedTuple):
    """A histogram per tally; `label` as for a counter."""

    name: str
    says: str
    label: str | None
    bounds_us: tuple[int, ...]
    values: Callable[[Tally], Iterable[tuple[str, Histogram]]]


def _tokens(tally: Tally) -> Iterable[tuple[str, float]]:
    sums = tally.counted
    return (
        ("input", sums.input),
        ("cached_input", sums.cached_input),
        ("output", sums.output),
        ("reasoning", sums.reasoning),
    )


def _cost(sums: Sums) -> Iterable[tuple[str, float]]:
    return (("", sums.cost_picousd / PICOUSD),)


COUNTS = (
    Count(
        "crossfade_requests_total",
        "Exchanges that ended, by outcome.",
        "outcome",
        lambda tally: tally.counted.outcomes.items(),
    ),
    Count(
        "crossfade_tokens_total",
        "Tokens; input includes cached_input, output includes reasoning.",
        "kind",
        _tokens,
    ),
    Count(
        "crossfade_cost_usd_total",
        "What tokens cost, in USD, where a price is known.",
        None,
        lambda tally: _cost(tally.counted),
    ),
    Count(
        "crossfade_unpriced_requests_total",
        "Exchanges with tokens whose price is not known.",
        None,
        lambda tally: (("", tally.counted.unpriced),),
    ),
    Count(
        "crossfade_usage_total",
        "Exchanges by where their token counts are from: the provider, an estimate, nowhere.",
        "state",
        lambda tally: tally.counted.usage_states.items(),
    ),
    Count(
        "crossfade_uncounted_requests_total",
        "Exchanges that do not weigh for or against an arm (forced arms), by outcome.",
        "outcome",
        lambda tally: tally.uncounted.outcomes.items(),
    ),
    Count(
        "crossfade_uncounted_cost_usd_total",
        "What exchanges that do not weigh cost, in USD.",
        None,
        lambda tally: _cost(tally.uncounted),
    ),
)

TIMINGS = (
    Timing(
        "crossfade_request_duration_seconds",
        "From a request's first byte to the end of its answer.",
        "outcome",
        LATENCY_US,
        lambda tally: tally.durations.items(),
    ),
    Timing(
        "crossfade_time_to_first_token_seconds",
        "From a request's first byte to the first generated content of a streamed answer.",
        None,
        LATENCY_US,
        lambda tally: (("", tally.first_token),),
    ),
    Timing(
        "crossfade_inter_token_seconds",
        "Between each two events of a streamed answer.",
        None,
        GAP_US,
        lambda tally: (("", tally.gaps),),
    ),
    Timing(
        "crossfade_overhead_seconds",
        "crossfade's own time in an exchange.",
        None,
        OVERHEAD_US,
        lambda tally: (("", tally.overhead),),
    ),
)
