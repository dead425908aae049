"""A migration in full: everything urgent is there, in 80 columns, without colour."""

from __future__ import annotations

import msgspec
import pytest

from control.cli.sections import of_view
from control.cli.sheet import lines
from control.desk.outlook import weights
from control.desk.view import View
from control.migration.progress import Stage
from control.words.criteria import Metric, Side
from control.words.verdict import Standing
from tests.control.views import BREACH, EVENT, STEP, TESTED, WORKER, ramping


def text_of(view: View, *, brief: bool = False) -> str:
    printed = [line for sheet in of_view(view, brief=brief) for line in lines(sheet)]
    assert all(len(line) <= 80 for line in printed)
    return "\n".join(printed)


def test_a_ramp_is_told_from_its_standing_to_its_past() -> None:
    told = text_of(ramping(), brief=True)
    assert told == (
        "triage  Progressing  version 4  (Stepped)\n"
        "step       2 of 3: 10 %, hold 10m, 6m12s left\n"
        "waits for  6m12s of its hold, 212 of 300 requests, an approval\n"
        "weight     wanted 10 %, observed 9.87 %, measured 1s ago\n"
        "METRIC     LIMIT  BASE  CAND  INTERVAL         EVID SAMPLES TEST\n"
        "error_rate >1.25x 1.00% 1.30% 1.30x 0.80..2.11 46 % 4,210   pass\n"
        "                     BASELINE           CANDIDATE\n"
        "requests             4,210              4,210\n"
        "errors               55 (1.31%)         55 (1.31%)\n"
        "latency ms 50/95/99  412 / 980 / 1,980  412 / 980 / 1,980\n"
        "first token ms       - / - / -          - / - / -\n"
        "tokens out           0 (0 reasoning)    0 (0 reasoning)\n"
        "cost USD             -                  -\n"
        "WORKER  VERSION  SEEN    NOTES\n"
        "web-1   4        0s ago\n"
        "VERSION  AT              VERB  WEIGHT    BY         REASON\n"
        "4        01-02T03:04:05  step  1 > 10 %  crossfade  the hold of step 1 is over"
    )


def test_in_full_both_arms_have_all_their_figures() -> None:
    assert "callers' errors" not in text_of(ramping(), brief=True)
    assert "callers' errors" in text_of(ramping())


def test_a_migration_without_a_ramp_shows_its_weight_alone() -> None:
    bare = ramping(
        step=None, steps=(), observed=None, fresh_s=None, limits=(), workers=(), events=()
    )
    standing, arms = of_view(bare, brief=True)
    assert standing.rows == (("weight", "wanted 10 %, observed -, never measured"),)
    assert arms.header == ("", "BASELINE", "CANDIDATE")


def test_a_ramp_that_has_not_begun_shows_its_schedule() -> None:
    assert "steps   1 %, 10 %, 99 % (1 % held back)\n" in text_of(ramping(step=None))


def test_a_weight_that_was_set_amid_a_ramp_stands_beside_its_steps() -> None:
    told = text_of(ramping(weights=weights(3_000)))
    assert "2 of 3: 10 % (now 30 %), hold 10m" in told


def test_a_soak_says_what_is_held_back_and_that_its_clock_stands() -> None:
    step = msgspec.structs.replace(
        STEP, index=3, weight=99, soak=True, holdback=1, hold_s=28_800, held=False, awaiting=()
    )
    told = text_of(ramping(step=step, weights=weights(9_900)))
    assert "3 of 3: 99 %, 1 % held back, soak 8h, 6m12s left, stopped\n" in told
    assert "waits for" not in told


def test_what_is_awaited_and_a_long_reason_take_the_lines_that_they_need() -> None:
    why = "The candidate's error rate is 5.1 %, over 1.25x of the baseline's 1.0 %, " * 2
    limits = ", ".join(f"'error_rate over {percent}%'" for percent in range(2, 6))
    waits = ("6m12s of its hold", "212 of 300 requests", f"more data for {limits}")
    step = msgspec.structs.replace(STEP, awaiting=waits)
    told = text_of(ramping(step=step, reason=f"Stepped: {why}"))
    assert told.startswith(
        "triage  Progressing  version 4  (Stepped)\n"
        "why        The candidate's error rate is 5.1 %, over 1.25x of the baseline's\n"
        "           1.0 %, The candidate's error rate is 5.1 %, over 1.25x of the\n"
        "           baseline's 1.0 %,\n"
        "step       2 of 3: 10 %, hold 10m, 6m12s left\n"
        "waits for  6m12s of its hold, 212 of 300 requests, more data for 'error_rate\n"
        "           over 2%', 'error_rate over 3%', 'error_rate over 4%', 'error_rate …\n"
    )


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "rollback in 48m unless dismissed"),
        ({"deadline": None, "deadline_in_s": None}, "latency_p95 over 1s: open"),
        ({"stage": Stage.DWELLING}, "fails since 01-02T03:04:05"),
        ({"stage": Stage.DISMISSED}, "latency_p95 over 1s: dismissed"),
        ({"stage": Stage.DONE}, "latency_p95 over 1s: rollback was done"),
    ],
)
def test_a_breach_says_what_follows_from_it(changed: dict[str, object], text: str) -> None:
    breach = msgspec.structs.replace(BREACH, **changed)
    assert text in text_of(ramping(breaches=(breach,)))


