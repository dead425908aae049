"""One connection to an upstream, read by read: answers out of any pieces, and every way to end."""

from __future__ import annotations

import pytest
from hypothesis import given

from proxy.carrying.upstream import Listener, UpstreamConnection
from proxy.errors import UPSTREAM_CLOSED, UPSTREAM_MALFORMED, UPSTREAM_TRUNCATED, Failure
from proxy.http.answer_heads import AnswerHeads
from proxy.http.framing import BodyReader
from proxy.http.head import AnswerHead
from tests.doubles.transport import Transport
from tests.proxy.cuts import CUTS, at_leisure, pieces

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
CLOSED = b"HTTP/1.1 200 OK\r\n\r\nhello"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


class Waiting(Listener):
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        self.heads: list[AnswerHead] = []
        self.payload = b""
        self.done = False
        self.rest = b""
        self.failures: list[tuple[Failure, bool]] = []
        self.full = 0
        self.drained = 0

    def answered(self, head: AnswerHead, body: BodyReader, payload: bytes) -> None:
        self.heads.append(head)
        self.more(body, payload)

    def more(self, body: BodyReader, payload: bytes) -> None:
        self.payload += payload
        self.done, self.rest = body.done, body.rest

    def lost(self, failure: Failure, *, answer_begun: bool) -> None:
        self.failures.append((failure, answer_begun))

    def upstream_full(self) -> None:
        self.full += 1

    def upstream_drained(self) -> None:
        self.drained += 1


class Home:
    """A pool that writes down what it is to forget."""

    def __init__(self) -> None:
        self.forgotten: list[UpstreamConnection] = []

    def forget(self, connection: UpstreamConnection) -> None:
        self.forgotten.append(connection)


class Rig:
    """A connection that has sent a request, and everybody around it."""

    def __init__(self, *, method: bytes = b"POST", most: int = 1000) -> None:
        self.home = Home()
        self.listener = Waiting()
        self.connection = UpstreamConnection(self.home, most, AnswerHeads())
        self.transport = Transport(self.connection)
        self.connection.send(self.listener, method, b"request")


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize("answer", [SIZED, CHUNKED, INTERIM + SIZED, INTERIM * 3 + CHUNKED])
@given(places=CUTS)
@at_leisure
def test_any_pieces_give_the_same_answer(answer: bytes, places: list[int]) -> None:
    rig = Rig()
    for piece in pieces(answer, places):
        if piece:
            rig.transport.receive(piece)
    assert [head.status for head in rig.listener.heads] == [200]
    assert (rig.listener.payload, rig.listener.done, rig.listener.rest) == (b"hello", True, b"")
    assert rig.listener.failures == []


def test_an_answer_until_close_ends_with_the_connection(rig: Rig) -> None:
    rig.transport.receive(CLOSED)
    assert not rig.listener.done
    rig.transport.receive_eof()
    rig.transport.turn()
    assert (rig.listener.payload, rig.listener.done) == (b"hello", True)


@pytest.mark.parametrize("answer", [SIZED[:-1], CHUNKED[:-2], CLOSED])
def test_a_reset_is_never_an_end(rig: Rig, answer: bytes) -> None:
    rig.transport.receive(answer)
    rig.transport.lose(ConnectionResetError())
    assert rig.listener.failures == [(UPSTREAM_TRUNCATED, True)]
    assert not rig.listener.done


@pytest.mark.parametrize("answer", [SIZED[:-1], CHUNKED[:-2]])
def test_an_early_close_is_never_an_end(rig: Rig, answer: bytes) -> None:
    rig.transport.receive(answer)
    rig.transport.receive_eof()
    rig.transport.turn()
    assert rig.listener.failures == [(UPSTREAM_TRUNCATED, True)]


@pytest.mark.parametrize(("said", "begun"), [(b"", False), (b"HTTP/1.1 200 OK\r\n", True)])
def test_a_close_before_the_head_says_whether_an_answer_had_begun(
    rig: Rig, said: bytes, begun: bool
) -> None:
    if said:
        rig.transport.receive(said)
    rig.transport.lose(None)
    assert rig.listener.failures == [(UPSTREAM_CLOSED, begun)]


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 999 X\r\n\r\n", b"x" * 1001])
def test_nonsense_ends_the_connection_and_is_told(rig: Rig, answer: bytes) -> None:
    rig.transport.receive(answer)
    assert rig.listener.failures == [(UPSTREAM_MALFORMED, True)]
    assert rig.transport.aborted
    assert rig.home.forgotten == [rig.connection]


