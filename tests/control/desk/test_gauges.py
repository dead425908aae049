"""control.desk.gauges: what /metrics says of the control plane."""

from __future__ import annotations

from math import inf
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from control.desk.gauges import Bearing, Ruled, Told, exposition
from control.migration.ledger import Phase
from control.words.verdict import Standing, Verdict
from tests.control.ramps import ERRORS, judged
from tests.control.ruled import WORSE

JUDGED = judged(WORSE, Standing.FAIL, evidence=7.5, threshold=5.25)
NOTHING = judged(ERRORS, Standing.FAIL, evidence=-inf)
BEARING = Bearing(
    leading=True,
    ticks=90,
    faults=2,
    blind=3,
    migrations=(
        Ruled(
            migration="triage",
            phase=Phase.DEGRADED,
            verdict=Verdict(judgements=(JUDGED, NOTHING)),
        ),
        Ruled(migration="billing", phase=Phase.PENDING, verdict=None),
    ),
    told=(Told(notifier="ops", sent=4, failed=1, dropped=0),),
)


def samples(bearing: Bearing) -> dict[tuple[str, ...], float]:
    """Each sample by its name and its labels' values, in the order of the labels' names."""
    families = text_string_to_metric_families(exposition(bearing).decode())
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }


def test_who_leads_and_how_the_loop_fares() -> None:
    seen = samples(BEARING)
    assert seen["crossfade_control_leader",] == 1
    assert seen["crossfade_control_ticks_total", "all"] == 90
    assert seen["crossfade_control_ticks_total", "faulty"] == 2
    assert seen["crossfade_control_ticks_total", "blind"] == 3


def test_a_migration_is_in_one_phase_and_in_no_other() -> None:
    told = {key[1:] for key in samples(BEARING) if key[0] == "crossfade_phase"}
    assert told == {("triage", Phase.DEGRADED), ("billing", Phase.PENDING)}


def test_evidence_stands_beside_its_threshold() -> None:
    seen = samples(BEARING)
    assert seen["crossfade_guard_evidence", WORSE.key, "triage"] == 7.5
    assert seen["crossfade_guard_threshold", WORSE.key, "triage"] == 5.25


def test_evidence_of_nothing_is_left_out() -> None:
    assert ("crossfade_guard_evidence", ERRORS.key, "triage") not in samples(BEARING)


def test_messages_are_counted_by_what_came_of_them() -> None:
    seen = samples(BEARING)
    counts = [seen["crossfade_notifications_total", "ops", result] for result in ("sent", "failed")]
    assert counts == [4, 1]
    assert seen["crossfade_notifications_total", "ops", "dropped"] == 0


def test_every_one_of_them_is_on_the_page_of_metrics() -> None:
    page = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text()
    names = {name for name, *_ in samples(BEARING)}
    assert [name for name in sorted(names) if f"| `{name}` |" not in page] == []
