"""The calls about migrations: each reads its body, asks the desk, and answers with its record."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from control.api import answers, bodies
from control.api.bodies import Apply, Plain, SetWeight
from control.api.calls import Call
from control.api.errors import INVALID_BODY, INVALID_QUERY, Rejected
from control.desk import MOST_EVENTS
from control.ledger import Source


async def listed(call: Call) -> StreamResponse:
    return answers.json(await call.desk.list())


async def shown(call: Call) -> StreamResponse:
    return answers.json(await call.desk.get(call.name))


async def applied(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, Apply)
    source = Source(text=body.file, files=body.files)
    return answers.json(await call.desk.apply(call.name, source, body.ask()))


async def weighed(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, SetWeight)
    return answers.json(await call.desk.set_weight(call.name, body.percent, body.ask()))


async def rolled_back(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, Plain)
    return answers.json(await call.desk.rollback(call.name, body.ask()))


async def all_rolled_back(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, Plain)
    if body.expected_version is not None:
        raise Rejected(INVALID_BODY, "(expected_version is one migration's)")
    return answers.json(await call.desk.rollback_all(body.ask()))


async def retried(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, Plain)
    return answers.json(await call.desk.retry(call.name, body.ask()))


async def past(call: Call) -> StreamResponse:
    limit = call.request.query.get("limit", str(MOST_EVENTS))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= MOST_EVENTS:
        raise Rejected(INVALID_QUERY, f"(limit is 1 to {MOST_EVENTS})")
    return answers.json(await call.desk.history(call.name, int(limit)))
