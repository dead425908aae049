"""A Redis store as the data plane sees it: the document, the hint, what workers say and measure."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import msgspec

from proxy.delta import named
from proxy.errors import Invalid
from proxy.redis import keys
from proxy.redis.ear import Ear, listening
from proxy.redis.link import Link, Script, Unreachable, Word
from proxy.source import SourceUnavailable
from proxy.wire import MAX_DOCUMENT

KEEP_MS = 600_000

# Ages count from Redis' own clock; a new worker's arrival is the moment to forget long gone ones.
# Whom nobody permits to publish is found by looking.
ACKNOWLEDGE = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f ', now) .. ARGV[2])
if not before then
  local all = redis.call('HGETALL', KEYS[1])
  for at = 1, #all, 2 do
    local seen = tonumber(string.match(all[at + 1], '^%d+'))
    if not seen or now - seen > tonumber(ARGV[3]) then redis.call('HDEL', KEYS[1], all[at]) end
  end
end
if not before or string.match(before, '^%d+ (.*)$') ~= ARGV[2] then
  redis.pcall('PUBLISH', ARGV[4], ARGV[1])
end
""")

LEAVE = Script("""
if redis.call('HDEL', KEYS[1], ARGV[1]) == 1 then redis.pcall('PUBLISH', ARGV[2], ARGV[1]) end
""")

# A flush that is handed over again after an answer was lost has a number that was had already.
PUSH = Script("""
local last = redis.call('GET', KEYS[2])
if last and tonumber(last) >= tonumber(ARGV[2]) then return 0 end
local time = redis.call('TIME')
local oldest = time[1] * 1000 - ARGV[3]
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('XADD', KEYS[1], 'MINID', '~', string.format('%.0f', oldest), '*', 'delta', ARGV[1])
return 1
""")


def _nobody(_: bytes) -> None:
    """Is told of no document."""


class RedisSource:
    """Reads the document by one question a poll: its head alone, while it is the one known.

    One that is refused is known to nobody, and read whole each time: it may be repaired without
    another head. `loaded` is given each new document.
    """

    def __init__(self, link: Link, *, loaded: Callable[[bytes], None] = _nobody) -> None:
        self._link = link
        self._loaded = loaded
        self._ear = Ear(link, keys.CHANGED, self.hint)
        self._hinted = asyncio.Event()
        self._said: bytes | None = None
        self._behind = False  # a hint told of a document that it did not carry
        self._document: bytes | None = None
        self._worker: str | None = None

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hints are heard for as long as this lasts; without, polling alone finds changes."""
        async with listening(self._ear):
            yield

    async def load(self, known: bytes | None = None, /) -> bytes | None:
        document = known
        head = keys.HEAD
        if self._behind or known is None or await self._range(head) != known[:head]:
            document = await self._whole()
        if document is not None and document != self._document:
            self._loaded(document)
        self._document = document
        return document

    async def changed(self, timeout_s: float) -> bytes | None:
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - spreads polls, guards nothing
        try:
            async with asyncio.timeout(timeout_s * spread):
                await self._hinted.wait()
        except TimeoutError:
            return None
        self._hinted.clear()
        said, self._said = self._said, None
        return said

    def hint(self, said: bytes = b"") -> None:
        """Ends the wait in `changed`, which gives the document in `said` if that is the next one.

        A hint names what its document replaces. That must be what was read here last: on the same
        channel are heard the stores in a Redis' other databases, and a master that lost its post.
        """
        replaced, _, document = said.partition(b"\n")
        small = len(document) <= keys.MOST_HINTED
        if self._document and replaced == self._document[: keys.HEAD] and small:
            self._said = document
        else:
            self._behind = True
        self._hinted.set()

    async def acknowledge(self, worker: str, version: int, notes: tuple[str, ...] = ()) -> None:
        self._worker = worker
        said = b"%d %s" % (version, msgspec.json.encode(notes))
        names = [keys.WORKERS]
        await self._run(ACKNOWLEDGE, names, worker, said, keys.FORGET_MS, keys.ACKNOWLEDGED)

    async def close(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            with suppress(SourceUnavailable):  # silence is understood too, only later
                await self._run(LEAVE, [keys.WORKERS], worker, keys.ACKNOWLEDGED)

    async def _whole(self) -> bytes | None:
        self._behind = False
        document = await self._range(MAX_DOCUMENT + 1)
        if not document and await self._ask("EXISTS", keys.SNAPSHOT):
            document = await self._range(MAX_DOCUMENT + 1)  # the first one came in between
            if not document:
                raise SourceUnavailable("the store is damaged: its document is gone")
        return document or None

    async def _range(self, length: int) -> bytes:
        """The document's first bytes: more than a document may have are not asked for."""
        answer = await self._ask("GETRANGE", keys.SNAPSHOT, 0, length - 1)
        if not isinstance(answer, bytes):
            raise SourceUnavailable("Redis answers what cannot be understood")
        return answer

    async def _ask(self, *command: Word) -> object:
        try:
            return await self._link.ask(*command)
        except Unreachable as error:
            raise SourceUnavailable(str(error)) from error

    async def _run(self, script: Script, names: list[str], *arguments: Word) -> object:
        try:
            return await self._link.run(script, names, *arguments)
        except Unreachable as error:
            raise SourceUnavailable(str(error)) from error


class RedisSink:
    """Appends flushes to the stream of all workers, each once."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def push(self, delta: bytes) -> None:
        """Raises SourceUnavailable also for what is no delta."""
        try:
            flush = named(delta)
            names = [keys.DELTAS, keys.flushed(flush.worker, flush.boot)]
            await self._link.run(PUSH, names, delta, flush.seq, KEEP_MS)
        except (Unreachable, Invalid) as error:
            raise SourceUnavailable(str(error)) from error
