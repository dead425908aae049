"""Rollbacks of a fleet: with streams running, without Redis, against races, clocks, sleepers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys

from tests.doubles.message import Message
from tests.doubles.raw import RawClient, connected
from tests.doubles.received import Received
from tests.doubles.until import PATIENCE_S, block_until, until_beside
from tests.e2e import canary
from tests.e2e.fleet import WORKERS, Fleet, load
from tests.e2e.process import ROOT, Crossfade
from tests.e2e.shapes import CHAT
from tests.e2e.stage import Migration

STREAMS = 200  # on each host


def crossfade(host: Crossfade, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line, pointed at a host."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = {"CROSSFADE_URL": f"http://{host.control}", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "control.cli", *words],
        env=kept | told | dict(canary.ENVIRON),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def locally(host: Crossfade, verb: str, name: str) -> None:
    """A break-glass command on a host, which needs nothing but its state directory."""
    done = crossfade(host, verb, name, "--local", "--state-dir", str(host.state))
    assert done.returncode == 0, done.stderr


async def test_running_streams_finish_on_their_arm_and_no_new_one_begins_there(
    fleet: Fleet,
) -> None:
    """Failure case 77: 400 streams run, none is cut, and after the answer none is a candidate's."""
    moved = fleet.migrate(weight=100)
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(connected(host.port))
            for host in fleet.hosts
            for _ in range(STREAMS)
        ]
        for client in clients:
            await client.send(CHAT.request(moved.asks, b"X-Mark: running", hold_after=3))
        held = await asyncio.to_thread(_held, fleet, len(clients))
        done = moved.admin.post(moved.name, "rollback")
        assert done["acknowledged"] is True
        assert len(done["timings_ms"]["workers"]) == 4
        before = len(fleet.apis.new.requests)
        async with load(fleet, moved.asks) as running:
            await running.more(200)
        assert running.failed == []
        assert {arm for _, arm in running.arms} == {b"baseline"}
        assert len(fleet.apis.new.requests) == before
        for received in held:
            fleet.apis.go(received)
        answers = await asyncio.gather(*map(RawClient.read_message, clients))
    assert all(map(_whole, answers))
    assert {answer.get(b"x-crossfade-arm") for answer in answers} == {b"candidate"}


def _held(fleet: Fleet, count: int) -> list[Received]:
    """All streams, once each of them waits in the middle of its answer."""
    return [fleet.apis.held("running") for _ in range(count)]


def _whole(answer: Message) -> bool:
    return answer.complete and answer.body.endswith(b"data: [DONE]\n\n")


async def test_without_redis_a_local_rollback_stops_the_candidate_and_stays(fleet: Fleet) -> None:
    """Issue 3, shown 3, and failure case 78: it wins over the old weights that come back."""
    moved = fleet.migrate(weight=100)
    first, second = fleet.hosts
    fleet.redis.kill()
    locally(first, "rollback", moved.name)
    await until_beside(lambda: _obeys(first, moved.name))
    reasons = first.admin.ask("GET", "/readyz").json["reasons"]
    assert any(f"{moved.name} is latched on this host" in reason for reason in reasons)
    assert await _arms(fleet, moved) == {first.port: {b"baseline"}, second.port: {b"candidate"}}
    first.behead()
    first.start()  # without a store, from the last good snapshot
    assert (await _arms(fleet, moved))[first.port] == {b"baseline"}
    _restore(fleet, second)
    moved = moved._replace(admin=second.admin)
    await until_beside(lambda: _reachable(first))
    moved.weigh(90)
    moved.weigh(100)
    await fleet.settled()
    assert (await _arms(fleet, moved))[first.port] == {b"baseline"}
    assert _notes(fleet) == {f"latched {moved.name}"}
    locally(first, "retry", moved.name)
    await until_beside(lambda: _obeys(first, "none"))
    assert await _arms(fleet, moved) == {first.port: {b"candidate"}, second.port: {b"candidate"}}


def _notes(fleet: Fleet) -> set[str]:
    return {note for one in fleet.workers() for note in one["notes"]}


def _obeys(host: Crossfade, latched: str, times: int = 1) -> bool:
    """Whether the parent and every worker of a host have come to a latch so often."""
    event = f"latched_here migrations={latched}"
    return host.events.count(event) >= (1 + WORKERS) * times


def _reachable(host: Crossfade) -> bool:
    reasons = host.admin.ask("GET", "/readyz").json["reasons"]
    return not any("the store is unavailable" in reason for reason in reasons)


