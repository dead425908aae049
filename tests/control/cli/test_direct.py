"""Where no replica answers, the commands act on a real Redis itself."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from control.cli.direct import PASSWORD
from control.cli.outcome import Exit
from control.hosting.stored import opened
from control.migration.book import opened as book_of
from control.migration.ledger import Cause, Phase
from proxy.redis.address import parse
from tests.control.cli.shell import Shell
from tests.control.states import state
from tests.doubles.documents import event
from tests.doubles.redis_server import RedisServer

CANARY = "sk-CANARY-direct"


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    """A Redis that holds the migration triage at 25 %, and the one called search."""
    with RedisServer(tmp_path / "redis") as server:
        async with opened(parse(server.url)) as store:
            moved = state(phase=Phase.PROGRESSING, cause=Cause.WEIGHT_SET, share=2_500)
            first = book_of(None).amended([moved, state("search")])
            await store.commit(first.document(), 0, event(1))
        yield server


async def held(redis: RedisServer, name: str = "triage") -> tuple[int, bool]:
    """A migration's share and latch, as the store has it."""
    async with opened(parse(redis.url)) as store:
        found = book_of((await store.read()).document).state(name)
    assert found is not None
    return found.route.split.share, found.entry.latched


async def test_a_rollback_reaches_the_store(nowhere: Shell, redis: RedisServer) -> None:
    done = await nowhere("rollback", "triage", "--store", redis.url, "--reason", "wrong")
    assert done.code == 0
    assert "cannot reach http://127.0.0.1:9" in done.err
    assert "acting on the store itself" in done.err
    assert "Degraded (RolledBack: wrong)" in done.out
    assert await held(redis) == (0, True)
    again = await nowhere("rollback", "triage", "--store", redis.url)
    assert "unchanged" in again.out


async def test_all_are_rolled_back(nowhere: Shell, redis: RedisServer) -> None:
    done = await nowhere("rollback", "--all", "--no-wait", "-o", "json", CROSSFADE_STORE=redis.url)
    assert done.code == 0
    assert {one["name"] for one in json.loads(done.out)} == {"triage", "search"}
    assert await held(redis, "search") == (0, True)


async def test_a_weight_is_set(nowhere: Shell, redis: RedisServer) -> None:
    done = await nowhere("set", "weight", "triage", "12.5", "--store", redis.url)
    assert done.code == 0
    assert await held(redis) == (1_250, False)
    stale = await nowhere(
        "set", "weight", "triage", "1", "--expected-version", "1", "--store", redis.url
    )
    assert stale.code == 1
    assert "is at version" in stale.err


async def test_a_look_tells_what_the_store_knows(nowhere: Shell, redis: RedisServer) -> None:
    done = await nowhere("get", "triage", "--store", redis.url, "-o", "json")
    assert done.code == 0
    told = json.loads(done.out)
    assert (told["weights"]["candidate"], told["arms"]["candidate"]["requests"]) == (25, 0)


async def test_an_unknown_migration_is_refused(nowhere: Shell, redis: RedisServer) -> None:
    for words in (("rollback", "x"), ("set", "weight", "x", "1"), ("get", "x")):
        done = await nowhere(*words, "--store", redis.url)
        assert (done.code, done.out) == (1, "")
        assert "no such migration" in done.err


async def test_a_store_that_is_gone_is_told(nowhere: Shell, redis: RedisServer) -> None:
    redis.kill()
    for words in (("rollback", "triage"), ("get", "triage")):
        done = await nowhere(*words, "--store", redis.url)
        assert done.code == Exit.UNREACHABLE
        assert "the store cannot be" in done.err


async def test_a_wrong_url_is_a_usage_error_that_repeats_nothing(nowhere: Shell) -> None:
    done = await nowhere("rollback", "triage", "--store", f"http://:{CANARY}@h")
    assert done.code == 2
    assert CANARY not in done.err


async def test_a_password_comes_from_the_environment(nowhere: Shell, tmp_path: Path) -> None:
    with RedisServer(tmp_path / "locked", f"requirepass {CANARY}") as server:
        done = await nowhere("rollback", "triage", "--store", server.url, **{PASSWORD: CANARY})
        assert done.code == 1
        assert "no such migration" in done.err
        assert CANARY not in done.err


async def test_one_that_cannot_roll_back_keeps_no_other_from_it(
    nowhere: Shell, redis: RedisServer
) -> None:
    """A history that is no list refuses the one migration's events."""
    redis.cli("SET", "crossfade:{cf}:history:triage", "damaged")
    done = await nowhere("rollback", "--all", "--no-wait", "--store", redis.url)
    assert done.code == 1
    assert "triage is not rolled back" in done.err
    assert await held(redis, "search") == (0, True)
