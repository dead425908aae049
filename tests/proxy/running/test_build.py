"""A data plane is put together out of its parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.carrying.clients import Clients
from proxy.numbers.prices import override
from proxy.policy import Dialect, Limits, Secret, Snapshot
from proxy.running.build import DataPlane, Parts, build
from tests.doubles.worker import upstream

PRICE = override(input="1", output="2")


def built(**changes: object) -> DataPlane:
    parts: dict[str, object] = {
        "upstreams": (upstream("mine"),),
        "clients": Clients((Secret("sk-CANARY-client"),)),
        "limits": Limits(max_streams=3),
        "prices": {("mine", "m"): PRICE},
    }
    return build(Parts(**(parts | changes)))  # type: ignore[arg-type]


async def test_what_is_built_counts_into_its_recorder_by_its_prices_within_its_limits() -> None:
    made = built()
    worker = made.plane.worker
    assert worker.recorder is made.recorder
    assert worker.prices is made.prices
    assert worker.limits is made.limits
    assert made.limits == Limits(max_streams=3)
    assert worker.clients.have_tokens


async def test_a_price_of_ones_own_is_found() -> None:
    assert built().prices.find("mine", Dialect.OPENAI, "m") == PRICE


async def test_nothing_serves_before_a_snapshot_is_there() -> None:
    made = built()
    assert made.plane.snapshot is None
    made.plane.swap(Snapshot(epoch=0, version=1))
    assert made.plane.snapshot == Snapshot(epoch=0, version=1)


async def test_time_goes_forward() -> None:
    clock = built().plane.worker.clock
    assert clock() <= clock()


async def test_certificates_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        built(upstreams=(upstream("mine", tls=True, ca_file=str(tmp_path / "absent.pem")),))
