"""The same sample whatever the order, and counts that are exact in it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.errors import Invalid
from proxy.numbers.keysample import MOST, POINT_BITS, WHOLE_SPACE, KeySample, points_in, points_of


def points(count: int, seed: int) -> list[int]:
    """Hashes of so many keys, some of which come twice."""
    draw = random.Random(seed)
    fresh = [draw.getrandbits(64) for _ in range(count)]
    return fresh + fresh[: count // 3]


def sampled(drawn: list[int]) -> KeySample:
    sample = KeySample()
    for point in drawn:
        sample.add(point)
    sample.settle()
    return sample


def state(sample: KeySample) -> tuple[int, set[int]]:
    sample.settle()
    return sample.ceiling, sample.points


def test_few_keys_are_counted_one_by_one() -> None:
    sample = sampled(points(900, seed=1))
    assert sample.ceiling == WHOLE_SPACE
    assert sample.under(WHOLE_SPACE) == 900


def test_of_many_keys_those_under_the_ceiling_are_all_there() -> None:
    drawn = points(50_000, seed=2)
    sample = sampled(drawn)
    low = {point % WHOLE_SPACE for point in drawn}
    assert sample.points == {point for point in low if point < sample.ceiling}
    assert len(sample.points) == MOST


def test_two_arms_are_counted_in_the_same_part_of_all_keys() -> None:
    drawn = points(60_000, seed=3)
    few, many = sampled(drawn[:6_000]), sampled(drawn[6_000:60_000])
    ceiling = min(few.ceiling, many.ceiling)
    assert many.under(ceiling) == MOST
    expected = MOST * 6_000 / 54_000
    assert abs(few.under(ceiling) - expected) < 5 * expected**0.5


def test_the_sample_does_not_depend_on_the_bits_that_choose_the_arm() -> None:
    drawn = points(20_000, seed=4)
    mask = (1 << POINT_BITS) - 1
    moved = [point & mask | 5 << POINT_BITS for point in drawn]
    assert state(sampled(moved)) == state(sampled(drawn))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 12_000),
    st.integers(0, 2**32),
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_samples_of_workers_unite_to_the_sample_of_all_in_any_order(
    count: int, seed: int, workers: int, draw: random.Random
) -> None:
    drawn = points(count, seed)
    parts = [sampled([point for point in drawn if point % workers == n]) for n in range(workers)]
    parts += parts[:1]  # one says it twice
    draw.shuffle(parts)
    united = KeySample()
    for part in parts:
        united.unite(part.points, part.ceiling)
    assert state(united) == state(sampled(drawn))


def test_points_cross_the_wire_in_six_bytes_each() -> None:
    sample = sampled(points(3_000, seed=5))
    data = points_of(sample.points)
    assert len(data) == 6 * MOST
    assert points_in(data) == sorted(sample.points)


@pytest.mark.parametrize("data", [b"12345", b"1234567", bytes(6 * 2 * MOST + 6)])
def test_points_that_are_cut_off_or_too_many_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="key sample"):
        points_in(data)
