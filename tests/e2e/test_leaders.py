"""Two control planes on one Redis: one leads, and one that was stopped does no harm."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from tests.doubles.redis_server import RedisServer
from tests.e2e.conftest import Make
from tests.e2e.process import Crossfade
from tests.e2e.stage import file

PATIENCE_S = 30.0
# At weight 0 a step asks for its hold alone, so this ramp needs no traffic to go on.
RAMP = {"steps": [{"weight": 0, "hold": "8s"}, {"weight": 10, "hold": "10m"}]}


def until(holds: Callable[[], bool], what: str) -> None:
    """Asks again and again, over HTTP, until it is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, what


def leads(one: Crossfade) -> bool:
    return one.admin.metrics().value("crossfade_control_leader") == 1


@pytest.fixture
def pair(make: Make, redis: RedisServer) -> tuple[Crossfade, Crossfade]:
    """Two that serve on one Redis, the leader first."""
    both = [make({"store": redis.url}) for _ in range(2)]
    for one in both:
        one.start()
    until(lambda: any(map(leads, both)), "nobody leads")
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
        until(lambda: leads(second), "nobody succeeds the stopped leader")
        until(lambda: bool(steps(second)), "the ramp does not go on")
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
    until(lambda: leads(second), "nobody succeeds the killed leader")
    until(lambda: bool(steps(second)), "the ramp does not go on")
    view = second.admin.get("/api/migrations/m")
    assert isinstance(view, dict)
    assert (view["phase"], view["weights"]["candidate"]) == ("Progressing", 10)


def test_a_leader_that_ends_gives_the_lead_back_at_once(
    pair: tuple[Crossfade, Crossfade],
) -> None:
    first, second = pair
    assert first.stop() == 0
    began = time.monotonic()
    until(lambda: leads(second), "nobody succeeds the leader")
    assert time.monotonic() - began < PATIENCE_S
