"""One worker process as its parent sees it: what it says, when it ends, what is misunderstood."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from control.hosting.child import Child
from control.hosting.listening import listening
from control.store.embedded import EmbeddedStore
from proxy.errors import Invalid
from proxy.running.frames import MAX_FRAME, Kind, Standing, frame
from proxy.running.settings import encode
from tests.control.store.contract import commit
from tests.proxy.running.test_alone import settings

CANARY = "sk-CANARY-child"


@asynccontextmanager
async def started(said: bytes) -> AsyncIterator[Child]:
    sockets = listening(["127.0.0.1:0"])
    child = Child(lambda _: None)
    try:
        await child.start(said, sockets)
        yield child
    finally:
        child.signal(signal.SIGKILL)
        await child.ended()
        for one in sockets:
            one.close()


async def test_a_worker_serves_and_ends_well_when_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", CANARY)
    store = EmbeddedStore(tmp_path)
    await commit(store, 1)
    async with started(encode(settings(tmp_path))) as child:
        assert await child.serves(30.0)
        child.end()
        child.end()  # a second time says nothing new
        assert await child.ended() == 0
        assert child.standing is not None
        assert (child.standing.version, child.standing.draining) == (1, True)
        assert not await child.serves(30.0)
        child.signal(signal.SIGTERM)  # to nobody
    await store.close()


async def test_one_that_cannot_start_is_noticed_at_once() -> None:
    async with started(b"no settings") as child:
        assert not await child.serves(30.0)
        assert await child.ended() == 1


async def test_one_that_is_not_ready_in_time_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", CANARY)
    async with started(encode(settings(tmp_path))) as child:
        assert not await child.serves(0.0)


def test_what_a_worker_says_is_heard() -> None:
    heard: list[bytes] = []
    child = Child(heard.append)
    child.data_received(frame(Kind.READY) + frame(Kind.DELTA, b"d"))
    child.data_received(frame(Kind.STANDING, b'{"worker": "w", "version": 3}'))
    assert child.ready.is_set()
    assert heard == [b"d"]
    assert child.standing == Standing(worker="w", version=3)
    child.leave()  # without a connection nobody hears it


async def test_nobody_waits_for_a_flush_of_one_that_has_ended() -> None:
    async with started(b"no settings") as child:
        flushing = asyncio.ensure_future(child.flush())
        await child.ended()
        await flushing
        await child.flush()


@pytest.mark.parametrize(
    "said",
    [
        frame(Kind.LEAVE),
        frame(Kind.STANDING, b"nonsense"),
        bytes((Kind.DELTA,)) + (MAX_FRAME + 1).to_bytes(4),
    ],
)
def test_a_worker_that_talks_nonsense_is_ended(
    said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    Child(lambda _: None).data_received(said)
    assert "worker_misunderstood" in caplog.text


def test_nonsense_is_invalid() -> None:
    with pytest.raises(Invalid, match="LOOK"):
        Child(lambda _: None)._heard(Kind.LOOK, b"")
