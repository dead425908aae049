"""The Prometheus text of /metrics, made out of the recorder's counts when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from proxy.numbers.histogram import HIGHEST_US
from proxy.policy import WHOLE, ArmName, Snapshot
from proxy.recording.measures import COUNTS, TIMINGS, Count, Timing
from proxy.recording.record import Recorder
from proxy.recording.tally import Tally, together

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4  # the form that every Prometheus reads
NO_ARM = "none"

_PLACE = ("migration", "arm", "dialect", "role")


class Gauges(msgspec.Struct, frozen=True, kw_only=True):
    """What holds at the moment of a scrape. `snapshot` is None before the first one is loaded.

    `breakers` says of a migration how many workers spare its candidate, `trips` how often they came
    to that. `latched` are the host's own latches, `*` for everything.
    """

    build: str
    active_streams: int
    snapshot: Snapshot | None = None
    snapshot_age_s: float | None = None
    latched: tuple[str, ...] = ()
    breakers: Mapping[str, int] = {}
    trips: Mapping[str, int] = {}
    workers_ready: int = 1
    worker_restarts: int = 0


def exposition(recorder: Recorder, gauges: Gauges) -> bytes:
    """All metrics as text.

    It takes 2 ms a migration, and may run in a thread beside the loop that records.
    """
    return generate_latest(_Scrape(recorder, gauges))


class _Scrape(Collector):
    def __init__(self, recorder: Recorder, gauges: Gauges) -> None:
        self._recorder = recorder
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        tallies = together(self._recorder.tallies())
        for count in COUNTS:
            yield _counted(count, tallies)
        for timing in TIMINGS:
            yield _timed(timing, tallies)
        yield from _passed_by(self._recorder)
        yield from _standing(self._gauges)
        yield from _spared(self._gauges)


def _counted(count: Count, tallies: Iterable[Tally]) -> Metric:
    family = CounterMetricFamily(count.name, count.says, labels=_labels(count.label))
    for tally in tallies:
        for key, value in count.values(tally):
            family.add_metric(_place(tally, count.label, key), value)
    return family


def _timed(timing: Timing, tallies: Iterable[Tally]) -> Metric:
    """One histogram; those that nothing was recorded in are left out."""
    family = HistogramMetricFamily(timing.name, timing.says, labels=_labels(timing.label))
    ends = [*(repr(us / 1e6) for us in timing.bounds_us), "+Inf"]
    bounds_us = (*timing.bounds_us, HIGHEST_US)
    for tally in tallies:
        for key, histogram in timing.values(tally):
            if histogram.count:
                buckets = list(zip(ends, histogram.bucket_counts(bounds_us), strict=True))
                place = _place(tally, timing.label, key)
                family.add_metric(place, buckets, histogram.sum_us / 1e6)
    return family


def _labels(label: str | None) -> tuple[str, ...]:
    return _PLACE if label is None else (*_PLACE, label)


def _place(tally: Tally, label: str | None, key: str) -> tuple[str, ...]:
    place = (tally.migration, tally.arm or NO_ARM, tally.dialect, tally.role)
    return place if label is None else (*place, key)


def _passed_by(recorder: Recorder) -> Iterator[Metric]:
    """Requests that were refused, kept or passed unread, and connections that failed."""
    yield _by(
        "crossfade_refused_total",
        "Requests refused before they became an exchange, by error code.",
        "code",
        recorder.refusals,
    )
    yield _by(
        "crossfade_upstream_troubles_total",
        "Connections to an upstream that could not be made, by error code.",
        "code",
        recorder.troubles,
    )
    yield _by(
        "crossfade_kept_requests_total",
        "Requests that name stored state of the baseline and stayed there.",
        "migration",
        recorder.kept_requests,
    )
    yield _by(
        "crossfade_spared_requests_total",
        "Requests that a worker's open breaker kept from the candidate.",
        "migration",
        recorder.spared_requests,
    )
    yield CounterMetricFamily(
        "crossfade_unread_bodies_total",
        "Bodies that routing would have read, over max_parse or encoded: they went unmatched.",
        recorder.unread_bodies,
    )
    yield CounterMetricFamily(
        "crossfade_dropped_flushes_total",
        "Seconds of measurements that were given up, since a store took none for two minutes.",
        recorder.dropped_flushes,
    )


def _by(name: str, says: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, says, labels=(label,))
    for key, value in tuple(counts.items()):
        family.add_metric((key,), value)
    return family


def _standing(gauges: Gauges) -> Iterator[Metric]:
    """What holds now. Nothing is said of a snapshot before there is one."""
    yield GaugeMetricFamily(
        "crossfade_active_streams", "Exchanges under way.", gauges.active_streams
    )
    built = GaugeMetricFamily("crossfade_build_info", "Always 1.", labels=("version",))
    built.add_metric((gauges.build,), 1)
    yield built
    snapshot = gauges.snapshot
    if snapshot is not None:
        yield GaugeMetricFamily(
            "crossfade_snapshot_version", "The snapshot that routes.", snapshot.version
        )
        yield _weights(snapshot)
    if gauges.snapshot_age_s is not None:
        yield GaugeMetricFamily(
            "crossfade_snapshot_age_seconds",
            "How long ago the snapshot was last known to be the store's.",
            gauges.snapshot_age_s,
        )


def _spared(gauges: Gauges) -> Iterator[Metric]:
    """Where this host keeps away from a candidate by itself, and the workers that carry it."""
    latched = GaugeMetricFamily(
        "crossfade_latched", "1 where this host is latched; * is everything.", labels=("migration",)
    )
    for name in gauges.latched:
        latched.add_metric((name,), 1)
    yield latched
    opened = GaugeMetricFamily(
        "crossfade_breaker_open",
        "Workers that send nothing more to the candidate.",
        labels=("migration",),
    )
    for name, count in gauges.breakers.items():
        opened.add_metric((name,), count)
    yield opened
    yield _by(
        "crossfade_breaker_trips_total",
        "How often a worker's breaker has opened.",
        "migration",
        gauges.trips,
    )
    yield GaugeMetricFamily(
        "crossfade_workers_ready", "Processes of this host that serve.", gauges.workers_ready
    )
    yield CounterMetricFamily(
        "crossfade_worker_restarts_total", "Workers that died.", gauges.worker_restarts
    )


def _weights(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily(
        "crossfade_split_weight",
        "An arm's share of its migration's traffic, in percent.",
        labels=("migration", "arm"),
    )
    for route in snapshot.routes:
        share = route.split.share
        family.add_metric((route.name, ArmName.BASELINE), (WHOLE - share) * 100 / WHOLE)
        family.add_metric((route.name, ArmName.CANDIDATE), share * 100 / WHOLE)
    return family
