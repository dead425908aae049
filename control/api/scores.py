"""The call that takes scores of single answers."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from control.api import answers, bodies
from control.api.calls import Call
from control.measures.scores import Score


async def scored(call: Call) -> StreamResponse:
    scores = await bodies.read(call.request, list[Score])
    return answers.json(await call.facts.score(call.name, scores))
