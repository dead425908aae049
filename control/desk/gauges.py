"""What /metrics says of the control plane: phases, evidence, who leads, and what was told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite

import msgspec
from prometheus_client import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from control.migration.ledger import Phase
from control.words.verdict import Verdict


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One notifier's messages since the start of the process."""

    notifier: str
    sent: int
    failed: int
    dropped: int


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """One migration: its phase and its newest verdict, None before the first."""

    migration: str
    phase: Phase
    verdict: Verdict | None


class Bearing(msgspec.Struct, frozen=True, kw_only=True):
    """Where the control plane of one process stands at the moment of a scrape."""

    leading: bool
    ticks: int
    faults: int
    blind: int
    migrations: tuple[Ruled, ...] = ()
    told: tuple[Told, ...] = ()


def exposition(bearing: Bearing) -> bytes:
    """Prometheus text, to be put after the data plane's."""
    return generate_latest(_Scrape(bearing))


class _Scrape(Collector):
    def __init__(self, bearing: Bearing) -> None:
        self._bearing = bearing

    def collect(self) -> Iterator[Metric]:
        yield from _loop(self._bearing)
        yield _phases(self._bearing.migrations)
        yield from _evidence(self._bearing.migrations)
        yield _notifications(self._bearing.told)


def _loop(bearing: Bearing) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "crossfade_control_leader", "1 where this process decides.", int(bearing.leading)
    )
    ticks = CounterMetricFamily(
        "crossfade_control_ticks_total", "Looks of the control loop.", labels=("result",)
    )
    ticks.add_metric(("faulty",), bearing.faults)
    ticks.add_metric(("blind",), bearing.blind)
    ticks.add_metric(("all",), bearing.ticks)
    yield ticks


def _phases(migrations: Iterable[Ruled]) -> Metric:
    family = GaugeMetricFamily(
        "crossfade_phase",
        "1 for the phase that a migration is in; there is no other one of it.",
        labels=("migration", "phase"),
    )
    for one in migrations:
        family.add_metric((one.migration, one.phase), 1)
    return family


def _evidence(migrations: Iterable[Ruled]) -> Iterator[Metric]:
    """An evidence of nothing at all (minus infinity) is left out."""
    labels = ("migration", "limit")
    evidence = GaugeMetricFamily(
        "crossfade_guard_evidence",
        "Natural logarithm of the evidence against a limit; at its threshold it is breached.",
        labels=labels,
    )
    threshold = GaugeMetricFamily(
        "crossfade_guard_threshold", "The evidence at which a limit is breached.", labels=labels
    )
    for one in migrations:
        for judgement in () if one.verdict is None else one.verdict.judgements:
            place = (one.migration, judgement.limit.key)
            if isfinite(judgement.evidence):
                evidence.add_metric(place, judgement.evidence)
            threshold.add_metric(place, judgement.threshold)
    yield evidence
    yield threshold


def _notifications(told: Iterable[Told]) -> Metric:
    family = CounterMetricFamily(
        "crossfade_notifications_total",
        "Messages to notifiers, by what came of them.",
        labels=("notifier", "result"),
    )
    for one in told:
        family.add_metric((one.notifier, "sent"), one.sent)
        family.add_metric((one.notifier, "failed"), one.failed)
        family.add_metric((one.notifier, "dropped"), one.dropped)
    return family
