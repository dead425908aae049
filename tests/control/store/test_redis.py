"""The Redis store on real servers: what it refuses to read, and what workers told it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from control.store import Stored, StoreUnavailable, WorkerStatus
from control.store.redis import LONGEST_HISTORY, RedisStore
from proxy.errors import Invalid
from proxy.redis import keys
from proxy.redis.address import parse
from proxy.redis.link import Link
from proxy.source.redis import RedisSource
from tests.control.store.contract import StoreContract, commit
from tests.doubles.documents import DAMAGES, document, event
from tests.doubles.faults import FaultProxy, Latency
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer
from tests.doubles.until import PATIENCE_S


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[Link]:
    link = patient(redis.url)
    yield link
    await link.close()


@pytest.fixture
async def store(link: Link) -> AsyncIterator[RedisStore]:
    store = RedisStore(link)
    yield store
    await store.close()


class TestRedisStore(StoreContract):
    @pytest.fixture
    def store(self, store: RedisStore) -> RedisStore:
        return store


async def test_a_commit_is_one_question(redis: RedisServer, store: RedisStore) -> None:
    await commit(store, 1)
    redis.cli("CONFIG", "RESETSTAT")
    await commit(store, 2)
    told = redis.cli("INFO", "commandstats")
    assert b"cmdstat_evalsha:calls=1," in told
    assert b"cmdstat_eval:" not in told


async def test_a_change_whose_history_cannot_be_written_is_not_made(
    redis: RedisServer, store: RedisStore
) -> None:
    await commit(store, 1)
    redis.cli("DEL", keys.history("triage"))
    redis.cli("SET", keys.history("triage"), "of another kind")
    with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
        await commit(store, 2)
    assert await store.read() == Stored(1, document(1))


async def test_without_memory_neither_a_change_nor_its_history_is_made(
    redis: RedisServer, store: RedisStore
) -> None:
    await commit(store, 1)
    redis.cli("CONFIG", "SET", "maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailable, match="answers with an error"):
            await commit(store, 2)
    finally:
        redis.cli("CONFIG", "SET", "maxmemory", "0")
    assert await store.read() == Stored(1, document(1))
    assert [told.version for told in await store.history("triage", 10)] == [1]


async def test_versions_beyond_what_lua_counts_exactly_are_told_apart(link: Link) -> None:
    store = RedisStore(link)
    big = 2**53
    await link.ask("SET", keys.SNAPSHOT, document(big, epoch=big))
    await commit(store, big + 1, epoch=big)
    await commit(store, big + 2, epoch=big)
    with pytest.raises(Invalid, match=f"epoch {big}"):
        await commit(store, big + 3, epoch=big - 1)
    assert (await store.read()).version == big + 2


async def test_a_commit_is_done_though_its_caller_hangs_up(store: RedisStore) -> None:
    committing = asyncio.ensure_future(commit(store, 1))
    await asyncio.sleep(0)
    committing.cancel()
    await store.close()
    assert committing.cancelled()
    assert await store.read() == Stored(1, document(1))


async def test_a_migrations_history_is_bounded(link: Link, store: RedisStore) -> None:
    for _ in range(LONGEST_HISTORY // 1_000):
        await link.ask("RPUSH", keys.history("triage"), *["x"] * 1_000)
    await commit(store, 1)
    assert await link.ask("LLEN", keys.history("triage")) == LONGEST_HISTORY
    assert await store.history("triage", 1) == [event(1)]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_a_damaged_document_is_unavailable_until_it_is_repaired(
    link: Link, store: RedisStore, damage: Callable[[bytes], bytes]
) -> None:
    await commit(store, 1)
    await link.ask("SET", keys.SNAPSHOT, damage(document(1)))
    with pytest.raises(StoreUnavailable, match="the store is damaged"):
        await store.read()
    await link.ask("SET", keys.SNAPSHOT, document(1))
    await commit(store, 2)
    assert await store.read() == Stored(2, document(2))


@pytest.mark.parametrize("head", ["", "garbage", "[]", '{"schema":1,"version":1,"epoch":0,'])
async def test_a_document_without_a_head_takes_no_commit(
    link: Link, store: RedisStore, head: str
) -> None:
    await link.ask("SET", keys.SNAPSHOT, head)
    for expected in (0, 1):
        with pytest.raises(StoreUnavailable, match="its document is unsound"):
            await commit(store, expected + 1)
    assert await link.ask("GET", keys.SNAPSHOT) == head.encode()


async def test_values_of_other_kinds_are_unavailable(link: Link, store: RedisStore) -> None:
    for key in (keys.SNAPSHOT, keys.history("triage"), keys.WORKERS):
        await link.ask("XADD", key, "*", "a", "b")
    for refused in (store.read(), store.history("triage", 1), store.workers(), commit(store, 1)):
        with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
            await refused


@pytest.mark.parametrize("line", [b"garbage", b"{}", b"\xff"])
async def test_a_damaged_history_is_unavailable(link: Link, store: RedisStore, line: bytes) -> None:
    await link.ask("RPUSH", keys.history("triage"), line)
    with pytest.raises(StoreUnavailable, match="its history is unsound"):
        await store.history("triage", 10)


@pytest.mark.parametrize("said", [b"", b"1", b"1 2 {}", b"1 2 [3]", b"x 2 []", b'1 2 ["\xff"]'])
async def test_a_damaged_list_of_workers_is_unavailable(
    link: Link, store: RedisStore, said: bytes
) -> None:
    await link.ask("HSET", keys.WORKERS, "one", said)
    with pytest.raises(StoreUnavailable, match="its list of workers is unsound"):
        await store.workers()


async def test_a_store_that_was_flushed_is_not_taken_for_a_new_one(
    redis: RedisServer, store: RedisStore
) -> None:
    await commit(store, 1)
    redis.cli("FLUSHALL")
    with pytest.raises(StoreUnavailable, match="the store answers that it is empty; version 1"):
        await store.read()


async def test_a_store_that_went_back_is_refused_until_someone_acts(
    link: Link, store: RedisStore
) -> None:
    for version in (1, 2, 3):
        await commit(store, version)
    await link.ask("SET", keys.SNAPSHOT, document(2))
    with pytest.raises(StoreUnavailable, match="went back to version 2 of epoch 0; version 3"):
        await store.read()
    await link.ask("SET", keys.SNAPSHOT, document(3, share=1))
    with pytest.raises(StoreUnavailable, match="another document under version 3"):
        await store.read()
    await link.ask("SET", keys.SNAPSHOT, document(1, epoch=1))  # what only a person does
    assert (await store.read()).version == 1


async def test_what_a_host_served_last_is_remembered_over_a_restart(link: Link) -> None:
    await link.ask("SET", keys.SNAPSHOT, document(6))
    store = RedisStore(link, last_good=document(7))
    with pytest.raises(StoreUnavailable, match="went back to version 6 of epoch 0; version 7"):
        await store.read()
    await link.ask("SET", keys.SNAPSHOT, document(7))  # as it lies in state_dir
    assert await store.read() == Stored(7, document(7))


async def test_a_read_that_races_commits_is_not_a_store_that_went_back(link: Link) -> None:
    store = RedisStore(link)

    async def read() -> None:
        for _ in range(20):
            await store.read()

    async def write() -> None:
        for version in range(1, 100):
            await commit(store, version)

    await asyncio.gather(write(), *(read() for _ in range(5)))


async def test_a_redis_that_is_away_is_unavailable_and_used_again(tmp_path: Path) -> None:
    with RedisServer(tmp_path, "appendonly yes", "appendfsync always") as server:
        link = patient(server.url)
        store = RedisStore(link)
        await commit(store, 1)
        server.kill()
        for refused in (store.read(), commit(store, 2), store.history("a", 1), store.workers()):
            with pytest.raises(StoreUnavailable, match="Redis cannot be reached"):
                await refused
        server.start()
        await commit(store, 2)
        assert await store.read() == Stored(2, document(2))
        await link.close()


async def test_a_slow_redis_is_unavailable_within_the_second(redis: RedisServer) -> None:
    async with FaultProxy(redis.port, down=[Latency(delay_s=30)]) as slow:
        link = Link(parse(f"redis://127.0.0.1:{slow.port}"))
        store = RedisStore(link)
        for refused in (store.read(), commit(store, 1), store.workers()):
            with pytest.raises(StoreUnavailable, match="Redis does not answer"):
                await refused
        await link.close()


async def test_workers_are_heard_with_what_they_say_of_themselves(
    link: Link, store: RedisStore
) -> None:
    source = RedisSource(link)
    await source.acknowledge("host:2", 7, ("latched triage", "breaker \u00e9"))
    await RedisSource(link).acknowledge("host:1", 6)
    (first, second) = await store.workers()
    assert (first.worker, first.version, first.notes) == ("host:1", 6, ())
    assert (second.worker, second.version) == ("host:2", 7)
    assert second.notes == ("latched triage", "breaker \u00e9")
    assert first.live
    assert second.live


async def heard(link: Link, store: RedisStore, *, ago_ms: int) -> WorkerStatus:
    """The worker that last spoke so long ago."""
    time = await link.ask("TIME")
    assert isinstance(time, tuple)
    now_ms = time[0] * 1_000 + time[1] // 1_000
    await link.ask("HSET", keys.WORKERS, "one", f"{now_ms - ago_ms} 3 []")
    (told,) = await store.workers()
    return told


async def test_one_that_is_silent_for_five_seconds_is_not_live(
    link: Link, store: RedisStore
) -> None:
    late = await heard(link, store, ago_ms=4_000)
    assert late.live
    assert 4 <= late.age_s < 5
    silent = await heard(link, store, ago_ms=5_001)
    assert not silent.live
    assert (await heard(link, store, ago_ms=-60_000)).age_s == 0  # Redis' own clock was set back


async def test_one_long_gone_is_forgotten_when_another_comes(link: Link, store: RedisStore) -> None:
    await heard(link, store, ago_ms=keys.FORGET_MS + 1_000)
    await link.ask("HSET", keys.WORKERS, "odd", "garbage")
    await RedisSource(link).acknowledge("two", 1)
    assert [told.worker for told in await store.workers()] == ["two"]


async def test_news_come_with_another_version_other_notes_or_a_leave_alone(
    link: Link, store: RedisStore
) -> None:
    source = RedisSource(link)
    async with store.listening(), asyncio.timeout(PATIENCE_S):
        await store.news().told.wait()  # it hears
        for notes in ((), ("breaker triage",)):
            news = store.news()
            await source.acknowledge("one", 1, notes)
            await news.told.wait()
        quiet = store.news()
        await source.acknowledge("one", 1, ("breaker triage",))
        await RedisSource(link).close()
        news = store.news()
        await source.close()
        await news.told.wait()
        assert quiet.told is news.told
        assert await store.workers() == []


async def test_where_nobody_listens_one_looks_again_soon(store: RedisStore) -> None:
    patient = store.news().within_s
    async with store.listening(), asyncio.timeout(PATIENCE_S):
        await store.news().told.wait()
        assert store.news().within_s > patient
