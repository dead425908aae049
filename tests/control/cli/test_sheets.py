"""Migrations and their past as tables."""

from __future__ import annotations

from control.cli import sheets
from control.cli.sheet import lines
from control.desk.view import View, summary, view
from control.migration.ledger import Cause, Phase
from control.store import Event
from proxy.numbers.arm_figures import Figures, Percentiles, Tokens, UsageStates
from proxy.policy import ArmName
from tests.control.states import state
from tests.doubles import documents

KNOWN = state(phase=Phase.PROGRESSING, cause=Cause.WEIGHT_SET, share=1_025, version=4, note="look")
MEASURED = Figures(
    requests=12_345,
    errors=123,
    client_cancelled=1,
    latency_ms=Percentiles(p50=412.4, p95=1_980.0, p99=12.34),
    ttft_ms=Percentiles(p50=0.1234),
    tokens=Tokens(input=1_000_000, cached_input=2_000, output=3_000, reasoning=40),
    cost_usd=1.5,
    unpriced=2,
    usage=UsageStates(final=98, estimated=1, missing=0),
)


def seen(baseline: Figures = MEASURED, candidate: Figures | None = None) -> View:
    figures = {ArmName.BASELINE: baseline, ArmName.CANDIDATE: candidate or Figures()}
    return view(KNOWN, 9, figures)


def event(**changed: object) -> Event:
    evidence = {"weight_before": "0", "weight_after": "10.25"}
    usual = {"version": 4, "reason": "look", "evidence": evidence}
    return documents.event(**(usual | changed))


def test_both_arms_stand_side_by_side_in_80_columns() -> None:
    told = "\n".join(lines(sheets.of_arms(seen())))
    assert "10.25 %" in told
    assert "12,345" in told
    assert "123 (1.00%)" in told
    assert "412 / 1,980 / 12.3" in told
    assert "0.123 / - / -" in told
    assert "1,000,000 (2,000 cached)" in told
    assert "1.500000 (2 unpriced)" in told
    assert "98 final 1 est. 0 missing" in told
    assert "openai/gpt-4o-mini" in told
    assert all(len(line) <= 80 for line in told.splitlines())


def test_what_is_not_known_is_a_dash() -> None:
    rows = {row[0]: row[2] for row in sheets.of_arms(seen()).rows}
    assert (rows["cost USD"], rows["latency ms 50/95/99"]) == ("-", "- / - / -")
    assert (rows["requests"], rows["errors"]) == ("0", "0")


def test_a_glance_leaves_out_what_seldom_matters() -> None:
    assert [row[0] for row in sheets.of_arms(seen(), brief=True).rows] == [
        "requests",
        "errors",
        "latency ms 50/95/99",
        "first token ms",
        "tokens out",
        "cost USD",
    ]


def test_a_list_has_a_row_for_each_migration() -> None:
    sheet = sheets.of_summaries([summary(KNOWN, 9), summary(state("billing"), 9)])
    assert [row[:4] for row in sheet.rows] == [
        ("triage", "Progressing", "10.25 %", "4"),
        ("billing", "Pending", "0 %", "1"),
    ]


def test_the_past_tells_how_weights_moved() -> None:
    sheet = sheets.of_events(
        [
            event(),
            event(evidence={"weight_before": "5", "weight_after": "5"}, reason=None),
            event(evidence={}),
        ]
    )
    assert [row[4] for row in sheet.rows] == ["0 > 10.25 %", "5 %", ""]
    assert [row[6] for row in sheet.rows] == ["look", "", "look"]
    assert sheet.rows[0][1] == "01-02T03:04:05"


def test_the_past_tells_why_in_full() -> None:
    sentence = (
        "the candidate failed 122 of 3,969 requests (3.1 %), the baseline 51 of 4,973: breach"
    )
    happened, why = sheets.of_past([event(reason=sentence), event(version=3, reason=None)])
    assert happened.header[-1] == "BY"
    assert [row[0] for row in happened.rows] == ["4", "3"]
    assert why.rows == (
        ("4", "the candidate failed 122 of 3,969 requests (3.1 %), the baseline 51"),
        ("", "of 4,973: breach"),
    )
    assert len(sheets.of_past([event(reason=None)])) == 1


def test_a_percent_stays_on_the_line_of_its_number() -> None:
    lines = dict(sheets.wrapped("why", "x" * 64 + " 3.1 %: breach"))
    assert lines == {"why": "x" * 64, "": "3.1 %: breach"}


def test_a_line_tells_a_change() -> None:
    assert sheets.line_of(seen()) == (
        "2026-01-02T03:04:05.678Z  triage  Progressing  weight 10.25 %  version 4  WeightSet: look"
    )
