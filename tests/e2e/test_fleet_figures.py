"""Figures of a fleet: the same on every host, and complete after an outage of the store."""

from __future__ import annotations

from tests.doubles.until import until_beside
from tests.e2e.fleet import Fleet, load
from tests.e2e.process import Crossfade


def counted(host: Crossfade, name: str) -> int:
    arms = host.admin.get(f"/api/migrations/{name}")["arms"]
    return sum(arm["requests"] for arm in arms.values())


async def until_all_counted(fleet: Fleet, name: str, answered: int) -> None:
    """Returns when every host tells of so many requests, or of more."""

    def told() -> bool:
        return all(counted(host, name) >= answered for host in fleet.hosts)

    await until_beside(told)


async def test_every_host_tells_of_all_workers_of_all_hosts(fleet: Fleet) -> None:
    moved = fleet.migrate(weight=50)
    async with load(fleet, moved.asks) as running:
        await running.more(300)
    await until_all_counted(fleet, moved.name, running.answered)
    assert [counted(host, moved.name) for host in fleet.hosts] == [running.answered] * 2
    views = [host.admin.get(f"/api/migrations/{moved.name}")["arms"] for host in fleet.hosts]
    assert views[0] == views[1]
    assert views[0]["candidate"]["latency_ms"]["p95"] > 0
    said = fleet.hosts[0].admin.metrics()
    assert said.value("crossfade_fleet_requests_total", migration=moved.name) == running.answered


async def test_what_a_host_has_answered_is_in_its_own_figures_at_once(fleet: Fleet) -> None:
    moved = fleet.migrate(weight=50)
    alone = fleet._replace(hosts=fleet.hosts[:1])
    for _ in range(3):
        async with load(alone, moved.asks) as running:
            await running.more(40)
        before = counted(fleet.hosts[0], moved.name)
        async with load(alone, moved.asks) as running:
            await running.more(40)
        assert counted(fleet.hosts[0], moved.name) == before + running.answered


async def test_a_store_that_hangs_for_a_while_loses_no_count_and_doubles_none(
    fleet: Fleet,
) -> None:
    """What was pushed when it hung may have been taken: the flush that follows is the same one."""
    moved = fleet.migrate(weight=50)
    async with load(fleet, moved.asks) as running:
        await running.more(100)
        fleet.redis.pause()
        await until_degraded(fleet)
        await running.more(200)
        fleet.redis.go_on()
        await running.more(100)
    assert running.failed == []
    await until_all_counted(fleet, moved.name, running.answered)
    assert [counted(host, moved.name) for host in fleet.hosts] == [running.answered] * 2


async def until_degraded(fleet: Fleet) -> None:
    def told() -> bool:
        return all(host.admin.get("/readyz")["degraded"] for host in fleet.hosts)

    await until_beside(told)
