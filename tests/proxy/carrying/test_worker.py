"""What one worker shares: who gets in, whose connections are whose, and what closing lets go of."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from proxy.carrying.worker import FEW, Worker
from proxy.errors import Invalid, Refused
from proxy.http.head import RequestHead
from proxy.http.http1 import read_request
from proxy.policy import ArmName, Limits, Secret, Snapshot
from proxy.routing.aim import Aim
from tests.doubles.requests import prompt, request
from tests.doubles.stage import Stage
from tests.doubles.worker import Bench, upstream
from tests.proxy.routes import route

TRIAGE = route("triage", share=5000)
OTHER = route("other", model="gpt-4o-mini", share=5000)
BESIDE = msgspec.structs.replace(
    TRIAGE, candidate=msgspec.structs.replace(TRIAGE.candidate, upstream="azure")
)
AZURE = upstream("azure", key=Secret("sk-CANARY-azure"))


class Guest:
    """A client's connection that does as it is told."""

    def drain(self) -> None: ...
    def end_drain(self) -> None: ...
    def abort(self) -> None: ...


def head(*lines: bytes, length: int = 0) -> RequestHead:
    return read_request(request(*lines, b"Content-Length: %d" % length))


def aim(worker: Worker, arm: ArmName, *, model: str = "gpt-4o") -> Aim:
    """The aim of a request that is drawn for this arm."""
    assert worker.routing is not None
    body = prompt(model=model)
    asked = head(length=len(body))
    look = worker.routing.look(asked)
    for number in range(1000):
        found = worker.routing.aim(look, asked, body, b"%d" % number)
        if found.choice is None or found.choice.lane.name is arm:
            return found
    raise AssertionError(arm)


def refusal(worker: Worker, asked: RequestHead) -> str:
    with pytest.raises(Refused) as raised:
        worker.admit(asked)
    return raised.value.failure.code


def test_a_request_is_admitted_to_the_routing_in_force() -> None:
    worker = Bench(upstream()).worker
    assert worker.admit(head()) is worker.routing


def test_a_request_without_a_token_is_told_nothing_else() -> None:
    worker = Bench(upstream(), tokens=("sk-CANARY-client",)).worker
    worker.routing = None
    worker.active = worker.limits.max_streams
    assert refusal(worker, head(length=2**50)) == "unauthorized"
    assert refusal(worker, head(b"X-Api-Key: sk-CANARY-client")) == "not_ready"


def test_no_request_is_admitted_before_a_snapshot_is_there() -> None:
    worker = Bench(upstream()).worker
    worker.routing = None
    assert refusal(worker, head()) == "not_ready"


def test_as_many_exchanges_are_admitted_as_max_streams_says() -> None:
    worker = Bench(upstream(), limits=Limits(max_streams=3)).worker
    worker.active = 2
    worker.admit(head())
    worker.active = 3
    assert refusal(worker, head()) == "overloaded"


def test_a_declared_body_may_be_as_long_as_max_body_says() -> None:
    worker = Bench(upstream(), limits=Limits(max_body=1000)).worker
    worker.admit(head(length=1000))
    assert refusal(worker, head(length=1001)) == "body_too_large"


def test_a_snapshot_that_this_host_cannot_serve_changes_nothing() -> None:
    worker = Bench(upstream()).worker
    before = worker.routing
    with pytest.raises(Invalid, match="azure"):
        worker.swap(Snapshot(epoch=1, version=8, routes=(BESIDE,)))
    assert worker.routing is before


def test_20_hex_digits_never_come_twice() -> None:
    workers = [Bench(upstream()).worker for _ in range(2)]  # two starts of one program
    ids = [worker.unique() for worker in workers for _ in range(100)]
    assert len(set(ids)) == len(ids)
    assert {len(bytes.fromhex(one.decode())) for one in ids} == {10}


