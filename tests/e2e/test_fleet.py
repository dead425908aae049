"""Two hosts of two workers each on one real Redis: what they agree on, and what kills do to it."""

from __future__ import annotations

import asyncio

from tests.e2e.fleet import WORKERS, Fleet


def all_there(fleet: Fleet) -> bool:
    return len(fleet.workers()) == WORKERS * len(fleet.hosts)


async def test_a_weight_is_acknowledged_by_all_four_workers(fleet: Fleet) -> None:
    """Issue 3, shown 2: each worker says when it served the new weight."""
    moved = fleet.migrate()
    await asyncio.to_thread(fleet.until, lambda: all_there(fleet))
    done = moved.admin.post(moved.name, "set-weight", percent=25)
    assert done["acknowledged"] is True
    assert len(done["timings_ms"]["workers"]) == 4
    assert max(done["timings_ms"]["workers"].values()) <= done["timings_ms"]["acknowledged"]
    assert {one["version"] for one in fleet.workers()} == {done["version"]}
    for host in fleet.hosts:
        assert host.admin.get("/readyz")["snapshot_version"] == done["version"]
