"""A thread of one's own: results, failures, and calls that hang."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from proxy.source.thread import OwnThread
from tests.doubles.until import until


@pytest.fixture
def own() -> Iterator[OwnThread]:
    thread = OwnThread("test", patience_s=60)
    yield thread
    thread.close()


@pytest.fixture
def hasty() -> Iterator[OwnThread]:
    """One for calls that hang."""
    thread = OwnThread("test", patience_s=0.05)
    yield thread
    thread.close()


async def test_what_the_call_returns_comes_back(own: OwnThread) -> None:
    assert await own.run(lambda: 7) == 7


async def test_what_the_call_raises_comes_back(own: OwnThread) -> None:
    with pytest.raises(ZeroDivisionError):
        await own.run(lambda: 1 // 0)


async def test_the_call_runs_in_a_thread_of_that_name(own: OwnThread) -> None:
    assert (await own.run(lambda: threading.current_thread().name)).startswith("crossfade-test")


async def test_the_loop_goes_on_while_a_call_blocks(own: OwnThread) -> None:
    released = threading.Event()
    asyncio.get_running_loop().call_soon(released.set)
    assert await own.run(lambda: released.wait(60))


async def test_nothing_queues_behind_a_call_that_hangs(hasty: OwnThread) -> None:
    released, ran = threading.Event(), []
    with pytest.raises(TimeoutError, match=r"no answer within 0.05 s"):
        await hasty.run(released.wait)
    for _ in range(100):
        with pytest.raises(TimeoutError, match="an earlier call still hangs"):
            await hasty.run(lambda: ran.append(1))
    released.set()
    assert ran == []


async def test_a_call_whose_waiter_was_cancelled_still_ends(own: OwnThread) -> None:
    ended = threading.Event()
    waiter = asyncio.create_task(own.run(ended.set))
    asyncio.get_running_loop().call_soon(waiter.cancel)  # in the round in which it is handed over
    with pytest.raises(asyncio.CancelledError):
        await waiter
    own.close()
    assert await asyncio.to_thread(ended.wait, 60)


async def test_it_serves_again_once_the_hanging_call_has_ended(hasty: OwnThread) -> None:
    released, ended = threading.Event(), threading.Event()

    def hang() -> None:
        released.wait()
        ended.set()

    with pytest.raises(TimeoutError):
        await hasty.run(hang)
    released.set()
    await asyncio.to_thread(ended.wait)
    await until(lambda: answers(hasty))  # its future is marked a moment later


async def answers(thread: OwnThread) -> bool:
    try:
        return await thread.run(lambda: "again") == "again"
    except TimeoutError:
        return False
