"""A hold's clock counts the time in force, and never more than that."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.migration.progress import Breach, Progress, Stage
from tests.control.ramps import BEGAN_S, ERRORS, breach


def running(held_s: float = 0.0) -> Progress:
    return Progress(step=0, began_s=BEGAN_S, held_s=held_s, running_since_s=BEGAN_S)


def test_a_hold_is_the_time_before_the_pause_and_the_time_since() -> None:
    assert running(60.0).held(BEGAN_S + 30) == 90.0


def test_a_stopped_hold_waits() -> None:
    stopped = running(60.0).stopped(BEGAN_S + 30)
    assert stopped.running_since_s is None
    assert stopped.held(BEGAN_S + 9_999) == 90.0
    assert stopped.stopped(BEGAN_S + 9_999) == stopped


@given(st.lists(st.floats(-7_200, 7_200), max_size=20))
def test_a_clock_that_jumps_back_takes_nothing_away(jumps: list[float]) -> None:
    progress, now_s, held_s = running(), BEGAN_S, 0.0
    for jump in jumps:
        now_s += jump
        progress = progress.stopped(now_s)
        assert progress.held_s >= held_s
        held_s = progress.held_s
        progress = msgspec.structs.replace(progress, running_since_s=now_s)


def test_breaches_are_found_by_their_limit() -> None:
    opened = breach(Stage.OPEN, due_s=BEGAN_S)
    done = Breach(limit="quality under 0.9", stage=Stage.DONE, since_s=BEGAN_S)
    progress = Progress(began_s=BEGAN_S, breaches=(done, opened))
    assert progress.breach(ERRORS.key) is opened
    assert progress.breach("ttft_p50 over 1s") is None
    assert progress.open_breaches == (opened,)


@pytest.mark.parametrize("stage", Stage)
def test_progress_comes_back_as_it_was(stage: Stage) -> None:
    whole = Progress(
        step=2,
        began_s=BEGAN_S,
        breaches=(breach(stage, due_s=BEGAN_S),),
        starts=(3, 9),
        anchors={"latency_p95 over_baseline 1.5x": 1.2},
        acted_at_s=BEGAN_S,
    )
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Progress) == whole
