"""The call that practises a rollback: one round, timed, and everything as it was."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from control.api import answers, bodies
from control.api.bodies import Rehearse
from control.api.calls import Call
from control.desk.desk import share_of


async def drilled(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, Rehearse)
    share = None if body.percent is None else share_of(body.percent)
    record = await call.facts.drill(call.name, body.actor, share, body.hold_s)
    return answers.json(record)
