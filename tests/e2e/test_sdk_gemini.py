"""The google-genai SDK, synchronous, through crossfade."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google import genai
from google.genai import errors, types

from tests.e2e import canary
from tests.e2e.sdks import CITY, FUNCTION, PARAMETERS, PLACE, Place, script
from tests.e2e.stage import Migration, Stage

TOOL = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(name=FUNCTION["name"], parameters_json_schema=PARAMETERS)
    ]
)


@pytest.fixture
def sdk(shared: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[genai.Client]:
    """The SDK as an application has it: one environment variable has changed, and nothing else."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", shared.crossfade.url)
    monkeypatch.setenv("GEMINI_API_KEY", canary.CALLER)
    with genai.Client() as client:
        yield client


@pytest.fixture
def moved(shared: Stage) -> Migration:
    """A migration whose candidate takes everything."""
    return shared.migrate("gemini", weight=100)


def told(**words: object) -> types.HttpOptions:
    return types.HttpOptions(headers=script(**words))


def test_content(shared: Stage, sdk: genai.Client, moved: Migration) -> None:
    answer = sdk.models.generate_content(model=moved.asks, contents=canary.PROMPT)
    assert answer.text == "new as new-gemini-1: traffic moves naïvely from"
    assert answer.usage_metadata.total_token_count == 22
    received = shared.apis.behind(answer.sdk_http_response.headers)
    assert received.target.endswith(b"/models/new-gemini-1:generateContent")
    assert received.header("x-goog-api-key") == canary.NEW_KEY
    assert answer.sdk_http_response.headers["x-crossfade-arm"] == "candidate"


def test_a_stream(sdk: genai.Client, moved: Migration) -> None:
    chunks = list(sdk.models.generate_content_stream(model=moved.asks, contents=canary.PROMPT))
    text = "".join(chunk.text for chunk in chunks)
    assert text == "new as new-gemini-1: traffic moves naïvely from"
    assert chunks[-1].usage_metadata.candidates_token_count == 5
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP


def test_tools_and_schemas(sdk: genai.Client, moved: Migration) -> None:
    config = types.GenerateContentConfig(tools=[TOOL])
    answer = sdk.models.generate_content(model=moved.asks, contents=canary.PROMPT, config=config)
    assert answer.function_calls[0].args == CITY
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=Place
    )
    answer = sdk.models.generate_content(model=moved.asks, contents=canary.PROMPT, config=config)
    assert answer.parsed == PLACE


def test_counts_embeddings_and_models(sdk: genai.Client, moved: Migration) -> None:
    counted = sdk.models.count_tokens(model=moved.asks, contents=canary.PROMPT)
    assert counted.total_tokens == 17
    assert counted.sdk_http_response.headers["x-crossfade-arm"] == "candidate"
    vectors = sdk.models.embed_content(model=moved.asks, contents=[canary.PROMPT, "b"])
    assert vectors.embeddings[0].values == [0.25, -0.5, 0.125]
    names = [model.name for model in sdk.models.list()]
    assert names == ["models/old-model", "models/a-model"]


@pytest.mark.parametrize(
    ("status", "raised", "state"),
    [
        (400, errors.ClientError, "INVALID_ARGUMENT"),
        (429, errors.ClientError, "RESOURCE_EXHAUSTED"),
        (503, errors.ServerError, "UNAVAILABLE"),
    ],
)
def test_an_upstreams_errors_are_the_callers(
    sdk: genai.Client, moved: Migration, status: int, raised: type[errors.APIError], state: str
) -> None:
    config = types.GenerateContentConfig(http_options=told(status=status))
    with pytest.raises(raised) as caught:
        sdk.models.generate_content(model=moved.asks, contents=canary.PROMPT, config=config)
    assert (caught.value.code, caught.value.status) == (status, state)
    assert caught.value.message == f"new says {status}"


def test_retries_that_were_asked_for_are_visible_upstream(shared: Stage, moved: Migration) -> None:
    retrying = types.HttpRetryOptions(attempts=3, initial_delay=0.001, jitter=0.001)
    options = types.HttpOptions(base_url=shared.crossfade.url, retry_options=retrying)
    before = len(shared.apis.new.requests)
    config = types.GenerateContentConfig(http_options=told(status=503))
    with (
        genai.Client(api_key=canary.CALLER, http_options=options) as sdk,
        pytest.raises(errors.ServerError),
    ):
        sdk.models.generate_content(model=moved.asks, contents=canary.PROMPT, config=config)
    assert len(shared.apis.new.requests[before:]) == 3


def test_an_upstream_is_addressed_by_its_name(shared: Stage, moved: Migration) -> None:
    options = types.HttpOptions(base_url=f"{shared.crossfade.url}/u/new-gemini")
    with genai.Client(api_key=canary.CALLER, http_options=options) as sdk:
        answer = sdk.models.generate_content(model=moved.asks, contents=canary.PROMPT)
    assert answer.text.startswith(f"new as {moved.asks}:")
    assert "x-crossfade-arm" not in answer.sdk_http_response.headers


def test_crossfades_own_errors_have_the_sdks_shape(shared: Stage) -> None:
    options = types.HttpOptions(base_url=f"{shared.crossfade.url}/u/nobody")
    with (
        genai.Client(api_key=canary.CALLER, http_options=options) as sdk,
        pytest.raises(errors.ClientError) as caught,
    ):
        sdk.models.generate_content(model="g", contents=canary.PROMPT)
    assert caught.value.code == 404
    detail = caught.value.details["error"]["details"][0]
    assert (detail["reason"], detail["metadata"]) == (
        "unknown_upstream",
        {"type": "crossfade_error"},
    )
