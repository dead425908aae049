"""`GET /api/events`: each change of a migration as a server-sent event.

An event's id is the version that last changed the migration, so `Last-Event-ID` picks up where a
broken stream ended. Changes that come between two looks are told as one: the state they led to.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from aiohttp.web import StreamResponse

from control.api.answers import HEADERS
from control.api.calls import Call
from control.desk.view import Summary
from control.migration.ledger import Phase
from control.refusal import DeskError

LOOK_S = 1.0  # a change that nobody rang for, another process's, is told this late at most
BEATS = 15  # looks without news after which a comment proves that the stream lives
STALL_S = 10.0  # a reader that takes nothing for so long is let go


async def events(call: Call) -> StreamResponse:
    """Every migration as it is, then each one as it changes, until either side leaves."""
    with call.watchers.admitted():
        response = StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(call.request)
        with suppress(ConnectionError, TimeoutError):  # the reader left, or stopped reading
            await _follow(call, response)
        return response


async def _follow(call: Call, response: StreamResponse) -> None:
    seen = _Seen(version=_last_seen(call))
    silent = 0
    await _send(response, b"retry: 1000\n\n")
    while not call.watchers.closing:
        bell = call.watchers.bell()
        news, seen = await _news(call, seen)
        silent = 0 if news else silent + 1
        if silent >= BEATS:
            news, silent = b": still here\n\n", 0
        if news:
            await _send(response, news)
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S):
                await bell.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a reader knows: everything up to a version, and which rollbacks were under way."""

    version: int
    underway: frozenset[str] = frozenset()

    def lacks(self, one: Summary) -> bool:
        over = one.name in self.underway and one.phase is not Phase.ROLLING_BACK
        return one.version > self.version or over


async def _news(call: Call, seen: _Seen) -> tuple[bytes, _Seen]:
    try:
        summaries = await call.desk.list()
    except DeskError as error:
        return _event("error", {"code": error.code}), seen
    changed = sorted(filter(seen.lacks, summaries), key=lambda one: one.version)
    told = b"".join(b"id: %d\n" % one.version + _event("migration", one) for one in changed)
    underway = frozenset(one.name for one in summaries if one.phase is Phase.ROLLING_BACK)
    latest = max((one.version for one in changed), default=seen.version)
    return told, _Seen(version=max(latest, seen.version), underway=underway)


def _event(kind: str, record: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode(record))


async def _send(response: StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(STALL_S):
        await response.write(data)


def _last_seen(call: Call) -> int:
    given = call.request.headers.get("Last-Event-ID", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else -1
