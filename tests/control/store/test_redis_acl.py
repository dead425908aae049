"""deploy/redis/crossfade.conf: its users can do all that crossfade does, and nothing more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from control.store.redis import RedisStore
from proxy.policy import Secret
from proxy.redis import keys
from proxy.redis.address import parse
from proxy.redis.link import Link, Unreachable
from proxy.source.redis import RedisSink, RedisSource
from tests.control.store.contract import StoreContract, commit
from tests.control.store.measures_contract import MeasuresContract
from tests.doubles.documents import document
from tests.doubles.patience import PATIENCE_S
from tests.doubles.redis_server import RedisServer

USERS = Path(__file__).parents[3] / "deploy" / "redis" / "crossfade.conf"
PASSWORD = "sk-CANARY-acl"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis with those users, and one more for the tests themselves."""
    lines = USERS.read_text(encoding="utf-8").replace("CHANGE-", f"{PASSWORD}-").splitlines()
    lines += [line.partition("(")[0].replace("-worker", "-elder") for line in lines if "(" in line]
    tester = "user tester on nopass ~* &* +@all"
    with RedisServer(tmp_path_factory.mktemp("acl"), *lines, tester) as server:
        yield server


def linked(server: RedisServer, user: str) -> Link:
    password = Secret(f"{PASSWORD}-{user.removeprefix('crossfade-')}")
    address = replace(parse(server.url), username=user, password=password)
    return Link(address, timeout_s=PATIENCE_S)


@pytest.fixture
async def control(guarded: RedisServer) -> AsyncIterator[Link]:
    guarded.cli("--user", "tester", "--pass", "x", "--no-auth-warning", "FLUSHALL")
    link = linked(guarded, "crossfade-control")
    yield link
    await link.close()


@pytest.fixture
async def worker(guarded: RedisServer, control: Link) -> AsyncIterator[Link]:
    link = linked(guarded, "crossfade-worker")
    yield link
    await link.close()


class TestStoreOfItsUser(StoreContract):
    @pytest.fixture
    def store(self, control: Link) -> RedisStore:
        return RedisStore(control)


class TestMeasuresOfItsUsers(MeasuresContract):
    @pytest.fixture
    def measures(self, control: Link) -> RedisStore:
        return RedisStore(control)

    @pytest.fixture
    def sink(self, worker: Link) -> RedisSink:
        return RedisSink(worker)


async def test_a_worker_reads_hears_acknowledges_and_leaves(worker: Link, control: Link) -> None:
    store, source = RedisStore(control), RedisSource(worker)
    hears = store.news().told
    async with source.listening(), store.listening():
        await source.changed(3600)
        await hears.wait()
        await commit(store, 1)
        await source.changed(3600)
        assert await source.load() == document(1)
        news = store.news()
        await source.acknowledge("one", 1)
        await news.told.wait()
        assert [told.worker for told in await store.workers()] == ["one"]
        await source.close()
        assert await store.workers() == []


async def test_a_worker_that_may_not_publish_as_on_redis_6_is_found_by_looking(
    guarded: RedisServer, control: Link
) -> None:
    elder = linked(guarded, "crossfade-elder")
    source = RedisSource(elder)
    await source.acknowledge("one", 1)
    assert [told.worker for told in await RedisStore(control).workers()] == ["one"]
    await source.close()
    assert await RedisStore(control).workers() == []
    await elder.close()


@pytest.mark.parametrize(
    "command",
    [
        ("SET", keys.SNAPSHOT, "x"),
        ("EVAL", "redis.call('SET', KEYS[1], 'x')", 1, keys.SNAPSHOT),
        ("EVAL", "redis.call('SET', 'crossfade:{cf}:snapshot', 'x')", 0),
        ("RPUSH", keys.history("triage"), "x"),
        ("SET", keys.LEAD, "me"),
        ("HSET", keys.ROLLUP, "state", "x"),
        ("PUBLISH", "elsewhere", "x"),
        ("PUBLISH", keys.CHANGED, document(2)),
        ("SUBSCRIBE", keys.ACKNOWLEDGED),
        ("FLUSHALL",),
        ("KEYS", "*"),
        ("CONFIG", "GET", "*"),
        ("GET", "elsewhere"),
    ],
)
async def test_a_worker_cannot_decide_anything(
    worker: Link, control: Link, command: tuple[str | int, ...]
) -> None:
    await commit(RedisStore(control), 1)
    with pytest.raises(Unreachable):
        await worker.ask(*command)
    assert await RedisSource(worker).load() == document(1)


@pytest.mark.parametrize(
    "command",
    [("FLUSHALL",), ("KEYS", "*"), ("CONFIG", "GET", "*"), ("GET", "elsewhere"), ("ACL", "LIST")],
)
async def test_control_reaches_nothing_but_crossfades_own(
    control: Link, command: tuple[str | int, ...]
) -> None:
    with pytest.raises(Unreachable):
        await control.ask(*command)


async def test_nobody_else_is_let_in(guarded: RedisServer) -> None:
    link = Link(parse(guarded.url), timeout_s=PATIENCE_S)
    with pytest.raises(Unreachable, match="Redis refuses the name or the password"):
        await link.ask("GET", "a")
    await link.close()
