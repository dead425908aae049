"""The openai SDK, synchronous, through crossfade."""

from __future__ import annotations

import json
from collections.abc import Iterator

import openai
import pytest

from tests.e2e import canary
from tests.e2e.sdks import CITY, FUNCTION, PLACE, USER, Place, script
from tests.e2e.stage import Migration, Stage

TOOL = {"type": "function", "function": FUNCTION}


@pytest.fixture
def sdk(shared: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[openai.OpenAI]:
    """The SDK as an application has it: one environment variable has changed, and nothing else."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{shared.crossfade.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", canary.CALLER)
    with openai.OpenAI() as client:
        yield client


@pytest.fixture
def moved(shared: Stage) -> Migration:
    """A migration whose candidate takes everything."""
    return shared.migrate(weight=100)


def test_a_chat_completion(sdk: openai.OpenAI, moved: Migration) -> None:
    answer = sdk.chat.completions.create(model=moved.asks, messages=[USER])
    assert answer.choices[0].message.content.startswith("new as new-openai-1: traffic")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (17, 5)
    assert answer.served_by == "new"


def test_the_answers_headers_tell_what_crossfade_did(sdk: openai.OpenAI, moved: Migration) -> None:
    raw = sdk.chat.completions.with_raw_response.create(model=moved.asks, messages=[USER])
    version = moved.view()["snapshot_version"]
    assert raw.headers["x-crossfade-arm"] == "candidate"
    assert int(raw.headers["x-crossfade-version"]) <= version
    assert len(raw.headers["x-crossfade-id"]) == 32
    assert raw.headers["x-ratelimit-remaining-requests"] == "9999"
    assert raw.request_id.startswith("req_")


def test_a_model_that_no_migration_matches_is_served_as_it_is(sdk: openai.OpenAI) -> None:
    raw = sdk.chat.completions.with_raw_response.create(model="gpt-9", messages=[USER])
    assert raw.parse().choices[0].message.content.startswith("old as gpt-9:")
    assert "x-crossfade-arm" not in raw.headers


def test_a_stream_that_did_not_ask_for_usage_gets_none(
    sdk: openai.OpenAI, moved: Migration
) -> None:
    with sdk.chat.completions.create(model=moved.asks, messages=[USER], stream=True) as stream:
        chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == "new as new-openai-1: traffic moves naïvely from"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert [chunk.usage for chunk in chunks] == [None] * len(chunks)


def test_a_stream_that_asked_for_usage_gets_it(sdk: openai.OpenAI, moved: Migration) -> None:
    with sdk.chat.completions.create(
        model=moved.asks, messages=[USER], stream=True, stream_options={"include_usage": True}
    ) as stream:
        *_, last = stream
    assert last.choices == []
    assert last.usage.total_tokens == 22


def test_a_tool_call_streamed_and_answered(sdk: openai.OpenAI, moved: Migration) -> None:
    with sdk.chat.completions.stream(model=moved.asks, messages=[USER], tools=[TOOL]) as stream:
        message = stream.get_final_completion().choices[0].message
    call = message.tool_calls[0]
    assert (call.function.name, json.loads(call.function.arguments)) == ("look_up", CITY)
    result = {"role": "tool", "tool_call_id": call.id, "content": "here"}
    asked = message.model_dump(exclude_none=True, exclude={"parsed"})
    final = sdk.chat.completions.create(
        model=moved.asks, messages=[USER, asked, result], tools=[TOOL]
    )
    assert final.choices[0].finish_reason == "stop"


def test_structured_output(sdk: openai.OpenAI, moved: Migration) -> None:
    answer = sdk.chat.completions.parse(model=moved.asks, messages=[USER], response_format=Place)
    assert answer.choices[0].message.parsed == PLACE


def test_responses_whole_streamed_with_tools_and_schemas(
    sdk: openai.OpenAI, moved: Migration
) -> None:
    answer = sdk.responses.create(model=moved.asks, input=canary.PROMPT)
    assert answer.output_text.startswith("new as new-openai-1:")
    with sdk.responses.stream(model=moved.asks, input=canary.PROMPT) as stream:
        final = stream.get_final_response()
    assert (final.output_text, final.usage.output_tokens) == (answer.output_text, 5)
    tool = {"type": "function", "strict": False, **FUNCTION}
    with sdk.responses.stream(model=moved.asks, input=canary.PROMPT, tools=[tool]) as stream:
        assert json.loads(stream.get_final_response().output[0].arguments) == CITY
    parsed = sdk.responses.parse(model=moved.asks, input=canary.PROMPT, text_format=Place)
    assert parsed.output_parsed == PLACE


def test_completions_embeddings_and_models(sdk: openai.OpenAI, moved: Migration) -> None:
    with sdk.completions.create(model=moved.asks, prompt=canary.PROMPT, stream=True) as stream:
        text = "".join(chunk.choices[0].text for chunk in stream)
    assert text.startswith("new as new-openai-1: traffic")
    vectors = sdk.embeddings.create(model=moved.asks, input=[canary.PROMPT, "b"])
    assert vectors.data[1].embedding == [0.25, -0.5, 0.125]
    assert vectors.model == "new-openai-1"
    assert [model.id for model in sdk.models.list()] == ["old-model", "a-model"]
    assert sdk.models.retrieve("gpt-x").id == "gpt-x"


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
def test_an_upstreams_errors_are_the_callers(
    sdk: openai.OpenAI, moved: Migration, status: int, raised: type[openai.APIStatusError]
) -> None:
    patient = sdk.with_options(max_retries=0)
    told = script(status=status, retry_after="7")
    with pytest.raises(raised) as caught:
        patient.chat.completions.create(model=moved.asks, messages=[USER], extra_headers=told)
    assert caught.value.body["message"] == f"new says {status}"
    assert caught.value.response.headers["retry-after"] == "7"
    assert caught.value.response.headers["x-crossfade-arm"] == "candidate"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_sdks_retries_are_visible_upstream(
    shared: Stage, sdk: openai.OpenAI, moved: Migration, status: int
) -> None:
    before = len(shared.apis.new.requests)
    told = script(status=status, headers={"retry-after-ms": "1"})
    with pytest.raises(openai.APIStatusError):
        sdk.chat.completions.create(model=moved.asks, messages=[USER], extra_headers=told)
    seen = shared.apis.new.requests[before:]
    assert [received.header("x-stainless-retry-count") for received in seen] == ["0", "1", "2"]
    assert moved.view()["arms"]["candidate"]["errors"] == 3


def test_an_error_inside_a_stream_is_raised(sdk: openai.OpenAI, moved: Migration) -> None:
    told = script(error_event=True)
    with (
        sdk.chat.completions.create(
            model=moved.asks, messages=[USER], stream=True, extra_headers=told
        ) as stream,
        pytest.raises(openai.APIError, match="new says 500"),
    ):
        list(stream)
    assert moved.view()["arms"]["candidate"]["errors"] == 1


def test_a_cut_stream_is_raised(sdk: openai.OpenAI, moved: Migration) -> None:
    told = script(cut_after_bytes=900, events=20)
    with (
        sdk.chat.completions.create(
            model=moved.asks, messages=[USER], stream=True, extra_headers=told
        ) as stream,
        pytest.raises((openai.APIError, openai.APIConnectionError, OSError)) as caught,
    ):
        list(stream)
    assert caught.value is not None
    assert moved.view()["arms"]["candidate"]["errors"] == 1


def test_the_sdks_own_timeout_cancels_upstream(
    shared: Stage, sdk: openai.OpenAI, moved: Migration
) -> None:
    impatient = sdk.with_options(timeout=2, max_retries=0)
    before = len(shared.apis.new.requests)
    told = script(hold_head=True)
    with pytest.raises(openai.APITimeoutError):
        impatient.chat.completions.create(model=moved.asks, messages=[USER], extra_headers=told)
    (received,) = shared.apis.new.requests[before:]
    shared.apis.run(received.disconnected.wait())
    view = moved.view()["arms"]["candidate"]
    assert (view["requests"], view["client_cancelled"], view["errors"]) == (1, 1, 0)
    assert view["usage"]["estimated"] == 1


def test_azures_client_asks_by_deployment(shared: Stage, moved: Migration) -> None:
    with openai.AzureOpenAI(
        azure_endpoint=shared.crossfade.url, api_key=canary.CALLER, api_version="2024-10-21"
    ) as sdk:
        raw = sdk.chat.completions.with_raw_response.create(model=moved.asks, messages=[USER])
    assert raw.parse().model == "new-openai-1"
    received = shared.apis.behind(raw.headers)
    path = b"/openai/deployments/new-openai-1/chat/completions?api-version=2024-10-21"
    assert received.target == path
    assert received.header("authorization") == f"Bearer {canary.NEW_KEY}"
    assert received.header("api-key") is None


def test_an_upstream_is_addressed_by_its_name(shared: Stage, moved: Migration) -> None:
    base_url = f"{shared.crossfade.url}/u/new-openai/v1"
    with openai.OpenAI(base_url=base_url, api_key=canary.CALLER) as sdk:
        raw = sdk.chat.completions.with_raw_response.create(model=moved.asks, messages=[USER])
    assert raw.parse().choices[0].message.content.startswith(f"new as {moved.asks}:")
    assert shared.apis.behind(raw.headers).target == b"/v1/chat/completions"
    assert "x-crossfade-arm" not in raw.headers


def test_crossfades_own_errors_have_the_sdks_shape(shared: Stage) -> None:
    base_url = f"{shared.crossfade.url}/u/nobody/v1"
    with (
        openai.OpenAI(base_url=base_url, api_key=canary.CALLER) as sdk,
        pytest.raises(openai.NotFoundError) as caught,
    ):
        sdk.chat.completions.create(model="gpt-4o", messages=[USER])
    assert (caught.value.code, caught.value.type) == ("unknown_upstream", "crossfade_error")
    assert canary.MARK not in caught.value.response.content
