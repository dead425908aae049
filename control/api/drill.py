"""The call that practises a rollback: one round, timed, and everything as it was."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from control.api import answers, bodies
from control.api.bodies import Rehearse
from control.api.calls import Call
from control.files import units
from control.files.problems import Wrong
from control.refusal import Code, DeskError


async def drilled(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, Rehearse)
    share = None if body.percent is None else _share(body.percent)
    record = await call.facts.drill(call.name, body.actor, share, body.hold_s)
    return answers.json(record)


def _share(percent: float) -> int:
    try:
        return units.share(percent)
    except Wrong as wrong:
        raise DeskError(
            Code.INVALID_PERCENT, f"the percent {wrong.message}: {wrong.hint}"
        ) from wrong
