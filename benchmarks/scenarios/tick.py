"""One tick of the control loop: a second of 100 workers folded, and every limit judged."""

from __future__ import annotations

import time

from benchmarks.fold import WORKERS, day, folded, second
from benchmarks.load.asking import percentile
from benchmarks.result import Result
from benchmarks.stage import Bench
from control.guard import Moment, anchored, judge
from control.words.criteria import Limit, Metric, OnFail, Scale, Side
from control.words.steps import Course, Step

_EPOCH = 7  # the fold's traffic
_TICKS = 10
_LIMITS = (
    ("error_rate", Side.OVER, 0.02, Scale.PLAIN),
    ("error_rate", Side.OVER_BASELINE, 1.25, Scale.FACTOR),
    ("latency_p95", Side.OVER, 10.0, Scale.PLAIN),
    ("latency_p95", Side.OVER_BASELINE, 1.5, Scale.FACTOR),
    ("ttft_p95", Side.OVER_BASELINE, 1.5, Scale.FACTOR),
    ("cost_per_request", Side.OVER, 0.02, Scale.PLAIN),
    ("tokens_per_request", Side.OVER_BASELINE, 1.5, Scale.FACTOR),
    ("truncation_rate", Side.OVER_BASELINE, 2.0, Scale.FACTOR),
)


def measure(bench: Bench) -> Result:
    """In this process, on one core, after a day of evidence."""
    result = Result(
        name="tick",
        title=f"A tick: {WORKERS} workers folded and judged",
        note=f"ms, one migration with {len(_LIMITS)} limits after a day of evidence; aim 100.",
        primary="tick p99",
    )
    course = _course()
    for _ in range(min(2, bench.size.rounds)):
        fold, workers = day()
        took, judged = [], []
        for number in range(_TICKS):
            flushes = [worker.second(second(number)) for worker in workers]
            began = time.perf_counter()
            folded(fold, flushes)
            evidence = fold.evidence("triage")
            between = time.perf_counter()
            now_s = second(number) / 1_000
            anchors = anchored(course, evidence)
            moment = Moment(anchors=anchors, starts=(_EPOCH,), step_since=_EPOCH, now_s=now_s)
            judge(course, evidence, moment=moment)
            took.append((between - began) * 1e3)
            judged.append((time.perf_counter() - between) * 1e3)
        ticks = sorted(one + other for one, other in zip(took, judged, strict=True))
        figures = {"folded p50": percentile(sorted(took), 50)}
        figures |= {"judged p50": percentile(sorted(judged), 50)}
        figures |= {f"tick p{p}": percentile(ticks, p) for p in (50, 99)}
        result.rounds.append({"one controller": figures})
    return result


def _course() -> Course:
    limits = tuple(
        Limit(
            metric=Metric(metric),
            side=side,
            number=number,
            scale=scale,
            written=f"{number:g}",
            on_fail=OnFail.ROLLBACK,
        )
        for metric, side, number, scale in _LIMITS
    )
    return Course(steps=(Step(share=5_000, hold_s=3_600.0),), limits=limits)
