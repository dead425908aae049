"""The call that tests a notifier."""

from __future__ import annotations

import json

from control.notify.herald import Herald
from control.words.notifiers import Kind, Notifier
from proxy.policy import Secret
from tests.control.api.service import Service
from tests.control.notify.receiver import Receiver, receiving


def heralded(api: Service, receiver: Receiver) -> None:
    ops = Notifier(name="ops", kind=Kind.WEBHOOK, url=Secret(receiver.url))
    api.herald = Herald({"ops": ops}, now_s=lambda: 1.0, clock=lambda: 0.0)


async def test_a_test_message_arrives_in_the_callers_name(api: Service) -> None:
    async with receiving() as receiver:
        heralded(api, receiver)
        answer = await api.call("POST", "/api/notifiers/ops/test", {"actor": "jane@desk"})
    assert answer.status == 200
    assert answer.json == {"notifier": "ops", "delivered": True, "why": None, "took_ms": 0.0}
    sent = json.loads(receiver.got[0].body)
    assert (sent["topic"], sent["environment"], sent["actor"]) == ("test", "staging", "jane@desk")


async def test_what_does_not_arrive_is_said_without_the_url(api: Service) -> None:
    async with receiving(403) as receiver:
        heralded(api, receiver)
        answer = await api.call("POST", "/api/notifiers/ops/test", {})
    assert answer.status == 200
    assert answer.json == {
        "notifier": "ops",
        "delivered": False,
        "why": "it answered 403",
        "took_ms": 0.0,
    }
    assert b"CANARY" not in answer.body


async def test_an_unknown_notifier_is_refused(api: Service) -> None:
    answer = await api.call("POST", "/api/notifiers/nobody/test", {})
    assert (answer.status, answer.code) == (404, "unknown_notifier")
