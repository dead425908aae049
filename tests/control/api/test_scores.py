"""The call that takes scores: all of a post or none, and each once."""

from __future__ import annotations

import pytest

from control.measures.scores import Score, decode
from proxy.exchange_id import sealed
from proxy.policy import ArmName
from tests.control.api.service import Service

PATH = "/api/migrations/triage/scores"


def an_id(number: int, migration: str = "triage", arm: ArmName | None = ArmName.CANDIDATE) -> str:
    return sealed(f"{number:020x}", migration, arm, 3)


async def test_scores_are_stored_once_each(api: Service) -> None:
    await api.apply()
    posted = [
        {"id": an_id(1), "score": 0.5, "name": "thumbs"},
        {"id": an_id(2), "score": 1},
        {"id": an_id(1), "score": 0.5, "name": "thumbs"},
    ]
    first = await api.call("POST", PATH, posted)
    assert (first.status, first.json) == (200, {"accepted": 2, "known": 1})
    again = await api.call("POST", PATH, posted)
    assert again.json == {"accepted": 0, "known": 3}
    (batch,) = await api.office.store.scores("triage", 0)
    assert decode(batch) == [
        Score(id=an_id(1), score=0.5, name="thumbs"),
        Score(id=an_id(2), score=1.0, name="score"),
    ]


async def test_one_wrong_score_refuses_the_post_and_each_is_told_why(api: Service) -> None:
    await api.apply()
    answer = await api.call(
        "POST",
        PATH,
        [
            {"id": an_id(1), "score": 0.5},
            {"id": an_id(2), "score": 1.5},
            {"id": an_id(3), "score": 0.5, "name": "Not A Name"},
            {"id": an_id(4, migration="other"), "score": 0.5},
            {"id": an_id(5, arm=None), "score": 0.5},
            {"id": "sk-CANARY-1", "score": 0.5},
        ],
    )
    assert (answer.status, answer.code) == (400, "invalid_scores")
    problems = answer.json["error"]["problems"]  # type: ignore[index]
    assert [problem.split(":")[0] for problem in problems] == ["[1]", "[2]", "[3]", "[4]", "[5]"]
    assert "0 to 1" in problems[0]
    assert b"CANARY" not in answer.body
    assert await api.office.store.scores("triage", 0) == ()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"id": "x", "score": 1}, "invalid_body"),
        ([{"id": "x"}], "invalid_body"),
        ([{"id": "x", "score": "high"}], "invalid_body"),
        ([{"id": "x", "score": 1, "comment": "good"}], "invalid_body"),
        ([{"id": an_id(number), "score": 1} for number in range(1_001)], "invalid_scores"),
    ],
)
async def test_a_body_of_another_shape_is_refused(api: Service, body: object, code: str) -> None:
    await api.apply()
    answer = await api.call("POST", PATH, body)
    assert (answer.status, answer.code) == (400, code)


async def test_an_empty_post_is_a_post(api: Service) -> None:
    await api.apply()
    assert (await api.call("POST", PATH, [])).json == {"accepted": 0, "known": 0}


async def test_a_migration_that_nobody_registered_has_no_scores(api: Service) -> None:
    answer = await api.call("POST", PATH, [{"id": an_id(1), "score": 1}])
    assert (answer.status, answer.code) == (404, "unknown_migration")
