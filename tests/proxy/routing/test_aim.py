"""The words of a decision."""

from __future__ import annotations

import pytest

from proxy.dialects import Call, Operation
from proxy.policy import ArmName, Dialect
from proxy.routing.aim import UNMATCHED, Aim, Choice
from proxy.routing.destination import Destination
from proxy.routing.lane import Lane
from tests.doubles.worker import upstream
from tests.proxy.routes import route

ANYWHERE = Destination(upstream("somewhere"), clients_have_tokens=False)
LANE = Lane(route("triage"), ArmName.CANDIDATE, ANYWHERE)


@pytest.mark.parametrize("held", [{"forced": True}, {"kept": True}, {"spared": True}])
def test_what_the_draw_did_not_choose_does_not_count(held: dict[str, bool]) -> None:
    assert Choice(LANE).counts
    assert not Choice(LANE, **held).counts


def test_an_aim_names_its_migration() -> None:
    call = Call(Dialect.OPENAI, Operation.CHAT)
    chosen = Aim(call, ANYWHERE, Choice(LANE), 1, b"", None)
    assert chosen.migration == "triage"
    assert Aim(call, ANYWHERE, None, 1, b"", None).migration == UNMATCHED
