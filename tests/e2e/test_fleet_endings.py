"""How a fleet's processes end, and what disks do to them while they run."""

from __future__ import annotations

import asyncio
import signal

import pytest

from tests.doubles.message import Message
from tests.doubles.raw import RawClient, connected
from tests.doubles.received import Received
from tests.doubles.requests import prompt, request
from tests.doubles.until import until_beside
from tests.e2e.asking import connections
from tests.e2e.fleet import WORKERS, Fleet, children, kill, load
from tests.e2e.process import Crossfade
from tests.e2e.shapes import CHAT

STREAMS = 20


def ready(host: Crossfade) -> dict[str, object]:
    body = host.admin.ask("GET", "/readyz").json
    assert isinstance(body, dict)
    return body


async def test_sigterm_lets_the_streams_of_every_worker_finish(fleet: Fleet) -> None:
    """Failure case 82: the parent tells its workers, and ends after them."""
    moved = fleet.migrate(weight=100)
    host = fleet.hosts[0]
    async with connections(host.port, STREAMS) as clients:
        for client in clients:
            await client.send(CHAT.request(moved.asks, b"X-Mark: ending", hold_after=3))
        held = await asyncio.to_thread(_held, fleet, STREAMS)
        host.signal(signal.SIGTERM)
        await asyncio.to_thread(host.wait_for, lambda: _all_drain(host))
        assert ready(host)["draining"] is True
        with pytest.raises(OSError):  # noqa: PT011 - refused, or reset as it closes
            async with connected(host.port) as late:
                await late.ask(CHAT.request(moved.asks))
        for received in held:
            fleet.apis.go(received)
        answers: list[Message] = await asyncio.gather(*map(RawClient.read_message, clients))
    assert all(answer.complete for answer in answers)
    assert host.ended() == 0
    assert host.events[-1] == "drained workers=0"
    host.start()


def _all_drain(host: Crossfade) -> bool:
    return sum(event.startswith("draining streams=") for event in host.events) == WORKERS


def _held(fleet: Fleet, count: int) -> list[Received]:
    """All streams, once each of them waits in the middle of its answer."""
    return [fleet.apis.held("ending") for _ in range(count)]


async def test_when_every_worker_dies_requests_wait_for_the_next_ones(fleet: Fleet) -> None:
    """Failure case 85: the socket is the parent's, so nobody is refused; readiness says no."""
    moved = fleet.migrate(weight=100)
    host = fleet.hosts[0]
    for pid in children(host):
        kill(pid)
    async with connected(host.port) as client:
        answer = await client.ask(request(body=prompt(model=moved.asks)))
        assert (answer.status, answer.get(b"x-crossfade-arm")) == (200, b"candidate")
    await until_beside(lambda: ready(host)["status"] == "ready")
    assert len(children(host)) == WORKERS
    assert sum(event.startswith("worker_restarts") for event in host.events) == WORKERS
    assert host.admin.metrics().value("crossfade_worker_restarts_total") == WORKERS


async def test_a_disk_that_takes_nothing_stops_nobody(fleet: Fleet) -> None:
    """Failure case 86: weights still change, it is told, and what is on the disk stays whole."""
    moved = fleet.migrate(weight=100)
    host = fleet.hosts[0]
    await until_beside((host.state / "last-good").exists)
    before = (host.state / "last-good").read_bytes()
    (host.state / "last-good.unfinished").mkdir()  # stands for any disk that refuses to write
    done = moved.admin.post(moved.name, "set-weight", percent=0)
    assert done["changed"] is True
    async with load(fleet, moved.asks) as running:
        await running.more(100)
    assert running.failed == []
    assert {arm for _, arm in running.arms} == {b"baseline"}
    await until_beside(lambda: _not_saved(host))
    assert (host.state / "last-good").read_bytes() == before
    (host.state / "last-good.unfinished").rmdir()
    await until_beside(lambda: ready(host)["status"] == "ready")
    assert (host.state / "last-good").read_bytes() != before


def _not_saved(host: Crossfade) -> bool:
    reasons = ready(host)["reasons"]
    assert isinstance(reasons, list)
    return any("the last good snapshot is not saved" in reason for reason in reasons)


async def test_a_damaged_last_good_snapshot_gives_way_to_the_one_before(fleet: Fleet) -> None:
    """Failure case 87: flipped bits, no Redis; with nothing whole left a host is not ready."""
    moved = fleet.migrate(weight=100)
    moved.weigh(0)
    host = fleet.hosts[0]
    await until_beside(lambda: ready(host)["status"] == "ready")
    await until_beside(lambda: _saved(host, ready(host)["snapshot_version"]))
    fleet.redis.kill()
    await _end(host)
    _flip(host, "last-good")
    host.start()
    assert ready(host)["status"] == "degraded"
    async with connected(host.port) as client:
        answer = await client.ask(request(body=prompt(model=moved.asks)))
    assert answer.get(b"x-crossfade-arm") == b"candidate"  # as it was before the last change
    await _end(host)
    for name in ("last-good", "last-good.previous"):
        _flip(host, name)
    host.start()
    assert host.admin.ask("GET", "/readyz").status == 503
    async with connected(host.port) as client:
        answer = await client.ask(request(body=prompt(model=moved.asks)))
    assert answer.status == 503


def _saved(host: Crossfade, version: object) -> bool:
    return f'"version":{version},'.encode() in (host.state / "last-good").read_bytes()


def _flip(host: Crossfade, name: str) -> None:
    path = host.state / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


async def _end(host: Crossfade) -> None:
    """Kills the parent and its workers, who would serve on for a while."""
    workers = children(host)
    host.behead()
    for pid in workers:
        kill(pid)
