"""A process that dies young is started again with more and more patience."""

from __future__ import annotations

from control.hosting.backoff import LONGEST_S, STEADY_S, Backoff


def test_the_first_death_costs_nothing_and_the_wait_doubles_up_to_a_bound() -> None:
    backoff = Backoff()
    waits = [backoff.after(0.5) for _ in range(12)]
    assert waits[:5] == [0.0, 0.1, 0.2, 0.4, 0.8]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_S


def test_who_lived_long_starts_afresh() -> None:
    backoff = Backoff()
    for _ in range(12):
        backoff.after(0.5)
    assert backoff.after(STEADY_S) == 0.0
    assert backoff.after(0.5) == 0.1
