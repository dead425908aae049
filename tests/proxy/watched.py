"""A meter with everything it told, and every golden answer by its name."""

from __future__ import annotations

import pytest

from proxy.dialects.call import Call
from proxy.metering.meter import Meter
from proxy.metering.reading import Reading
from tests.proxy.golden import ALL

by_name = pytest.mark.parametrize(
    "golden", ALL, ids=lambda golden: f"{golden.call.dialect}-{golden.name}"
)


class Watched:
    """A meter with everything it told."""

    def __init__(self, call: Call, content_type: bytes, coding: bytes = b"") -> None:
        self.gaps: list[tuple[int, int]] = []
        self.meter = Meter(call, 1_000, lambda us, times: self.gaps.append((us, times)))
        self.meter.head(200, content_type, coding)

    def read(self, answer: list[bytes], *, complete: bool = True) -> Reading:
        for number, piece in enumerate(answer):
            self.meter.feed(piece, 2_000 + number * 10)
        return self.meter.finish(complete=complete)

    def tokens(self) -> int:
        """The events of content: the first, and one more a gap."""
        return (self.meter.first_token_us is not None) + sum(times for _, times in self.gaps)
