"""control.measures.fleet_gauges: what /metrics says of every arm over the whole fleet."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from control.measures.fleet_gauges import Arms, Followed, exposition
from proxy.numbers.arm_figures import Figures, Percentiles
from proxy.policy import ArmName

DOCUMENT = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text()
LABELS = ("migration", "arm", "quantile")
FOLLOWED = Followed(age_s=0.5, refused=3, failures=2)
ARMS: Arms = {
    ("triage", ArmName.BASELINE): Figures(
        requests=90,
        errors=2,
        latency_ms=Percentiles(p50=100.0, p95=900.0, p99=2_000.0),
        ttft_ms=Percentiles(p50=40.0, p95=80.0, p99=90.0),
        gap_ms=Percentiles(p50=4.0, p95=8.0, p99=9.0),
        cost_usd=1.25,
    ),
    ("triage", ArmName.CANDIDATE): Figures(requests=10),
}


def samples(arms: Arms = ARMS, followed: Followed = FOLLOWED) -> dict[str, dict[str, float]]:
    """Each metric's values, by its labels' values in one text."""
    text = exposition(arms, followed).decode()
    return {
        family.name: {
            " ".join(each.labels[key] for key in LABELS if key in each.labels): each.value
            for each in family.samples
            if not each.name.endswith("_created")
        }
        for family in text_string_to_metric_families(text)
    }


def test_every_arm_has_its_counts_and_percentiles() -> None:
    found = samples()
    assert found["crossfade_fleet_requests"] == {"triage baseline": 90, "triage candidate": 10}
    assert found["crossfade_fleet_errors"] == {"triage baseline": 2, "triage candidate": 0}
    assert found["crossfade_fleet_latency_seconds"] == {
        "triage baseline 0.5": 0.1,
        "triage baseline 0.95": 0.9,
        "triage baseline 0.99": 2.0,
    }
    assert found["crossfade_fleet_time_to_first_token_seconds"]["triage baseline 0.95"] == 0.08
    assert found["crossfade_fleet_inter_token_seconds"]["triage baseline 0.5"] == 0.004


def test_a_cost_that_is_not_known_is_not_said_to_be_nothing() -> None:
    assert samples()["crossfade_fleet_cost_usd"] == {"triage baseline": 1.25}


def test_how_following_stands_is_said_too() -> None:
    found = samples()
    assert found["crossfade_follow_age_seconds"] == {"": 0.5}
    assert found["crossfade_follow_refused"] == {"": 3}
    assert found["crossfade_follow_failures"] == {"": 2}
    assert "crossfade_follow_age_seconds" not in samples(
        followed=Followed(age_s=None, refused=0, failures=0)
    )


def test_every_metric_is_in_the_document() -> None:
    names = {
        line.split()[2]
        for line in exposition(ARMS, FOLLOWED).decode().splitlines()
        if line.startswith("# TYPE")
    }
    assert names
    assert {name for name in names if f"| `{name}` |" not in DOCUMENT} == set()
