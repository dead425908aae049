"""A Redis that lost what it acknowledged: no change is made from there, and none on top of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from control.store import Conflict, StoreUnavailable
from control.store.redis import RedisStore
from proxy.redis import keys
from proxy.redis.link import Link
from proxy.source.redis import RedisSource
from tests.control.store.contract import commit
from tests.doubles.documents import document
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[Link]:
    link = patient(redis.url)
    yield link
    await link.close()


async def test_what_the_hosts_worker_serves_is_not_lost_because_nobody_read_it_here(
    link: Link,
) -> None:
    """Else two more changes by this controller would undo an acknowledged rollback everywhere."""
    here, there = RedisStore(link), RedisStore(link)
    source = RedisSource(link, loaded=here.served)
    await commit(there, 1, share=1_000)
    assert (await here.read()).version == 1
    await commit(there, 2, share=0)
    assert await source.load() == document(2, share=0)
    await link.ask("SET", keys.SNAPSHOT, document(1, share=1_000))  # a failover
    with pytest.raises(StoreUnavailable, match="went back to version 1 of epoch 0; version 2"):
        await here.read()


async def test_a_document_that_a_worker_refuses_is_no_reason_to_refuse_another(link: Link) -> None:
    here = RedisStore(link)
    source = RedisSource(link, loaded=here.served)
    await link.ask("SET", keys.SNAPSHOT, b"nonsense")
    assert await source.load() == b"nonsense"
    await link.ask("SET", keys.SNAPSHOT, document(1))
    assert (await here.read()).version == 1


async def test_a_change_of_one_document_is_not_made_on_another_of_its_version(link: Link) -> None:
    """Else a change that was read before a failover would undo a rollback that came after it."""
    here = RedisStore(link)
    await commit(here, 1)
    await commit(here, 2, share=1_000)
    await link.ask("SET", keys.SNAPSHOT, document(2, share=0))  # what the other master had
    with pytest.raises(Conflict):
        await commit(here, 3, share=2_000)
    assert await link.ask("GET", keys.SNAPSHOT) == document(2, share=0)
    with pytest.raises(StoreUnavailable, match="another document under version 2"):
        await here.read()
