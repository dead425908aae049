"""What /metrics says of the fleet as a whole: every arm's figures over all workers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec
from prometheus_client import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from proxy.numbers.arm_figures import Figures, Percentiles
from proxy.policy import ArmName

Arms = Mapping[tuple[str, ArmName], Figures]

_ARM = ("migration", "arm")


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """How following stands: seconds since the last good look, None before the first one.

    `refused` flushes and batches could not be read; `failures` ended a look before its end.
    """

    age_s: float | None
    refused: int
    failures: int


def exposition(arms: Arms, followed: Followed) -> bytes:
    """Prometheus text, to be put after the others. Every replica says the same of the arms."""
    return generate_latest(_Scrape(arms, followed))


class _Scrape(Collector):
    def __init__(self, arms: Arms, followed: Followed) -> None:
        self._arms = arms
        self._followed = followed

    def collect(self) -> Iterator[Metric]:
        yield from _counts(self._arms)
        yield from _quantiles(self._arms)
        yield from _following(self._followed)


def _counts(arms: Arms) -> Iterator[Metric]:
    yield _counter(
        "crossfade_fleet_requests_total",
        "Exchanges of an arm in the whole fleet since the migration began.",
        ((place, figures.requests) for place, figures in arms.items()),
    )
    yield _counter(
        "crossfade_fleet_errors_total",
        "Those that the upstream failed.",
        ((place, figures.errors) for place, figures in arms.items()),
    )
    yield _counter(
        "crossfade_fleet_cost_usd_total",
        "What they cost, in USD, where a price is known.",
        ((place, each.cost_usd) for place, each in arms.items() if each.cost_usd is not None),
    )


def _counter(name: str, says: str, values: Iterable[tuple[tuple[str, ArmName], float]]) -> Metric:
    family = CounterMetricFamily(name, says, labels=_ARM)
    for place, value in values:
        family.add_metric(place, value)
    return family


def _quantiles(arms: Arms) -> Iterator[Metric]:
    kinds: tuple[tuple[str, str, Callable[[Figures], Percentiles]], ...] = (
        ("latency", "Percentiles of good answers' total time.", lambda each: each.latency_ms),
        ("time_to_first_token", "Percentiles of it in streams.", lambda each: each.ttft_ms),
        ("inter_token", "Percentiles of gaps in streams.", lambda each: each.gap_ms),
    )
    for kind, says, of in kinds:
        labels = (*_ARM, "quantile")
        family = GaugeMetricFamily(f"crossfade_fleet_{kind}_seconds", says, labels=labels)
        for place, figures in arms.items():
            found = of(figures)
            for quantile, ms in (("0.5", found.p50), ("0.95", found.p95), ("0.99", found.p99)):
                if ms is not None:
                    family.add_metric((*place, quantile), ms / 1_000)
        yield family


def _following(followed: Followed) -> Iterator[Metric]:
    if followed.age_s is not None:
        yield GaugeMetricFamily(
            "crossfade_follow_age_seconds",
            "How long ago the store's measurements were last read.",
            followed.age_s,
        )
    yield CounterMetricFamily(
        "crossfade_follow_refused_total",
        "Flushes and batches of scores in the store that could not be read.",
        followed.refused,
    )
    yield CounterMetricFamily(
        "crossfade_follow_failures_total",
        "Looks at the store's measurements that failed.",
        followed.failures,
    )
