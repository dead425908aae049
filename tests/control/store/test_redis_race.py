"""Operators who race: a hundred at a time, in processes of their own, on one real Redis."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter

import pytest

from control.store import Conflict
from control.store.redis import RedisStore
from tests.control.store.contract import commit
from tests.doubles.documents import document
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer

PROCESSES, EACH, VERSIONS = 4, 25, 5

# Each of its operators commits onto every version in turn, and says which commits were accepted.
RACER = """
import asyncio, sys
from control.store import Conflict
from control.store.redis import RedisStore
from tests.control.store.contract import commit
from tests.doubles.patience import patient
from tests.doubles.until import until

async def reached(store, version):
    return (await store.read()).version >= version

async def race(store, operator):
    for version in range(2, {versions} + 2):
        await until(lambda: reached(store, version - 1))
        try:
            await commit(store, version, share=operator)
        except Conflict as conflict:
            assert conflict.current >= version
        else:
            print(version, operator, flush=True)

async def main(url, number):
    link = patient(url)
    store = RedisStore(link)
    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(race(store, number * 100 + one) for one in range({each})))
    await link.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""

# Reads, is stopped for as long as it likes, and commits what it decided then.
PAUSED = """
import asyncio, sys
from control.store import Conflict
from control.store.redis import RedisStore
from tests.control.store.contract import commit
from tests.doubles.patience import patient

async def main(url):
    link = patient(url)
    store = RedisStore(link)
    version = (await store.read()).version
    print("decided", flush=True)
    sys.stdin.readline()
    try:
        await commit(store, version + 1, share=9_000)
    except Conflict as conflict:
        print("fenced off at", conflict.current, flush=True)
    await link.close()

asyncio.run(main(sys.argv[1]))
"""


async def started(script: str, *words: object) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, *map(str, words)), stdin=PIPE, stdout=PIPE
    )


async def test_of_a_hundred_operators_exactly_one_wins_each_version(redis: RedisServer) -> None:
    link = patient(redis.url)
    store = RedisStore(link)
    await commit(store, 1)
    script = RACER.format(versions=VERSIONS, each=EACH)
    racers = [await started(script, redis.url, number) for number in range(PROCESSES)]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(racer.communicate(b"go\n") for racer in racers))
    won = [line.split() for out, _ in told for line in out.decode().splitlines()]
    assert Counter(int(version) for version, _ in won) == dict.fromkeys(range(2, VERSIONS + 2), 1)
    winners = {int(version): int(operator) for version, operator in won}
    last = VERSIONS + 1
    assert await store.read() == (last, document(last, share=winners[last]))
    history = await store.history("triage", 1_000)
    assert [change.version for change in history] == list(range(last, 0, -1))
    await link.close()


async def test_one_that_was_stopped_in_between_cannot_write(redis: RedisServer) -> None:
    link = patient(redis.url)
    store = RedisStore(link)
    await commit(store, 1)
    stopped = await started(PAUSED, redis.url)
    assert stopped.stdout is not None
    assert await stopped.stdout.readline() == b"decided\n"
    os.kill(stopped.pid, signal.SIGSTOP)
    assert await store.lead("another", 60)
    await commit(store, 2)
    os.kill(stopped.pid, signal.SIGCONT)
    out, _ = await stopped.communicate(b"go\n")
    assert out == b"fenced off at 2\n"
    with pytest.raises(Conflict):
        await commit(store, 2)
    assert await store.read() == (2, document(2))
    await link.close()
