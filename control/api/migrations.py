"""The calls about migrations: each reads its body, asks the desk, and answers with its record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp.web import StreamResponse

from control.api import answers, bodies
from control.api.bodies import Apply, Dismiss, Plain, Promote, SetWeight
from control.api.calls import Call, Handler
from control.api.errors import INVALID_BODY, INVALID_QUERY, Rejected
from control.desk.desk import Ask, Desk
from control.desk.inquiry import MOST_EVENTS
from control.desk.view import Changed
from control.guard.forecast import Traffic
from control.migration.ledger import Source
from control.roles import Role

MOST_REQUESTS = 1e9  # a second; more is no traffic

Verb = Callable[[Desk, str, Ask], Awaitable[Changed]]


def plainly(verb: Verb) -> Handler:
    """The handler of a verb of the desk that takes nothing of its own."""

    async def handled(call: Call) -> StreamResponse:
        body = await bodies.read(call.request, Plain)
        return answers.json(await verb(call.desk, call.name, body.ask()))

    return handled


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
    if body.percent == 100:
        call.require(Role.OWNER)
    return answers.json(await call.desk.set_weight(call.name, body.percent, body.ask()))


async def dismissed(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, Dismiss)
    return answers.json(await call.desk.dismiss(call.name, body.ask(), body.limit))


async def promoted(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, Promote)
    if body.full:
        call.require(Role.OWNER)
    return answers.json(await call.desk.promote(call.name, body.ask(), full=body.full))


async def all_rolled_back(call: Call) -> StreamResponse:
    body = await bodies.read(call.request, Plain)
    if body.expected_version is not None:
        raise Rejected(INVALID_BODY, "(expected_version is one migration's)")
    return answers.json(await call.desk.rollback_all(body.ask()))


async def explained(call: Call) -> StreamResponse:
    asked = call.request.query.get("metric")
    if asked == "":
        raise Rejected(INVALID_QUERY, "(metric is a limit's metric, or its key)")
    return answers.json(await call.desk.explain(call.name, asked))


async def planned(call: Call) -> StreamResponse:
    return answers.json(await call.desk.forecast(call.name, _traffic(call)))


def _traffic(call: Call) -> Traffic | None:
    """The traffic that the caller wants it told for; None for what was observed."""
    try:
        rate, errors = (_number(call, name) for name in ("requests_per_s", "error_rate"))
    except ValueError:
        rate = errors = -1.0
    if rate is None and errors is None:
        return None
    if rate is None or not 0 < rate < MOST_REQUESTS or not 0 <= (errors or 0) <= 1:
        raise Rejected(INVALID_QUERY, "(requests_per_s is over 0, error_rate from 0 to 1)")
    return Traffic(requests_per_s=rate, error_rate=errors)


def _number(call: Call, name: str) -> float | None:
    given = call.request.query.get(name)
    return None if given is None else float(given)


async def past(call: Call) -> StreamResponse:
    limit = call.request.query.get("limit", str(MOST_EVENTS))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= MOST_EVENTS:
        raise Rejected(INVALID_QUERY, f"(limit is 1 to {MOST_EVENTS})")
    return answers.json(await call.desk.history(call.name, int(limit)))
