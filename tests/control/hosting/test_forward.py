"""control.hosting.forward: a clock that passes as time does, whatever becomes of the wall clock."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.hosting.forward import SLEW, Forward


class Clocks:
    """A wall clock that can be set, and a steady one."""

    def __init__(self) -> None:
        self.wall_s, self.steady_s = 1_000_000.0, 50.0
        self.forward = Forward(lambda: self.wall_s, lambda: self.steady_s)

    def passes(self, span_s: float) -> float:
        self.wall_s += span_s
        self.steady_s += span_s
        return self.forward()


def test_it_is_the_wall_clock_where_nobody_sets_it() -> None:
    clocks = Clocks()
    assert [clocks.passes(1.0), clocks.passes(60.0)] == [1_000_001.0, 1_000_061.0]


@pytest.mark.parametrize(("jump_s", "pace"), [(3_600.0, 1 + SLEW), (-3_600.0, 1 - SLEW)])
def test_a_jump_of_an_hour_is_followed_slowly(jump_s: float, pace: float) -> None:
    clocks = Clocks()
    before = clocks.passes(1.0)
    clocks.wall_s += jump_s
    assert clocks.passes(300.0) - before == pytest.approx(300.0 * pace)


def test_a_small_correction_is_caught_up_with() -> None:
    clocks = Clocks()
    clocks.wall_s += 0.5
    clocks.passes(100.0)
    assert clocks.forward() == pytest.approx(clocks.wall_s)


@given(st.lists(st.tuples(st.floats(0, 60), st.floats(-7_200, 7_200)), max_size=30))
def test_it_passes_as_time_does(steps: list[tuple[float, float]]) -> None:
    clocks = Clocks()
    before = clocks.forward()
    for span_s, jump_s in steps:
        clocks.wall_s += jump_s
        now_s = clocks.passes(span_s)
        passed = now_s - before
        assert span_s * (1 - SLEW) - 1e-6 <= passed <= span_s * (1 + SLEW) + 1e-6
        before = now_s


def test_it_begins_at_the_wall_clock_of_this_machine() -> None:
    assert Forward()() == pytest.approx(time.time(), abs=60)
