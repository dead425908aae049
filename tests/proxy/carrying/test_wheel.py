"""The wheel: nothing expires early, nothing is forgotten, whatever expiring does to the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.carrying.wheel import GRAIN_US, NEVER, Timed, Wheel

START = 10**12


class Waiter(Timed):
    """Something with a deadline; `then` is what it does when that has passed."""

    def __init__(self, wheel: Wheel, then: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.expired: int = 0
        self._wheel = wheel
        self._then = then

    def expire(self) -> None:
        self.expired += 1
        if self._then is None:
            self._wheel.remove(self)
        else:
            self._then()


@pytest.fixture
def wheel() -> Wheel:
    return Wheel(START)


@given(st.integers(0, 10_000_000), st.integers(0, 10_000_000))
def test_a_deadline_is_never_noticed_early_and_at_most_a_grain_late(wait: int, turned: int) -> None:
    wheel = Wheel(START)
    waiter = Waiter(wheel)
    wheel.set(waiter, START + wait)
    wheel.turn(START + turned)
    if turned < wait:
        assert not waiter.expired
    if turned >= wait + GRAIN_US:
        assert waiter.expired == 1
    wheel.turn(START + wait + GRAIN_US)
    assert waiter.expired == 1
    assert len(wheel) == 0


def test_a_deadline_moved_later_is_kept(wheel: Wheel) -> None:
    waiter = Waiter(wheel)
    wheel.set(waiter, START + 1_000_000)
    wheel.set(waiter, START + 5_000_000)
    wheel.turn(START + 4_900_000)
    assert not waiter.expired
    wheel.turn(START + 5_200_000)
    assert waiter.expired == 1


def test_a_deadline_moved_earlier_is_kept(wheel: Wheel) -> None:
    waiter = Waiter(wheel)
    wheel.set(waiter, START + 5_000_000)
    wheel.set(waiter, START + 1_000_000)
    assert len(wheel) == 1
    wheel.turn(START + 1_200_000)
    assert waiter.expired == 1


def test_what_has_no_deadline_never_expires(wheel: Wheel) -> None:
    waiter = Waiter(wheel)
    wheel.set(waiter, START + 1_000_000)
    wheel.set(waiter, NEVER)
    wheel.turn(START + 10_000_000)
    assert not waiter.expired
    wheel.set(waiter, START + 11_000_000)
    wheel.turn(START + 12_000_000)
    assert waiter.expired == 1


def test_what_was_removed_never_expires_and_may_come_back(wheel: Wheel) -> None:
    waiter = Waiter(wheel)
    wheel.set(waiter, START + 1_000_000)
    wheel.remove(waiter)
    wheel.remove(waiter)
    wheel.turn(START + 2_000_000)
    assert not waiter.expired
    wheel.set(waiter, START + 3_000_000)
    wheel.turn(START + 4_000_000)
    assert waiter.expired == 1


def test_expiring_may_set_the_next_deadline(wheel: Wheel) -> None:
    again = START + 2_000_000
    waiter = Waiter(wheel, lambda: wheel.set(waiter, again))
    wheel.set(waiter, START + 1_000_000)
    wheel.turn(START + 1_200_000)
    assert (waiter.expired, len(wheel)) == (1, 1)
    again = START + 9_000_000
    wheel.turn(START + 2_200_000)
    assert waiter.expired == 2


def test_expiring_may_remove_another_of_the_same_slot(wheel: Wheel) -> None:
    """A client's deadline ends its exchange, whose upstream connection may stand in that slot."""

    def end_both() -> None:
        for waiter in both:
            wheel.remove(waiter)

    both = first, second = Waiter(wheel, end_both), Waiter(wheel, end_both)
    for waiter in both:
        wheel.set(waiter, START + 1_000_000)
    wheel.turn(START + 1_200_000)
    assert first.expired + second.expired == 1
    assert len(wheel) == 0


def test_expiring_may_move_another_of_the_same_slot(wheel: Wheel) -> None:
    later = START + 3_000_000

    def move_the_other() -> None:
        for waiter in both:
            if waiter.expired:
                wheel.remove(waiter)
            else:
                wheel.set(waiter, later)

    both = first, second = Waiter(wheel, move_the_other), Waiter(wheel, move_the_other)
    for waiter in both:
        wheel.set(waiter, START + 1_000_000)
    wheel.turn(START + 1_200_000)
    assert first.expired + second.expired == 1
    assert len(wheel) == 1
    wheel.turn(START + 3_200_000)
    assert (first.expired, second.expired) == (1, 1)


def test_a_deadline_that_has_passed_already_expires_at_the_next_turn(wheel: Wheel) -> None:
    wheel.turn(START + 5_000_000)
    waiter = Waiter(wheel)
    wheel.set(waiter, START + 1_000_000)
    wheel.turn(START + 5_200_000)
    assert waiter.expired == 1


def test_a_long_pause_expires_everything_in_between(wheel: Wheel) -> None:
    waiters = [Waiter(wheel) for _ in range(100)]
    for number, waiter in enumerate(waiters):
        wheel.set(waiter, START + number * 70_000)
    wheel.turn(START + 60_000_000)
    assert [waiter.expired for waiter in waiters] == [1] * 100


def test_one_that_fails_spares_the_others(wheel: Wheel, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("CANARY")

    broken, sound = [Waiter(wheel, fail) for _ in range(3)], [Waiter(wheel) for _ in range(3)]
    for waiter in (*broken, *sound):
        wheel.set(waiter, START + 1_000_000)
    wheel.turn(START + 1_200_000)
    wheel.turn(START + 1_400_000)
    assert [waiter.expired for waiter in (*broken, *sound)] == [1] * 6
    assert len(wheel) == 0
    assert [record.message for record in caplog.records] == ["deadline_failed"] * 3


def test_expiring_may_set_a_deadline_that_has_passed(wheel: Wheel) -> None:
    """It may not be lost in a slot that was turned over already."""
    waiter = Waiter(wheel, lambda: wheel.set(waiter, START))
    wheel.set(waiter, START + 1_000_000)
    wheel.turn(START + 3_000_000)
    wheel.turn(START + 3_200_000)
    assert waiter.expired == 2


def test_what_left_leaves_no_empty_slot_behind(wheel: Wheel) -> None:
    for wait in range(100):
        waiter = Waiter(wheel)
        wheel.set(waiter, START + wait * GRAIN_US)
        wheel.remove(waiter)
    assert not wheel._slots
