"""The open streams: bounded, woken, ended."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from control.api.errors import TOO_MANY_WATCHERS, Rejected
from control.api.watchers import MOST, Watchers


async def test_only_so_many_streams_are_let_in() -> None:
    watchers = Watchers()
    with ExitStack() as streams:
        for _ in range(MOST):
            streams.enter_context(watchers.admitted())
        with pytest.raises(Rejected) as rejected, watchers.admitted():
            pass
        assert rejected.value.row is TOO_MANY_WATCHERS
    assert watchers.count == 0


async def test_a_bell_that_was_taken_before_the_ring_rings() -> None:
    watchers = Watchers()
    bell = watchers.bell()
    watchers.ring()
    assert bell.is_set()
    assert not watchers.bell().is_set()


async def test_closing_wakes_everybody() -> None:
    watchers = Watchers()
    bell = watchers.bell()
    watchers.close()
    assert (bell.is_set(), watchers.closing) == (True, True)
