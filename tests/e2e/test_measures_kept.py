"""What was measured outlives kill -9 but for a second, a stop altogether, and counts once."""

from __future__ import annotations

from tests.doubles.requests import prompt, request
from tests.e2e.asking import Seen, ask
from tests.e2e.stage import Migration, Stage

LAST = 10  # requests that are answered just before the kill


async def asked(alone: Stage, migration: Migration, count: int) -> list[Seen]:
    body = request(body=prompt(model=migration.asks))
    return [await ask(alone.crossfade, alone.apis, body) for _ in range(count)]


def counted(migration: Migration) -> int:
    arms = migration.view()["arms"]
    return sum(int(arm["requests"]) for arm in arms.values())


async def test_a_kill_loses_a_second_at_most_and_nothing_counts_twice(alone: Stage) -> None:
    moved = alone.migrate(weight=50)
    expected = 0
    for _ in range(3):
        await asked(alone, moved, 20)
        flushed = counted(moved)
        assert flushed == expected + 20
        await asked(alone, moved, LAST)
        alone.crossfade.kill()
        alone.crossfade.start()
        moved = Migration(moved.name, moved.asks, alone.crossfade.admin)
        expected = counted(moved)
        assert flushed <= expected <= flushed + LAST


async def test_a_stop_loses_nothing(alone: Stage) -> None:
    moved = alone.migrate(weight=50)
    await asked(alone, moved, 25)
    assert alone.crossfade.stop() == 0
    alone.crossfade.start()
    again = Migration(moved.name, moved.asks, alone.crossfade.admin)
    assert counted(again) == 25
    arms = again.view()["arms"]
    assert all(arm["latency_ms"]["p95"] > 0 for arm in arms.values() if arm["requests"])
    assert sum(arm["tokens"]["output"] for arm in arms.values()) > 0


async def test_scores_find_the_arm_by_the_answers_id(alone: Stage) -> None:
    moved = alone.migrate(weight=50)
    seen = await asked(alone, moved, 12)
    ids = [(one.answer.get(b"x-crossfade-id") or b"").decode() for one in seen]
    scores = [{"id": each, "score": 0.75, "name": "thumbs"} for each in ids]
    path = f"/api/migrations/{moved.name}/scores"
    admin = alone.crossfade.admin
    first = admin.ask("POST", path, scores)
    assert (first.status, first.json) == (200, {"accepted": 12, "known": 0})
    assert admin.ask("POST", path, scores).json == {"accepted": 0, "known": 12}
    other = alone.migrate(weight=50)
    refused = admin.ask("POST", f"/api/migrations/{other.name}/scores", scores[:1])
    assert (refused.status, refused.code) == (400, "invalid_scores")
