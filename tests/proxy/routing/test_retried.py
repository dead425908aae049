"""A library's further tries are told by the header that it counts them in."""

from __future__ import annotations

import pytest

from proxy.routing.retried import retried

HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: api\r\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", False),
        (b"x-stainless-retry-count: 0\r\n", False),
        (b"x-stainless-retry-count: 1\r\n", True),
        (b"X-Stainless-Retry-Count:2\r\n", True),
        (b"x-stainless-retry-count: \r\n", False),
        (b"x-stainless-retry-count-else: 1\r\n", False),
        (b"x-other: x-stainless-retry-count: 1\r\n", False),
    ],
)
def test_tries_after_the_first_say_so(line: bytes, said: bool) -> None:
    assert retried(HEAD + line + b"accept: */*\r\n") is said
