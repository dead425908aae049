"""What is made of an answer that was cut."""

from __future__ import annotations

import pytest

from proxy.exchange import Usage, UsageState
from proxy.metering.reading import Reading, estimate


def cut(usage: Usage | None, output_bytes: int) -> Reading:
    return Reading(
        usage=usage,
        state=UsageState.ESTIMATED,
        model=None,
        failed=False,
        terminated=False,
        events=1,
        output_bytes=output_bytes,
    )


@pytest.mark.parametrize(
    ("said", "output_bytes", "request_bytes", "usage"),
    [
        (None, 0, 0, Usage()),
        (None, 1, 1, Usage(input=1, output=1)),
        (None, 8, 9, Usage(input=3, output=2)),
        (Usage(input=10, cached_input=4), 8, 400, Usage(input=10, cached_input=4, output=2)),
        (Usage(input=10, output=1), 8, 400, Usage(input=10, output=2)),
        (Usage(input=10, output=9), 8, 400, Usage(input=10, output=9)),
    ],
)
def test_the_provider_is_believed_and_bytes_fill_the_rest(
    said: Usage | None, output_bytes: int, request_bytes: int, usage: Usage
) -> None:
    assert estimate(cut(said, output_bytes), request_bytes) == usage
