"""A data plane put together out of its parts, the same for every process that runs one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from proxy.carrying.clients import Clients
from proxy.carrying.clock import Clock
from proxy.carrying.descriptors import fitting
from proxy.carrying.plane import Plane
from proxy.carrying.worker import Worker
from proxy.numbers.prices import Price
from proxy.policy import Limits, Upstream
from proxy.recording.pricebook import PriceBook
from proxy.recording.record import Recorder


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a data plane needs, secrets included. `prices` are its own, by upstream and model."""

    upstreams: tuple[Upstream, ...]
    clients: Clients
    limits: Limits
    prices: Mapping[tuple[str, str], Price]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPlane:
    """A plane that does not listen yet, and what it fills and asks; `limits` fit the process."""

    plane: Plane
    recorder: Recorder
    prices: PriceBook
    limits: Limits


def build(parts: Parts) -> DataPlane:
    """Put it together. Raises OSError for certificates that cannot be read."""
    limits = fitting(parts.limits)
    recorder = Recorder()
    prices = PriceBook(parts.prices, parts.upstreams, datetime.now(UTC))
    worker = Worker(
        upstreams=parts.upstreams,
        limits=limits,
        clients=parts.clients,
        recorder=recorder,
        prices=prices,
        clock=Clock(),
    )
    return DataPlane(plane=Plane(worker), recorder=recorder, prices=prices, limits=limits)
