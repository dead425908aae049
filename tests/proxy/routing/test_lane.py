"""Lanes: what is the same for all requests of an arm, its ids above all."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from proxy.exchange_id import UNIQUE, opened, sealed
from proxy.policy import ArmName, Edits, Split
from proxy.routing.destination import Destination
from proxy.routing.draw import Lot
from proxy.routing.lane import Lane, Seal, Way
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


def test_a_lane_tells_whether_its_arm_changes_more_than_the_model() -> None:
    plain = Lane(route(), ArmName.BASELINE, ANYWHERE)
    edited = replace(route().baseline, edits=Edits(drop=("seed",)))
    assert not plain.edits
    assert Lane(replace(route(), baseline=edited), ArmName.BASELINE, ANYWHERE).edits
    assert plain.model == route().baseline.model


def test_each_arm_of_each_migration_has_a_pool_of_its_own_at_an_upstream() -> None:
    keys = {Lane(route(), name, ANYWHERE).pool_key for name in ArmName}
    assert keys == {(route().name, name, "somewhere") for name in ArmName}


def test_a_way_leads_to_the_lanes_of_its_arms() -> None:
    baseline, candidate = (Lane(route(), name, ANYWHERE) for name in ArmName)
    way = Way(route(), Lot(route()), baseline, candidate)
    assert way.lane(ArmName.BASELINE) is baseline
    assert way.lane(ArmName.CANDIDATE) is candidate
    assert way.allow_force is route().allow_force
