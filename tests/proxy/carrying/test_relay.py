"""One exchange, read by read: how it is answered, how it may end, and that it ends once."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from proxy.exchange import Outcome
from proxy.policy import ArmName, Limits
from tests.doubles.message import Message, head_of
from tests.doubles.requests import chat, get, request
from tests.doubles.stage import Stage
from tests.doubles.transport import Transport
from tests.doubles.worker import upstream
from tests.proxy.routes import route

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SAID = b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
EXTRA = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\n'
DONE = b"data: [DONE]\n\n"
LAST = b"0\r\n\r\n"


@pytest.fixture
def stage() -> Stage:
    return Stage()


def chunk(payload: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(payload), payload)


def answer(client: Transport) -> Message:
    """The one answer that the client has got."""
    head, blank, body = client.clear().partition(b"\r\n\r\n")
    return head_of(head + blank).with_body(body, complete=True)


def code(client: Transport) -> str:
    return str(json.loads(answer(client).body)["error"]["code"])


def outcomes(stage: Stage) -> list[Outcome]:
    return [exchange.outcome for exchange in stage.exchanges]


def test_an_answer_is_passed_on_as_it_comes(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(chat(stream=True))
    up.receive(STREAM + chunk(SAID))
    assert client.clear().endswith(chunk(SAID))
    up.receive(chunk(SAID + DONE))
    assert client.clear() == chunk(SAID + DONE)
    assert outcomes(stage) == []
    up.receive(LAST)
    assert client.clear() == LAST
    assert outcomes(stage) == [Outcome.OK]


def test_the_answer_of_an_arm_says_which(stage: Stage) -> None:
    one = route(share=10_000)
    stage = Stage(routes=(one,))
    up, client = stage.warm(pool=stage.arm_pool(one, ArmName.CANDIDATE)), stage.client()
    client.receive(chat())
    sent = json.loads(up.written.partition(b"\r\n\r\n")[2])
    assert (sent["model"], sent["temperature"]) == ("gpt-4o-mini", 0.2)
    up.receive(SIZED)
    assert answer(client).get(b"x-crossfade-arm") == b"candidate"
    assert stage.exchanges[0].arm is ArmName.CANDIDATE


def test_the_event_that_crossfade_asked_for_is_taken_out_and_counted() -> None:
    one = route()
    stage = Stage(upstream(inject_usage=True), routes=(one,))
    up, client = stage.warm(pool=stage.arm_pool(one, ArmName.BASELINE)), stage.client()
    client.receive(chat(stream=True))
    assert b'"include_usage":true' in up.written
    up.receive(STREAM + chunk(SAID) + chunk(EXTRA) + chunk(DONE) + LAST)
    body = answer(client).body
    assert SAID in body
    assert DONE in body
    assert b"usage" not in body
    usage = stage.exchanges[0].usage
    assert usage is not None
    assert (usage.input, usage.output) == (3, 1)


def test_a_body_that_cannot_be_read_is_refused_where_a_route_may_match(stage: Stage) -> None:
    stage = Stage(routes=(route(),))
    client = stage.client()
    client.receive(request(body=b"{nonsense"))
    assert code(client) == "unreadable_body"
    assert client.eof
    assert stage.ledger.refusals["unreadable_body"] == 1
    assert outcomes(stage) == []  # it was about no arm yet


def test_the_snapshot_that_decides_is_the_one_when_the_body_is_here() -> None:
    one = route()
    stage = Stage(routes=(one,))
    stage.warm(pool=stage.arm_pool(one, ArmName.BASELINE))
    up, client = stage.warm(pool=stage.arm_pool(one, ArmName.CANDIDATE)), stage.client()
    text = chat()
    client.receive(text[:-1])
    assert stage.worker.routing is not None
    snapshot = stage.worker.routing.snapshot
    stage.worker.swap(replace(snapshot, version=8, routes=(route(share=10_000),)))
    client.receive(text[-1:])
    up.receive(SIZED)
    said = answer(client)
    assert (said.get(b"x-crossfade-arm"), said.get(b"x-crossfade-version")) == (b"candidate", b"8")


@pytest.mark.parametrize("stream", [True, False])
def test_a_connection_lost_before_the_answer_is_an_answer_of_our_own(
    stage: Stage, stream: bool
) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(chat(stream=stream))
    up.lose(ConnectionResetError())
    said = answer(client)
    assert (said.status, said.get(b"connection")) == (502, None)
    assert outcomes(stage) == [Outcome.UPSTREAM_ERROR]
    assert not client.closed


def test_a_fault_of_our_own_is_neither_the_upstreams_nor_the_clients(stage: Stage) -> None:
    """A loop ends a connection whose protocol raised, and says what it was."""
    up, client = stage.warm(), stage.client()
    client.receive(chat())
    up.lose(RuntimeError("CANARY"))
    assert (code(client), client.eof) == ("internal_error", True)
    up, client = stage.warm(), stage.client()
    client.receive(chat())
    client.lose(RuntimeError("CANARY"))
    assert up.aborted
    assert outcomes(stage) == [Outcome.PROXY_ERROR] * 2


def test_an_error_of_our_own_to_a_head_request_has_no_body(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(request(method=b"HEAD", target=b"/v1/models"))
    up.receive(b"nonsense\r\n\r\n")
    assert answer(client).body == b""


def test_a_stream_lost_between_events_ends_with_an_error_event(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(chat(stream=True))
    up.receive(STREAM + chunk(SAID))
    client.clear()
    up.lose(None)
    said = client.clear()
    assert b'"code":"upstream_truncated"' in said
    assert not said.endswith(LAST)
    assert client.closed
    assert outcomes(stage) == [Outcome.UPSTREAM_TRUNCATED]


@pytest.mark.parametrize("begun", [chunk(SAID[:9]), chunk(SAID)[:-1], chunk(SAID)[:9]])
def test_a_stream_lost_elsewhere_ends_without_a_word(stage: Stage, begun: bytes) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(chat(stream=True))
    up.receive(STREAM + begun)
    client.clear()
    up.lose(None)
    assert (client.clear(), client.closed) == (b"", True)


def test_a_sized_answer_lost_half_way_ends_short(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(chat())
    up.receive(SIZED[:-1])
    up.lose(None)
    assert client.written.endswith(b"\r\n\r\nhell")
    assert client.closed


def test_an_answer_that_ends_by_close_is_aborted_when_it_is_cut(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(chat(stream=True, version=b"1.0"))
    up.receive(STREAM + chunk(SAID))
    up.lose(None)
    assert client.aborted


# Deadlines


def test_silence_before_the_answer_ends_it() -> None:
    stage = Stage(limits=Limits(first_byte_timeout=600, upstream_keepalive=1000))
    up, client = stage.warm(), stage.client()
    client.receive(chat())
    stage.advance(599)
    assert not up.aborted
    stage.advance(1)
    assert code(client) == "first_byte_timeout"
    assert (up.aborted, outcomes(stage)) == (True, [Outcome.UPSTREAM_TIMEOUT])


def test_the_total_time_ends_what_never_stands_still(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(chat(stream=True))
    up.receive(STREAM)
    for _ in range(9):
        stage.advance(199)
        up.receive(chunk(SAID))
    assert outcomes(stage) == []
    stage.advance(10)
    assert b"total_timeout" in client.clear()


def test_a_body_that_stops_coming_ends_it(stage: Stage) -> None:
    up, client = stage.warm(), stage.client()
    client.receive(request(b"Content-Length: 9") + b"abc")
    stage.advance(59)
    assert not up.aborted
    stage.advance(1)
    assert code(client) == "body_timeout"
    assert (up.aborted, outcomes(stage)) == (True, [Outcome.CLIENT_ERROR])


def test_an_upload_that_waits_for_the_upstream_has_no_deadline_of_its_own(stage: Stage) -> None:
    up, client = stage.warm(room=0), stage.client()
    client.receive(request(b"Content-Length: 9") + b"abc")
    stage.advance(500)
    assert outcomes(stage) == []
    stage.advance(100)
    assert code(client) == "first_byte_timeout"
    assert up.aborted


def test_an_upload_has_its_time_again_once_the_upstream_takes_it(stage: Stage) -> None:
    up, client = stage.warm(room=0), stage.client()
    client.receive(request(b"Content-Length: 9") + b"abc")
    stage.advance(500)
    up.drain()
    stage.advance(59)
    client.receive(b"defghi")
    up.receive(SIZED)
    assert outcomes(stage) == [Outcome.OK]


# A client that is slower than its answer


def full(stage: Stage, room: int = 0) -> tuple[Transport, Transport]:
    """An upstream and a client that has taken `room` bytes of an answer."""
    up, client = stage.warm(), stage.client(room=room)
    client.receive(get())
    up.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 1000)
    return up, client


def test_a_full_client_holds_the_upstream_until_it_has_drained(stage: Stage) -> None:
    up, client = full(stage)
    assert up.paused
    client.drain(100)
    assert up.paused
    client.drain()
    assert not up.paused


def test_a_client_that_takes_nothing_is_given_up(stage: Stage) -> None:
    up, client = full(stage)
    stage.advance(59)
    assert outcomes(stage) == []
    stage.advance(1)
    assert (up.aborted, outcomes(stage)) == (True, [Outcome.CLIENT_CANCELLED])
    stage.advance(60)
    assert client.aborted


def test_a_client_that_takes_a_little_is_not_given_up(stage: Stage) -> None:
    up, client = full(stage)
    for _ in range(9):
        client.drain(10)
        stage.advance(59)
    assert outcomes(stage) == []
    assert not up.aborted


def test_progress_is_measured_from_when_the_client_was_last_full(stage: Stage) -> None:
    """A second, larger wait after a first one is no sign of standing still."""
    up, client = full(stage, room=900)
    stage.advance(59)
    client.drain(1200)
    assert not up.paused
    up.receive(b"x" * 5000)
    stage.advance(30)
    client.drain(10)
    stage.advance(31)
    assert outcomes(stage) == []
