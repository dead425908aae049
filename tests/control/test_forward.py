"""control.forward: a clock that only runs forward."""

from __future__ import annotations

import time

from control.forward import Forward


def test_a_clock_that_is_set_back_stands_still_until_it_has_caught_up() -> None:
    wall = iter([100.0, 101.0, 50.0, 100.5, 101.5])
    forward = Forward(lambda: next(wall))
    assert [forward() for _ in range(4)] == [101.0, 101.0, 101.0, 101.5]


def test_it_is_the_wall_clock_otherwise() -> None:
    before = time.time()
    assert before <= Forward()() <= time.time()
