"""What a Redis store keeps besides the document: measurements, scores and the lead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from control.store import StoreUnavailable
from control.store.measures import Batch
from proxy.redis import keys
from proxy.redis.link import Link, Script, Unreachable, Word

PAGE = 500  # deltas in one answer
MOST_SCORES = 100_000  # batches of one migration

# What went into the roll-up leaves the stream with it; MINID would keep the place itself.
ROLL_UP = Script("""
local held = redis.call('HGET', KEYS[1], 'up_to') or ''
if held ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'up_to', ARGV[2])
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[2])
redis.call('XDEL', KEYS[2], ARGV[2])
return 1
""")

SCORED = Script("""
if redis.call('LLEN', KEYS[1]) < tonumber(ARGV[2]) then redis.call('RPUSH', KEYS[1], ARGV[1]) end
""")

LEAD = Script("""
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
""")

RESIGN = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
""")


T = TypeVar("T")


class RedisMeasures:
    """Measures on a Redis; a place is the id of an entry in the stream of deltas."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def measured(self, place: str) -> Batch:
        deltas, last = await self._deltas(place)
        # Asked after the deltas: what was rolled up before them cannot be missing among them.
        up_to = await self._rolled_up_to()
        if not up_to or (place and _order(up_to) <= _order(place)):
            return Batch(None, deltas, last)
        return await self._anew()

    async def roll_up(self, rollup: bytes, *, up_to: str, expected: str) -> bool:
        names = [keys.ROLLUP, keys.DELTAS]
        return await self._run(ROLL_UP, names, rollup, up_to, expected) == 1

    async def scored(self, migration: str, scores: bytes) -> None:
        await self._run(SCORED, [keys.scores(migration)], scores, MOST_SCORES)

    async def scores(self, migration: str, after: int) -> tuple[bytes, ...]:
        found: list[bytes] = []
        while True:
            first = after + len(found)
            answer = await self._ask("LRANGE", keys.scores(migration), first, first + PAGE - 1)
            page = converted(answer, list[bytes])
            found += page
            if len(page) < PAGE:
                return tuple(found)

    async def lead(self, who: str, ttl_s: float) -> bool:
        return await self._run(LEAD, [keys.LEAD], who, round(ttl_s * 1000)) == 1

    async def resign(self, who: str) -> None:
        await self._run(RESIGN, [keys.LEAD], who)

    async def _anew(self) -> Batch:
        """The roll-up, and what came after the very one that was read."""
        while True:
            answer = await self._ask("HMGET", keys.ROLLUP, "state", "up_to")
            state, up_to = converted(answer, tuple[bytes | None, bytes | None])
            place = _place(up_to)
            deltas, last = await self._deltas(place)
            if await self._rolled_up_to() == place:
                return Batch(state, deltas, last)

    async def _rolled_up_to(self) -> str:
        return _place(await self._ask("HGET", keys.ROLLUP, "up_to"))

    async def _deltas(self, place: str) -> tuple[tuple[bytes, ...], str]:
        """Everything after a place, and the place of the last."""
        found: list[bytes] = []
        while True:
            first = f"({place}" if place else "-"
            answer = await self._ask("XRANGE", keys.DELTAS, first, "+", "COUNT", PAGE)
            page = converted(answer, list[tuple[bytes, dict[bytes, bytes]]])
            found += [fields[b"delta"] for _, fields in page if b"delta" in fields]
            place = page[-1][0].decode() if page else place
            if len(page) < PAGE:
                return tuple(found), place

    async def _ask(self, *command: Word) -> object:
        try:
            return await self._link.ask(*command)
        except Unreachable as error:
            raise StoreUnavailable(str(error)) from error

    async def _run(self, script: Script, names: Sequence[str], *arguments: Word) -> object:
        try:
            return await self._link.run(script, names, *arguments)
        except Unreachable as error:
            raise StoreUnavailable(str(error)) from error


def _place(up_to: object) -> str:
    if up_to is None:
        return ""
    place = converted(up_to, bytes)
    if not re.fullmatch(rb"\d{1,20}-\d{1,20}", place):
        raise StoreUnavailable("the store is damaged: its roll-up is unsound")
    return place.decode()


def _order(place: str) -> tuple[int, int]:
    milliseconds, _, number = place.partition("-")
    return int(milliseconds), int(number)


def converted(answer: object, kind: type[T]) -> T:
    """What Redis answered, if it is of that kind."""
    try:
        return msgspec.convert(answer, kind, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise StoreUnavailable("Redis answers what cannot be understood") from error
