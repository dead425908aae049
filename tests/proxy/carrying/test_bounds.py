"""Limits in whole numbers."""

from __future__ import annotations

from proxy.carrying.bounds import Bounds
from proxy.policy import Limits


def test_sizes_and_counts_are_those_of_the_limits() -> None:
    limits = Limits(max_body=1, max_parse=2, max_buffered=3, max_headers=4, max_streams=5)
    bounds = Bounds(limits)
    sizes = (bounds.max_body, bounds.max_parse, bounds.max_buffered, bounds.max_headers)
    assert (*sizes, bounds.max_streams) == (1, 2, 3, 4, 5)


def test_times_are_microseconds() -> None:
    limits = Limits(
        header_timeout=0.1,
        body_timeout=0.2,
        first_byte_timeout=0.3,
        stream_idle_timeout=0.4,
        write_stall_timeout=0.5,
        client_keepalive=0.6,
        upstream_keepalive=0.7,
        total_timeout=0.8,
    )
    bounds = Bounds(limits)
    times = (bounds.header_us, bounds.body_us, bounds.first_byte_us, bounds.stream_idle_us)
    assert times == (100_000, 200_000, 300_000, 400_000)
    rest = (bounds.write_stall_us, bounds.client_keepalive_us, bounds.upstream_keepalive_us)
    assert (*rest, bounds.total_us) == (500_000, 600_000, 700_000, 800_000)
