"""Lanes: what is the same for all requests of an arm, its ids above all."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from proxy.destination import Destination
from proxy.exchange_id import UNIQUE, opened, sealed
from proxy.lane import Lane, Seal
from proxy.policy import ArmName, Split
from tests.doubles.worker import upstream
from tests.proxy.routes import route

ANYWHERE = Destination(upstream("somewhere"), clients_have_tokens=False)


@pytest.mark.parametrize("arm", [None, *ArmName])
@pytest.mark.parametrize("epoch", [0, 7, 2**28 + 5])
def test_a_seal_makes_the_ids_that_can_be_opened(arm: ArmName | None, epoch: int) -> None:
    made = Seal("triage", arm, epoch).id(b"a" * UNIQUE).decode()
    assert made == sealed("a" * UNIQUE, "triage", arm, epoch)
    assert opened(made, "triage") == (None if arm is None else (arm, epoch % 2**28))


def test_a_lane_knows_its_weight_epoch_and_whether_it_leads_elsewhere() -> None:
    one = replace(route(), split=Split(share=10, since=5))
    lane = Lane(one, ArmName.CANDIDATE, ANYWHERE)
    assert (lane.arm, lane.epoch) == (one.candidate, 5)
    assert lane.foreign is (one.candidate.upstream != one.baseline.upstream)
    assert Lane(one, ArmName.BASELINE, ANYWHERE).foreign is False
