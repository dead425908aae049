"""The words of a ramp: contradictions cannot be built."""

from __future__ import annotations

import msgspec
import pytest

from control.words.steps import Course, Notify, Occasion, Step
from proxy.errors import Invalid
from tests.control.ramps import ERRORS, STEPS


def test_what_is_held_back_is_not_in_force() -> None:
    assert Step(share=10_000, holdback=100).in_force == 9_900
    with pytest.raises(Invalid, match="more than its weight"):
        Step(share=100, holdback=101)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1])
def test_alpha_is_a_chance(alpha: float) -> None:
    with pytest.raises(Invalid, match="between 0 and 1"):
        Course(alpha=alpha)


def test_no_limit_is_there_twice() -> None:
    with pytest.raises(Invalid, match="the same"):
        Course(limits=(ERRORS, msgspec.structs.replace(ERRORS, for_s=1.0)))


def test_the_last_step_alone_soaks() -> None:
    assert Course(steps=STEPS).steps[-1].soak
    with pytest.raises(Invalid, match="last step"):
        Course(steps=STEPS[::-1])


def test_whoever_is_told_is_told_of_everything_unless_told_otherwise() -> None:
    assert Notify(to="ops").on == tuple(Occasion)


def test_a_course_comes_back_as_it_was() -> None:
    whole = Course(steps=STEPS, limits=(ERRORS,), notify=(Notify(to="ops", every_s=60.0),))
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Course) == whole
