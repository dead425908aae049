"""One client connection, read by read: what is served, what is refused, and how it ends."""

from __future__ import annotations

import json

import pytest

from proxy.carrying.connection import ClientConnection
from proxy.carrying.worker import FEW
from proxy.http.inbox import MAX_PIPELINED
from proxy.policy import Limits
from tests.doubles.message import head_of
from tests.doubles.requests import chat, chunked, get, prompt, request
from tests.doubles.stage import Stage
from tests.doubles.transport import Transport

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture
def stage() -> Stage:
    return Stage()


def status(client: Transport) -> int:
    return head_of(client.written.partition(b"\r\n\r\n")[0] + b"\r\n\r\n").status


def code(client: Transport) -> str:
    """The code of the error that was answered."""
    text = json.loads(client.written.partition(b"\r\n\r\n")[2])
    assert isinstance(text, dict)
    return str(text["error"]["code"])


def test_a_request_is_answered_and_the_connection_stays(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    client.receive(chat())
    assert upstream.written.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    upstream.receive(ANSWER)
    assert client.clear().startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n")
    client.receive(chat())
    upstream.receive(ANSWER)
    assert client.written.endswith(b"\r\n\r\nhi")
    assert not client.closed
    assert len(stage.exchanges) == 2


def test_a_head_may_come_byte_by_byte(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    text = chat()
    for at in range(len(text)):
        client.receive(text[at : at + 1])
    upstream.receive(ANSWER)
    assert status(client) == 200


def test_pipelined_requests_are_answered_in_order(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    client.receive(get(b"/1") + get(b"/2") + get(b"/3"))
    for number in (b"1", b"2", b"3"):
        assert upstream.clear().startswith(b"GET /%b " % number)
        upstream.receive(ANSWER.replace(b"hi", b"<%b" % number))
    assert [part[:2] for part in client.written.split(b"\r\n\r\n")[1:]] == [b"<1", b"<2", b"<3"]


def test_a_second_request_waits_for_the_first_answer(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    client.receive(get(b"/1"))
    client.receive(get(b"/2"))
    assert upstream.written.count(b"GET") == 1
    upstream.receive(ANSWER)
    assert upstream.written.count(b"GET") == 2


def test_more_pipelining_than_is_held_ends_the_connection_after_what_was_held(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    one = get(b"/x")
    client.receive(one)
    client.receive(one * (2 * MAX_PIPELINED // len(one)))
    answered = 0
    while upstream.written and not client.closed:
        upstream.clear()
        upstream.receive(ANSWER)
        answered += 1
    assert answered == 1 + MAX_PIPELINED // len(one)
    assert client.written.count(b"200 OK") == answered


@pytest.mark.parametrize("framing", [b"Content-Length: 999999", b"Transfer-Encoding: chunked"])
def test_a_pipelined_body_with_a_hole_in_it_is_never_begun(stage: Stage, framing: bytes) -> None:
    """Of what was pipelined beyond the bound nothing is known, so nothing may be put behind it."""
    upstream, client = stage.warm(), stage.client()
    client.receive(get(b"/1"))
    client.receive(request(framing, target=b"/holed") + b"x" * MAX_PIPELINED)
    upstream.clear()
    upstream.receive(ANSWER)
    assert upstream.written == b""
    assert client.closed


def test_pipelined_requests_wait_while_the_client_reads_nothing(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client(room=0)
    client.receive(get(b"/1") + get(b"/2"))
    upstream.receive(ANSWER)
    assert upstream.written.count(b"GET") == 1
    client.drain()
    assert upstream.written.count(b"GET") == 2
    upstream.receive(ANSWER)
    assert client.sent.count(b"200 OK") == 2


def test_a_client_that_only_sends_is_held_to_the_same_bound(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client(room=0)
    client.receive(get(b"/1"))
    upstream.receive(ANSWER)
    for _ in range(8):
        client.receive(get(b"/2") * 1000)
    (connection,) = stage.worker.connections()
    assert isinstance(connection, ClientConnection)
    assert len(connection._inbox) <= MAX_PIPELINED
    assert upstream.written.count(b"GET") == 1


def test_a_connection_is_read_again_after_an_upload_that_was_held_up(stage: Stage) -> None:
    upstream, client = stage.warm(room=0), stage.client()
    client.receive(chunked([prompt()]))
    assert not client.paused  # the request is complete, so its client's end must be seen
    upstream.drain()
    upstream.receive(ANSWER)
    client.receive(chat())
    upstream.receive(ANSWER)
    assert client.written.count(b"200 OK") == 2


def test_the_end_of_the_clients_bytes_is_a_hang_up(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    client.receive(chat())
    client.receive_eof()
    assert upstream.aborted
    assert [exchange.outcome for exchange in stage.exchanges] == ["client_cancelled"]
    client.turn()
    stage.check_nothing_is_left()


def test_a_reset_is_a_hang_up(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    client.receive(chat())
    client.lose(ConnectionResetError())
    assert upstream.aborted
    stage.check_nothing_is_left()


def test_a_client_that_leaves_between_requests_has_hung_up_on_nothing(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    client.receive(chat())
    upstream.receive(ANSWER)
    client.receive_eof()
    client.turn()
    assert not upstream.closed
    assert [exchange.outcome for exchange in stage.exchanges] == ["ok"]


def test_what_is_refused_is_answered_before_the_connection_ends(stage: Stage) -> None:
    client = stage.client()
    client.receive(b"nonsense\r\n\r\n")
    assert (status(client), code(client)) == (400, "malformed_request")
    assert b"Connection: close\r\n" in client.written
    assert client.eof
    assert not client.closed  # a close with unread bytes would be a reset, and lose the answer
    client.receive(chat() * 3)
    assert stage.ledger.refusals["malformed_request"] == 1
    stage.advance(2)
    assert client.closed


def test_a_refused_head_request_is_answered_without_a_body(stage: Stage) -> None:
    client = stage.client()
    client.receive(request(method=b"HEAD", target=b"/u/unknown/v1/models"))
    assert status(client) == 404
    assert client.written.endswith(b"\r\n\r\n")


def test_a_client_may_be_asked_to_go_on(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    head, body = chat(b"Expect: 100-continue").split(b"\r\n\r\n")
    client.receive(head + b"\r\n\r\n")
    assert client.clear() == CONTINUE
    client.receive(body)
    upstream.receive(ANSWER)
    assert b"xpect" not in upstream.written
    assert status(client) == 200


def test_a_client_that_does_not_wait_is_not_asked_to_go_on(stage: Stage) -> None:
    upstream, client = stage.warm(), stage.client()
    client.receive(chat(b"Expect: 100-continue"))
    upstream.receive(ANSWER)
    assert status(client) == 200


def test_a_connection_without_a_request_is_closed_silently() -> None:
    stage = Stage(limits=Limits(header_timeout=10, client_keepalive=75))
    client = stage.client()
    stage.advance(9)
    assert not client.closed
    stage.advance(1)
    assert (client.written, client.closed) == (b"", True)


def test_a_head_that_trickles_in_is_cut_off() -> None:
    stage = Stage(limits=Limits(header_timeout=10))
    client = stage.client()
    for byte in chat()[:20]:
        client.receive(bytes([byte]))
        stage.advance(0.4)
    assert (status(client), code(client)) == (408, "header_timeout")
    assert stage.ledger.refusals["header_timeout"] == 1


def test_a_second_head_has_the_same_time_as_the_first() -> None:
    stage = Stage(limits=Limits(header_timeout=10, client_keepalive=75))
    upstream, client = stage.warm(), stage.client()
    client.receive(get())
    upstream.receive(ANSWER)
    client.clear()
    stage.advance(30)
    client.receive(b"GET /")
    stage.advance(9)
    assert client.written == b""
    stage.advance(1)
    assert status(client) == 408


def test_an_idle_connection_is_closed_after_its_time() -> None:
    stage = Stage(limits=Limits(client_keepalive=75, upstream_keepalive=100))
    upstream, client = stage.warm(), stage.client()
    client.receive(get())
    upstream.receive(ANSWER)
    stage.advance(74)
    assert not client.closed
    stage.advance(1)
    assert client.closed


def test_a_slow_reader_of_the_last_bytes_is_not_cut_while_it_progresses() -> None:
    stage = Stage(limits=Limits(write_stall_timeout=60))
    upstream, client = stage.warm(), stage.client(room=0)
    client.receive(get(b"/", b"Connection: close"))
    upstream.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000)
    for _ in range(10):
        client.drain(50)
        stage.advance(59)
        client.turn()
    assert not client.aborted
    stage.advance(61)
    stage.advance(61)
    assert client.aborted


def test_a_client_beyond_the_bound_is_refused_at_once() -> None:
    stage = Stage(limits=Limits(max_streams=1))
    served = [stage.client() for _ in range(1 + FEW)]
    beyond = stage.client()
    assert (status(beyond), code(beyond)) == (503, "overloaded")
    assert not any(client.written for client in served)


def test_draining_ends_idle_connections_and_keeps_busy_ones(stage: Stage) -> None:
    upstream, busy, idle = stage.warm(), stage.client(), stage.client()
    busy.receive(get())
    stage.worker.draining = True
    for connection in stage.worker.connections():
        connection.drain()
    assert (idle.closed, busy.closed) == (True, False)
    upstream.receive(ANSWER)
    assert b"Connection: close\r\n" in busy.written
    assert busy.eof


def test_the_end_of_draining_answers_who_still_waits(stage: Stage) -> None:
    stage.warm()
    client = stage.client()
    client.receive(get())
    stage.worker.draining = True
    for connection in stage.worker.connections():
        connection.end_drain()
    assert (status(client), code(client)) == (503, "draining")
