"""The double's OpenAI answers, as the official SDK reads them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import openai
import pytest
from pydantic import BaseModel

from tests.doubles.sdks import openai_sdk
from tests.doubles.upstream import Server

USER = {"role": "user", "content": "Where is it? CANARY-PROMPT-double"}


class Place(BaseModel):
    city: str
    people: int
    sights: list[str]


TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@pytest.fixture
async def sdk(old: Server) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai_sdk(old.url, retries=1) as client:
        yield client


async def test_a_chat_completion(sdk: openai.AsyncOpenAI) -> None:
    answer = await sdk.chat.completions.create(model="gpt-4o", messages=[USER])
    assert answer.choices[0].message.content.startswith("old as gpt-4o: traffic")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (17, 5)
    assert answer.served_by == "old"


async def test_a_streamed_chat_completion_with_usage(sdk: openai.AsyncOpenAI) -> None:
    options = {"include_usage": True}
    stream = await sdk.chat.completions.create(
        model="gpt-4o", messages=[USER], stream=True, stream_options=options
    )
    *chunks, last = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == "old as gpt-4o: traffic moves naïvely from"
    assert last.choices == []
    assert last.usage.total_tokens == 22


async def test_a_tool_call_and_its_result(sdk: openai.AsyncOpenAI) -> None:
    async with sdk.chat.completions.stream(model="m", messages=[USER], tools=[TOOL]) as stream:
        answer = await stream.get_final_completion()
    call = answer.choices[0].message.tool_calls[0]
    assert (call.function.name, json.loads(call.function.arguments)) == (
        "look_up",
        {"city": "Paris"},
    )
    result = {"role": "tool", "tool_call_id": call.id, "content": "here"}
    asked = answer.choices[0].message.model_dump(exclude_none=True, exclude={"parsed"})
    final = await sdk.chat.completions.create(
        model="m", messages=[USER, asked, result], tools=[TOOL]
    )
    assert final.choices[0].finish_reason == "stop"


async def test_structured_output(sdk: openai.AsyncOpenAI) -> None:
    answer = await sdk.chat.completions.parse(model="m", messages=[USER], response_format=Place)
    assert answer.choices[0].message.parsed == Place(city="Paris", people=7, sights=["Paris"])


async def test_a_response_and_its_stream(sdk: openai.AsyncOpenAI) -> None:
    answer = await sdk.responses.create(model="gpt-5", input="hello")
    assert answer.output_text.startswith("old as gpt-5:")
    async with sdk.responses.stream(model="gpt-5", input="hello") as stream:
        final = await stream.get_final_response()
    assert final.output_text == answer.output_text
    assert final.usage.output_tokens == 5


async def test_a_response_with_a_tool_and_one_with_a_schema(sdk: openai.AsyncOpenAI) -> None:
    tool = {"type": "function", "strict": False, **TOOL["function"]}
    async with sdk.responses.stream(model="m", input="hello", tools=[tool]) as stream:
        final = await stream.get_final_response()
    assert json.loads(final.output[0].arguments) == {"city": "Paris"}
    parsed = await sdk.responses.parse(model="m", input="hello", text_format=Place)
    assert parsed.output_parsed.people == 7


async def test_completions_embeddings_and_models(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.completions.create(model="m", prompt="x", stream=True)
    assert "".join([c.choices[0].text async for c in stream]).startswith("old as m:")
    vectors = await sdk.embeddings.create(model="m", input=["a", "b"])
    assert vectors.data[1].embedding == [0.25, -0.5, 0.125]
    assert [model.id async for model in sdk.models.list()] == ["old-model", "a-model"]
    assert (await sdk.models.retrieve("gpt-x")).id == "gpt-x"


async def test_errors_and_retries(sdk: openai.AsyncOpenAI, old: Server) -> None:
    script = {"x-script": '{"status": 503, "retry_after": "0"}'}
    with pytest.raises(openai.InternalServerError) as caught:
        await sdk.chat.completions.create(model="m", messages=[USER], extra_headers=script)
    assert caught.value.body["message"] == "old says 503"
    assert [r.header("x-stainless-retry-count") for r in old.requests] == ["0", "1"]
    broken = {"x-script": '{"error_event": true}'}
    stream = await sdk.chat.completions.create(
        model="m", messages=[USER], stream=True, extra_headers=broken
    )
    with pytest.raises(openai.APIError):
        [chunk async for chunk in stream]


async def test_azure_paths(old: Server) -> None:
    azure = openai.AsyncAzureOpenAI(
        azure_endpoint=old.url, api_key="sk-CANARY-double", api_version="2024-10-21"
    )
    async with azure as sdk:
        answer = await sdk.chat.completions.create(model="my-deployment", messages=[USER])
    assert answer.model == "my-deployment"
    target = b"/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21"
    assert old.requests[0].target == target
