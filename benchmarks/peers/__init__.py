"""The proxies side by side: each file writes one's configuration and starts it.

All of them send 90 % of the requests to `old` and 10 % to `new`, keep their upstream connections
open, check the certificate where there is one, and write no access log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from benchmarks.mocks.plain import Upstreams
from benchmarks.peers import crossfade, envoy, haproxy, naive, nginx, pipe
from benchmarks.process import Process


class Running(NamedTuple):
    """A started proxy and the port that applications would use."""

    process: Process
    port: int


Start = Callable[[Path, Upstreams], tuple[Process, int]]

PEERS: Mapping[str, Start] = MappingProxyType(
    {
        "nginx": nginx.start,
        "haproxy": haproxy.start,
        "envoy": envoy.start,
        "aiohttp": naive.start,
        "pipe": pipe.start,
        "crossfade": crossfade.start,
        "interpreted": crossfade.start_interpreted,
    }
)


def start(name: str, folder: Path, upstreams: Upstreams) -> Running:
    """Start the peer of that name in a folder of its own."""
    own = folder / name
    own.mkdir()
    return Running(*PEERS[name](own, upstreams))
