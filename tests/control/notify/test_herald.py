"""control.notify.herald: to whom."""

from __future__ import annotations

import asyncio
import json

from control.notify.herald import Herald
from control.notify.message import Delivery
from control.words.notifiers import Kind, Notifier
from proxy.policy import Secret
from tests.control.notify.messages import ROLLED_BACK, message
from tests.control.notify.receiver import Receiver, receiving

NOW_S = 1_790_000_000.5


def herald(**receivers: Receiver) -> Herald:
    notifiers = {
        name: Notifier(name=name, kind=Kind.WEBHOOK, url=Secret(receiver.url))
        for name, receiver in receivers.items()
    }
    return Herald(notifiers, now_s=lambda: NOW_S, clock=lambda: 1.0)


async def test_each_notifier_gets_its_own_messages_and_a_dead_one_holds_up_none() -> None:
    async with receiving() as ops, receiving(503) as dead:
        told = herald(ops=ops, dead=dead)
        running = asyncio.ensure_future(told.run())
        told.tell("dead", message(1))
        told.tell("ops", message(2))
        told.tell("ops", message(3))
        got = await ops.received(2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [json.loads(one.body)["id"] for one in got] == [message(2).id, message(3).id]


async def test_a_notifier_this_host_does_not_have_is_counted() -> None:
    told = herald()
    told.tell("nobody", ROLLED_BACK)
    assert told.unknown == 1
    await told.run()  # with nothing to send to it has nothing to do


async def test_a_test_message_is_sent_at_once_and_says_what_came_of_it() -> None:
    async with receiving() as ops, receiving(404) as lost:
        told = herald(ops=ops, lost=lost)
        arrived = await told.test("ops", ROLLED_BACK)
        failed = await told.test("lost", ROLLED_BACK)
    assert arrived is not None
    assert failed is not None
    assert arrived == Delivery(notifier="ops", delivered=True, took_ms=0.0)
    assert (failed.delivered, failed.why) == (False, "it answered 404")
    assert await told.test("nobody", ROLLED_BACK) is None


async def test_every_outbox_is_there_to_be_counted() -> None:
    async with receiving() as ops:
        assert [box.name for box in herald(ops=ops).outboxes] == ["ops"]
