"""A thousand keys through each SDK: the share that was set, the same arm always, no tail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import pytest
from google.genai import types

from proxy import decide
from proxy.policy import Arm, ArmName, Dialect, Match, Route, Split
from tests.doubles.sdks import anthropic_sdk, gemini_sdk, openai_sdk
from tests.e2e import canary, salted
from tests.e2e.apis import Apis
from tests.e2e.conftest import Make
from tests.e2e.sdks import USER
from tests.e2e.stage import Migration, Stage, file, stage

ASKED = "asked"
SALTS = {"openai": "0f" * 16, "anthropic": "1e" * 16, "gemini": "2e" * 16}
KEYS = [f"{canary.KEY}-{number}" for number in range(1_000)]
AT_ONCE = 16

Ask = Callable[[str], Awaitable[str]]  # a key in, the arm out


@pytest.fixture
def split(make: Make, apis: Apis) -> Stage:
    """A crossfade with a migration for each SDK, whose salts are known."""
    crossfade = make()
    files = {salt: file(dialect, ASKED, dialect) for dialect, salt in SALTS.items()}
    asyncio.run(salted.register(crossfade, files))
    crossfade.start()
    return stage(crossfade, apis)


def expected(dialect: str, percent: float) -> dict[str, str]:
    """The arm of each key, by the hash alone."""
    return {key: decide.choose(_route(dialect, percent), key.encode()) for key in KEYS}


def _route(dialect: str, percent: float) -> Route:
    arms = {name: Arm(name=name, upstream=name, model=name) for name in ("old", "new")}
    return Route(
        name=dialect,
        dialect=Dialect(dialect),
        match=Match(model=ASKED),
        baseline=arms["old"],
        candidate=arms["new"],
        split=Split(share=int(percent * 100)),
        salt=SALTS[dialect],
    )


async def arms(ask: Ask, keys: Iterable[str]) -> dict[str, str]:
    """The arm of each key, as an application gets it: some at a time."""
    left = iter(keys)
    found: dict[str, str] = {}

    async def some() -> None:
        for key in left:
            found[key] = await ask(key)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return found


async def follow(migration: Migration, ask: Ask, dialect: str) -> None:
    """The whole story of one migration, with everything that a key may expect."""
    migration.weigh(10)
    first = await arms(ask, KEYS)
    assert first == expected(dialect, 10)
    moved = [key for key in KEYS if first[key] == ArmName.CANDIDATE]
    assert 70 <= len(moved) <= 130

    again = await arms(ask, KEYS[:100])
    assert again == {key: first[key] for key in KEYS[:100]}

    migration.weigh(25)
    more = await arms(ask, [*moved, *KEYS[:100]])
    assert {more[key] for key in moved} == {ArmName.CANDIDATE}
    wanted = expected(dialect, 25)
    assert more == {key: wanted[key] for key in more}

    migration.roll_back()
    assert await ask(moved[0]) == ArmName.BASELINE
    assert set((await arms(ask, moved)).values()) == {ArmName.BASELINE}


async def test_with_the_openai_sdk(split: Stage) -> None:
    async with openai_sdk(split.crossfade.url, key=canary.CALLER) as sdk:

        async def ask(key: str) -> str:
            raw = await sdk.chat.completions.with_raw_response.create(
                model=ASKED, messages=[USER], user=key
            )
            return raw.headers["x-crossfade-arm"]

        await follow(Migration("openai", ASKED, split.crossfade.admin), ask, "openai")


async def test_with_the_anthropic_sdk(split: Stage) -> None:
    async with anthropic_sdk(split.crossfade.url, key=canary.CALLER) as sdk:

        async def ask(key: str) -> str:
            raw = await sdk.messages.with_raw_response.create(
                model=ASKED, max_tokens=9, messages=[USER], metadata={"user_id": key}
            )
            return raw.headers["x-crossfade-arm"]

        await follow(Migration("anthropic", ASKED, split.crossfade.admin), ask, "anthropic")


async def test_with_the_google_genai_sdk(split: Stage) -> None:
    async with gemini_sdk(split.crossfade.url, key=canary.CALLER) as sdk:

        async def ask(key: str) -> str:
            options = types.HttpOptions(headers={"x-crossfade-key": key})
            answer = await sdk.models.generate_content(
                model=ASKED,
                contents=canary.PROMPT,
                config=types.GenerateContentConfig(http_options=options),
            )
            return answer.sdk_http_response.headers["x-crossfade-arm"]

        await follow(Migration("gemini", ASKED, split.crossfade.admin), ask, "gemini")