def test_a_limit_that_fails_says_why_unless_the_reason_does() -> None:
    failing = msgspec.structs.replace(TESTED, standing=Standing.FAIL, sentence="10 of 173 failed.")
    assert "fails      10 of 173 failed.\n" in text_of(ramping(limits=(failing,)))
    told = text_of(ramping(limits=(failing,), reason=f"RolledBack: {failing.limit}: 10 failed."))
    assert "fails  " not in told


def test_a_suspect_split_is_said() -> None:
    assert "split      12 % of the keys" in text_of(ramping(split_suspect="12 % of the keys"))


@pytest.mark.parametrize(
    ("changed", "cells"),
    [
        (
            {"standing": Standing.FAIL, "evidence": 5.06},
            (
                "error_rate",
                ">1.25x",
                "1.00%",
                "1.30%",
                "1.30x 0.80..2.11",
                "110 %",
                "4,210",
                "FAIL",
            ),
        ),
        (
            {
                "metric": Metric.COST_PER_REQUEST,
                "side": Side.OVER,
                "written": "0.02",
                "baseline": None,
                "candidate": 0.0123,
                "ratio": None,
                "interval": (0.01, None),
                "standing": Standing.INCONCLUSIVE,
            },
            ("cost/request", ">0.02", "-", "$0.012", "$0.010..?", "46 %", "4,210", "open"),
        ),
        (
            {"side": Side.OVER, "interval": None, "evidence": None},
            ("error_rate", ">1.25x", "1.00%", "1.30%", "-", "0 %", "4,210", "pass"),
        ),
        (
            {
                "metric": Metric.QUALITY,
                "side": Side.UNDER_BASELINE,
                "written": "5pp",
                "ratio": None,
                "interval": (-0.08, 0.01),
                "baseline": 0.94,
                "candidate": 0.9,
            },
            ("quality", "<5pp", "0.940", "0.900", "-0.08..0.01", "46 %", "4,210", "pass"),
        ),
        (
            {"ratio": None, "interval": (None, None)},
            ("error_rate", ">1.25x", "1.00%", "1.30%", "-", "46 %", "4,210", "pass"),
        ),
    ],
)
def test_a_limit_is_a_row(changed: dict[str, object], cells: tuple[str, ...]) -> None:
    test = msgspec.structs.replace(TESTED, **changed)
    assert of_view(ramping(limits=(test,)))[1].rows == (cells,)


def test_every_metric_fits_into_80_columns() -> None:
    limits = tuple(
        msgspec.structs.replace(TESTED, metric=metric, baseline=1.5, candidate=1.5)
        for metric in Metric
    )
    told = text_of(ramping(limits=limits))
    assert "tokens/request" in told
    assert told.count("0.80..2.11") == len(Metric)


def test_of_many_workers_those_that_lag_come_first() -> None:
    workers = [msgspec.structs.replace(WORKER, worker=f"web-{n}") for n in range(9)]
    workers[5] = msgspec.structs.replace(workers[5], version=3, notes=("breaker triage",))
    workers[7] = msgspec.structs.replace(workers[7], live=False, age_s=42.0)
    sheet = of_view(ramping(workers=tuple(workers)))[3]
    assert sheet.rows == (
        ("web-7", "4", "42s ago, silent", ""),
        ("web-5", "3", "0s ago", "breaker triage"),
        ("web-0", "4", "0s ago", ""),
        ("web-1", "4", "0s ago", ""),
        ("and 5 more", "4", "0s ago", ""),
    )


def test_many_workers_on_several_versions_show_the_span() -> None:
    workers = [msgspec.structs.replace(WORKER, worker=f"w{n}", version=n) for n in range(9)]
    assert of_view(ramping(workers=tuple(workers)))[3].rows[-1] == (
        "and 5 more",
        "4-8",
        "0s ago",
        "",
    )


def test_hostile_names_move_no_cursor() -> None:
    event = msgspec.structs.replace(EVENT, reason="\x1b[2J")
    assert "\x1b" not in text_of(ramping(events=(event,), split_suspect="\x1b]0;x\x07"))
