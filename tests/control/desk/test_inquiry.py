"""What the desk answers to questions, with a real store and a real worker behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from control.desk.desk import Ask, Desk
from control.desk.outlook import weights
from control.guard.forecast import Traffic
from control.migration.ledger import Phase
from control.migration.moment import seconds
from control.refusal import Code, DeskError
from control.store import Event, StoreUnavailable, WorkerStatus
from control.store.embedded import EmbeddedStore
from control.words.evidence import QUARTER_S, Cell, Evidence, Sums
from control.words.verdict import Verdict
from proxy.policy import ArmName
from tests.control.desk.test_outlook import JUDGEMENT
from tests.control.office import ASK, Office, configured, office, source
from tests.control.rulings import RAMP, OneJudged

SEEN = Evidence(
    cells=(Cell(epoch=2, quarter=1, baseline=Sums(requests=9), candidate=Sums(requests=1)),)
)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


async def test_a_rollback_is_under_way_until_every_worker_obeys(tmp_path: Path) -> None:
    async with office(tmp_path, serving=False) as here:
        await here.desk.apply("triage", source(), ASK)
        await here.desk.apply("billing", source("billing", match="gpt-5"), ASK)
        done = await here.desk.rollback("triage", ASK)
        assert (done.phase, done.latched) == (Phase.DEGRADED, True)
        told = {one.name: (one.phase, one.latched) for one in await here.desk.list()}
        assert told == {
            "triage": (Phase.ROLLING_BACK, True),
            "billing": (Phase.PENDING, False),
        }
        assert (await here.desk.get("triage")).phase is Phase.ROLLING_BACK
    async with office(tmp_path) as here:
        assert (await here.desk.get("triage")).phase is Phase.DEGRADED


async def test_list_and_get_tell_where_things_stand(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    await here.desk.apply("billing", source("billing", match="gpt-5"), ASK)
    await here.desk.set_weight("triage", 10, Ask(actor="joe@desk", reason="first look"))
    told = await here.desk.list()
    assert [(one.name, one.version, one.snapshot_version) for one in told] == [
        ("triage", 3, 3),
        ("billing", 2, 3),
    ]
    view = await here.desk.get("triage")
    assert (view.actor, view.since) == ("joe@desk", "2026-01-02T03:04:05.678Z")
    assert view.reason == "WeightSet: first look"
    assert view.arms[ArmName.CANDIDATE].requests == 0


async def test_history_tells_who_did_what_and_why(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    await here.desk.set_weight("triage", 10, Ask(actor="joe@desk", reason="first look"))
    await here.desk.rollback("triage", ASK)
    events = await here.desk.history("triage", 2)
    assert [(event.verb, event.actor, event.reason, event.phase) for event in events] == [
        ("rollback", "jane@desk", None, "Degraded"),
        ("set-weight", "joe@desk", "first look", "Progressing"),
    ]
    moved = {"weight_before": "10", "weight_after": "0"}
    assert moved.items() <= events[0].evidence.items()


async def test_workers_tell_what_they_serve(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    while [worker.version for worker in await here.desk.workers()] != [1]:
        pass  # its acknowledgement is under way


async def test_get_shows_what_the_judge_knows_and_the_last_events(here: Office) -> None:
    desk = replace(
        here.desk, judge=OneJudged(ruled=Verdict(judgements=(JUDGEMENT,), fresh_s=1.5), seen=SEEN)
    )
    await desk.apply("triage", source(), ASK)
    await desk.set_weight("triage", 10, ASK)
    await desk.apply("billing", source("billing", match="gpt-5"), ASK)
    told = await desk.get("triage")
    assert [limit.limit for limit in told.limits] == [JUDGEMENT.limit.key]
    assert (told.fresh_s, told.observed) == (1.5, weights(1_000))
    assert [event.verb for event in told.events] == ["set-weight", "apply"]
    assert [worker.worker for worker in told.workers] == ["one"]
    assert ((await desk.get("billing")).limits, (await desk.get("billing")).fresh_s) == ((), None)


async def test_where_nobody_judges_nothing_is_claimed(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    told = await here.desk.get("triage")
    assert (told.limits, told.observed, told.fresh_s, told.step) == ((), None, None, None)


class Lost(EmbeddedStore):
    """A store whose document can be read, and nothing else."""

    async def history(self, name: str, limit: int) -> list[Event]:
        raise StoreUnavailable(f"no answer for {name}, {limit}")

    async def workers(self) -> list[WorkerStatus]:
        raise StoreUnavailable("no answer")


async def test_a_store_that_falls_silent_is_a_refusal(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.desk.apply("triage", source(), ASK)
    store = Lost(configured(tmp_path).state_dir)
    await store.open()
    desk = replace(here.desk, store=store)
    for verb in (desk.workers(), desk.history("triage"), desk.get("triage")):
        with pytest.raises(DeskError, match="the store cannot be read") as refused:
            await verb
        assert refused.value.code is Code.STORE_UNAVAILABLE
    await store.close()


def judged(here: Office) -> Desk:
    counted = Cell(
        epoch=2,
        quarter=1,
        baseline=Sums(requests=9_000, errors=90),
        candidate=Sums(requests=1_000, errors=50),
    )
    return replace(here.desk, judge=OneJudged(seen=Evidence(cells=(counted,), fresh_at_s=1_800.0)))


async def test_a_judgement_is_explained_by_metric_or_by_key(here: Office) -> None:
    desk = judged(here)
    await desk.apply("triage", source(more=RAMP), ASK)
    await desk.start("triage", ASK)
    told = await desk.explain("triage", "error_rate")
    assert [one.judgement.limit.key for one in told] == [
        "error_rate over 2%",
        "error_rate over_baseline 1.25x",
    ]
    assert told[0].judgement.samples == 1_000
    (one,) = await desk.explain("triage", "error_rate over 2%")
    assert one == told[0]


async def test_what_has_no_limit_is_not_explained(here: Office) -> None:
    await here.desk.apply("triage", source(more=RAMP), ASK)
    with pytest.raises(DeskError, match=r"it has: error_rate over 2%, error_rate over_b") as told:
        await here.desk.explain("triage", "latency_p95")
    assert told.value.code is Code.UNKNOWN_LIMIT


async def test_a_forecast_is_of_the_traffic_observed_or_of_another(here: Office) -> None:
    await here.desk.apply("triage", source(more=RAMP), ASK)
    unknown = await here.desk.forecast("triage")
    assert (len(unknown.steps), unknown.takes_s) == (3, None)
    seen = await judged(here).forecast("triage")
    assert seen.traffic.requests_per_s > 0
    assumed = Traffic(requests_per_s=20.0, error_rate=0.01)
    assert (await here.desk.forecast("triage", assumed)).traffic == assumed


async def test_traffic_is_counted_from_the_registration_on(here: Office) -> None:
    await here.desk.apply("triage", source(more=RAMP), ASK)
    begun_s = seconds((await here.desk.get("triage")).since)
    counted = Cell(epoch=1, quarter=int(begun_s) // QUARTER_S, baseline=Sums(requests=900))
    seen = Evidence(cells=(counted,), fresh_at_s=begun_s + 30)
    told = await replace(here.desk, judge=OneJudged(seen=seen)).forecast("triage")
    assert told.traffic.requests_per_s == pytest.approx(30)


async def test_what_depends_on_measurements_asks_for_the_newest(here: Office) -> None:
    asked: list[str] = []

    async def freshen() -> None:
        asked.append("again")

    await here.desk.apply("triage", source(more=RAMP), ASK)
    desk = replace(here.desk, freshen=freshen)
    await desk.get("triage")
    await desk.explain("triage", "error_rate")
    await desk.forecast("triage")
    assert len(asked) == 3
