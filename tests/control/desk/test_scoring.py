"""What a post of scores comes to when the store, or the migration's room, is at an end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from control.desk.scoring import Scored, Scoring
from control.measures.scores import MOST_POSTED, Score, Taken
from control.refusal import Code, DeskError
from control.store import StoreUnavailable
from proxy.errors import Invalid
from tests.control.api.test_scores import an_id
from tests.control.office import ASK, office, source

SCORES = [Score(id=an_id(1), score=0.25), Score(id=an_id(2), score=0.75)]


async def refusal(folder: Path, error: Exception) -> DeskError:
    async def keep(name: str, scores: Sequence[Score]) -> Taken:
        raise error

    async with office(folder) as opened:
        await opened.desk.apply("triage", source(), ASK)
        with pytest.raises(DeskError) as refused:
            await Scoring(store=opened.store, keep=keep).score("triage", SCORES)
    return refused.value


async def test_a_store_that_is_away_may_or_may_not_have_them(tmp_path: Path) -> None:
    refused = await refusal(tmp_path, StoreUnavailable("away"))
    assert (refused.code, refused.message) == (
        Code.STORE_UNAVAILABLE,
        "the scores may not be stored: away",
    )


async def test_a_full_migration_takes_no_more(tmp_path: Path) -> None:
    refused = await refusal(tmp_path, Invalid("too many"))
    assert (refused.code, refused.message) == (
        Code.INVALID_SCORES,
        "no score was taken: too many",
    )


async def refused_before(folder: Path, name: str, scores: Sequence[Score]) -> DeskError:
    """The refusal of a post that nothing is asked to keep."""

    async def keep(name: str, scores: Sequence[Score]) -> Taken:
        raise AssertionError

    async with office(folder) as opened:
        await opened.desk.apply("triage", source(), ASK)
        with pytest.raises(DeskError) as refused:
            await Scoring(store=opened.store, keep=keep).score(name, scores)
    return refused.value


async def test_every_fault_is_told_by_its_place(tmp_path: Path) -> None:
    wrong = [*SCORES, Score(id="CANARY-PROMPT", score=0.5), Score(id=an_id(3), score=2.0)]
    refused = await refused_before(tmp_path, "triage", wrong)
    assert refused.code is Code.INVALID_SCORES
    assert [problem[:4] for problem in refused.problems] == ["[2]:", "[3]:"]
    assert "CANARY" not in " ".join(refused.problems)


async def test_a_post_has_a_bound_and_a_migration_a_name(tmp_path: Path) -> None:
    many = [Score(id=an_id(number), score=1.0) for number in range(MOST_POSTED + 1)]
    refused = await refused_before(tmp_path, "triage", many)
    assert (refused.code, refused.problems) == (Code.INVALID_SCORES, ())
    refused = await refused_before(tmp_path, "other", SCORES)
    assert refused.code is Code.UNKNOWN_MIGRATION


async def test_what_was_taken_is_told(tmp_path: Path) -> None:
    async def keep(name: str, scores: Sequence[Score]) -> Taken:
        assert (name, scores) == ("triage", SCORES)
        return Taken((SCORES[0],), 1)

    async with office(tmp_path) as opened:
        await opened.desk.apply("triage", source(), ASK)
        scoring = Scoring(store=opened.store, keep=keep)
        assert await scoring.score("triage", SCORES) == Scored(accepted=1, known=1)