def _restore(fleet: Fleet, host: Crossfade) -> None:
    """Redis is back, and somebody brings it the document that the host serves."""
    data = (host.state / "last-good").read_bytes()
    fleet.redis.start()
    assert fleet.redis.cli("SET", "crossfade:{cf}:snapshot", data) == b"OK\n"


async def _arms(fleet: Fleet, moved: Migration) -> dict[int, set[bytes | None]]:
    """The arms that each host's workers serve."""
    async with load(fleet, moved.asks) as running:
        await running.all_round(50)
    assert running.failed == []
    return {
        host.port: {arm for port, arm in running.arms if port == host.port} for host in fleet.hosts
    }


async def test_a_rollback_that_redis_does_not_take_latches_the_host_and_is_repeated(
    fleet: Fleet,
) -> None:
    """Failure case 78: exit code 1 names the other host; once Redis answers, both roll back."""
    moved = fleet.migrate(weight=100)
    first, second = fleet.hosts
    fleet.redis.pause()
    done = await asyncio.to_thread(crossfade, first, "rollback", moved.name)
    assert done.returncode == 1, done
    assert f"not reached: {os.uname().nodename}:{second.pid};" in done.stderr
    await until_beside(lambda: _obeys(first, moved.name))
    assert (await _arms(fleet, moved))[first.port] == {b"baseline"}
    fleet.redis.go_on()
    await until_beside(lambda: moved.view()["latched"])
    await until_beside(lambda: _obeys(first, "none"))
    await fleet.settled()
    arms = await _arms(fleet, moved)
    assert arms == {first.port: {b"baseline"}, second.port: {b"baseline"}}
    history = moved.admin.get(f"/api/migrations/{moved.name}/history")
    assert history[0]["verb"] == "rollback"


async def test_a_rollback_wins_over_weights_that_race_with_it(fleet: Fleet) -> None:
    """Failure case 73: whatever two hosts set meanwhile, it ends latched at weight 0."""
    moved = fleet.migrate(weight=10)
    first, second = fleet.hosts
    over = asyncio.Event()

    def weigh(host: Crossfade, percent: int) -> str | None:
        answer = host.admin.ask(
            "POST", f"/api/migrations/{moved.name}/set-weight", {"percent": percent}
        )
        return None if answer.status == 200 else answer.code

    async def race(host: Crossfade) -> list[str]:
        refusals = []
        for percent in range(11, 1_000):
            code = await asyncio.to_thread(weigh, host, percent % 100 + 1)
            if code is not None:
                refusals.append(code)
            if over.is_set() and len(refusals) >= 3:
                return refusals
        raise AssertionError("nothing refused it")

    async with asyncio.TaskGroup() as tasks:
        racing = [tasks.create_task(race(host)) for host in (first, second, second)]
        done = await asyncio.to_thread(second.admin.post, moved.name, "rollback")
        over.set()
    assert (done["latched"], done["weights"]["candidate"]) == (True, 0)
    assert all(set(task.result()[-3:]) == {"latched"} for task in racing)
    view = moved.view()
    assert (view["latched"], view["weights"]["candidate"], view["version"]) == (
        True,
        0,
        done["version"],
    )


async def test_a_leader_that_slept_writes_nothing_when_it_wakes(fleet: Fleet) -> None:
    """Failure case 74: another one leads meanwhile, and what it did stays."""
    moved = fleet.migrate(weight=10)
    leader, other = _leader(fleet)
    moved = moved._replace(admin=other.admin)
    leader.signal(signal.SIGSTOP)
    try:
        await until_beside(lambda: _leads(other))
        moved.roll_back()
        version = moved.view()["version"]
    finally:
        leader.signal(signal.SIGCONT)
    await until_beside(lambda: leader.admin.get("/readyz")["snapshot_version"] == version)
    await until_beside(lambda: not _leads(leader))
    await fleet.settled()
    view = moved.view()
    assert (view["version"], view["latched"], view["weights"]["candidate"]) == (version, True, 0)
    assert (await _arms(fleet, moved)) == {host.port: {b"baseline"} for host in fleet.hosts}


def _leader(fleet: Fleet) -> tuple[Crossfade, Crossfade]:
    """The host that leads, and the one that stands by."""
    block_until(lambda: any(map(_leads, fleet.hosts)))
    first, second = fleet.hosts
    return (first, second) if _leads(first) else (second, first)


def _leads(host: Crossfade) -> bool:
    return host.admin.metrics().value("crossfade_control_leader") == 1
