"""The call about notifiers: a test message, sent now, and what came of it."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from control.api import answers, bodies
from control.api.bodies import Signed
from control.api.calls import Call
from control.api.errors import UNKNOWN_NOTIFIER, Rejected
from control.files.problems import shown


async def tested(call: Call) -> StreamResponse:
    """Answers 200 whether it arrived or not: the body says which."""
    body = await bodies.read(call.request, Signed)
    delivery = await call.facts.test_notifier(call.name, body.actor)
    if delivery is None:
        raise Rejected(UNKNOWN_NOTIFIER, f"(asked for: {shown(call.name)})")
    return answers.json(delivery)
