"""The meter reads the same out of any pieces of an answer, and never raises."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from proxy.dialects.call import Call, Operation
from proxy.exchange import Usage, UsageState
from proxy.metering.meter import Meter
from proxy.metering.reading import Reading, estimate
from proxy.policy import Dialect
from tests.proxy.cuts import CUTS, at_leisure, pieces
from tests.proxy.golden import ALL, JSON, SSE, STREAMS, Golden
from tests.proxy.golden.chat import CALL, DONE, HELLO, ROLE, STOP, USAGE, chunk
from tests.proxy.golden.chat import COUNTED as CHAT_COUNTED
from tests.proxy.golden.gemini import STREAM as GEMINI_STREAM
from tests.proxy.golden.openai import CHAT_BODY
from tests.proxy.golden.responses import CALL as RESPONSES_CALL
from tests.proxy.golden.responses import COUNTED, DELTAS, START, final
from tests.proxy.watched import Watched, by_name


def expected(golden: Golden, reading: Reading) -> Reading:
    return Reading(
        usage=golden.usage,
        state=golden.state,
        model=golden.model,
        failed=golden.failed,
        terminated=golden.terminated,
        events=reading.events,
        output_bytes=golden.text,
    )


@by_name
def test_every_answer_is_read_as_written_down(golden: Golden) -> None:
    watched = Watched(golden.call, golden.content_type)
    reading = watched.read([golden.answer])
    assert reading == expected(golden, reading)
    assert watched.tokens() == golden.tokens


@by_name
def test_byte_for_byte_gives_the_same(golden: Golden) -> None:
    whole, bytewise = (Watched(golden.call, golden.content_type) for _ in range(2))
    answer = golden.answer[-20_000:] if len(golden.answer) > 100_000 else golden.answer
    single = [answer[at : at + 1] for at in range(len(answer))]
    assert bytewise.read(single) == whole.read([answer])
    assert bytewise.tokens() == whole.tokens()


@at_leisure
@given(st.sampled_from(ALL), CUTS)
def test_any_pieces_give_the_same(golden: Golden, cuts: list[int]) -> None:
    watched = Watched(golden.call, golden.content_type)
    reading = watched.read(pieces(golden.answer, cuts))
    assert reading == expected(golden, reading)
    assert watched.tokens() == golden.tokens


@at_leisure
@given(st.sampled_from(STREAMS), st.integers(0, 10**6), st.binary(max_size=40), CUTS)
def test_a_damaged_stream_never_raises_and_cuts_do_not_matter(
    golden: Golden, place: int, junk: bytes, cuts: list[int]
) -> None:
    at = place % len(golden.answer)
    damaged = golden.answer[:at] + junk + golden.answer[at + len(junk) // 2 :]
    whole, cut = (Watched(golden.call, golden.content_type) for _ in range(2))
    assert whole.read([damaged]) == cut.read(pieces(damaged, cuts))
    assert whole.tokens() == cut.tokens()


@at_leisure
@given(st.binary(max_size=300), st.sampled_from(ALL), st.sampled_from([b"", b"gzip", b"br", b"zz"]))
def test_noise_never_raises(noise: bytes, golden: Golden, coding: bytes) -> None:
    Watched(golden.call, golden.content_type, coding).read([noise, noise])


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        (b"gzip", gzip.compress),
        (b"x-gzip", gzip.compress),
        (b"deflate", zlib.compress),
        (b" BR ", brotli.compress),
        (b"zstd", zstandard.compress),
        (b"identity", bytes),
    ],
)
@pytest.mark.parametrize("golden", STREAMS[:3], ids=lambda golden: golden.name)
def test_compressed_answers_are_read_as_well(coding: bytes, pack: object, golden: Golden) -> None:
    assert callable(pack)
    watched = Watched(golden.call, golden.content_type, coding)
    packed = pack(golden.answer)
    reading = watched.read([packed[:100], packed[100:]])
    assert reading == expected(golden, reading)


def test_an_error_event_is_never_put_behind_compressed_bytes() -> None:
    watched = Watched(CALL, SSE, b"gzip")
    watched.read([gzip.compress(HELLO)])
    assert watched.meter.streaming
    assert not watched.meter.at_boundary


@pytest.mark.parametrize("content_type", [SSE, JSON])
def test_an_unknown_coding_leaves_usage_missing(content_type: bytes) -> None:
    watched = Watched(CALL, content_type, b"gzip, br")
    reading = watched.read([b"\x1f\x8b"])
    assert (reading.usage, reading.state) == (None, UsageState.MISSING)
    assert reading.terminated
    assert watched.meter.streaming is (content_type is SSE)


def test_a_bomb_stops_metering_and_is_not_called_truncated() -> None:
    bomb = gzip.compress(b"\n" * 80_000_000, 1)
    reading = Watched(CALL, SSE, b"gzip").read([bomb])
    assert reading.terminated
    assert reading.state is UsageState.MISSING


def test_the_first_token_is_not_the_role_chunk() -> None:
    watched = Watched(CALL, SSE)
    watched.meter.feed(ROLE, 5_000)
    assert watched.meter.first_token_us is None
    watched.meter.feed(HELLO, 7_500)
    assert watched.meter.first_token_us == 6_500


def test_gaps_are_between_tokens_and_add_up() -> None:
    watched = Watched(CALL, SSE)
    watched.meter.feed(ROLE, 2_000)
    watched.meter.feed(HELLO + HELLO, 3_000)
    watched.meter.feed(HELLO[:40], 3_500)
    watched.meter.feed(HELLO[40:] + HELLO + HELLO, 4_000)
    watched.meter.feed(STOP + USAGE + DONE, 9_000)
    assert watched.gaps == [(0, 1), (1_000, 1), (0, 2)]


def test_an_answer_in_one_piece_has_no_first_token() -> None:
    watched = Watched(CALL, JSON)
    watched.read([CHAT_BODY])
    assert watched.meter.first_token_us is None
    assert not watched.meter.streaming
    assert not watched.meter.at_boundary


def test_an_error_event_may_follow_whole_events_alone() -> None:
    watched = Watched(CALL, SSE)
    assert watched.meter.at_boundary
    watched.meter.feed(HELLO[:-1], 1)
    assert not watched.meter.at_boundary
    watched.meter.feed(HELLO[-1:], 2)
    assert watched.meter.at_boundary


@pytest.mark.parametrize(
    ("piece", "text"),
    [
        (HELLO, True),
        (b"event: x\n" + HELLO, True),
        (HELLO + HELLO, False),
        (HELLO[:-1], False),
        (b"\n" + HELLO, False),
        (ROLE, False),
        (STOP, False),
        (USAGE, False),
        (DONE, False),
        (chunk(b'{"content":"a"}', usage=b',"usage":{"prompt_tokens":1}'), False),
        (chunk(b'{"content":"a"}', b'"length"'), False),
        (b": ping\n\n", False),
        (b"", False),
    ],
)
def test_it_says_of_a_piece_whether_it_is_one_event_of_text(piece: bytes, text: bool) -> None:
    meter = Watched(CALL, SSE).meter
    assert not meter.feed(HELLO, 1)  # a byte order mark might have stood before it
    assert meter.feed(piece, 2) is text


def test_an_error_event_never_follows_in_an_array() -> None:
    watched = Watched(GEMINI_STREAM, JSON)
    assert watched.meter.streaming
    assert not watched.meter.at_boundary


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("content_type", [JSON, SSE])
@pytest.mark.parametrize("status", [400, 429, 500, 529])
def test_an_error_answer_has_no_usage(status: int, content_type: bytes, complete: bool) -> None:
    meter = Meter(CALL, 0, None)
    meter.head(status, content_type, b"")
    meter.feed(b'{"error":{"message":"no"}}', 5)
    reading = meter.finish(complete=complete)
    assert (reading.usage, reading.state) == (None, UsageState.MISSING)
    assert reading.terminated


def test_a_redirection_costs_nothing() -> None:
    meter = Meter(CALL, 0, None)
    meter.head(307, JSON, b"")
    reading = meter.finish(complete=True)
    assert (reading.usage, reading.state) == (Usage(), UsageState.FINAL)


def test_a_body_without_usage_can_be_estimated_from_its_text() -> None:
    body = b'{"choices":[{"message":{"content":"Hello"}}]}'
    reading = Watched(CALL, JSON).read([body])
    assert (reading.state, reading.output_bytes) == (UsageState.MISSING, 5)


def test_a_client_that_left_before_the_head_gets_an_estimate() -> None:
    reading = Meter(CALL, 0, None).finish(complete=False)
    assert (reading.usage, reading.state) == (None, UsageState.ESTIMATED)
    assert estimate(reading, 4_001) == Usage(input=1_001)


def test_a_client_that_left_after_the_usage_is_final() -> None:
    reading = Watched(CALL, SSE).read([HELLO + STOP + USAGE], complete=False)
    assert (reading.usage, reading.state) == (CHAT_COUNTED, UsageState.FINAL)


def test_a_client_that_left_mid_stream_is_estimated_from_what_it_got() -> None:
    reading = Watched(CALL, SSE).read([ROLE + HELLO + HELLO], complete=False)
    assert reading.state is UsageState.ESTIMATED
    assert estimate(reading, 100) == Usage(input=25, output=3)


def test_an_estimate_keeps_what_the_provider_said() -> None:
    reading = Reading(
        usage=Usage(input=50, cached_input=40, output=2),
        state=UsageState.ESTIMATED,
        model=None,
        failed=False,
        terminated=False,
        events=9,
        output_bytes=400,
    )
    assert estimate(reading, 4) == Usage(input=50, cached_input=40, output=100)


def test_a_body_cut_short_is_estimated_from_its_text() -> None:
    reading = Watched(CALL, JSON).read([CHAT_BODY[:190]], complete=False)
    assert reading.state is UsageState.ESTIMATED
    assert reading.output_bytes > 0


def test_a_body_cut_after_its_usage_is_final() -> None:
    reading = Watched(CALL, JSON).read([CHAT_BODY[:-10]], complete=False)
    assert (reading.usage, reading.state) == (CHAT_COUNTED, UsageState.FINAL)


@pytest.mark.parametrize("content_type", [b"audio/mpeg", b"application/octet-stream"])
def test_an_answer_that_is_no_json_is_not_held(content_type: bytes) -> None:
    watched = Watched(Call(Dialect.OPENAI, Operation.OTHER), content_type)
    reading = watched.read([CHAT_BODY])
    assert (reading.usage, reading.state) == (None, UsageState.MISSING)


def test_a_body_over_a_mebibyte_gives_its_usage_all_the_same() -> None:
    body = b'{"data":[' + b"0.125," * 400_000 + b'0],"usage":{"prompt_tokens":8,"total_tokens":8}}'
    call = Call(Dialect.OPENAI, Operation.EMBEDDINGS)
    reading = Watched(call, JSON).read(pieces(body, [9, 100_000, 1_500_000]))
    assert (reading.usage, reading.state) == (Usage(input=8), UsageState.FINAL)


@pytest.mark.parametrize("cuts", [[], [7], [65_536 * n for n in range(80)]])
def test_a_final_event_over_four_mebibytes_gives_its_usage_all_the_same(cuts: list[int]) -> None:
    stream = START + DELTAS + final(b"completed", b"x" * 5_000_000)
    reading = Watched(RESPONSES_CALL, SSE).read(pieces(stream, cuts))
    assert (reading.usage, reading.state) == (COUNTED, UsageState.FINAL)
    assert reading.terminated


def test_a_stored_stream_is_free_and_never_truncated() -> None:
    reading = Watched(Call(Dialect.OPENAI, Operation.STORED), SSE).read([START])
    assert (reading.usage, reading.state) == (Usage(), UsageState.FINAL)
    assert reading.terminated
