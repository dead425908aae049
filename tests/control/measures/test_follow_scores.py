"""Scores, whichever replica takes them."""

from __future__ import annotations

import asyncio

import pytest

from control.measures.follow import MOST_ASKED, SCORES_EVERY
from control.measures.scores import MOST_BATCHES, Score, Scores, encode
from control.store import StoreUnavailable
from proxy.errors import Invalid
from proxy.exchange_id import sealed
from proxy.policy import ArmName, Snapshot
from tests.control.following import Rig
from tests.control.measures.test_scores import score
from tests.proxy.routes import route

BASELINE, CANDIDATE = ArmName.BASELINE, ArmName.CANDIDATE


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def looks(rig: Rig, count: int = SCORES_EVERY) -> None:
    for _ in range(count):
        await rig.follow.look()


async def test_scores_of_every_replica_are_evidence(rig: Rig) -> None:
    rig.snapshot = Snapshot(epoch=1, version=3, routes=(route(),))
    await rig.follow.score("triage", [score(1, 0.1), score(2, 0.2, arm=BASELINE)])
    await rig.another().score("triage", [score(2, 0.9, arm=BASELINE), score(3, 0.3)])
    await looks(rig)
    evidence = rig.follow.evidence("triage")
    assert evidence.scores == {BASELINE: (0.2,), CANDIDATE: (0.1, 0.3)}
    assert evidence.score_epochs == {BASELINE: (3,), CANDIDATE: (3, 3)}
    later = rig.another()
    await later.look()
    assert later.evidence("triage").scores == rig.follow.evidence("triage").scores


async def test_two_replicas_that_take_one_score_at_once_count_it_once(rig: Rig) -> None:
    rig.snapshot = Snapshot(epoch=1, version=3, routes=(route(),))
    for _ in range(2):
        await rig.measures.scored("triage", encode([score(1, 0.5)]))
    await asyncio.gather(*(rig.follow.score("triage", [score(2)]) for _ in range(3)))
    await looks(rig)
    assert len(rig.follow.evidence("triage").scores[CANDIDATE]) == 2


async def test_a_batch_that_cannot_be_read_hides_no_other(rig: Rig) -> None:
    rig.snapshot = Snapshot(epoch=1, version=3, routes=(route(),))
    for batch in (b"garbage", encode([score(1)])):
        await rig.measures.scored("triage", batch)
    await looks(rig)
    assert rig.follow.evidence("triage").scores[CANDIDATE] == (0.5,)
    assert rig.follow.status().refused == 1


async def test_too_many_scores_are_refused(rig: Rig) -> None:
    rig.follow._scores["triage"] = full = Scores("triage")
    full.batches = MOST_BATCHES
    with pytest.raises(Invalid, match="as many scores as it may have"):
        await rig.follow.score("triage", [score(1)])
    taken = await rig.follow.score("triage", [])
    assert taken == ((), 0)


async def test_scores_are_not_taken_by_a_store_that_is_away(rig: Rig) -> None:
    rig.measures.away = True
    with pytest.raises(StoreUnavailable):
        await rig.follow.score("triage", [score(1)])


async def test_the_scores_of_many_migrations_are_asked_for_in_turns(rig: Rig) -> None:
    names = [f"m-{number}" for number in range(2 * MOST_ASKED + 50)]
    rig.snapshot = Snapshot(epoch=1, version=3, routes=tuple(map(route, names)))
    for name in names:
        given = Score(id=sealed(f"{1:020x}", name, CANDIDATE, 3), score=0.5)
        await rig.measures.scored(name, encode([given]))
    known = []
    for _ in range(3):
        await looks(rig)
        known.append(sum(bool(rig.follow.evidence(name).scores) for name in names))
    assert known == [MOST_ASKED, 2 * MOST_ASKED, len(names)]
    await looks(rig)  # and then from the first one on again
    assert sum(bool(rig.follow.evidence(name).scores) for name in names) == len(names)
