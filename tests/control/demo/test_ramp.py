"""control.demo.ramp: a ramp that is not as it was promised must not be told to the end."""

from __future__ import annotations

import io

import msgspec
import pytest

from control.demo import ramp
from control.demo.files import NAME
from control.demo.narrator import Narrator
from control.demo.ramp import Broken, Ramp, demand
from control.demo.stage import Stage
from control.demo.traffic import Traffic
from control.desk.view import View
from control.migration.ledger import Phase


def told(stage: Stage) -> tuple[Ramp, io.StringIO]:
    out = io.StringIO()
    return Ramp(stage, Narrator(out, colours=False), ["a"]), out


async def test_a_step_that_does_not_come_ends_the_story(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ramp, "PATIENCE_S", 0.0)
    played, _ = told(stage)
    with pytest.raises(Broken, match="the second step did not come: Pending"):
        await played._stepped()


async def test_a_rollback_by_a_person_is_not_one_that_happens_by_itself(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    played, _ = told(stage)
    found = msgspec.json.decode(stage.told(f"/api/migrations/{NAME}"), type=View)
    by_hand = msgspec.structs.replace(found, phase=Phase.DEGRADED, latched=True)

    async def view() -> View:
        return by_hand

    monkeypatch.setattr(played, "_view", view)
    try:
        with pytest.raises(Broken, match="rolled it back"):
            await played._turned_bad(Traffic())
    finally:
        stage.turn_bad(0)


async def test_an_unexpected_exit_code_ends_the_story(stage: Stage) -> None:
    played, out = told(stage)
    with pytest.raises(Broken, match="exit code 1 instead of 0"):
        await played._crossfade("get", "no body")
    assert "$ crossfade get 'no body'" in out.getvalue()


def test_a_promise_that_is_kept_is_no_news() -> None:
    demand(True, "never said")
