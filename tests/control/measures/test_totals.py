"""The fleet's figures are those that one process would have had."""

from __future__ import annotations

import msgspec

from control.measures.sums import times
from control.measures.totals import ToldTotal, Total
from proxy.delta import Window
from proxy.numbers.arm_figures import Figures
from proxy.policy import ArmName
from proxy.recording.figures import figures
from proxy.recording.record import Recorder
from tests.control.workers import Worker


def total(windows: list[Window]) -> Total:
    made = Total()
    for window in windows:
        made.add(window, times(window))
    return made


def windows(worker: Worker) -> list[Window]:
    found = worker.flush(0).windows
    return [each for each in found if (each.migration, each.arm) == ("triage", ArmName.CANDIDATE)]


def told_by(recorder: Recorder) -> Figures:
    return figures(recorder.arm("triage", ArmName.CANDIDATE))


def test_figures_of_flushes_are_those_of_the_process_that_flushed() -> None:
    worker = Worker("w", 1)
    flushed = []
    for epoch in (3, 3, 9, 0):
        worker.serve(40, epoch)
        flushed += windows(worker)
    assert total(flushed).figures() == told_by(worker.recorder)


def test_figures_of_workers_add_up() -> None:
    one, other = Worker("one", 1), Worker("other", 2)
    one.serve(50)
    other.serve(50)
    whole = total([*windows(one), *windows(other)]).figures()
    parts = [told_by(worker.recorder) for worker in (one, other)]
    assert whole.requests == sum(part.requests for part in parts)
    assert whole.tokens.output == sum(part.tokens.output for part in parts)
    p50s = [part.latency_ms.p50 or 0 for part in parts]
    assert min(p50s) <= (whole.latency_ms.p50 or 0) <= max(p50s)


def test_nothing_measured_is_nothing_known() -> None:
    assert Total().figures() == Figures()


def test_figures_change_with_what_is_added_and_with_nothing_else() -> None:
    worker = Worker("w", 3)
    worker.serve(20)
    made = total(windows(worker))
    first = made.figures()
    assert made.figures() is first
    worker.serve(20)
    for window in windows(worker):
        made.add(window, times(window))
    assert made.figures() == told_by(worker.recorder)
    assert made.figures() is not first


def test_what_is_told_is_heard() -> None:
    worker = Worker("w", 4)
    worker.serve(60)
    made = total(windows(worker))
    wired = msgspec.msgpack.decode(msgspec.msgpack.encode(made.told()), type=ToldTotal)
    heard = Total()
    assert heard.figures() == Figures()
    heard.hear(wired)
    assert heard.figures() == made.figures()
    assert heard.told() == made.told()
