"""The three SDKs, asynchronous, through crossfade: many at once on few connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

from tests.doubles.sdks import anthropic_sdk, gemini_sdk, openai_sdk
from tests.doubles.until import until
from tests.e2e import canary
from tests.e2e.sdks import CITY, FUNCTION, PARAMETERS, PLACE, USER, Place, script
from tests.e2e.stage import Migration, Stage

OPENAI_TOOL = {"type": "function", "function": FUNCTION}
ANTHROPIC_TOOL = {"name": "look_up", "input_schema": PARAMETERS}


@pytest.fixture
async def gpt(shared: Stage) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai_sdk(shared.crossfade.url, key=canary.CALLER) as client:
        yield client


@pytest.fixture
async def claude(shared: Stage) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic_sdk(shared.crossfade.url, key=canary.CALLER) as client:
        yield client


@pytest.fixture
async def gemini(shared: Stage) -> AsyncIterator[genai.client.AsyncClient]:
    async with gemini_sdk(shared.crossfade.url, key=canary.CALLER) as client:
        yield client


async def chatted(gpt: openai.AsyncOpenAI, moved: Migration, words: int) -> str:
    stream = await gpt.chat.completions.create(
        model=moved.asks, messages=[USER], stream=True, extra_headers=script(events=words)
    )
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


async def test_openai_streams_side_by_side(shared: Stage, gpt: openai.AsyncOpenAI) -> None:
    moved = shared.migrate(weight=100)
    texts = await asyncio.gather(*(chatted(gpt, moved, words) for words in range(2, 42)))
    assert [len(text.split(" ")) - 3 for text in texts] == list(range(1, 41))
    arm = moved.view()["arms"]["candidate"]
    assert (arm["requests"], arm["errors"]) == (40, 0)
    assert arm["tokens"]["output"] == sum(range(2, 42))


async def test_openai_whole_with_tools_and_schemas(shared: Stage, gpt: openai.AsyncOpenAI) -> None:
    asks = shared.migrate(weight=100).asks
    answer = await gpt.chat.completions.create(model=asks, messages=[USER], tools=[OPENAI_TOOL])
    assert answer.choices[0].message.tool_calls[0].function.name == "look_up"
    answer = await gpt.chat.completions.parse(model=asks, messages=[USER], response_format=Place)
    assert answer.choices[0].message.parsed == PLACE
    async with gpt.responses.stream(model=asks, input=canary.PROMPT) as stream:
        final = await stream.get_final_response()
    assert final.output_text.startswith("new as new-openai-1:")


async def test_openai_errors_and_timeouts(shared: Stage, gpt: openai.AsyncOpenAI) -> None:
    moved = shared.migrate(weight=100)
    with pytest.raises(openai.RateLimitError):
        await gpt.chat.completions.create(
            model=moved.asks, messages=[USER], extra_headers=script(status=429)
        )
    with pytest.raises(openai.APITimeoutError):
        await gpt.with_options(timeout=2).chat.completions.create(
            model=moved.asks, messages=[USER], extra_headers=script(hold_head=True)
        )
    await until(shared.apis.new.requests[-1].disconnected.is_set)
    arm = moved.view()["arms"]["candidate"]
    assert (arm["requests"], arm["errors"], arm["client_cancelled"]) == (2, 1, 1)


async def test_a_task_that_is_cancelled_cancels_upstream(
    shared: Stage, gpt: openai.AsyncOpenAI
) -> None:
    moved = shared.migrate(weight=100)
    told = script(hold_after=2) | {"x-mark": "to-be-cancelled"}
    stream = await gpt.chat.completions.create(
        model=moved.asks, messages=[USER], stream=True, extra_headers=told
    )
    received = await asyncio.to_thread(shared.apis.held, "to-be-cancelled")
    reading = asyncio.create_task(anext(stream.__aiter__()))
    await reading
    await stream.close()
    await asyncio.to_thread(shared.apis.run, received.disconnected.wait())
    arm = moved.view()["arms"]["candidate"]
    assert (arm["client_cancelled"], arm["usage"]["estimated"]) == (1, 1)


async def test_anthropic_whole_streamed_and_with_tools(
    shared: Stage, claude: anthropic.AsyncAnthropic
) -> None:
    moved = shared.migrate("anthropic", weight=100)
    ask = {"model": moved.asks, "max_tokens": 9, "messages": [USER]}
    answer = await claude.messages.create(**ask)
    async with claude.messages.stream(**ask) as stream:
        final = await stream.get_final_message()
    assert final.content[0].text == answer.content[0].text
    async with claude.messages.stream(**ask, tools=[ANTHROPIC_TOOL]) as stream:
        called = await stream.get_final_message()
    assert called.content[0].input == CITY
    parsed = await claude.messages.parse(**ask, output_format=Place)
    assert parsed.parsed_output == PLACE
    counted = await claude.messages.count_tokens(model=moved.asks, messages=[USER])
    assert counted.input_tokens == 17
    assert moved.view()["arms"]["candidate"]["requests"] == 5


async def test_anthropic_errors(shared: Stage, claude: anthropic.AsyncAnthropic) -> None:
    ask = {"model": shared.migrate("anthropic", weight=100).asks, "max_tokens": 9}
    with pytest.raises(anthropic.RateLimitError):
        await claude.messages.create(**ask, messages=[USER], extra_headers=script(status=429))
    with pytest.raises(anthropic.APITimeoutError):
        await claude.with_options(timeout=2).messages.create(
            **ask, messages=[USER], extra_headers=script(hold_head=True)
        )


async def test_gemini_whole_streamed_and_with_tools(
    shared: Stage, gemini: genai.client.AsyncClient
) -> None:
    moved = shared.migrate("gemini", weight=100)
    answer = await gemini.models.generate_content(model=moved.asks, contents=canary.PROMPT)
    stream = await gemini.models.generate_content_stream(model=moved.asks, contents=canary.PROMPT)
    assert "".join([chunk.text async for chunk in stream]) == answer.text
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=Place
    )
    parsed = await gemini.models.generate_content(
        model=moved.asks, contents=canary.PROMPT, config=config
    )
    assert parsed.parsed == PLACE
    counted = await gemini.models.count_tokens(model=moved.asks, contents=canary.PROMPT)
    assert counted.total_tokens == 17


async def test_gemini_errors(shared: Stage, gemini: genai.client.AsyncClient) -> None:
    moved = shared.migrate("gemini", weight=100)
    options = types.HttpOptions(headers=script(status=429))
    config = types.GenerateContentConfig(http_options=options)
    with pytest.raises(genai.errors.ClientError, match="RESOURCE_EXHAUSTED"):
        await gemini.models.generate_content(
            model=moved.asks, contents=canary.PROMPT, config=config
        )
    assert moved.view()["arms"]["candidate"]["errors"] == 1
