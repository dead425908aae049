"""A thousand keys through each SDK: the share that was set, the same arm always, no tail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator

import pytest
from google.genai import types

from proxy.exchange_id import UNIQUE
from proxy.policy import Arm, ArmName, Dialect, Match, Route, Split
from proxy.routing import decide
from tests.control.cli.shell import Shell
from tests.doubles.raw import connected
from tests.doubles.requests import prompt, request
from tests.doubles.sdks import anthropic_sdk, gemini_sdk, openai_sdk
from tests.e2e import canary, salted
from tests.e2e.apis import Apis
from tests.e2e.process import Crossfade
from tests.e2e.sdks import USER
from tests.e2e.stage import Stage, config, file, stage

SALTS = {
    "openai": "0f" * 16,
    "anthropic": "1e" * 16,
    "gemini": "2e" * 16,
    "keyless": "3d" * 16,
    "keyed": "4c" * 16,
}
KEYS = [f"{canary.KEY}-{number}" for number in range(1_000)]
AT_ONCE = 16

Ask = Callable[[str], Awaitable[str]]  # a key in, the arm out


@pytest.fixture(scope="module")
def split(apis: Apis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A crossfade with a migration for each test, named as what it asks for; salts are known."""
    crossfade = Crossfade(tmp_path_factory.mktemp("split"), config(apis))
    files = {salt: file(name, name, _dialect(name)) for name, salt in SALTS.items()}
    asyncio.run(salted.register(crossfade, files))
    crossfade.start()
    yield stage(crossfade, apis)
    assert crossfade.stop() == 0


def _dialect(name: str) -> str:
    return name if name in ("anthropic", "gemini") else "openai"


def expected(name: str, percent: float) -> dict[str, str]:
    """The arm of each key, by the hash alone."""
    return {key: decide.choose(_route(name, percent), key.encode()) for key in KEYS}


def _route(name: str, percent: float) -> Route:
    arms = {one: Arm(name=one, upstream=one, model=one) for one in ("old", "new")}
    return Route(
        name=name,
        dialect=Dialect(_dialect(name)),
        match=Match(model=name),
        baseline=arms["old"],
        candidate=arms["new"],
        split=Split(share=round(percent * 100)),
        salt=SALTS[name],
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


async def follow(split: Stage, name: str, ask: Ask) -> None:
    """The whole story of one migration, with everything that a key may expect."""
    shell = Shell(url=f"http://{split.crossfade.control}", token=canary.TOKEN)
    assert (await shell("set", "weight", name, "10")).code == 0
    first = await arms(ask, KEYS)
    assert first == expected(name, 10)
    moved = [key for key in KEYS if first[key] == ArmName.CANDIDATE]
    assert 70 <= len(moved) <= 130

    again = await arms(ask, KEYS[:100])
    assert again == {key: first[key] for key in KEYS[:100]}

    assert (await shell("set", "weight", name, "25")).code == 0
    more = await arms(ask, [*moved, *KEYS[:100]])
    assert {more[key] for key in moved} == {ArmName.CANDIDATE}
    wanted = expected(name, 25)
    assert more == {key: wanted[key] for key in more}

    assert (await shell("rollback", name)).code == 0
    assert await ask(moved[0]) == ArmName.BASELINE
    assert set((await arms(ask, moved)).values()) == {ArmName.BASELINE}


async def test_with_the_openai_sdk(split: Stage) -> None:
    async with openai_sdk(split.crossfade.url, key=canary.CALLER) as sdk:

        async def ask(key: str) -> str:
            raw = await sdk.chat.completions.with_raw_response.create(
                model="openai", messages=[USER], user=key
            )
            return raw.headers["x-crossfade-arm"]

        await follow(split, "openai", ask)


async def test_with_the_anthropic_sdk(split: Stage) -> None:
    async with anthropic_sdk(split.crossfade.url, key=canary.CALLER) as sdk:

        async def ask(key: str) -> str:
            raw = await sdk.messages.with_raw_response.create(
                model="anthropic", max_tokens=9, messages=[USER], metadata={"user_id": key}
            )
            return raw.headers["x-crossfade-arm"]

        await follow(split, "anthropic", ask)


async def test_with_the_google_genai_sdk(split: Stage) -> None:
    async with gemini_sdk(split.crossfade.url, key=canary.CALLER) as sdk:

        async def ask(key: str) -> str:
            options = types.HttpOptions(headers={"x-crossfade-key": key})
            answer = await sdk.models.generate_content(
                model="gemini",
                contents=canary.PROMPT,
                config=types.GenerateContentConfig(http_options=options),
            )
            return answer.sdk_http_response.headers["x-crossfade-arm"]

        await follow(split, "gemini", ask)


async def test_without_a_key_the_requests_id_decides(split: Stage) -> None:
    split.crossfade.admin.post("keyless", "set-weight", percent=50)
    route = _route("keyless", 50)
    found = []
    async with connected(split.crossfade.port) as client:
        for _ in range(300):
            answer = await client.ask(request(body=prompt(model="keyless")))
            arm, number = (answer.get(name) or b"" for name in (b"x-crossfade-arm", _ID))
            assert decide.choose(route, number[:UNIQUE]) == arm.decode()
            found.append((arm, number))
    assert len({number for _, number in found}) == 300
    assert {arm for arm, _ in found} == {b"baseline", b"candidate"}


_ID = b"x-crossfade-id"

PRECEDENCE = [
    ("x-crossfade-key: first", {"user": "second", "metadata": {"user_id": "third"}}, "first"),
    ("x-crossfade-key: ", {"user": "second", "metadata": {"user_id": "third"}}, "second"),
    ("x-none: 1", {"safety_identifier": "third", "user": "second"}, "second"),
    ("x-none: 1", {"safety_identifier": "third", "user": ""}, "third"),
    ("x-none: 1", {"metadata": {"user_id": "fourth"}, "user": None}, "fourth"),
    ("x-none: 1", {"metadata": {"user_id": 12}}, "12"),
]


@pytest.mark.parametrize(("line", "members", "key"), PRECEDENCE)
async def test_the_first_key_that_is_there_decides(
    split: Stage, line: str, members: dict[str, object], key: str
) -> None:
    """Weights on either side of the point that the key draws."""
    point = next(
        share
        for share in range(1, 10_001)
        if decide.choose(_route("keyed", share / 100), key.encode()) == ArmName.CANDIDATE
    )
    for share, wanted in ((point - 1, b"baseline"), (point, b"candidate")):
        split.crossfade.admin.post("keyed", "set-weight", percent=share / 100)
        raw = request(line.encode(), body=prompt(model="keyed", **members))
        async with connected(split.crossfade.port) as client:
            assert (await client.ask(raw)).get(b"x-crossfade-arm") == wanted
