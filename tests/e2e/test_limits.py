"""Bounds on time and number: what is too slow or too many is refused, and nobody else feels it."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack

import pytest

from proxy.routing.breaker import FAILURES
from tests.doubles.message import Message
from tests.doubles.raw import connected
from tests.doubles.requests import chat, get, prompt, request
from tests.doubles.until import until_beside
from tests.e2e.asking import ask, connections
from tests.e2e.conftest import Make
from tests.e2e.shapes import CHAT
from tests.e2e.stage import Migration, Stage, stage


def code(answer: Message) -> str:
    return str(json.loads(answer.body)["error"]["code"])


async def test_slow_heads_are_let_go_while_others_are_served(hasty: Stage) -> None:
    """Slowloris: more of them than may stream, each with half a head."""
    async with connections(hasty.crossfade.port, 50) as slow:
        for client in slow:
            await client.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: crossfade\r\nX-A")
        seen = await ask(hasty.crossfade, hasty.apis, request(body=prompt()))
        assert seen.answer.status == 200
        for client in slow:
            answer = await client.read_message()
            assert (answer.status, code(answer)) == (408, "header_timeout")
            await client.closed()


async def test_an_upstream_that_says_nothing_is_given_up(hasty: Stage) -> None:
    moved = hasty.migrate(weight=100)
    before = len(hasty.apis.new.requests)
    async with connected(hasty.crossfade.port) as client:
        answer = await client.ask(chat(model=moved.asks, hold_head=True))
        assert (answer.status, code(answer)) == (504, "first_byte_timeout")
        again = await client.ask(chat(model=moved.asks))
        assert again.status == 200
    first, _ = hasty.apis.new.requests[before:]
    await asyncio.to_thread(hasty.apis.run, first.disconnected.wait())
    candidate = moved.view()["arms"]["candidate"]
    assert (candidate["requests"], candidate["errors"]) == (2, 1)
    metrics = moved.admin.metrics()
    timed_out = {"migration": moved.name, "outcome": "upstream_timeout"}
    assert metrics.value("crossfade_requests_total", **timed_out) == 1


async def test_a_stream_that_stands_still_ends_with_an_error_event(hasty: Stage) -> None:
    moved = hasty.migrate(weight=100)
    async with connected(hasty.crossfade.port) as client:
        answer = await client.ask(CHAT.request(moved.asks, hold_after=3))
        assert not answer.complete
        last = answer.body.removesuffix(b"\n\n").rpartition(b"data: ")[2]
        assert json.loads(last)["error"]["code"] == "stream_idle_timeout"
        await client.closed()
    received = hasty.apis.new.requests[-1]
    await asyncio.to_thread(hasty.apis.run, received.disconnected.wait())
    assert moved.view()["arms"]["candidate"]["errors"] == 1


@pytest.mark.parametrize("status", [429, 500, 503, 529])
async def test_nothing_is_tried_twice(shared: Stage, status: int) -> None:
    """No retry storm: the callers' own SDKs decide, and crossfade adds nothing to it."""
    moved = shared.migrate(weight=100)
    upstreams = (shared.apis.old, shared.apis.new)
    before = [len(upstream.requests) for upstream in upstreams]
    async with connected(shared.crossfade.port) as client:
        for _ in range(30):
            answer = await client.ask(chat(model=moved.asks, status=status))
            assert answer.status == status
    after = [len(upstream.requests) for upstream in upstreams]
    # The worker's breaker spares a candidate that has failed so often in a row.
    assert [late - early for early, late in zip(before, after, strict=True)] == [
        30 - FAILURES,
        FAILURES,
    ]
    assert moved.view()["arms"]["candidate"]["errors"] == FAILURES


