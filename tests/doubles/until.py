"""Waiting for what tells nobody, be it another process's state or an object's inside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from inspect import getsource, isawaitable, isfunction

PATIENCE_S = 90.0  # less than a test may take, so that it fails where it waits
PAUSE_S = 0.005

Holds = Callable[[], bool]


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Returns once this holds; an AssertionError says what never came to."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await _asked(holds):  # noqa: ASYNC110 - the one place where a test polls
                await asyncio.sleep(PAUSE_S)
    except TimeoutError as error:
        raise AssertionError(_never(holds)) from error


async def until_beside(holds: Holds) -> None:
    """The same, asked on a thread: for a question that blocks, while the loop goes on."""
    await asyncio.to_thread(block_until, holds)


def block_until(holds: Holds) -> None:
    """The same for whoever may wait."""
    ends = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends, _never(holds)
        time.sleep(PAUSE_S)


async def _asked(holds: Callable[[], bool | Awaitable[bool]]) -> bool:
    answer = holds()
    return await answer if isawaitable(answer) else answer


def _never(holds: object) -> str:
    return f"in {PATIENCE_S:.0f} s this never came to hold: {_spelt(holds)}"


def _spelt(holds: object) -> str:
    with suppress(OSError):  # a program that is no file
        if isfunction(holds):
            return getsource(holds).strip()
    return repr(holds)
