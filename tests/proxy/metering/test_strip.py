"""The extra usage event goes, every other byte stays, whatever pieces they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.metering.strip import HOLD, UsageStripper
from tests.proxy.cuts import CUTS, at_leisure, pieces
from tests.proxy.golden import Golden
from tests.proxy.golden.chat import CHAT, DONE, HELLO, ROLE, STOP, USAGE

EXTRA = b'data: {"choices":[],"usage":{"prompt_tokens":1}}'
SPACED = b'data: {"id": "x", "choices" : [ ], "usage": {"prompt_tokens": 1}}'


def stripped(answer: list[bytes]) -> bytes:
    stripper = UsageStripper()
    return b"".join(map(stripper.feed, answer)) + stripper.flush()


def bytewise(stream: bytes) -> list[bytes]:
    return [stream[at : at + 1] for at in range(len(stream))]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_exactly_the_extra_event_is_taken_out(end: bytes) -> None:
    kept = (ROLE + HELLO + STOP).replace(b"\n", end), DONE.replace(b"\n", end)
    stream = kept[0] + USAGE.replace(b"\n", end) + kept[1]
    assert stripped([stream]) == b"".join(kept)
    assert stripped(bytewise(stream)) == b"".join(kept)


@pytest.mark.parametrize(
    ("stream", "left"),
    [
        (EXTRA + b"\n\n", b""),
        (SPACED + b"\n\n", b""),
        (EXTRA.replace(b",", b",\ndata:") + b"\r\n\n", b""),
        (b"id: 4\n" + EXTRA + b"\n: bye\n\n", b""),
        (b"\n\n\n" + EXTRA + b"\n\n\n" + DONE, b"\n\n\n\n" + DONE),
        (EXTRA + b"\r\r" + DONE, DONE),
        (EXTRA + b"\n\r" + DONE, DONE),
        (DONE + EXTRA + b"\n\n", DONE),
    ],
)
def test_the_extra_event_is_known_in_any_spelling(stream: bytes, left: bytes) -> None:
    assert stripped([stream]) == left
    assert stripped(bytewise(stream)) == left


@pytest.mark.parametrize(
    "stream",
    [
        EXTRA + b"\n",  # the stream ended before the event did
        b'data: {"choices":[],"usage":null}\n\n',
        b'data: {"choices":[],"prompt_filter_results":[]}\n\n',
        b'data: {"choices":[],"usage":3}\n\n',
        b'data: {"choices":[],"usage":{}\n\n',
        b'data: {"choices":null,"usage":{}}\n\n',
        b'data: {"choices":[{"delta":{}}],"usage":{}}\n\n',
        b'data: {"choices":[ {"delta":{}} ],"usage":{}}\n\n',
        b'data: {"ch\\u006fices":[],"usage":{}}\n\n',
        b'data: {"choices":[{}],"choices":[],"usage":{}}\n\n',
        b'data: {"text":"\\"choices\\":[],\\"usage\\":{}"}\n\n',
        b': {"choices":[],"usage":{}}\n\n',
        b'data: {"choices":' + b"[" * 5_000 + b"\n\n",
        b'data: {"choices":[],"usage":{"pad":"' + b"x" * HOLD + b'"}}\n\n',
    ],
)  # fmt: skip
def test_nothing_else_is_taken_out(stream: bytes) -> None:
    assert stripped([stream]) == stream
    assert stripped([stream, DONE]) == stream + DONE
    cut = [stream[at : at + 997] for at in range(0, len(stream), 997)]
    assert stripped([*cut, DONE]) == stream + DONE


@at_leisure
@given(st.sampled_from(CHAT), CUTS)
def test_any_pieces_of_a_real_stream_leave_the_same(golden: Golden, cuts: list[int]) -> None:
    assert stripped(pieces(golden.answer, cuts)) == stripped([golden.answer])


_PART = st.sampled_from(
    [EXTRA, SPACED, DONE, HELLO, b"data: x", b": c", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n"]
)


@at_leisure
@given(st.lists(_PART, max_size=12), CUTS)
def test_any_pieces_of_an_odd_stream_leave_the_same(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    assert stripped(pieces(stream, cuts)) == stripped([stream]) == stripped(bytewise(stream))


@pytest.mark.parametrize("piece", [HELLO, HELLO * 3, DONE, HELLO.replace(b"\n", b"\r\n"), b""])
def test_a_piece_of_which_nothing_goes_is_the_same_object(piece: bytes) -> None:
    stripper = UsageStripper()
    assert stripper.feed(piece) is piece
    assert stripper.flush() == b""


def test_an_event_with_a_choice_is_not_held_back() -> None:
    stripper = UsageStripper()
    assert stripper.feed(HELLO[:-20]) == HELLO[:-20]
    assert stripper.feed(HELLO[-20:-1]) == HELLO[-20:-1]
    assert stripper.feed(HELLO[-1:] + USAGE) == HELLO[-1:]


def test_an_event_that_may_be_the_extra_one_is_held() -> None:
    stripper = UsageStripper()
    assert stripper.feed(USAGE[:-1]) == b""
    assert stripper.flush() == USAGE[:-1]
    assert stripper.flush() == b""


def test_never_more_than_the_bound_is_held() -> None:
    stripper = UsageStripper()
    stream = b"data: " + b"x" * (3 * HOLD)
    passed = 0
    for at in range(0, len(stream), 1_000):
        passed += len(stripper.feed(stream[at : at + 1_000]))
        assert at + 1_000 - passed <= HOLD + 1_000
    assert stripper.feed(b"\r\n\r") + stripper.feed(b"\n" + EXTRA + b"\n\n") == b"\r\n\r\n"
