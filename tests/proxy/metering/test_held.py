"""What is held of a huge event is bounded, and does not depend on its pieces."""

from __future__ import annotations

import pytest

from proxy.metering.held import HEAD, LIMIT, TAIL, Held, cut, shorten

HUGE = bytes(range(256)) * (LIMIT // 256) + b"the end"


def test_a_usual_event_is_held_whole() -> None:
    held = Held()
    assert not held
    held.add(b"a")
    held.add(b"b")
    assert held
    assert held.take(b"c") == b"abc"
    assert not held
    assert held.take() == b""


@pytest.mark.parametrize("step", [LIMIT + 7, LIMIT, LIMIT // 2 + 1, 100_000])
def test_a_huge_event_is_cut_alike_whatever_its_pieces(step: int) -> None:
    held = Held()
    for at in range(0, len(HUGE), step):
        held.add(HUGE[at : at + step])
    assert held.take() == cut(HUGE) == HUGE[:HEAD] + HUGE[-TAIL:]
    held.add(b"next")
    assert held.take() == b"next"


def test_a_last_piece_may_be_the_one_too_many() -> None:
    held = Held()
    held.add(HUGE[:-7])
    assert held.take(HUGE[-7:]) == cut(HUGE)


def test_never_more_than_the_limit_stays_held() -> None:
    event = bytearray(HUGE)
    assert shorten(event)
    assert len(event) == HEAD + TAIL
    assert not shorten(event)
