"""The desk's verbs on a ramp, with a real store and a real worker behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from control.migration.book import opened
from control.migration.ledger import Cause, Phase, Verb
from control.migration.progress import Breach, Stage
from control.refusal import Code, DeskError
from tests.control.office import ASK, Office, office, source
from tests.control.rulings import RAMP
from tests.doubles.documents import event

SAID = replace(ASK, reason="known")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        await opened.desk.apply("triage", source(more=RAMP), ASK)
        yield opened


async def breach(here: Office) -> None:
    """Opens a breach in the store, as the guard does."""
    book = opened((await here.store.read()).document)
    known = book.state("triage")
    assert known is not None
    assert known.entry.progress is not None
    open_ = Breach(limit="error_rate over 2%", stage=Stage.OPEN, since_s=1.0, due_s=9e9)
    progress = msgspec.structs.replace(known.entry.progress, breaches=(open_,))
    version = book.version + 1
    entry = msgspec.structs.replace(
        known.entry,
        phase=Phase.PAUSED,
        cause=Cause.BREACH,
        progress=progress,
        changed_version=version,
    )
    amended = book.amended([msgspec.structs.replace(known, entry=entry)])
    noticed = event(version, verb="notice", actor="guard", phase="Paused")
    await here.store.commit(amended.document(), book.version, noticed)


async def test_a_ramp_goes_through_its_steps(here: Office) -> None:
    done = await here.desk.start("triage", ASK)
    assert (done.verb, done.phase, done.weights.candidate) == (Verb.START, Phase.PROGRESSING, 1)
    assert here.served[-1].routes[0].split.share == 100
    done = await here.desk.pause("triage", ASK)
    assert (done.phase, done.reason, done.weights.candidate) == (Phase.PAUSED, "ManualPause", 1)
    assert (await here.desk.resume("triage", ASK)).phase is Phase.PROGRESSING
    done = await here.desk.promote("triage", ASK)
    assert (done.phase, done.reason, done.weights.candidate) == (Phase.PROGRESSING, "Promoted", 10)
    done = await here.desk.approve("triage", ASK)
    assert done.changed
    assert (await here.desk.approve("triage", ASK)).changed is False
    done = await here.desk.reject("triage", ASK)
    assert (done.phase, done.reason, done.weights.candidate) == (Phase.PAUSED, "Rejected", 1)
    done = await here.desk.promote("triage", SAID, full=True)
    assert (done.phase, done.weights.candidate) == (Phase.SOAKING, 99)
    done = await here.desk.rollback("triage", ASK)
    assert (done.phase, done.latched, done.weights.candidate) == (Phase.DEGRADED, True, 0)


async def test_the_view_follows_the_ramp(here: Office) -> None:
    view = await here.desk.get("triage")
    assert [step.weight for step in view.steps] == [1, 10, 99]
    assert view.step is None
    await here.desk.start("triage", ASK)
    await here.desk.promote("triage", ASK)
    step = (await here.desk.get("triage")).step
    assert step is not None
    assert (step.index, step.of, step.hold_s, step.requests) == (2, 3, 600, 0)
    assert step.awaiting[-1] == "an approval"


async def test_a_dismissal_needs_a_breach_and_a_reason(here: Office) -> None:
    await here.desk.start("triage", ASK)
    with pytest.raises(DeskError) as refused:
        await here.desk.dismiss("triage", SAID)
    assert refused.value.code is Code.NO_OPEN_BREACH
    await breach(here)
    with pytest.raises(DeskError) as refused:
        await here.desk.dismiss("triage", ASK)
    assert refused.value.code is Code.REASON_NEEDED
    with pytest.raises(DeskError) as refused:
        await here.desk.dismiss("triage", SAID, "error_rate over 3%")
    assert refused.value.code is Code.NO_OPEN_BREACH
    await here.desk.dismiss("triage", SAID, "error_rate over 2%")
    (told,) = (await here.desk.get("triage")).breaches
    assert (told.stage, told.deadline) == (Stage.DISMISSED, None)


async def test_an_unknown_migration_is_refused_by_every_verb(here: Office) -> None:
    desk = here.desk
    for verb in (
        desk.start("absent", ASK),
        desk.pause("absent", ASK),
        desk.resume("absent", ASK),
        desk.approve("absent", ASK),
        desk.reject("absent", ASK),
        desk.dismiss("absent", ASK),
        desk.promote("absent", ASK),
        desk.explain("absent", "error_rate"),
        desk.forecast("absent"),
    ):
        with pytest.raises(DeskError, match="no migration absent") as refused:
            await verb
        assert refused.value.code is Code.UNKNOWN_MIGRATION
