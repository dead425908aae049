"""How many distinct keys were drawn: the exact count within a sample that every worker agrees on.

A key is in the sample when its hash's low bits are under a ceiling, which falls as keys come. So
samples of workers unite into the sample of all, a repeated key counts once, and the counts of two
arms under one ceiling are those of the same part of all keys. (The bottom-k sketch: Bar-Yossef et
al. 2002, "Counting distinct elements in a data stream"; Beyer et al. 2007 unite them.)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from proxy.errors import Invalid

MOST: Final = 2_048  # keys in a sample
POINT_BITS: Final = 48  # a hash's top bits choose the arm, so the sample is taken by the low ones
_MASK: Final = (1 << POINT_BITS) - 1
WHOLE_SPACE: Final = 1 << POINT_BITS


class KeySample:
    """Once settled, the `MOST` smallest of all points that were added, at most.

    Under the ceiling every point is there. It only falls, and not before there are too many.
    """

    __slots__ = ("ceiling", "points")

    def __init__(self) -> None:
        self.ceiling = WHOLE_SPACE
        self.points: set[int] = set()

    def add(self, point: int) -> None:
        """A key was drawn; `point` is the draw's 64-bit hash. 0.1 µs."""
        low = point & _MASK
        if low < self.ceiling:
            self.points.add(low)
            if len(self.points) > 2 * MOST:
                self.settle()

    def unite(self, points: Iterable[int], ceiling: int) -> None:
        """Adds another sample."""
        if ceiling < self.ceiling:
            self.ceiling = ceiling
            self.points = {point for point in self.points if point < ceiling}
        self.points.update(point for point in points if point < self.ceiling)
        if len(self.points) > 2 * MOST:
            self.settle()

    def under(self, ceiling: int) -> int:
        """How many distinct keys there are under a ceiling no higher than this settled one's."""
        return sum(point < ceiling for point in self.points)

    def settle(self) -> None:
        """Keeps the smallest points alone."""
        if len(self.points) > MOST:
            smallest = sorted(self.points)[: MOST + 1]
            self.ceiling = smallest.pop()
            self.points = set(smallest)


def points_of(points: Iterable[int]) -> bytes:
    """Points as bytes, 6 each, in ascending order."""
    return b"".join(point.to_bytes(6, "big") for point in sorted(points))


def points_in(data: bytes) -> list[int]:
    """Points out of bytes. Raises Invalid for bytes that are none."""
    if len(data) % 6 or len(data) > 6 * 2 * MOST:
        raise Invalid("points of a key sample are cut off, or too many")
    return [int.from_bytes(data[at : at + 6], "big") for at in range(0, len(data), 6)]
