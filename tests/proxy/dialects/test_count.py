"""Counts that may become a cost."""

from __future__ import annotations

import msgspec
import pytest

from proxy.dialects.count import Count


@pytest.mark.parametrize("count", [0, 10**12])
def test_a_count_may_be_as_large_as_anybody_reaches(count: int) -> None:
    assert msgspec.convert(count, Count) == count


@pytest.mark.parametrize("count", [-1, 10**12 + 1, 1.5, "7"])
def test_what_no_provider_reaches_is_no_count(count: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(count, Count)
