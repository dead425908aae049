"""`notify test`: what it prints and how it ends."""

from __future__ import annotations

import json

from control.notify.herald import Herald
from control.words.notifiers import Kind, Notifier
from proxy.policy import Secret
from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.notify.receiver import Receiver, receiving


def heralded(api: Service, receiver: Receiver) -> None:
    ops = Notifier(name="ops", kind=Kind.SLACK, url=Secret(receiver.url))
    api.herald = Herald({"ops": ops}, now_s=lambda: 1.0, clock=lambda: 0.0)


async def test_a_delivered_message_is_said_with_its_time(api: Service, shell: Shell) -> None:
    async with receiving() as receiver:
        heralded(api, receiver)
        done = await shell("notify", "test", "ops")
    assert (done.code, done.out) == (0, "ops: delivered after 0 ms\n")
    assert "*staging*\nA test message of crossfade" in json.loads(receiver.got[0].body)["text"]


async def test_one_that_does_not_arrive_ends_with_1(api: Service, shell: Shell) -> None:
    async with receiving(404) as receiver:
        heralded(api, receiver)
        done = await shell("notify", "test", "ops", "-o", "json")
    assert done.code == 1
    assert json.loads(done.out)["delivered"] is False
    assert "ops: not delivered: it answered 404" in done.err


async def test_an_unknown_one_ends_with_1(shell: Shell) -> None:
    done = await shell("notify", "test", "nobody/else")
    assert done.code == 1
    assert "No notifier of that name" in done.err
