"""Bytes cut into any pieces, for hypothesis."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st


def pieces(whole: bytes, cuts: list[int]) -> list[bytes]:
    """The bytes cut at these places, taken modulo their length."""
    places = sorted({cut % (len(whole) + 1) for cut in cuts})
    return [whole[a:b] for a, b in zip([0, *places], [*places, len(whole)], strict=True)]


# Where to cut: a few places anywhere; empty pieces come of themselves at both ends.
CUTS = st.lists(st.integers(0, 1_000_000), max_size=12)

# Properties have no deadline: a machine that is busy is not a fault.
at_leisure = settings(deadline=None)
