"""TLS to upstreams: records in any pieces, which ends are clean, and who waits for whom."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from hypothesis import given

from tests.doubles.tls_peer import NewKey
from tests.proxy.cuts import CUTS, at_leisure, pieces
from tests.proxy.tls_rig import AUTHORITY, LONG, OLDER, SERVER, Rig, inside


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.turn()
    return rig


@pytest.mark.parametrize("context", [SERVER, OLDER])
def test_the_protocol_above_gets_its_transport_after_the_handshake(
    context: ssl.SSLContext,
) -> None:
    rig = Rig(context)
    assert (rig.above.transport, rig.results) == (None, [])
    rig.turn()
    assert rig.above.transport is rig.tls
    assert (rig.results, rig.peer.shaken, rig.above.reads) == ([None], True, [])


@pytest.mark.parametrize("context", [SERVER, OLDER])
@given(handshake=CUTS, answer=CUTS)
@at_leisure
def test_any_pieces_of_the_bytes_are_the_same_plaintext(
    context: ssl.SSLContext, handshake: list[int], answer: list[int]
) -> None:
    rig = Rig(context)
    rig.turn(handshake)
    said = [b"a", b"", b"b" * 300, LONG, b"c" * 16_384, b"d"]
    wire = b"".join(map(rig.peer.say, said)) + rig.peer.goodbye()
    rig.receive(*pieces(wire, answer))
    assert rig.plain == b"".join(said)
    assert rig.above.told == ["eof"]


def test_a_read_is_handed_on_as_one_piece(rig: Rig) -> None:
    said = [b"a" * 300, b"b" * 300, LONG]
    rig.receive(b"".join(map(rig.peer.say, said)))
    assert rig.above.reads == [b"".join(said)]


@pytest.mark.parametrize("size", [1, 900, 16_384, 16_385, len(LONG)])
def test_what_is_written_arrives_at_once(rig: Rig, size: int) -> None:
    rig.tls.write(LONG[:size])
    rig.turn()
    assert rig.peer.received == LONG[:size]


def test_pieces_arrive_at_once_and_in_their_order(rig: Rig) -> None:
    rig.tls.writelines((b"head", LONG, b"", b"tail"))
    rig.turn()
    assert rig.peer.received == b"head" + LONG + b"tail"


def test_a_server_may_change_keys_and_have_the_client_change_its_own(tmp_path: Path) -> None:
    context = inside(AUTHORITY.issue_cert("localhost"))
    context.keylog_filename = str(tmp_path / "keys")
    context.num_tickets = 0
    rig = Rig(context)
    rig.turn()
    server = NewKey(tmp_path / "keys")
    rig.receive(server.update + server.say(b"after"), server.say(b"wards"))
    assert rig.above.reads == [b"after", b"wards"]
    rig.tls.write(b"under a new key")
    rig.turn()
    assert rig.peer.received == b"under a new key"


# Ends


def test_an_end_after_close_notify_is_clean_and_answered(rig: Rig) -> None:
    rig.receive(rig.peer.say(b"whole") + rig.peer.goodbye())
    assert (rig.plain, rig.above.told, rig.tcp.closed) == (b"whole", ["eof"], True)
    assert rig.tls.is_closing()
    rig.turn()
    rig.tcp.turn()
    assert (rig.peer.ended, rig.above.lost) == (True, [None])


def test_an_end_without_close_notify_is_an_error(rig: Rig) -> None:
    rig.receive(rig.peer.say(b"cut"))
    rig.tcp.receive_eof()
    rig.tcp.turn()
    assert (rig.plain, rig.above.told) == (b"cut", [])
    assert [type(error) for error in rig.above.lost] == [ConnectionAbortedError]


def test_an_end_inside_a_record_is_an_error(rig: Rig) -> None:
    rig.receive(rig.peer.say(b"whole") + rig.peer.say(b"cut")[:-1])
    rig.tcp.receive_eof()
    rig.tcp.turn()
    assert rig.plain == b"whole"
    assert isinstance(rig.above.lost[0], ConnectionAbortedError)


def test_a_reset_is_told_as_it_is(rig: Rig) -> None:
    reset = ConnectionResetError()
    rig.tcp.lose(reset)
    assert rig.above.lost == [reset]


@pytest.mark.parametrize("first", [b"", b"good"])
def test_a_damaged_record_is_an_error_and_nothing_of_it_is_handed_on(
    rig: Rig, first: bytes
) -> None:
    good = rig.peer.say(first) if first else b""
    bad = bytearray(rig.peer.say(b"bad"))
    bad[-1] ^= 1
    rig.receive(good + bad)
    assert (rig.plain, rig.tcp.aborted) == (first, True)
    rig.tcp.turn()
    assert isinstance(rig.above.lost[0], ssl.SSLError)
    with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):  # the server is told
        rig.peer.take(rig.tcp.clear())


def test_plain_text_in_place_of_a_record_is_an_error(rig: Rig) -> None:
    rig.receive(b"HTTP/1.1 200 OK\r\n\r\n")
    rig.tcp.turn()
    assert (rig.plain, rig.tcp.aborted) == (b"", True)
    assert isinstance(rig.above.lost[0], ssl.SSLError)


def test_what_follows_close_notify_is_nobodys(rig: Rig) -> None:
    other = Rig()
    other.turn()
    rig.receive(rig.peer.say(b"whole") + rig.peer.goodbye() + other.peer.say(b"more") * 9999)
    rig.tcp.turn()
    assert (rig.plain, rig.above.lost) == (b"whole", [None])


def test_closing_says_close_notify_behind_what_was_written(rig: Rig) -> None:
    rig.tls.write(LONG)
    rig.tls.close()
    rig.tls.close()
    assert rig.tcp.closed
    rig.turn()
    assert (rig.peer.received, rig.peer.ended) == (LONG, True)
    rig.tcp.turn()
    assert rig.above.lost == [None]


def test_closing_waits_for_a_slow_peer(rig: Rig) -> None:
    rig.tcp.drain(1000)
    rig.tls.write(LONG)
    rig.tls.close()
    rig.tcp.turn()
    assert (rig.above.told, rig.above.lost) == (["full"], [])
    rig.tcp.drain()
    rig.tcp.turn()
    assert rig.above.lost == [None]
    rig.turn()
    assert (rig.peer.received, rig.peer.ended) == (LONG, True)


def test_aborting_says_nothing(rig: Rig) -> None:
    rig.tls.abort()
    rig.tls.write(b"late")
    rig.tls.writelines((b"late", b"later"))
    assert (rig.tcp.aborted, rig.tcp.written) == (True, b"")
    rig.tcp.turn()
    assert rig.above.lost == [None]


def test_a_read_that_makes_the_protocol_above_let_go_is_its_last(rig: Rig) -> None:
    rig.above.on_read = rig.tls.abort
    rig.receive(rig.peer.say(b"last") + rig.peer.goodbye())
    assert (rig.above.reads, rig.above.told, rig.tcp.written) == ([b"last"], [], b"")


# Backpressure


def test_the_protocol_above_hears_of_a_full_socket(rig: Rig) -> None:
    rig.tcp.drain(0)
    rig.tls.write(b"request")
    assert rig.above.told == ["full"]
    assert rig.tls.get_write_buffer_size() > len(b"request")
    rig.tcp.drain()
    assert rig.above.told == ["full", "drained"]
    assert rig.tls.get_write_buffer_size() == 0


def test_nothing_is_left_to_hand_on_while_reading_is_paused(rig: Rig) -> None:
    rig.above.on_read = rig.tls.pause_reading
    rig.receive(rig.peer.say(LONG))
    assert (rig.tcp.paused, rig.plain) == (True, LONG)
    rig.tls.resume_reading()
    rig.receive(rig.peer.say(b"next"))
    assert rig.above.reads[1:] == [b"next"]
