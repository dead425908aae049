"""Moments and spans are written the same everywhere, and read back exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.migration.moment import lasting, seconds, written


def test_a_moment_is_utc_with_milliseconds() -> None:
    assert written(1_800_000_000.5) == "2027-01-15T08:00:00.500Z"


@given(st.integers(0, 4_000_000_000_000))
def test_a_moment_comes_back_to_the_millisecond(at_ms: int) -> None:
    assert seconds(written(at_ms / 1_000)) == pytest.approx(at_ms / 1_000, abs=0.0011)


@pytest.mark.parametrize(
    ("span_s", "said"),
    [
        (0, "0s"),
        (0.4, "0s"),
        (45, "45s"),
        (300, "5m"),
        (5_400, "1h30m"),
        (3_601, "1h1s"),
        (90_061, "1d1h"),
        (604_800, "7d"),
    ],
)
def test_a_span_has_its_two_largest_units(span_s: float, said: str) -> None:
    assert lasting(span_s) == said
