"""A request's way to its upstream: when a connection is reused, repeated on, or thrown away."""

from __future__ import annotations

import asyncio

import pytest

from proxy.carrying.leg import APART
from proxy.carrying.resolve import Resolver
from proxy.exchange import Outcome
from proxy.policy import ArmName, Limits
from tests.doubles.message import head_of
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat, chunked, get, prompt, request
from tests.doubles.stage import Stage
from tests.doubles.transport import Transport
from tests.doubles.wire import Wire
from tests.doubles.worker import upstream
from tests.proxy.routes import route

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def stage() -> Stage:
    return Stage()


def framing(transport: Transport) -> tuple[int | None, bool, bytes]:
    """The length, whether it is chunked, and the raw body of what was sent up."""
    head, blank, body = transport.clear().partition(b"\r\n\r\n")
    sent = head_of(head + blank)
    return sent.length, sent.chunked, body


def test_a_sized_body_that_is_at_hand_goes_up_with_its_head(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(request(body=b"hello"))
    assert framing(up) == (5, False, b"hello")


@pytest.mark.parametrize("room", [None, 100, APART])
@pytest.mark.parametrize("pad", [0, APART])
def test_a_body_of_any_length_goes_up_whole_and_once(room: int | None, pad: int) -> None:
    stage = Stage(routes=(route(),))
    up, client = (
        stage.warm(room=room, pool=stage.arm_pool(route(), ArmName.BASELINE)),
        stage.client(),
    )
    body = prompt() + b" " * pad
    client.receive(request(body=body))
    up.drain()
    assert framing(up) == (len(body), False, body)


def test_a_sized_body_that_comes_later_goes_up_as_it_comes(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(request(b"Content-Length: 5"))
    assert framing(up) == (5, False, b"")
    client.receive(b"he")
    client.receive(b"llo")
    assert up.clear() == b"hello"


def test_a_chunked_body_goes_up_in_chunks_of_our_own(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(request(b"Transfer-Encoding: chunked"))
    assert framing(up) == (None, True, b"")
    client.receive(b"2;x=y\r\nhe\r\n3\r\nllo\r\n")
    assert up.clear() == b"5\r\nhello\r\n"
    client.receive(b"0\r\nX: 1\r\n\r\n")
    assert up.clear() == b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "length"), [(b"POST", 0), (b"PUT", 0), (b"PATCH", 0), (b"GET", None)]
)
def test_a_request_without_a_body_says_so_where_one_is_usual(
    stage: Stage, method: bytes, length: int | None
) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(request(method=method))
    assert framing(up) == (length, False, b"")


def test_a_finished_connection_serves_again(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    for _ in range(3):
        client.receive(chat())
        up.receive(ANSWER)
    assert (stage.idle, stage.pool.busy) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER.replace(b"\r\n", b"\r\nConnection: close\r\n", 1),
        ANSWER.replace(b"1.1", b"1.0", 1),
        ANSWER + b"x",
    ],
)
def test_a_connection_that_is_not_at_its_end_is_thrown_away(stage: Stage, answer: bytes) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(chat())
    up.receive(answer)
    assert client.written.endswith(b"hi")
    assert (up.aborted, stage.idle, stage.pool.busy) == (True, 0, 0)


def test_a_connection_whose_request_is_not_complete_is_thrown_away(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(request(b"Content-Length: 5"))
    up.receive(ANSWER)
    assert up.aborted
    assert b"Connection: close" in client.written


def test_a_connection_whose_request_has_not_all_left_is_thrown_away(stage: Stage) -> None:
    """What is left of it would stand before the next request."""
    up, client = stage.warm(room=100), stage.client()
    client.receive(request(body=b"x" * 1000))
    up.receive(ANSWER)
    assert client.written.endswith(b"hi")
    assert (up.aborted, stage.idle) == (True, 0)


def test_a_client_that_leaves_ends_the_upstreams_work(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(chat())
    client.receive_eof()
    assert (up.aborted, stage.pool.busy) == (True, 0)


def test_an_arm_has_so_much_room_and_no_more() -> None:
    stage = Stage(limits=Limits(max_streams=2))
    up = stage.warm()
    stage.pool.most = 1
    first, second = stage.client(), stage.client()
    first.receive(chat())
    second.receive(chat())
    assert b"arm_overloaded" in second.clear()
    assert [exchange.outcome for exchange in stage.exchanges] == [Outcome.PROXY_ERROR]
    up.receive(ANSWER)
    second.receive(chat())
    assert stage.pool.busy == 1


def test_the_upload_waits_for_an_upstream_that_is_full(stage: Stage) -> None:
    up, client = stage.warm(room=0), stage.client()
    client.receive(request(b"Content-Length: 9"))
    assert client.paused
    up.drain()
    assert not client.paused
    client.receive(b"x" * 9)
    assert up.written.endswith(b"x" * 9)


async def dead_then_good(wire: Wire, wires: list[Wire]) -> None:
    await wire.read_message()
    await wire.send(ANSWER)
    if wire is wires[0]:
        await wire.more()
        wire.reset()
    else:
        await wire.more()


@pytest.mark.parametrize(
    ("sent", "routed", "status"),
    [
        (get(), False, 200),
        (request(method=b"PUT"), False, 200),
        (request(b"Idempotency-Key: 1"), False, 200),
        (request(), False, 502),
        (get(b"/v1/x", b"Content-Length: 3") + b"abc", False, 502),  # passed on and not kept
        (chat(b"Idempotency-Key: 1"), False, 502),
        (chat(b"Idempotency-Key: 1"), True, 200),
        (chunked([prompt()], b"Idempotency-Key: 1"), True, 200),
        (chat(), True, 502),
    ],
)
async def test_a_dead_connection_is_replaced_where_a_repeat_is_safe(
    sent: bytes, routed: bool, status: int
) -> None:
    """It must be idempotent by its method or by its key, and its body at hand."""
    async with (
        RawUpstream(lambda wire: dead_then_good(wire, up.wires)) as up,
        running(toward(up), routes=(route(),) if routed else ()) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat() if routed else get())).status == 200
        assert (await client.ask(sent)).status == status


async def test_the_body_waits_while_a_connection_is_made() -> None:
    go = asyncio.Event()

    async def act(wire: Wire) -> None:
        assert (await wire.read_message()).body == b"abcdefgh"
        await wire.send(ANSWER)
        await wire.closed()

    async with RawUpstream(act) as server, running(toward(server)) as proxy:
        async with proxy.client() as client:
            await client.send(request(b"Content-Length: 8") + b"abc")
            await client.send(b"def")
            go.set()
            await client.send(b"gh")
            assert (await client.read_message()).body == b"hi"
        assert proxy.idle == 1


async def test_a_connection_that_fails_answers_what_waits_for_it() -> None:
    async with RawUpstream(Wire.closed) as gone:
        pass
    async with running(upstream(port=gone.port)) as proxy, proxy.client() as client:
        answer = await client.ask(request(b"Content-Length: 8") + b"abc")
        assert (answer.status, answer.get(b"connection")) == (502, b"close")
        assert proxy.ledger.troubles["upstream_unreachable"] == 1


async def test_a_fault_while_connecting_is_our_own() -> None:
    class Broken(Resolver):
        async def addresses(self, host: str, port: int) -> tuple[str, ...]:
            raise ValueError("CANARY")

    async with running(upstream()) as proxy, proxy.client() as client:
        proxy.worker._resolver = Broken(proxy.clock)
        answer = await client.ask(get())
        assert (answer.status, b"internal_error" in answer.body) == (500, True)
        assert (await proxy.exchange()).outcome is Outcome.PROXY_ERROR
