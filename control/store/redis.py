"""The Redis store: any number of hosts, one document, changed by one script in one round trip."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec

from control.store import Conflict, Event, News, Stored, StoreUnavailable, WorkerStatus
from control.store.redis_measures import RedisMeasures, converted
from proxy import wire
from proxy.errors import Invalid
from proxy.following.admit import NOTHING_COMMITTED, Held, admit
from proxy.redis import keys
from proxy.redis.ear import Ear, listening
from proxy.redis.link import Link, Script

LONGEST_HISTORY = 10_000  # events of one migration
UNHEARD_S = 0.02  # between two looks at the workers where nobody tells
HEARD_S = 0.25

# What can fail comes first: a history of another kind. A script that has written is not refused for
# want of memory. Versions are compared as text: Lua's numbers are exact up to 2**53 alone. Of one
# version there may be two documents, after a failover; the head has the checksum of the one that
# was read.
COMMIT = Script("""
local head = redis.call('GETRANGE', KEYS[1], 0, ARGV[9] - 1)
local epoch, version = '0', '0'
if redis.call('EXISTS', KEYS[1]) == 1 then
  epoch, version = string.match(head, '^{"schema":%d+,"epoch":(%d+),"version":(%d+),')
  if not version then return 'damaged' end
end
if version ~= ARGV[2] or (ARGV[8] ~= '' and ARGV[8] ~= head) then return 'conflict ' .. version end
if #ARGV[3] < #epoch or (#ARGV[3] == #epoch and ARGV[3] < epoch) then return 'epoch ' .. epoch end
redis.call('RPUSH', KEYS[2], ARGV[4])
redis.call('SET', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[5]), -1)
if version ~= '0' and #ARGV[1] <= tonumber(ARGV[10]) then
  redis.call('PUBLISH', ARGV[6], head .. '\\n' .. ARGV[1])
else
  redis.call('PUBLISH', ARGV[6], ARGV[7])
