"""Two hosts of two workers each on one real Redis: what they agree on, and what kills do to it."""

from __future__ import annotations

import asyncio
import os
import signal

from tests.doubles.until import until_beside
from tests.e2e.fleet import WORKERS, Fleet, children, kill, load


async def test_a_weight_is_acknowledged_by_all_four_workers(fleet: Fleet) -> None:
    """Issue 3, shown 2: each worker says when it served the new weight."""
    moved = fleet.migrate()
    done = moved.admin.post(moved.name, "set-weight", percent=25)
    assert done["acknowledged"] is True
    assert len(done["timings_ms"]["workers"]) == 4
    assert max(done["timings_ms"]["workers"].values()) <= done["timings_ms"]["acknowledged"]
    assert {one["version"] for one in fleet.workers()} == {done["version"]}
    await until_beside(lambda: shown(fleet) == {done["version"]})


def shown(fleet: Fleet) -> set[object]:
    """The versions that the hosts are ready with."""
    return {host.admin.get("/readyz")["snapshot_version"] for host in fleet.hosts}


async def test_a_killed_worker_costs_only_what_it_was_serving(fleet: Fleet) -> None:
    """Failure case 84: the rest is served and counted, a second's counts at most are lost."""
    moved = fleet.migrate(weight=50)
    host = fleet.hosts[0]
    async with load(fleet, moved.asks) as running:
        await running.more(200)
        victim = children(host)[0]
        kill(victim)
        await running.more(400)
        await until_beside(lambda: len(children(host)) == WORKERS)
        await until_beside(lambda: host.admin.get("/readyz")["status"] == "ready")
        await running.more(200)
    assert victim not in children(host)
    assert len(running.failed) <= 4, running.failed  # the host's clients, one request each
    arms = {arm for _, arm in running.arms}
    assert arms == {b"baseline", b"candidate"}
    await until_beside(lambda: counted(fleet, moved.name) >= running.answered - 400)
    assert counted(fleet, moved.name) <= running.answered + len(running.failed)


def counted(fleet: Fleet, name: str) -> float:
    """The requests that both hosts' /metrics tell of."""
    return sum(
        host.admin.metrics().value("crossfade_requests_total", migration=name)
        for host in fleet.hosts
    )


async def test_every_request_is_counted_once_over_all_workers(fleet: Fleet) -> None:
    moved = fleet.migrate(weight=50)
    async with load(fleet, moved.asks) as running:
        await running.more(400)
    assert running.failed == []
    await until_beside(lambda: counted(fleet, moved.name) >= running.answered)
    assert counted(fleet, moved.name) == running.answered


async def test_a_killed_controller_costs_no_request_and_a_new_one_takes_over(fleet: Fleet) -> None:
    """Failure case 85: its workers serve on, the other host decides, the next parent succeeds."""
    first, second = fleet.hosts
    moved = fleet.migrate(weight=50)
    orphans = children(first)
    port = first.port
    first.config = {**first.config, "listen": f"127.0.0.1:{port}"}
    async with load(fleet, moved.asks) as running:
        await running.more(100)
        first.behead()
        await running.more(100)
        assert all(map(alive, orphans))
        moved = moved._replace(admin=second.admin)
        moved.weigh(60)
        await asyncio.to_thread(first.start)
        assert first.port == port
        await until_beside(lambda: not any(map(alive, orphans)))
        await running.more(100)
    assert running.failed == []
    assert len(children(first)) == WORKERS
    assert first.admin.get(f"/api/migrations/{moved.name}")["weights"]["candidate"] == 60


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_killed_redis_costs_no_request_and_the_weights_hold(fleet: Fleet) -> None:
    """Issue 3, shown 2, and failure case 67."""
    moved = fleet.migrate(weight=100)
    async with load(fleet, moved.asks) as running:
        await running.more(100)
        fleet.redis.kill()
        await until_beside(
            lambda: all(host.admin.get("/readyz")["degraded"] for host in fleet.hosts)
        )
        await running.more(200)
        refused = moved.admin.ask(
            "POST", f"/api/migrations/{moved.name}/set-weight", {"percent": 1}
        )
        assert (refused.status, refused.code) == (503, "store_unavailable")
    assert running.failed == []
    assert {arm for _, arm in running.arms} == {b"candidate"}


async def test_a_rolling_restart_under_load_fails_no_request(fleet: Fleet) -> None:
    """Failure case 83: 2,000 short requests while every worker of both hosts is replaced."""
    moved = fleet.migrate(weight=50)
    before = [set(children(host)) for host in fleet.hosts]
    async with load(fleet, moved.asks) as running:
        await running.more(300)
        for host in fleet.hosts:
            host.signal(signal.SIGHUP)
        for host in fleet.hosts:
            await asyncio.to_thread(
                host.wait_for,
                lambda host=host: f"rolling_restarted workers={WORKERS}" in host.events,
            )
        for host, old in zip(fleet.hosts, before, strict=True):
            await until_beside(lambda host=host, old=old: not old & set(children(host)))
        await running.more(max(300, 2_000 - running.answered))
    assert running.failed == []
    assert running.answered >= 2_000
    assert all(len(children(host)) == WORKERS for host in fleet.hosts)
