"""A migration in the middle of its ramp, as the desk shows it; tests change what they are about."""

from __future__ import annotations

import msgspec

from control.desk.outlook import Breached, Current, Outlook, Planned, Tested, weights
from control.desk.view import View, view
from control.migration.ledger import Cause, Phase
from control.migration.progress import Stage
from control.store import WorkerStatus
from control.words.criteria import Metric, OnFail, Side
from control.words.steps import Gate
from control.words.verdict import Standing
from proxy.numbers.arm_figures import Figures, Percentiles
from proxy.policy import ArmName
from tests.control.states import state
from tests.doubles.documents import event

STATE = state(phase=Phase.PROGRESSING, cause=Cause.STEPPED, share=1_000, version=4)
STEPS = (
    Planned(index=1, weight=1, hold_s=300, gate=None, soak=False, holdback=0),
    Planned(index=2, weight=10, hold_s=600, gate=Gate.APPROVE, soak=False, holdback=0),
    Planned(index=3, weight=99, hold_s=28_800, gate=None, soak=True, holdback=1),
)
STEP = Current(
    index=2,
    of=3,
    weight=10,
    hold_s=600,
    gate=Gate.APPROVE,
    soak=False,
    holdback=0,
    hold_left_s=372.4,
    held=True,
    awaiting=("6m12s of its hold", "212 of 300 requests", "an approval"),
    requests=212,
    min_requests=300,
)
TESTED = Tested(
    limit="error_rate over_baseline 1.25x",
    metric=Metric.ERROR_RATE,
    side=Side.OVER_BASELINE,
    written="1.25x",
    on_fail=OnFail.ROLLBACK,
    page=True,
    for_s=0.0,
    within_s=None,
    standing=Standing.PASS,
    evidence=2.1,
    threshold=4.6,
    alpha=0.01,
    bound=0.0125,
    baseline=0.01,
    candidate=0.013,
    ratio=1.3,
    interval=(0.8, 2.113),
    baseline_samples=40_100,
    samples=4_210,
    sentence="1.30 times the baseline's error rate: not shown to be over 1.25x.",
)
BREACH = Breached(
    limit="latency_p95 over 1s",
    on_fail=OnFail.ROLLBACK,
    stage=Stage.OPEN,
    since="2026-01-02T03:04:05.678Z",
    deadline="2026-01-02T04:04:05.678Z",
    deadline_in_s=2_880.0,
    sentence="p95 is 1.4 s.",
)
WORKER = WorkerStatus(worker="web-1", version=4, age_s=0.4, live=True)
EVENT = event(4, verb="step", actor="crossfade", reason="the hold of step 1 is over")
FIGURES = Figures(requests=4_210, errors=55, latency_ms=Percentiles(p50=412, p95=980, p99=1_980))


def ramping(**changed: object) -> View:
    """It, with these fields of it as given."""
    outlook = Outlook(observed=weights(987), steps=STEPS, step=STEP, limits=(TESTED,), fresh_s=1.2)
    whole = view(
        STATE,
        9,
        dict.fromkeys(ArmName, FIGURES),
        outlook,
        workers=(WORKER,),
        events=(EVENT,),
    )
    return msgspec.structs.replace(whole, **changed)
