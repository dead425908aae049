"""control.notify.retry: how long to wait."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from control.notify.retry import ATTEMPTS, LONGEST_S, pause_s


def test_pauses_double_from_a_second_and_end() -> None:
    pauses = [pause_s(attempt, jitter=0.0) for attempt in range(1, ATTEMPTS + 1)]
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, None]


def test_jitter_takes_up_to_half_away() -> None:
    assert pause_s(3, jitter=1.0) == 2.0


def test_a_receiver_gets_the_pause_that_it_asks_for_up_to_a_minute() -> None:
    assert pause_s(1, jitter=0.0, asked_s=30.0) == 30.0
    assert pause_s(1, jitter=0.0, asked_s=3600.0) == LONGEST_S
    assert pause_s(4, jitter=0.0, asked_s=1.0) == 8.0


@given(attempt=st.integers(1, ATTEMPTS - 1), jitter=st.floats(0, 1), asked=st.floats(0, 1e9))
def test_every_pause_is_some_time_and_never_longer_than_a_minute(
    attempt: int, jitter: float, asked: float
) -> None:
    pause = pause_s(attempt, jitter=jitter, asked_s=asked)
    assert pause is not None
    assert 0.5 <= pause <= LONGEST_S
