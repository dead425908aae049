"""control.notify.outbox: the queue of one notifier."""

from __future__ import annotations

import asyncio
import logging

import pytest

from control.notify.message import Message
from control.notify.outbox import MOST_WAITING, Outbox
from control.notify.post import Posted
from control.notify.retry import ATTEMPTS
from tests.control.notify.messages import message

ARRIVED = Posted()
LATER = Posted(why="it answered 503", again=True)
NEVER = Posted(why="it answered 404")


class Line:
    """A destination that answers as it is told: the last answer for ever."""

    def __init__(self, *answers: Posted) -> None:
        self.sent: list[str] = []
        self.pauses: list[float] = []
        self._answers = list(answers)
        self._news = asyncio.Condition()

    async def send(self, message: Message) -> Posted:
        async with self._news:
            self.sent.append(message.id)
            self._news.notify_all()
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    async def until(self, count: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: len(self.sent) >= count)


def outbox(line: Line) -> Outbox:
    return Outbox("ops", line.send, pause=line.pause, jitter=lambda: 0.0)


async def settled(box: Outbox, line: Line, count: int) -> None:
    """Runs the outbox until so many were sent and it has counted the last one."""
    task = asyncio.ensure_future(box.run())
    await asyncio.wait_for(line.until(count), 10)
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_messages_arrive_in_order() -> None:
    line = Line(ARRIVED)
    box = outbox(line)
    for number in range(5):
        box.offer(message(number))
    await settled(box, line, 5)
    assert line.sent == [message(number).id for number in range(5)]
    assert (box.delivered, box.failed, box.dropped) == (5, 0, 0)


async def test_what_is_offered_later_is_sent_too() -> None:
    line = Line(ARRIVED)
    box = outbox(line)
    task = asyncio.ensure_future(box.run())
    box.offer(message(1))
    await line.until(1)
    box.offer(message(2))
    await line.until(2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_failure_is_tried_again_after_growing_pauses() -> None:
    line = Line(LATER, LATER, ARRIVED)
    box = outbox(line)
    box.offer(message(1))
    await settled(box, line, 3)
    assert line.pauses == [1.0, 2.0]
    assert (box.delivered, box.failed) == (1, 0)


async def test_after_the_last_try_it_is_given_up_and_the_next_one_has_its_turn() -> None:
    line = Line(*[LATER] * ATTEMPTS, ARRIVED)
    box = outbox(line)
    box.offer(message(1))
    box.offer(message(2))
    await settled(box, line, ATTEMPTS + 1)
    assert (box.delivered, box.failed) == (1, 1)


async def test_what_cannot_help_is_not_tried_again() -> None:
    line = Line(NEVER, ARRIVED)
    box = outbox(line)
    box.offer(message(1))
    await settled(box, line, 1)
    assert (line.pauses, box.failed) == ([], 1)


async def test_a_full_queue_drops_the_oldest_and_counts_it() -> None:
    line = Line(ARRIVED)
    box = outbox(line)
    for number in range(MOST_WAITING + 3):
        box.offer(message(number))
    await settled(box, line, MOST_WAITING)
    assert box.dropped == 3
    assert line.sent[0] == message(3).id
    assert line.sent[-1] == message(MOST_WAITING + 2).id


async def test_a_fault_of_our_own_is_logged_and_ends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Line):
        async def send(self, message: Message) -> Posted:
            await super().send(message)
            if len(self.sent) == 1:
                raise RuntimeError("a fault")
            return ARRIVED

    line = Broken(ARRIVED)
    box = outbox(line)
    box.offer(message(1))
    box.offer(message(2))
    with caplog.at_level(logging.ERROR):
        await settled(box, line, 2)
    assert (box.delivered, box.failed) == (1, 1)
    assert "notification_fault notifier=ops" in caplog.text