def test_nonsense_in_a_body_is_a_truncated_answer(rig: Rig) -> None:
    rig.transport.receive(CHUNKED[:-5] + b"zz\r\n"[:0])
    rig.transport.receive(b"zz\r\n")
    assert rig.listener.failures == [(UPSTREAM_TRUNCATED, True)]
    assert rig.transport.aborted


def test_a_header_may_fill_its_bound_and_no_more() -> None:
    head = b"HTTP/1.1 200 OK\r\nX: %b\r\nContent-Length: 5\r\n\r\n"
    fits = head % (b"a" * (1000 - len(head) + 2))
    rig = Rig(most=1000)
    rig.transport.receive(fits + b"hello" * 1000)
    assert rig.listener.payload == b"hello"
    rig = Rig(most=999)
    rig.transport.receive(fits)
    assert rig.listener.failures == [(UPSTREAM_MALFORMED, True)]


def test_what_follows_an_answer_is_handed_over_as_its_rest(rig: Rig) -> None:
    rig.transport.receive(SIZED + b"HTTP/1.1 200 OK")
    assert (rig.listener.done, rig.listener.rest) == (True, b"HTTP/1.1 200 OK")


def test_bytes_that_nobody_asked_for_end_an_idle_connection(rig: Rig) -> None:
    rig.transport.receive(SIZED)
    rig.connection.leave()
    rig.transport.receive(b"x")
    assert rig.transport.aborted
    assert rig.home.forgotten == [rig.connection]
    assert not rig.connection.usable


def test_an_answer_to_a_head_request_has_no_body() -> None:
    rig = Rig(method=b"HEAD")
    rig.transport.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    assert (rig.listener.done, rig.listener.payload) == (True, b"")


def test_a_second_request_has_its_own_answer(rig: Rig) -> None:
    rig.transport.receive(SIZED)
    rig.connection.leave()
    second = Waiting()
    rig.connection.send(second, b"POST", b"again")
    assert not rig.connection.answer_begun
    rig.transport.receive(CHUNKED)
    assert (second.payload, rig.listener.payload) == (b"hello", b"hello")
    assert (rig.connection.uses, rig.transport.written) == (2, b"requestagain")


def test_reading_stops_and_goes_on_with_the_client(rig: Rig) -> None:
    rig.connection.hold()
    assert rig.transport.paused
    rig.connection.go_on()
    assert not rig.transport.paused


def test_an_idle_connection_is_always_read(rig: Rig) -> None:
    rig.transport.receive(SIZED)
    rig.connection.hold()
    rig.connection.leave()
    assert not rig.transport.paused


def test_an_upload_that_does_not_leave_is_told_of(rig: Rig) -> None:
    stuck = Transport(rig.connection, room=0)
    rig.connection.upload(b"body")
    assert (rig.listener.full, rig.connection.full) == (1, True)
    stuck.drain()
    assert (rig.listener.drained, rig.connection.full) == (1, False)


def test_a_connection_is_forgotten_as_soon_as_its_end_is_seen(rig: Rig) -> None:
    rig.transport.receive(SIZED)
    rig.connection.leave()
    rig.transport.receive_eof()
    assert rig.home.forgotten == [rig.connection]
    assert not rig.connection.usable
    rig.transport.turn()
    assert rig.listener.failures == []


def test_idle_time_ends_an_idle_connection_and_no_other(rig: Rig) -> None:
    rig.connection.expire()
    assert not rig.transport.closed
    rig.connection.leave()
    rig.connection.expire()
    assert rig.transport.aborted


def test_an_aborted_connection_tells_nobody(rig: Rig) -> None:
    rig.connection.abort()
    rig.transport.turn()
    assert rig.listener.failures == []
    assert rig.listener.heads == []


def test_a_connection_that_was_never_made_can_be_given_up() -> None:
    home = Home()
    connection = UpstreamConnection(home, 1000, AnswerHeads())
    assert not connection.usable
    connection.hold()
    connection.go_on()
    connection.abort()
    assert home.forgotten == [connection]


def test_an_idle_connections_buffers_are_nobodys_concern(rig: Rig) -> None:
    rig.connection.leave()
    rig.connection.pause_writing()
    rig.connection.resume_writing()
    assert (rig.listener.full, rig.listener.drained) == (0, 0)