@pytest.mark.parametrize(
    "after", ["7", "0", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1e9", "99999999999", "soon"]
)
async def test_retry_after_passes_as_it_is(shared: Stage, after: str) -> None:
    moved = shared.migrate(weight=100)
    raw = chat(model=moved.asks, status=429, retry_after=after)
    seen = await ask(shared.crossfade, shared.apis, raw)
    assert seen.answer.status == 429
    assert seen.answer.get(b"retry-after") == after.encode()
    assert moved.view()["weights"]["candidate"] == 100


@pytest.fixture
def narrow(make: Make, shared: Stage) -> Stage:
    """A crossfade with room for ten."""
    crossfade = make({"limits": {"max_streams": 10}})
    crossfade.start()
    return stage(crossfade, shared.apis)


async def test_a_hanging_candidate_leaves_the_baseline_its_room(narrow: Stage) -> None:
    moved, stayed = narrow.migrate(weight=100), narrow.migrate()
    async with connections(narrow.crossfade.port, 5) as hanging:
        for number, client in enumerate(hanging):
            mark = f"X-Mark: {moved.name}-narrow-{number}".encode()
            await client.send(chat(mark, model=moved.asks, hold_head=True))
            await asyncio.to_thread(narrow.apis.held, f"{moved.name}-narrow-{number}")
        async with connected(narrow.crossfade.port) as client:
            refused = await client.ask(chat(model=moved.asks))
            assert (refused.status, code(refused)) == (503, "arm_overloaded")
            assert refused.get(b"retry-after") == b"1"
            for _ in range(20):
                assert (await client.ask(chat(model=stayed.asks))).status == 200
    outcomes = {"migration": moved.name, "outcome": "proxy_error"}
    assert moved.admin.metrics().value("crossfade_requests_total", **outcomes) == 1
    assert moved.view()["arms"]["candidate"]["errors"] == 0


async def test_beyond_max_streams_there_is_a_503_and_then_room_again(narrow: Stage) -> None:
    moved = narrow.migrate()
    async with connections(narrow.crossfade.port, 10) as hanging:
        held = []
        for number, client in enumerate(hanging):
            mark = f"{moved.name}-full-{number}"
            await client.send(chat(f"X-Mark: {mark}".encode(), model=moved.asks, hold_head=True))
            held.append(await asyncio.to_thread(narrow.apis.held, mark))
        async with connected(narrow.crossfade.port) as client:
            refused = await client.ask(chat(model=moved.asks))
            assert (refused.status, code(refused)) == (503, "overloaded")
            assert refused.get(b"retry-after") == b"1"
        for received in held:
            narrow.apis.go(received)
        answers = [await client.read_message() for client in hanging]
    assert [answer.status for answer in answers] == [200] * 10
    seen = await ask(narrow.crossfade, narrow.apis, chat(model=moved.asks))
    assert seen.answer.status == 200


async def test_hang_ups_leave_nothing_behind(shared: Stage) -> None:
    """A thousand requests, each fifth of which is given up at another moment."""
    moved = shared.migrate(weight=50)

    async def some(first: int) -> None:
        for number in range(first, 1_000, 10):
            async with connected(shared.crossfade.port) as client:
                await client.send(CHAT.request(moved.asks))
                match number // 10 % 10:
                    case 0:
                        client.reset()
                    case 1:
                        await client.read_head()
                        client.reset()
                    case _:
                        assert (await client.read_message()).complete

    await asyncio.gather(*map(some, range(10)))
    await until_beside(lambda: _active(moved) == 0)
    arms = moved.view()["arms"].values()
    assert sum(arm["requests"] for arm in arms) == 1_000
    assert sum(arm["errors"] for arm in arms) == 0
    assert sum(arm["client_cancelled"] for arm in arms) <= 200


def _active(moved: Migration) -> float:
    return moved.admin.metrics().value("crossfade_active_streams")


FILES = 128
MOST = int((FILES - 64) / 2.5)


@pytest.fixture
def poor(make: Make, shared: Stage) -> Stage:
    """A crossfade that may have few files open."""
    crossfade = make(prefix=("prlimit", f"--nofile={FILES}:{FILES}"))
    crossfade.start()
    return stage(crossfade, shared.apis)


async def test_few_files_mean_few_streams_and_no_silent_close(poor: Stage) -> None:
    """Everyone who connects gets an answer: a stream, or a 503 that says so."""
    moved = poor.migrate()
    async with AsyncExitStack() as stack:
        answers = []
        for number in range(FILES):
            client = await stack.enter_async_context(connected(poor.crossfade.port))
            mark = f"X-Mark: {moved.name}-poor-{number}".encode()
            await client.send(CHAT.request(moved.asks, mark, hold_after=1))
            answers.append((client, await client.read_head()))
        statuses = [head.status for _, head in answers]
        served = statuses.count(200)
        assert served == MOST
        assert statuses == [200] * served + [503] * (FILES - served)
        for number, (client, _) in enumerate(answers[:served]):
            held = await asyncio.to_thread(poor.apis.held, f"{moved.name}-poor-{number}")
            poor.apis.go(held)
            await client.until(b"data: [DONE]\n\n")
    seen = await ask(poor.crossfade, poor.apis, get(b"/v1/models"))
    assert seen.answer.status == 200


async def test_idle_connections_of_one_arm_make_room_for_another(poor: Stage) -> None:
    """Each arm keeps connections of its own ready, and together they are still bounded."""
    async with connections(poor.crossfade.port, MOST) as clients:
        for _ in range(6):
            raw = chat(model=poor.migrate().asks)
            answers = await asyncio.gather(*(client.ask(raw) for client in clients))
            assert [answer.status for answer in answers] == [200] * MOST
    assert poor.crossfade.admin.metrics().value("crossfade_upstream_troubles_total") == 0


async def test_idle_clients_cannot_take_the_last_files(poor: Stage) -> None:
    """Those who connect and say nothing are bounded too; the admin API stays in reach."""
    async with AsyncExitStack() as stack:
        idle = [
            await stack.enter_async_context(connected(poor.crossfade.port)) for _ in range(FILES)
        ]
        assert poor.crossfade.admin.ask("GET", "/healthz").status == 200
        answers = []
        for client in idle:
            try:
                answers.append((await client.ask(get(b"/v1/models"))).status)
            except (AssertionError, ConnectionError):
                answers.append(0)
    assert set(answers) == {200, 503}
