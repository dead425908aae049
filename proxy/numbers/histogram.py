"""A mergeable HDR histogram of microseconds whose recording costs a fifth of hdrhistogram's."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from pyhdrh import add_array

LOWEST_US: Final = 1
HIGHEST_US: Final = 3_600_000_000  # 1 hour
SIGNIFICANT_DIGITS: Final = 2

# HDR's layout at 2 significant digits: 2 * 10**2 rounded up to a power of two is 256 slots of 1 µs,
# then 128 slots of each doubled width. hdrh/histogram.py derives the same; a test compares.
_HALF_BITS: Final = 7
_HALF: Final = 1 << _HALF_BITS
_MASK: Final = 2 * _HALF - 1


class Histogram:
    """Counts of whole microseconds from 0 to 1 hour, each within 1/128 of its value.

    Values outside are clamped, never dropped. The counts grow with the largest value seen: 2 KB up
    to 255 µs, 1 KB more a doubling, 26 KB at 1 hour, and nothing before the first value.
    `record` stays bound to one object for as long as a stream runs, so whoever takes differences
    compares `counts` with a copy, and does not put another Histogram in its place.
    """

    __slots__ = ("count", "counts", "sum_us")

    def __init__(self) -> None:
        self.counts: array[int] = array("Q")
        self.count = 0
        self.sum_us = 0

    def record(self, us: int, times: int = 1) -> None:
        """Count a value; 0.2 µs where hdrh's record_value takes 0.8."""
        if us < 0:
            us = 0
        elif us > HIGHEST_US:
            us = HIGHEST_US
        shift = (us | _MASK).bit_length() - _HALF_BITS - 1
        try:
            self.counts[(shift << _HALF_BITS) + (us >> shift)] += times
        except IndexError:
            self._grow((shift + 2) << _HALF_BITS)
            self.counts[(shift << _HALF_BITS) + (us >> shift)] += times
        self.count += times
        self.sum_us += us * times

    def merge(self, other: Histogram) -> None:
        """Add another histogram's counts to these; 2 µs for 2,500 slots."""
        length = len(other.counts)
        if length > len(self.counts):
            self._grow(length)
        if length:
            mine, theirs = self.counts.buffer_info()[0], other.counts.buffer_info()[0]
            add_array(mine, theirs, length, self.counts.itemsize)
        self.count += other.count
        self.sum_us += other.sum_us

    def fill(self, slots: Sequence[tuple[int, int]]) -> None:
        """Add (slot, count) in the order of slots.

        `sum_us` grows by the slots' middles, within 1/256 of the values' own.
        """
        if not slots:
            return
        wanted = ((slots[-1][0] >> _HALF_BITS) + 1) << _HALF_BITS
        if wanted > len(self.counts):
            self._grow(max(wanted, 2 * _HALF))
        counts, middles = self.counts, _MIDDLES
        number = sum_us = 0
        for slot, count in slots:
            counts[slot] += count
            number += count
            sum_us += count * middles[slot]
        self.count += number
        self.sum_us += sum_us

    def percentiles(self, wanted: Sequence[float]) -> list[float | None]:
        """The values in microseconds at these percentiles (over 0, to 100), as hdrh gives them.

        Each is the upper edge of its slot; None where nothing was recorded.
        """
        if not self.count:
            return [None] * len(wanted)
        running = list(accumulate(self.counts))
        ranks = [max(int(percent * self.count / 100 + 0.5), 1) for percent in wanted]
        return [float(upper_edge(bisect_left(running, rank))) for rank in ranks]

    def bucket_counts(self, bounds_us: Sequence[int]) -> list[int]:
        """How many values are at most each bound; a bound counts its whole slot (1/128 wide)."""
        if not self.count:
            return [0] * len(bounds_us)
        running = list(accumulate(self.counts))
        last = len(running) - 1
        return [running[min(slot_of(bound), last)] for bound in bounds_us]

    def above(self, bound_us: int) -> int:
        """How many values are more than a bound, whose whole slot (1/128 wide) is not."""
        return sum(self.counts[slot_of(bound_us) + 1 :])

    def _grow(self, length: int) -> None:
        self.counts.frombytes(bytes((length - len(self.counts)) * self.counts.itemsize))


def slot_of(us: int) -> int:
    """Where in `counts` a value lies that is neither negative nor over HIGHEST_US."""
    shift = (us | _MASK).bit_length() - _HALF_BITS - 1
    return (shift << _HALF_BITS) + (us >> shift)


def upper_edge(slot: int) -> int:
    """The largest value of a slot of `counts`, in microseconds."""
    shift = max((slot >> _HALF_BITS) - 1, 0)
    return ((slot - (shift << _HALF_BITS) + 1) << shift) - 1


_MIDDLES: Final = tuple(
    upper_edge(slot) - (1 << max((slot >> _HALF_BITS) - 1, 0) >> 1)
    for slot in range(slot_of(HIGHEST_US) // _HALF * _HALF + _HALF)
)
