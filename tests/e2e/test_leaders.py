"""Two control planes on one Redis: one leads, and one that was stopped does no harm."""

from __future__ import annotations

import signal

import pytest

from proxy.redis import keys
from tests.doubles.redis_server import RedisServer
from tests.doubles.until import block_until
from tests.e2e.conftest import Make
from tests.e2e.process import Crossfade, start_all
from tests.e2e.stage import file

# At weight 0 a step asks for its hold alone, so this ramp needs no traffic to go on.
RAMP = {"steps": [{"weight": 0, "hold": "8s"}, {"weight": 10, "hold": "10m"}]}


def leads(one: Crossfade) -> bool:
    return one.admin.metrics().value("crossfade_control_leader") == 1


@pytest.fixture
def pair(make: Make, redis: RedisServer) -> tuple[Crossfade, Crossfade]:
    """Two that serve on one Redis, the leader first."""
    both = [make({"store": redis.url}) for _ in range(2)]
    start_all(both)
    block_until(lambda: any(map(leads, both)))
    first, second = sorted(both, key=leads, reverse=True)
    return first, second


def steps(one: Crossfade) -> list[object]:
    events = one.admin.get("/api/migrations/m/history")
    assert isinstance(events, list)
    return [event["version"] for event in events if event["verb"] == "step"]


def begun(one: Crossfade) -> None:
    one.admin.put("m", file("m", "asked", **RAMP))
    one.admin.post("m", "start")


def test_a_leader_that_is_stopped_is_succeeded_and_fenced_off(
    pair: tuple[Crossfade, Crossfade],
) -> None:
    first, second = pair
    begun(second)
    first.signal(signal.SIGSTOP)
    try:
        block_until(lambda: leads(second))
        block_until(lambda: bool(steps(second)))
        before = second.admin.get("/api/migrations/m")
    finally:
        first.signal(signal.SIGCONT)
    first.wait_for(lambda: any("control_loop_stands_by" in event for event in first.events))
    assert leads(second)
    assert not leads(first)
    assert len(steps(second)) == 1
    after = second.admin.get("/api/migrations/m")
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (after["version"], after["weights"]) == (
        before["version"],
        {"baseline": 90, "candidate": 10},
    )


def test_a_leader_that_is_killed_is_succeeded_from_the_store_alone(
    pair: tuple[Crossfade, Crossfade],
) -> None:
    first, second = pair
    begun(first)
    first.kill()
    block_until(lambda: leads(second))
    block_until(lambda: bool(steps(second)))
    view = second.admin.get("/api/migrations/m")
    assert isinstance(view, dict)
    assert (view["phase"], view["weights"]["candidate"]) == ("Progressing", 10)


def test_a_leader_that_ends_gives_the_lead_back_at_once(
    pair: tuple[Crossfade, Crossfade], redis: RedisServer
) -> None:
    first, second = pair
    led = redis.cli("GET", keys.LEAD)
    assert first.stop() == 0
    assert redis.cli("GET", keys.LEAD) != led
    block_until(lambda: leads(second))
