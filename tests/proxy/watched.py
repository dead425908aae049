"""A meter with everything it told, and every golden answer by its name."""

from __future__ import annotations

import pytest

from proxy.dialects.call import Call
from proxy.metering.meter import Meter
from proxy.metering.reading import Reading
from proxy.numbers.histogram import Histogram
from tests.proxy.golden import ALL

by_name = pytest.mark.parametrize(
    "golden", ALL, ids=lambda golden: f"{golden.call.dialect}-{golden.name}"
)


class Gaps(Histogram):
    """A histogram that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[int, int]] = []

    def record(self, us: int, times: int = 1) -> None:
        self.told.append((us, times))
        super().record(us, times)


class Watched:
    """A meter with everything it told."""

    def __init__(self, call: Call, content_type: bytes, coding: bytes = b"") -> None:
        gaps = Gaps()
        self.gaps = gaps.told
        self.meter = Meter(call, 1_000, gaps)
        self.meter.head(200, content_type, coding)

    def read(self, answer: list[bytes], *, complete: bool = True) -> Reading:
        for number, piece in enumerate(answer):
            self.meter.feed(piece, 2_000 + number * 10)
        return self.meter.finish(complete=complete)

    def tokens(self) -> int:
        """The events of content: the first, and one more a gap."""
        return (self.meter.first_token_us is not None) + sum(times for _, times in self.gaps)
