"""One migration on the status page: everything that the person on call asks first."""

from __future__ import annotations

import msgspec
import pytest

from control.api.card import drawn
from control.migration.ledger import Phase
from control.migration.progress import Stage
from control.words.criteria import Metric, Side
from control.words.verdict import Standing
from tests.control.views import BREACH, STEP, TESTED, WORKER, ramping

HOSTILE = "<script>alert(1)</script>\"'&"


def test_a_ramp_is_shown_with_its_step_marked() -> None:
    page = drawn(ramping())
    assert 'triage <span class="Progressing">Progressing</span>' in page
    assert '<li class="here" aria-current="step">10 %<small>hold 10m, then an approval' in page
    assert "<li>99 %<small>soak 8h, 1 % held back</small></li>" in page
    assert "<dt>Step</dt><dd>2 of 3, 6m12s of its hold left</dd>" in page
    assert "<dt>Waits for</dt><dd>6m12s of its hold, 212 of 300 requests, an approval</dd>" in page
    assert "wanted 10 %, observed 9.87 %, measured 1s ago" in page
    assert "baseline 4,210 (55 errors), candidate 4,210 (55 errors)" in page
    assert "<dd>1 live</dd>" in page


def test_a_limit_is_a_row_with_its_evidence() -> None:
    page = drawn(ramping())
    assert '<th scope="row">error_rate &gt; 1.25x</th>' in page
    assert '<td class="number">1.3 %</td>' in page
    assert 'value="0.46">46%</meter>' in page
    assert "<td>pass</td><td>1.30 times the baseline&#x27;s error rate" in page


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"standing": Standing.FAIL, "evidence": 9.0}, 'value="1.00">100%</meter>'),
        ({"standing": Standing.FAIL}, '<td class="fail">fail</td>'),
        ({"evidence": None}, 'value="0.00">0%</meter>'),
        ({"metric": Metric.QUALITY, "side": Side.UNDER, "written": "0.9"}, "quality &lt; 0.9"),
        ({"baseline": None}, '<td class="number">-</td>'),
    ],
)
def test_a_test_that_says_otherwise_is_shown_so(changed: dict[str, object], text: str) -> None:
    assert text in drawn(ramping(limits=(msgspec.structs.replace(TESTED, **changed),)))


def test_what_is_not_there_is_not_shown() -> None:
    page = drawn(ramping(step=None, steps=(), limits=(), observed=None, fresh_s=None, workers=()))
    assert "<ol>" not in page
    assert "<table>" not in page
    assert "<dt>Step" not in page
    assert "wanted 10 %, never measured" in page
    assert "<dd>0 live</dd>" in page
    assert "here" not in drawn(ramping(step=None))


def test_a_hold_that_is_stopped_and_waits_for_nothing_says_so() -> None:
    step = msgspec.structs.replace(STEP, held=False, awaiting=())
    page = drawn(ramping(step=step, phase=Phase.PAUSED))
    assert "6m12s of its hold left (stopped)" in page
    assert "Waits for" not in page
    soaking = drawn(ramping(step=msgspec.structs.replace(step, soak=True)))
    assert "6m12s of its soak left (stopped)" in soaking


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "latency_p95 over 1s: rollback in 48m unless dismissed"),
        ({"stage": Stage.DISMISSED}, "latency_p95 over 1s: dismissed"),
        ({"deadline_in_s": None}, "latency_p95 over 1s: open"),
    ],
)
def test_a_breach_says_what_follows(changed: dict[str, object], text: str) -> None:
    page = drawn(ramping(breaches=(msgspec.structs.replace(BREACH, **changed),)))
    assert f'<strong class="fail">{text}</strong>' in page


def test_workers_that_lag_or_say_something_are_named() -> None:
    behind = msgspec.structs.replace(WORKER, worker="web-2", version=3)
    noted = msgspec.structs.replace(WORKER, worker="web-3", notes=("breaker triage",))
    silent = msgspec.structs.replace(WORKER, worker="web-4", live=False)
    page = drawn(ramping(workers=(WORKER, behind, noted, silent)))
    assert "3 live; behind: web-2; web-3: breaker triage" in page


def test_every_text_is_escaped() -> None:
    test = msgspec.structs.replace(TESTED, written=HOSTILE, sentence=HOSTILE)
    step = msgspec.structs.replace(STEP, awaiting=(HOSTILE,))
    worker = msgspec.structs.replace(WORKER, worker=HOSTILE, version=0, notes=(HOSTILE,))
    breach = msgspec.structs.replace(BREACH, limit=HOSTILE)
    page = drawn(
        ramping(
            name=HOSTILE,
            reason=HOSTILE,
            step=step,
            limits=(test,),
            workers=(worker,),
            breaches=(breach,),
            split_suspect=HOSTILE,
        )
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;") == 10
