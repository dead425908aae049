"""The double's Anthropic and Gemini answers, as the official SDKs read them; Ollama's lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import anthropic
import pytest
from google import genai
from google.genai import types
from pydantic import BaseModel

from tests.doubles.raw import connected
from tests.doubles.sdks import anthropic_sdk, gemini_sdk
from tests.doubles.upstream import Server

USER = {"role": "user", "content": "Where is it? CANARY-PROMPT-double"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


class Place(BaseModel):
    city: str


@pytest.fixture
async def claude(old: Server) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic_sdk(old.url) as client:
        yield client


@pytest.fixture
async def gemini(old: Server) -> AsyncIterator[genai.client.AsyncClient]:
    async with gemini_sdk(old.url) as client:
        yield client


async def test_a_message_and_its_stream(claude: anthropic.AsyncAnthropic) -> None:
    ask = {"model": "claude", "max_tokens": 9, "messages": [USER]}
    answer = await claude.messages.create(**ask)
    assert answer.content[0].text == "old as claude: traffic moves naïvely from"
    async with claude.messages.stream(**ask) as stream:
        final = await stream.get_final_message()
    assert final.content[0].text == answer.content[0].text
    assert (final.usage.input_tokens, final.usage.output_tokens) == (17, 5)
    assert final.stop_reason == "end_turn"


async def test_anthropic_tools_and_counts(claude: anthropic.AsyncAnthropic) -> None:
    tools = [{"name": "look_up", "input_schema": SCHEMA}]
    ask = {"model": "claude", "max_tokens": 9, "messages": [USER], "tools": tools}
    async with claude.messages.stream(**ask) as stream:
        final = await stream.get_final_message()
    assert (final.content[0].name, final.content[0].input) == ("look_up", {"city": "Paris"})
    assert final.stop_reason == "tool_use"
    counted = await claude.messages.count_tokens(model="claude", messages=[USER])
    assert counted.input_tokens == 17
    assert [model.id async for model in claude.models.list()] == ["old-model", "a-model"]


async def test_anthropic_structured_output(claude: anthropic.AsyncAnthropic) -> None:
    answer = await claude.messages.parse(
        model="claude", max_tokens=9, messages=[USER], output_format=Place
    )
    assert answer.parsed_output == Place(city="Paris")


async def test_anthropic_errors(claude: anthropic.AsyncAnthropic) -> None:
    ask = {"model": "claude", "max_tokens": 9, "messages": [USER]}
    with pytest.raises(anthropic.RateLimitError) as caught:
        await claude.messages.create(**ask, extra_headers={"x-script": '{"status": 429}'})
    assert caught.value.body["error"]["type"] == "rate_limit_error"
    script = {"x-script": '{"error_event": true}'}
    stream = await claude.messages.create(**ask, stream=True, extra_headers=script)
    with pytest.raises(anthropic.APIStatusError):
        [event async for event in stream]


async def test_generate_content_and_its_stream(gemini: genai.client.AsyncClient) -> None:
    answer = await gemini.models.generate_content(model="gemini-3", contents="hello")
    assert answer.text == "old as gemini-3: traffic moves naïvely from"
    assert answer.usage_metadata.total_token_count == 22
    stream = await gemini.models.generate_content_stream(model="gemini-3", contents="hello")
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.text for chunk in chunks) == answer.text
    assert chunks[-1].usage_metadata.candidates_token_count == 5
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP


async def test_gemini_tools_and_schemas(gemini: genai.client.AsyncClient) -> None:
    declared = types.FunctionDeclaration(name="look_up", parameters_json_schema=SCHEMA)
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])
    answer = await gemini.models.generate_content(model="g", contents="hello", config=config)
    assert answer.function_calls[0].args == {"city": "Paris"}
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=Place
    )
    answer = await gemini.models.generate_content(model="g", contents="hello", config=config)
    assert answer.parsed == Place(city="Paris")


async def test_gemini_counts_embeddings_models_and_errors(
    gemini: genai.client.AsyncClient,
) -> None:
    counted = await gemini.models.count_tokens(model="g", contents="hello")
    assert counted.total_tokens == 17
    vectors = await gemini.models.embed_content(model="g", contents=["a", "b"])
    assert vectors.embeddings[0].values == [0.25, -0.5, 0.125]
    names = [model.name async for model in await gemini.models.list()]
    assert names == ["models/old-model", "models/a-model"]
    options = types.HttpOptions(headers={"x-script": '{"status": 429}'})
    config = types.GenerateContentConfig(http_options=options)
    with pytest.raises(genai.errors.ClientError, match="RESOURCE_EXHAUSTED"):
        await gemini.models.generate_content(model="g", contents="hello", config=config)


async def test_gemini_streams_an_array_without_alt_sse(old: Server) -> None:
    answer = await _post(old, "/v1beta/models/g:streamGenerateContent", {})
    assert len(json.loads(answer)) == 5


async def test_ollama_streams_lines_unless_told_otherwise(old: Server) -> None:
    lines = (await _post(old, "/api/chat", {"model": "llama"})).splitlines()
    assert json.loads(lines[-1])["eval_count"] == 5
    assert json.loads(lines[0])["message"]["content"] == "old as llama:"
    whole = json.loads(await _post(old, "/api/generate", {"model": "llama", "stream": False}))
    assert (whole["done"], whole["response"][:13]) == (True, "old as llama:")
    vectors = json.loads(await _post(old, "/api/embed", {"input": ["a", "b"]}))
    assert len(vectors["embeddings"]) == 2


async def _post(server: Server, target: str, body: object) -> bytes:
    text = json.dumps(body).encode()
    head = f"POST {target} HTTP/1.1\r\nHost: d\r\nContent-Length: {len(text)}\r\n\r\n".encode()
    async with connected(server.port) as client:
        return (await client.ask(head + text)).body
