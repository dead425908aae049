"""What a Prometheus server reads, and that docs/metrics.md tells the same."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from proxy.errors import UPSTREAM_UNREACHABLE, Refused
from proxy.exchange import Outcome, Role, UsageState
from proxy.policy import Arm, ArmName, Dialect, Match, Route, Snapshot, Split
from proxy.recording.record import Recorder
from proxy.recording.telemetry import CONTENT_TYPE, Gauges, exposition
from tests.doubles.exchange import exchange

DOCUMENT = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text()
PLACE = {"migration": "triage", "arm": "candidate", "dialect": "openai", "role": "primary"}


def route(name: str, share: int) -> Route:
    return Route(
        name=name,
        match=Match(model="gpt-4o"),
        dialect=Dialect.OPENAI,
        baseline=Arm(name="old", upstream="openai", model="gpt-4o"),
        candidate=Arm(name="new", upstream="openai", model="gpt-4o-mini"),
        split=Split(share=share),
        salt="00" * 16,
    )


def busy() -> Recorder:
    """A recorder that has something to say in every metric."""
    recorder = Recorder()
    tally = recorder.tally("triage", ArmName.CANDIDATE, Dialect.OPENAI)
    tally.add(exchange())
    tally.add(exchange(Outcome.CLIENT_CANCELLED, usage_state=UsageState.ESTIMATED))
    tally.add(exchange(counts=False))
    tally.gaps.record(20_000, 2)
    recorder.refused("header_timeout")
    recorder.kept("triage")
    recorder.spared("triage")
    recorder.unread()
    return recorder


def gauges(*routes: Route) -> Gauges:
    snapshot = Snapshot(epoch=1, version=42, routes=routes)
    return Gauges(
        build="1.2.3",
        active_streams=5,
        snapshot=snapshot,
        snapshot_age_s=0.25,
        latched=("*", "triage"),
        breakers={"triage": 2},
        trips={"triage": 3},
        workers_ready=2,
        worker_restarts=1,
    )


def families(recorder: Recorder, now: Gauges) -> dict[str, Metric]:
    text = exposition(recorder, now).decode()
    return {_full_name(each): each for each in text_string_to_metric_families(text)}


def _full_name(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    family = re.sub(r"_(bucket|sum|count)$", "", name)
    values = [
        sample.value
        for sample in found[family].samples
        if sample.name == name and sample.labels == labels
    ]
    assert len(values) == 1, (name, labels)
    return values[0]


def test_counters_carry_the_labels_of_their_tally() -> None:
    found = families(busy(), gauges())
    assert value(found, "crossfade_requests_total", **PLACE, outcome="ok") == 1
    assert value(found, "crossfade_requests_total", **PLACE, outcome="client_cancelled") == 1
    assert value(found, "crossfade_requests_total", **PLACE, outcome="upstream_error") == 0
    assert value(found, "crossfade_tokens_total", **PLACE, kind="cached_input") == 80
    assert value(found, "crossfade_cost_usd_total", **PLACE) == 6e-6
    assert value(found, "crossfade_usage_total", **PLACE, state="estimated") == 1
    assert value(found, "crossfade_uncounted_requests_total", **PLACE, outcome="ok") == 1
    assert value(found, "crossfade_refused_total", code="header_timeout") == 1
    assert value(found, "crossfade_kept_requests_total", migration="triage") == 1
    assert value(found, "crossfade_unread_bodies_total") == 1


def test_histograms_are_in_seconds_and_end_in_all() -> None:
    found = families(busy(), gauges())
    name = "crossfade_request_duration_seconds"
    ok = {**PLACE, "outcome": "ok"}
    assert value(found, f"{name}_bucket", **ok, le="0.75") == 0
    assert value(found, f"{name}_bucket", **ok, le="1.0") == 1
    assert value(found, f"{name}_bucket", **ok, le="+Inf") == 1
    assert value(found, f"{name}_count", **ok) == 1
    assert value(found, f"{name}_sum", **ok) == 0.8
    assert value(found, "crossfade_time_to_first_token_seconds_sum", **PLACE) == 0.4
    assert value(found, "crossfade_inter_token_seconds_count", **PLACE) == 2
    assert value(found, "crossfade_overhead_seconds_bucket", **PLACE, le="5e-05") == 2


def test_values_beyond_the_last_bound_are_in_the_last_bucket_alone() -> None:
    recorder = Recorder()
    recorder.tally("none", None, Dialect.OPENAI).add(exchange(total_us=3_599_000_000))
    found = families(recorder, gauges())
    place = {**PLACE, "migration": "none", "arm": "none", "outcome": "ok"}
    name = "crossfade_request_duration_seconds_bucket"
    assert value(found, name, **place, le="600.0") == 0
    assert value(found, name, **place, le="+Inf") == 1


def test_weights_are_percents_of_both_arms() -> None:
    found = families(Recorder(), gauges(route("triage", 1_234), route("search", 10_000)))
    weights = [
        (sample.labels["migration"], sample.labels["arm"], sample.value)
        for sample in found["crossfade_split_weight"].samples
    ]
    assert weights == [
        ("triage", "baseline", 87.66),
        ("triage", "candidate", 12.34),
        ("search", "baseline", 0.0),
        ("search", "candidate", 100.0),
    ]


def test_gauges_say_what_holds_now() -> None:
    found = families(Recorder(), gauges())
    assert value(found, "crossfade_active_streams") == 5
    assert value(found, "crossfade_snapshot_version") == 42
    assert value(found, "crossfade_snapshot_age_seconds") == 0.25
    assert value(found, "crossfade_build_info", version="1.2.3") == 1


def test_nothing_is_said_of_a_snapshot_before_there_is_one() -> None:
    found = families(Recorder(), Gauges(build="1", active_streams=0))
    assert not [name for name in found if "snapshot" in name or "weight" in name]


def test_an_empty_histogram_has_no_series() -> None:
    recorder = Recorder()
    recorder.tally("triage", ArmName.CANDIDATE, Dialect.OPENAI)
    found = families(recorder, gauges())
    assert found["crossfade_request_duration_seconds"].samples == []
    assert value(found, "crossfade_requests_total", **PLACE, outcome="ok") == 0


def test_every_metric_has_help_and_none_a_created_series() -> None:
    text = exposition(busy(), gauges(route("triage", 0))).decode()
    found = {each.name: each for each in text_string_to_metric_families(text)}
    assert all(family.documentation for family in found.values())
    assert "_created" not in text


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "new\nline", "Größe"])
def test_an_odd_migrations_name_survives_the_text_form(name: str) -> None:
    recorder = Recorder()
    recorder.tally(name, ArmName.BASELINE, Dialect.OPENAI)
    found = families(recorder, gauges())
    assert {each.labels["migration"] for each in found["crossfade_requests_total"].samples} == {
        name
    }


def test_hostile_requests_add_no_series_and_show_nothing_of_themselves() -> None:
    recorder = busy()
    before = sum(len(family.samples) for family in families(recorder, gauges()).values())
    tally = recorder.tally("triage", ArmName.CANDIDATE, Dialect.OPENAI)
    for number in range(200):
        canary = f"sk-CANARY-{number}"
        recorder.refused(canary)
        tally.add(exchange(id=canary, model=canary, status=number))
    recorder.trouble(Refused(UPSTREAM_UNREACHABLE, "sk-CANARY-detail"))
    text = exposition(recorder, gauges())
    after = sum(len(family.samples) for family in families(recorder, gauges()).values())
    assert after == before
    assert b"CANARY" not in text


def test_the_document_and_the_text_name_the_same_metrics_types_and_labels() -> None:
    recorder = busy()
    recorder.tally("triage", ArmName.BASELINE, Dialect.OPENAI, Role.FALLBACK)
    exported = {
        name: (family.type, {key for each in family.samples for key in each.labels} - {"le"})
        for name, family in families(recorder, gauges(route("triage", 0))).items()
    }
    rows = re.findall(r"^\| `(crossfade_\w+)` \| (\w+) \| ([^|]*)\|", DOCUMENT, re.MULTILINE)
    documented = {
        name: (kind, {label.strip() for label in labels.split(",") if label.strip()})
        for name, kind, labels in rows
    }
    assert exported == documented


def test_where_a_host_keeps_away_from_a_candidate_is_told() -> None:
    text = exposition(Recorder(), gauges())
    for line in (
        b'crossfade_latched{migration="*"} 1.0',
        b'crossfade_latched{migration="triage"} 1.0',
        b'crossfade_breaker_open{migration="triage"} 2.0',
        b'crossfade_breaker_trips_total{migration="triage"} 3.0',
        b"crossfade_workers_ready 2.0",
        b"crossfade_worker_restarts_total 1.0",
    ):
        assert line in text.splitlines()


def test_the_document_lists_the_values_of_every_closed_label() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (`.*) \|$", DOCUMENT, re.MULTILINE))
    listed = {label: set(re.findall(r"`(\w+)`", values)) for label, values in rows.items()}
    assert listed["arm"] == {*ArmName, "none"}
    assert listed["dialect"] == set(Dialect)
    assert listed["role"] == set(Role)
    assert listed["outcome"] == set(Outcome)
    assert listed["state"] == set(UsageState)


def test_a_scrape_in_a_thread_reads_whole_histograms_while_others_record() -> None:
    recorder = Recorder()
    tally = recorder.tally("triage", ArmName.CANDIDATE, Dialect.OPENAI)
    with ThreadPoolExecutor(max_workers=1) as pool:
        for number in range(20):
            scrape = pool.submit(families, recorder, gauges())
            while not scrape.done():
                recorder.kept(f"migration-{number}")
                tally.gaps.record(number * 1_000)
            samples = scrape.result()["crossfade_inter_token_seconds"].samples
            counts = [each.value for each in samples if each.name.endswith("_bucket")]
            assert counts == sorted(counts)


def test_the_content_type_is_the_plain_text_form() -> None:
    assert CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"
