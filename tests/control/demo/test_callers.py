"""The demo's applications, both ways of asking, against the stage."""

from __future__ import annotations

import pytest

from control.demo import callers
from control.demo.callers import Failed, OpenAiCaller, PlainCaller, ask_all, openai_caller
from control.demo.stage import Stage

KINDS = (OpenAiCaller, PlainCaller)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_application_learns_which_arm_answered(
    stage: Stage, kind: type[OpenAiCaller | PlainCaller]
) -> None:
    async with kind(stage.url) as caller:
        arms = await ask_all(caller, ["a", "b", "c"])
    assert arms == dict.fromkeys(["a", "b", "c"], "baseline")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_application_sees_a_stream_word_by_word(
    stage: Stage, kind: type[OpenAiCaller | PlainCaller]
) -> None:
    async with kind(stage.url) as caller:
        words = [word async for word in caller.stream("a")]
    assert len(words) > 10
    assert all(words)
    assert "".join(words).startswith("[old] Your parcel")


@pytest.mark.parametrize("kind", KINDS)
async def test_no_migration_is_no_arm(
    stage: Stage, kind: type[OpenAiCaller | PlainCaller], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "ASKED", "unmatched")
    async with kind(stage.url) as caller:
        assert await caller.ask("a") == "none"


async def test_without_the_sdk_the_demo_still_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(openai_caller("http://127.0.0.1:9"), OpenAiCaller)
    monkeypatch.setattr(callers, "find_spec", lambda _: None)
    assert isinstance(openai_caller("http://127.0.0.1:9"), PlainCaller)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_error_is_told_as_one(
    stage: Stage, kind: type[OpenAiCaller | PlainCaller]
) -> None:
    async with kind(f"{stage.url}/nowhere") as caller:
        with pytest.raises(Failed):
            await caller.ask("a")