@pytest.mark.parametrize(("streams", "most"), [(1, 1 + FEW), (100, 150)])
def test_more_clients_may_be_connected_than_are_served_but_not_many(
    streams: int, most: int
) -> None:
    worker = Bench(upstream(), limits=Limits(max_streams=streams)).worker
    guests = [Guest() for _ in range(most + 1)]
    assert [worker.join(guest) for guest in guests] == [True] * most + [False]
    assert set(worker.connections()) == set(guests)  # also who is refused must be told goodbye
    worker.leave(guests[0])
    worker.leave(guests[1])
    assert worker.join(guests[0])


async def test_all_have_left_where_nobody_was() -> None:
    assert await Bench(upstream()).worker.all_left(0)


async def test_waiting_until_all_have_left_ends_with_the_last_one() -> None:
    worker = Bench(upstream()).worker
    first, last = Guest(), Guest()
    for guest in (first, last):
        worker.join(guest)
    assert not await worker.all_left(0)
    waiting = asyncio.ensure_future(worker.all_left(60))
    await asyncio.sleep(0)
    worker.leave(first)
    await asyncio.sleep(0)
    assert not waiting.done()
    worker.leave(last)
    assert await waiting


def test_each_migration_arm_and_upstream_has_a_pool_of_its_own() -> None:
    worker = Bench(upstream(), AZURE, routes=(TRIAGE, OTHER)).worker
    aims = [
        aim(worker, ArmName.BASELINE, model="unmatched"),
        *(aim(worker, arm, model=model) for arm in ArmName for model in ("gpt-4o", "gpt-4o-mini")),
    ]
    pools = [worker.pool(one) for one in aims]
    assert len(set(map(id, pools))) == 5
    assert [worker.pool(one) for one in aims] == pools
    worker.swap(Snapshot(epoch=1, version=8, routes=(BESIDE,)))
    assert worker.pool(aim(worker, ArmName.BASELINE)) in pools  # warm connections outlive a swap
    moved = worker.pool(aim(worker, ArmName.CANDIDATE))
    assert moved not in pools
    assert moved.destination.upstream.name == "azure"


@pytest.mark.parametrize(("streams", "half"), [(1, 1), (100, 50)])
def test_a_candidate_may_fill_half_of_the_worker_at_the_most(streams: int, half: int) -> None:
    worker = Bench(upstream(), routes=(TRIAGE,), limits=Limits(max_streams=streams)).worker
    assert worker.pool(aim(worker, ArmName.BASELINE)).most == streams
    assert worker.pool(aim(worker, ArmName.CANDIDATE)).most == half
    assert worker.pool(aim(worker, ArmName.BASELINE, model="unmatched")).most == streams


def test_room_is_made_of_what_has_been_idle_for_longest_and_only_when_there_is_none() -> None:
    stage = Stage(limits=Limits(max_streams=3))
    idle = [stage.warm() for _ in range(3)]
    stage.worker.make_room()
    assert not any(transport.closed for transport in idle)
    stage.worker.active = 2  # two exchanges want a connection, beside the three that are idle
    stage.worker.make_room()
    assert [transport.closed for transport in idle] == [True, True, False]


def test_there_is_room_to_make_only_where_something_is_idle() -> None:
    worker = Bench(upstream(), limits=Limits(max_streams=1)).worker
    worker.active = 5
    worker.make_room()  # no pool at all
    worker.pool(aim(worker, ArmName.BASELINE))
    worker.make_room()  # and one that is empty


async def test_closing_cancels_what_waits_and_closes_what_is_idle() -> None:
    stage = Stage()
    warm = stage.warm()
    never = asyncio.Event()

    async def wait() -> None:
        await never.wait()

    task = stage.worker.spawn(wait())
    stage.worker.close()
    await asyncio.wait([task])
    assert task.cancelled()
    assert warm.closed


async def test_what_was_spawned_and_is_done_is_forgotten() -> None:
    worker = Bench(upstream()).worker

    async def nothing() -> None: ...

    await worker.spawn(nothing())
    await asyncio.sleep(0)
    assert worker._tasks == set()
