"""Every number of a tally reaches exactly one metric."""

from __future__ import annotations

from proxy.exchange import Outcome, UsageState
from proxy.policy import ArmName, Dialect
from proxy.recording.measures import COUNTS, TIMINGS
from proxy.recording.record import Tally
from tests.doubles.exchange import exchange


def filled() -> Tally:
    tally = Tally("triage", ArmName.CANDIDATE, Dialect.OPENAI)
    tally.add(exchange())
    tally.add(exchange(Outcome.UPSTREAM_ERROR, usage_state=UsageState.MISSING, cost_picousd=None))
    tally.add(exchange(counts=False))
    tally.gaps.record(20_000)
    return tally


def test_counts_say_what_the_tally_holds() -> None:
    tally = filled()
    said = {
        count.name: {key: value for key, value in count.values(tally) if value} for count in COUNTS
    }
    assert said == {
        "crossfade_requests_total": {"ok": 1, "upstream_error": 1},
        "crossfade_tokens_total": {
            "input": 200,
            "cached_input": 80,
            "output": 40,
            "reasoning": 10,
        },
        "crossfade_cost_usd_total": {"": 3e-6},
        "crossfade_unpriced_requests_total": {"": 1},
        "crossfade_usage_total": {"final": 1, "missing": 1},
        "crossfade_uncounted_requests_total": {"ok": 1},
        "crossfade_uncounted_cost_usd_total": {"": 3e-6},
    }


def test_timings_are_the_tallys_own_histograms() -> None:
    tally = filled()
    said = {timing.name: dict(timing.values(tally)) for timing in TIMINGS}
    assert said == {
        "crossfade_request_duration_seconds": tally.durations,
        "crossfade_time_to_first_token_seconds": {"": tally.first_token},
        "crossfade_inter_token_seconds": {"": tally.gaps},
        "crossfade_overhead_seconds": {"": tally.overhead},
    }


def test_a_metric_without_a_label_has_one_value_and_one_with_it_has_keys() -> None:
    tally = filled()
    for metric in (*COUNTS, *TIMINGS):
        keys = [key for key, _ in metric.values(tally)]
        assert (keys == [""]) == (metric.label is None)