end
return 'done'
""")

WORKERS = Script("return {redis.call('TIME'), redis.call('HGETALL', KEYS[1])}")

_SAID = re.compile(rb"(\d{1,16}) (\d{1,19}) (\[.*\])")


class RedisStore(RedisMeasures):
    """A Store on one Redis, for any number of processes.

    It remembers the newest document that it has seen, and the last good one that it is given, and
    refuses to read an older one or another of the same version: a Redis that was flushed, restored
    or failed over to a stale replica has lost what workers serve, and they would refuse any change
    made from there. What its host serves it is told (`served`): a change that was acknowledged must
    not be lost because nobody had read it here.
    """

    def __init__(self, link: Link, *, last_good: bytes | None = None) -> None:
        super().__init__(link)
        self._best = None if last_good is None else Held(wire.decode(last_good)[0], last_good)
        self._told: bytes | None = None
        self._ear = Ear(link, keys.ACKNOWLEDGED, self._tell)
        self._news = asyncio.Event()
        self._committing: set[asyncio.Future[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """`news` is told at once for as long as this lasts."""
        async with listening(self._ear):
            yield

    def served(self, document: bytes) -> None:
        """A worker of this host was given this document."""
        self._told = document

    async def read(self) -> Stored:
        self._listen()
        best = self._best  # as of now: what is committed meanwhile may be newer than the answer
        data = await self._document()
        if data == b"" and await self._ask("EXISTS", keys.SNAPSHOT) == 0:
            return self._admitted(NOTHING_COMMITTED, best)
        data = data or await self._document()  # the first one came in between
        try:
            held = Held(wire.decode(data)[0], data)
        except Invalid as error:
            raise StoreUnavailable(f"the store is damaged: {error}") from error
        return self._admitted(held, best)

    async def commit(self, document: bytes, expected: int, event: Event) -> None:
        held = _checked(document, expected, event)
        # An operator who hangs up must not take a rollback back.
        committing = asyncio.ensure_future(self._commit(held, document, expected, event))
        self._committing.add(committing)
        committing.add_done_callback(self._committing.discard)
        await asyncio.shield(committing)

    async def history(self, name: str, limit: int) -> list[Event]:
        if limit < 1:  # Redis would give all
            return []
        answer = await self._ask("LRANGE", keys.history(name), -limit, -1)
        lines = converted(answer, list[bytes])
        try:
            events = [msgspec.json.decode(line, type=Event) for line in lines]
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise StoreUnavailable("the store is damaged: its history is unsound") from error
        return events[::-1]

    async def workers(self) -> list[WorkerStatus]:
        answer = await self._run(WORKERS, [keys.WORKERS])
        (seconds, micros), said = converted(answer, tuple[tuple[bytes, bytes], list[bytes]])
        now_ms = int(seconds) * 1000 + int(micros) // 1000
        pairs = zip(said[::2], said[1::2], strict=True)
        found = (_status(worker, text, now_ms) for worker, text in pairs)
        return sorted(found, key=lambda one: one.worker)

    def news(self) -> News:
        return News(self._news, HEARD_S if self._ear.hears else UNHEARD_S)

    async def close(self) -> None:
        """Waits for commits under way; the link is closed by whoever made it."""
        if self._committing:
            await asyncio.wait(self._committing)

    async def _document(self) -> bytes:
        """At most a byte more than a document may have."""
        return converted(await self._ask("GETRANGE", keys.SNAPSHOT, 0, wire.MAX_DOCUMENT), bytes)

    async def _commit(self, held: Held, document: bytes, expected: int, event: Event) -> None:
        answer = await self._run(
            COMMIT,
            [keys.SNAPSHOT, keys.history(event.migration)],
            *(document, expected, held.snapshot.epoch, msgspec.json.encode(event)),
            *(LONGEST_HISTORY, keys.CHANGED, held.snapshot.version),
            *(self._head(expected), keys.HEAD, keys.MOST_HINTED),
        )
        match answer.split() if isinstance(answer, bytes) else ():
            case [b"done"]:
                self._saw(held)
            case [b"conflict", version]:
                raise Conflict(int(version))
            case [b"epoch", epoch]:
                raise Invalid(
                    f"the store is in epoch {int(epoch)}, the change in {held.snapshot.epoch}"
                )
            case _:
                raise StoreUnavailable("the store is damaged: its document is unsound")

    def _head(self, version: int) -> bytes:
        """What the document of a version begins with, nothing where it was never seen here."""
        best = self._best
        if best is None or best.data is None or best.snapshot.version != version:
            return b""
        return best.data[: keys.HEAD]

    def _listen(self) -> None:
        told, self._told = self._told, None
        if told is not None and (self._best is None or told != self._best.data):
            with suppress(Invalid):  # that is the worker's to say
                self._saw(Held(wire.decode(told)[0], told))

    def _admitted(self, held: Held, best: Held | None) -> Stored:
        try:
            admit(held, best)
        except Invalid as error:
            raise StoreUnavailable(f"{error}: a person has to act") from error
        self._saw(held)
        return Stored(held.snapshot.version, held.data)

    def _saw(self, held: Held) -> None:
        if self._best is None or held.order > self._best.order:
            self._best = held

    def _tell(self, _: bytes) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _checked(document: bytes, expected: int, event: Event) -> Held:
    snapshot, _ = wire.decode(document)
    if snapshot.version != expected + 1 or event.version != snapshot.version:
        raise Invalid(
            f"a change of version {expected} makes {expected + 1}, not {snapshot.version}"
        )
    return Held(snapshot, document)


def _status(worker: bytes, text: bytes, now_ms: int) -> WorkerStatus:
    found = _SAID.fullmatch(text)
    try:
        if found is None:
            raise msgspec.ValidationError("three words")
        notes = msgspec.json.decode(found[3], type=tuple[str, ...])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreUnavailable("the store is damaged: its list of workers is unsound") from error
    age_ms = max(0, now_ms - int(found[1]))
    return WorkerStatus(
        worker=worker.decode(errors="replace"),
        version=int(found[2]),
        age_s=age_ms / 1000,
        live=age_ms <= keys.LIVE_MS,
        notes=notes,
    )
