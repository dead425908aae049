"""The story on a stage whose crossfade breaks a promise: it must not be told to the end."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest

from control.demo import story as stories
from control.demo.narrator import Narrator
from control.demo.ramp import Broken
from control.demo.stage import Stage
from control.demo.story import Story


class Wanderer:
    """A caller whose customers are sent to the candidate from the beginning."""

    says = "nothing"

    async def ask(self, customer: str) -> str:
        return "candidate"

    async def stream(self, customer: str) -> AsyncIterator[str]:
        yield customer

    async def __aenter__(self) -> Wanderer:
        return self

    async def __aexit__(self, *_: object) -> None:
        return


def test_a_promise_that_is_not_kept_ends_the_story(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(stories, "openai_caller", lambda _: Wanderer())
    with pytest.raises(Broken, match="weight 0 sent a request to the candidate"):
        Story(stage, Narrator(out, colours=False), customers=100).tell()
    assert "✓" not in out.getvalue()


async def test_without_other_sdks_their_scene_is_left_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(stories.others, "installed", dict)
    await Story(stage, Narrator(out, colours=False), customers=100)._unmatched()
    assert out.getvalue() == ""


async def test_a_stream_that_is_never_counted_ends_the_story(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "LOOKS", 1)
    story = Story(stage, Narrator(io.StringIO(), colours=False), customers=100)
    with pytest.raises(Broken, match="not in /metrics"):
        await story._streamed(Wanderer(), "customer")


async def test_an_unexpected_exit_code_ends_the_story(stage: Stage) -> None:
    story = Story(stage, Narrator(io.StringIO(), colours=False), customers=100)
    with pytest.raises(Broken, match="exit code 1 instead of 0"):
        story._crossfade("get", "nobody")


def test_customers_who_move_back_end_the_story(stage: Stage) -> None:
    story = Story(stage, Narrator(io.StringIO(), colours=False), customers=100)
    with pytest.raises(Broken, match="1 customers moved back"):
        story._nobody_back({"a": "candidate", "b": "baseline"}, {"a": "baseline", "b": "candidate"})
