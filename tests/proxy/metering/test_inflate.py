"""A copy of a compressed answer is inflated, and no bomb is."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from proxy.metering.inflate import FREE_OUTPUT, MAX_OUTPUT, MAX_RATIO, inflater
from tests.proxy.cuts import CUTS, at_leisure, pieces

PLAIN = b"".join(b'data: {"number":%d,"square":%d}\n\n' % (n, n * n) for n in range(20_000))


def _raw_deflate(plain: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(plain) + stream.flush()


def _brotli(plain: bytes) -> bytes:
    return brotli.compress(plain, quality=4)  # type: ignore[no-any-return]


CODINGS: list[tuple[bytes, Callable[[bytes], bytes]]] = [
    (b"gzip", gzip.compress),
    (b"deflate", zlib.compress),
    (b"deflate", _raw_deflate),
    (b"br", _brotli),
    (b"zstd", zstandard.compress),
]


def inflated(coding: bytes, answer: list[bytes]) -> bytes:
    copy = inflater(coding)
    assert copy is not None
    return b"".join(map(copy.feed, answer))


@pytest.mark.parametrize(("coding", "pack"), CODINGS)
@pytest.mark.parametrize("step", [1, 7, 1000, 10**7])
def test_every_coding_gives_the_plain_bytes(
    coding: bytes, pack: Callable[[bytes], bytes], step: int
) -> None:
    plain = PLAIN[:20_000] if step == 1 else PLAIN
    packed = pack(plain)
    answer = [packed[at : at + step] for at in range(0, len(packed), step)]
    assert inflated(coding, answer) == plain


@at_leisure
@given(st.sampled_from(CODINGS), CUTS)
def test_any_pieces_give_the_same_bytes(
    coding: tuple[bytes, Callable[[bytes], bytes]], cuts: list[int]
) -> None:
    name, pack = coding
    assert inflated(name, pieces(pack(PLAIN[:3_000]), cuts)) == PLAIN[:3_000]


@pytest.mark.parametrize("coding", [b"gzip", b"zstd"])
def test_members_one_after_another_are_one_answer(coding: bytes) -> None:
    pack = dict(CODINGS)[coding]
    packed = pack(b"one") + pack(b"") + pack(b"two")
    assert inflated(coding, [packed]) == b"onetwo"


@pytest.mark.parametrize(("coding", "pack"), CODINGS)
def test_junk_behind_an_answer_leaves_it_readable(
    coding: bytes, pack: Callable[[bytes], bytes]
) -> None:
    copy = inflater(coding)
    assert copy is not None
    assert copy.feed(pack(b"{}")) == b"{}"
    copy.feed(b"\x00junk that is no answer")
    assert copy.feed(b"more") == b""


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd"])
@at_leisure
@given(noise=st.binary(max_size=100))
def test_noise_never_raises(coding: bytes, noise: bytes) -> None:
    inflated(coding, [noise, noise])


@pytest.mark.parametrize("coding", [b"", b"gzip, br", b"compress", b"utf-8", b"GZIP\x00"])
def test_an_unknown_coding_is_not_read(coding: bytes) -> None:
    assert inflater(coding) is None


@pytest.mark.parametrize(("coding", "pack"), CODINGS)
@pytest.mark.parametrize("step", [100, 65_536, 10**7])
def test_a_bomb_is_given_up(coding: bytes, pack: Callable[[bytes], bytes], step: int) -> None:
    packed = pack(bytes(60_000_000))
    copy = inflater(coding)
    assert copy is not None
    got = sum(len(copy.feed(packed[at : at + step])) for at in range(0, len(packed), step))
    assert copy.gave_up
    assert got <= min(MAX_OUTPUT, max(FREE_OUTPUT, len(packed) * MAX_RATIO))


def test_a_long_answer_is_given_up_as_well() -> None:
    copy = inflater(b"deflate")
    assert copy is not None
    stored = zlib.compress(PLAIN * 60, 1)
    got = sum(len(copy.feed(stored[at : at + 65_536])) for at in range(0, len(stored), 65_536))
    assert copy.gave_up
    assert got <= MAX_OUTPUT
