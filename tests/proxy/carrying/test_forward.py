"""An answer for its client: raw where the framing suits, framed anew where it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.carrying.forward import Forward, Mode
from proxy.errors import UPSTREAM_MALFORMED
from proxy.http.framing import BodyReader, Chunked, Sized, UntilClose
from proxy.http.head import AnswerHead, RequestHead
from proxy.http.http1 import read_answer, read_request
from proxy.metering.meter import Meter
from proxy.metering.strip import UsageStripper
from tests.doubles.message import Message, head_of
from tests.doubles.requests import get
from tests.proxy.cuts import CUTS, at_leisure, pieces
from tests.proxy.golden.chat import CALL, HELLO, ROLE, STOP, USAGE

OWN = b"x-crossfade-id: 1\r\n"
STREAM = b"Content-Type: Text/Event-Stream; charset=utf-8"
EXTRA = b'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n'
SAID = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
DONE = b"data: [DONE]\n\n"


def asked(version: bytes = b"1.1", method: bytes = b"GET") -> RequestHead:
    raw = get(version=version).replace(b"GET", method, 1)
    return read_request(raw)


def answered(*lines: bytes, status: bytes = b"200 OK", method: bytes = b"GET") -> AnswerHead:
    raw = b"\r\n".join((b"HTTP/1.1 " + status, *lines, b"", b""))
    return read_answer(raw, method=method)


def reader(answer: AnswerHead) -> BodyReader:
    if answer.chunked:
        return Chunked(UPSTREAM_MALFORMED)
    return UntilClose() if answer.length is None else Sized(answer.length)


def forward(
    answer: AnswerHead, *, version: bytes = b"1.1", strip: bool = False
) -> tuple[Forward, BodyReader]:
    body = reader(answer)
    return Forward(asked(version), answer, body, strip=strip), body


def begun(answer: AnswerHead, *, version: bytes = b"1.1", keep: bool = True) -> Message:
    one, _ = forward(answer, version=version)
    return head_of(one.begin(asked(version), answer, OWN, keep=keep))


SIZED = answered(b"Content-Length: 5")
CHUNKED = answered(b"Transfer-Encoding: chunked")
CLOSED = answered(b"Connection: close")


@pytest.mark.parametrize(
    ("answer", "version", "strip", "mode"),
    [
        (SIZED, b"1.1", False, Mode.RAW),
        (SIZED, b"1.0", False, Mode.RAW),
        (CHUNKED, b"1.1", False, Mode.RAW),
        (CHUNKED, b"1.0", False, Mode.BARE),
        (CLOSED, b"1.1", False, Mode.CHUNKED),
        (CLOSED, b"1.0", False, Mode.BARE),
        (answered(STREAM, b"Content-Length: 5"), b"1.1", True, Mode.CHUNKED),
        (answered(STREAM, b"Transfer-Encoding: chunked"), b"1.1", True, Mode.CHUNKED),
        (answered(STREAM, b"Transfer-Encoding: chunked"), b"1.0", True, Mode.BARE),
        (answered(b"Content-Type: application/json", b"Content-Length: 5"), b"1.1", True, Mode.RAW),
        (answered(STREAM, b"Content-Encoding: gzip", b"Content-Length: 5"), b"1.1", True, Mode.RAW),
        (answered(status=b"304 No"), b"1.0", False, Mode.RAW),
    ],
)
def test_the_framing_follows_from_answer_client_and_stripping(
    answer: AnswerHead, version: bytes, strip: bool, mode: Mode
) -> None:
    one, _ = forward(answer, version=version, strip=strip)
    assert one.mode is mode
    assert one.closes is (mode is Mode.BARE)


def test_the_head_says_how_the_body_is_framed() -> None:
    assert (begun(SIZED).length, begun(SIZED).chunked) == (5, False)
    assert (begun(CHUNKED).length, begun(CHUNKED).chunked) == (None, True)
    assert begun(CLOSED).chunked
    bare = begun(CHUNKED, version=b"1.0")
    assert (bare.chunked, bare.length, bare.get(b"connection")) == (False, None, b"close")


@pytest.mark.parametrize(
    ("version", "keep", "said"),
    [
        (b"1.1", True, None),
        (b"1.1", False, b"close"),
        (b"1.0", True, b"keep-alive"),
        (b"1.0", False, b"close"),
    ],
)
def test_the_head_says_whether_more_may_follow(
    version: bytes, keep: bool, said: bytes | None
) -> None:
    assert begun(SIZED, version=version, keep=keep).get(b"connection") == said


def test_status_reason_and_headers_are_the_upstreams() -> None:
    head = begun(answered(b"X-ODD: a", b"x-odd: b", b"Content-Length: 0", status=b"599 Very Odd"))
    assert head.start == (b"HTTP/1.1", b"599", b"Very Odd")
    assert head.headers[:3] == ((b"X-ODD", b"a"), (b"x-odd", b"b"), (b"Content-Length", b"0"))
    assert head.headers[-1] == (b"x-crossfade-id", b"1")
    assert begun(answered(b"Content-Length: 0", status=b"200")).raw_head.startswith(
        b"HTTP/1.1 200 \r\n"
    )


def test_what_belongs_to_one_hop_stays_there() -> None:
    hop = [b"Connection: x-mine, content-length", b"X-Mine: 1", b"Keep-Alive: 1", b"Upgrade: h2c"]
    head = begun(answered(*hop, b"X-Crossfade-Arm: evil", b"Trailer: a", b"Content-Length: 5"))
    assert [name for name, _ in head.headers] == [b"Content-Length", b"x-crossfade-id"]


def test_a_204_promises_no_length() -> None:
    assert begun(answered(b"Content-Length: 5", status=b"204 No")).length is None
    assert begun(answered(b"Content-Length: 5", status=b"304 No")).length == 5


def through(one: Forward, body: BodyReader, parts: list[bytes]) -> bytes:
    """What the client gets for these reads of the upstream."""
    out = b""
    for part in parts:
        if part:
            out += one.body(body, body.feed(part))
    return out


@given(CUTS)
@at_leisure
def test_raw_bytes_stay_the_very_bytes(places: list[int]) -> None:
    wire = b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"
    one, body = forward(CHUNKED)
    assert through(one, body, pieces(wire, places)) == wire
    one, body = forward(SIZED)
    assert through(one, body, pieces(b"hello", places)) == b"hello"


@given(CUTS)
@at_leisure
def test_a_bare_body_is_the_payload_alone(places: list[int]) -> None:
    wire = b"3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX: 1\r\n\r\n"
    one, body = forward(CHUNKED, version=b"1.0")
    assert through(one, body, pieces(wire, places)) == b"abcde"


def test_a_body_until_close_is_chunked_and_ended() -> None:
    one, body = forward(CLOSED)
    assert through(one, body, [b"abc", b"d"]) == b"3\r\nabc\r\n1\r\nd\r\n"
    assert isinstance(body, UntilClose)
    body.done, body.wire = True, b""
    assert one.body(body, b"") == b"0\r\n\r\n"


def unchunked(text: bytes) -> bytes:
    body = Chunked(UPSTREAM_MALFORMED)
    payload = body.feed(text)
    assert body.done
    return payload


@given(CUTS)
@at_leisure
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_stripping_leaves_every_byte_but_the_extra_event(version: bytes, places: list[int]) -> None:
    events = (SAID, SAID, EXTRA, DONE)
    wire = b"".join(b"%x\r\n%b\r\n" % (len(e), e) for e in events) + b"0\r\n\r\n"
    one, body = forward(
        answered(STREAM, b"Transfer-Encoding: chunked"), version=version, strip=True
    )
    got = through(one, body, pieces(wire, places))
    assert (got if version == b"1.0" else unchunked(got)) == SAID + SAID + DONE


@given(CUTS)
@at_leisure
def test_an_unfinished_event_at_the_end_is_not_swallowed(places: list[int]) -> None:
    text = SAID + EXTRA[:-2]
    answer = answered(STREAM, b"Content-Length: %d" % len(text))
    one, body = forward(answer, strip=True)
    assert unchunked(through(one, body, pieces(text, places))) == text


def test_chunks_that_lose_nothing_keep_their_framing() -> None:
    one, body = forward(answered(STREAM, b"Transfer-Encoding: chunked"), strip=True)
    wire = b"0%x\r\n%b\r\n" % (len(SAID), SAID)
    assert one.body(body, body.feed(wire)) == wire
    assert one.body(body, body.feed(b"0\r\n\r\n")) == b"0\r\n\r\n"


def metered(one: Forward, body: BodyReader, reads: list[bytes]) -> bytes:
    """The same, where a meter has read each piece before."""
    meter = Meter(CALL, 0, None)
    meter.head(200, b"text/event-stream", b"")
    out = b""
    for number, data in enumerate(reads):
        payload = body.feed(data)
        out += one.body(body, payload, text=meter.feed(payload, number))
    return out


_PARTS = st.sampled_from(
    (SAID, SAID, HELLO, HELLO, EXTRA, USAGE, ROLE, STOP, DONE, SAID[:9], SAID[9:], EXTRA[:30],
     EXTRA[30:], EXTRA[:-1], SAID[:-1], b"\n", b"\r", b"\r\n\r\n", b": ping\n\n",
     SAID.replace(b"\n", b"\r\n"), SAID.replace(b'"choices":[', b'"choices" : [ ')),
)  # fmt: skip


@given(st.lists(_PARTS, max_size=12), CUTS, st.booleans())
@at_leisure
def test_what_the_meter_says_of_a_piece_changes_no_byte(
    parts: list[bytes], places: list[int], cut: bool
) -> None:
    reads = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts]
    reads.append(b"0\r\n\r\n")
    one, body = forward(answered(STREAM, b"Transfer-Encoding: chunked"), strip=True)
    got = metered(one, body, pieces(b"".join(reads), places) if cut else reads)
    stripper = UsageStripper()
    left = stripper.feed(b"".join(parts)) + stripper.flush()
    assert unchunked(got) == left


EVENT = b"data: error\n\n"


def test_a_last_event_stands_between_chunks_only() -> None:
    one, body = forward(CHUNKED)
    one.body(body, body.feed(b"3\r\nab"))
    assert one.event(EVENT, body) == b""
    one.body(body, body.feed(b"c\r\n"))
    assert one.event(EVENT, body) == b"d\r\n" + EVENT + b"\r\n"


def test_a_last_event_fits_where_the_framing_is_ours() -> None:
    assert forward(CLOSED)[0].event(EVENT, None) == b"d\r\n" + EVENT + b"\r\n"
    assert forward(CLOSED, version=b"1.0")[0].event(EVENT, None) == EVENT


def test_a_last_event_stands_in_no_sized_and_no_compressed_body() -> None:
    one, body = forward(SIZED)
    assert one.event(EVENT, body) == b""
    assert one.event(EVENT, None) == b""
    squeezed = answered(b"Content-Encoding: gzip", b"Connection: close")
    assert forward(squeezed)[0].event(EVENT, None) == b""
    plain = answered(b"Content-Encoding: identity", b"Connection: close")
    assert forward(plain)[0].event(EVENT, None)
