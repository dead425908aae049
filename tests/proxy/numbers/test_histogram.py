"""proxy/numbers/histogram.py against hdrhistogram's own implementation."""

from __future__ import annotations

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from proxy.numbers.histogram import HIGHEST_US, LOWEST_US, SIGNIFICANT_DIGITS, Histogram

PERCENTILES = [0.1, 50.0, 90.0, 95.0, 99.0, 99.9, 100.0]

# Exponents first, so that all magnitudes are drawn as often as each other.
values = st.integers(0, 31).flatmap(lambda bits: st.integers(0, min(2**bits, HIGHEST_US)))
recordings = st.lists(st.tuples(values, st.integers(0, 5)), max_size=60)


def theirs() -> HdrHistogram:
    return HdrHistogram(LOWEST_US, HIGHEST_US, SIGNIFICANT_DIGITS)


def filled(pairs: list[tuple[int, int]]) -> tuple[Histogram, HdrHistogram]:
    ours, reference = Histogram(), theirs()
    for us, times in pairs:
        ours.record(us, times)
        if times:  # hdrh moves its maximum for a value counted zero times
            assert reference.record_value(us, times)
    return ours, reference


def trimmed(whole: Histogram, poured: Histogram) -> list[int]:
    """A value recorded zero times makes room that no filled slot needs."""
    assert not any(whole.counts[len(poured.counts) :])
    return list(whole.counts[: len(poured.counts)])


@given(recordings)
def test_counts_lie_where_hdrh_puts_them(pairs: list[tuple[int, int]]) -> None:
    ours, reference = filled(pairs)
    counts = list(reference.counts)
    assert list(ours.counts) == counts[: len(ours.counts)]
    assert not any(counts[len(ours.counts) :])
    assert ours.count == reference.total_count
    assert ours.sum_us == sum(us * times for us, times in pairs)


@given(recordings)
def test_percentiles_are_hdrhs_own(pairs: list[tuple[int, int]]) -> None:
    ours, reference = filled(pairs)
    if ours.count:
        expected = reference.get_percentile_to_value_dict(PERCENTILES)
        assert ours.percentiles(PERCENTILES) == [expected[percent] for percent in PERCENTILES]


@given(recordings, recordings)
def test_slots_that_are_filled_count_as_if_they_were_recorded(
    some: list[tuple[int, int]], more: list[tuple[int, int]]
) -> None:
    poured, other, whole = filled(some)[0], filled(more)[0], filled(some + more)[0]
    exactly = poured.sum_us + other.sum_us
    poured.fill([(slot, count) for slot, count in enumerate(other.counts) if count])
    assert (poured.count, list(poured.counts)) == (whole.count, trimmed(whole, poured))
    assert abs(poured.sum_us - exactly) <= other.sum_us / 256


@given(recordings, recordings)
def test_merging_counts_as_one_histogram_would(
    some: list[tuple[int, int]], more: list[tuple[int, int]]
) -> None:
    merged, other, whole = filled(some)[0], filled(more)[0], filled(some + more)[0]
    merged.merge(other)
    assert (merged.count, merged.sum_us, merged.counts) == (whole.count, whole.sum_us, whole.counts)


@given(recordings, st.integers(0, 2 * HIGHEST_US))
def test_what_is_above_a_bound_is_all_that_is_not_within_it(
    pairs: list[tuple[int, int]], bound_us: int
) -> None:
    ours = filled(pairs)[0]
    assert ours.above(bound_us) == ours.count - ours.bucket_counts([bound_us])[0]


@given(recordings, st.lists(st.integers(1, HIGHEST_US), min_size=1).map(sorted))
def test_cumulative_counts_are_right_to_one_slot(
    pairs: list[tuple[int, int]], bounds: list[int]
) -> None:
    ours, reference = filled(pairs)
    assert ours.bucket_counts(bounds) == [
        sum(times for us, times in pairs if us <= reference.get_highest_equivalent_value(bound))
        for bound in bounds
    ]


def test_a_value_on_a_bound_is_within_it() -> None:
    ours = Histogram()
    ours.record(1_000)
    assert ours.bucket_counts([999 - 8, 1_000, HIGHEST_US]) == [0, 1, 1]


@pytest.mark.parametrize(("given_us", "kept_us"), [(-1, 0), (HIGHEST_US + 1, HIGHEST_US)])
def test_values_outside_the_range_are_clamped_not_dropped(given_us: int, kept_us: int) -> None:
    clamped, expected = Histogram(), Histogram()
    clamped.record(given_us)
    expected.record(kept_us)
    assert clamped.count == 1
    assert clamped.sum_us == kept_us
    assert clamped.counts == expected.counts


def test_nothing_is_known_of_an_empty_histogram_and_it_holds_no_counts() -> None:
    empty = Histogram()
    assert empty.percentiles([50, 99]) == [None, None]
    assert empty.bucket_counts([1, 1_000]) == [0, 0]
    assert len(empty.counts) == 0


def test_the_whole_range_takes_27_kilobytes_and_small_values_less() -> None:
    whole, small = Histogram(), Histogram()
    whole.record(HIGHEST_US)
    small.record(255)
    assert len(whole.counts) == theirs().counts_len
    assert len(whole.counts) * whole.counts.itemsize == 26_624
    assert len(small.counts) * small.counts.itemsize == 2_048
