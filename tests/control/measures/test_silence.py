"""Whose measurements are overdue is told by the workers that live, and by what each one sent."""

from __future__ import annotations

import pytest

from control.measures.silence import BEATING_S, Silence
from control.store import WorkerStatus


def beats(*names: str, age_s: float = 0.5, live: bool = True) -> list[WorkerStatus]:
    return [WorkerStatus(worker=name, version=1, age_s=age_s, live=live) for name in names]


def test_one_that_flushes_does_not_hide_one_that_does_not() -> None:
    silence = Silence()
    for now_s in range(60):
        silence.flushed("a")
        heard = silence.look(beats("a", "b"), float(now_s))
    assert heard == {"a": 59.0, "b": 0.0}


def test_who_flushes_again_is_silent_no_more() -> None:
    silence = Silence()
    silence.look(beats("a"), 0.0)
    silence.flushed("a")
    assert silence.look(beats("a"), 50.0) == {"a": 50.0}


def test_a_worker_that_was_unknown_has_time_to_begin() -> None:
    silence = Silence()
    silence.look(beats("a"), 0.0)
    assert silence.look(beats("a", "b"), 100.0) == {"a": 0.0, "b": 100.0}


@pytest.mark.parametrize(
    ("age_s", "live", "waited_for"),
    [(0.5, True, True), (BEATING_S, True, True), (BEATING_S + 1, True, False), (0.5, False, False)],
)
def test_who_does_not_live_is_not_waited_for(age_s: float, live: bool, waited_for: bool) -> None:
    assert bool(Silence().look(beats("a", age_s=age_s, live=live), 0.0)) is waited_for


def test_who_comes_back_begins_anew() -> None:
    silence = Silence()
    silence.look(beats("a"), 0.0)
    silence.look([], 40.0)
    assert silence.look(beats("a"), 80.0) == {"a": 80.0}


def test_flushes_of_who_is_not_known_to_live_are_forgotten() -> None:
    silence = Silence()
    silence.flushed("gone")
    assert silence.look([], 0.0) == {}
    assert silence.look(beats("gone"), 9.0) == {"gone": 9.0}
