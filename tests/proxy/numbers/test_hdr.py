"""proxy/numbers/hdr.py against hdrhistogram's own codec; and what is no histogram is refused."""

from __future__ import annotations

import base64
import struct
import zlib
from array import array

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Invalid
from proxy.numbers import hdr
from proxy.numbers.histogram import HIGHEST_US, LOWEST_US, SIGNIFICANT_DIGITS, Histogram

values = st.integers(0, 31).flatmap(lambda bits: st.integers(0, min(2**bits, HIGHEST_US)))
recordings = st.lists(st.tuples(values, st.integers(1, 2**40)), max_size=60)


def histogram(pairs: list[tuple[int, int]]) -> Histogram:
    made = Histogram()
    for us, times in pairs:
        made.record(us, times)
    return made


@given(recordings)
def test_the_bytes_are_those_that_every_hdr_library_reads(pairs: list[tuple[int, int]]) -> None:
    encoded = hdr.encode(hdr.filled(histogram(pairs)))
    theirs = HdrHistogram(LOWEST_US, HIGHEST_US, SIGNIFICANT_DIGITS)
    for us, times in pairs:
        theirs.record_value(us, times)
    if not pairs:
        assert encoded == b""
        return
    assert base64.b64encode(encoded) == theirs.encode()
    decoded = HdrHistogram.decode(base64.b64encode(encoded))
    assert list(decoded.counts) == list(theirs.counts)


@given(recordings)
def test_what_was_encoded_is_decoded(pairs: list[tuple[int, int]]) -> None:
    slots = hdr.filled(histogram(pairs))
    assert hdr.decode(hdr.encode(slots)) == slots


@given(recordings, recordings)
def test_what_was_added_is_what_came_since_the_copy(
    first: list[tuple[int, int]], later: list[tuple[int, int]]
) -> None:
    made = histogram(first)
    before = array("Q", made.counts)
    for us, times in later:
        made.record(us, times)
    assert hdr.added(made.counts, before) == hdr.filled(histogram(later))


def test_a_second_of_one_arm_takes_some_hundred_bytes() -> None:
    assert len(hdr.encode([(slot, 1) for slot in range(1_500, 1_900, 20)])) < 120


def packed(cookie: int, digits: int, counts: bytes, *, said: int | None = None) -> bytes:
    size = len(counts) if said is None else said
    plain = struct.pack(">IIiiqqd", cookie, size, 0, digits, LOWEST_US, HIGHEST_US, 1.0) + counts
    inner = zlib.compress(plain)
    return struct.pack(">II", 0x1C849314, len(inner)) + inner


GOOD = hdr.encode([(7, 3)])
SOUND = packed(0x1C849313, 2, b"\x0d\x06")


def test_the_table_below_starts_from_what_is_sound() -> None:
    assert hdr.decode(SOUND) == hdr.decode(GOOD) == [(7, 3)]
    assert hdr.decode(packed(0x1C849313, 2, b"\x00\x00\x06")) == [(2, 3)]


@pytest.mark.parametrize(
    "data",
    {
        "no histogram": b"sk-CANARY-1",
        "a head alone": GOOD[:8],
        "cut off": GOOD[:-1],
        "something behind it": GOOD + b"x",
        "of another cookie": b"\0" + GOOD[1:],
        "of an inner cookie of V1": packed(0x1C849301, 2, b"\x06"),
        "of other settings": packed(0x1C849313, 3, b"\x06"),
        "of another length": packed(0x1C849313, 2, b"\x06", said=9),
        "with a number that does not end": packed(0x1C849313, 2, b"\x80"),
        "with more slots than there are": packed(0x1C849313, 2, b"\x81\x34" + b"\x06"),
        "with a run far over the end": packed(0x1C849313, 2, b"\xff" * 9 + b"\x01"),
        "with a count over every time": packed(0x1C849313, 2, b"\xfe" * 9 + b"\x01"),
        "a bomb": packed(0x1C849313, 2, bytes(50_000_000)),
    }.values(),
    ids=lambda data: "",
)
def test_what_is_no_histogram_is_refused_without_a_word_of_it(data: bytes) -> None:
    with pytest.raises(Invalid, match="a histogram") as refused:
        hdr.decode(data)
    assert "CANARY" not in str(refused.value)


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_decode_or_be_refused(data: bytes) -> None:
    for guess in (data, packed(0x1C849313, 2, data)):
        try:
            slots = hdr.decode(guess)
        except Invalid:
            continue
        made = Histogram()
        made.fill(slots)
        assert made.count == sum(count for _, count in slots)
