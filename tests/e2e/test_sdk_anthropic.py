"""The anthropic SDK, synchronous, through crossfade."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import pytest

from tests.e2e import canary
from tests.e2e.sdks import CITY, PARAMETERS, PLACE, USER, Place, script
from tests.e2e.stage import Migration, Stage

TOOL = {"name": "look_up", "input_schema": PARAMETERS}


@pytest.fixture
def sdk(shared: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[anthropic.Anthropic]:
    """The SDK as an application has it: one environment variable has changed, and nothing else."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", shared.crossfade.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", canary.CALLER)
    with anthropic.Anthropic() as client:
        yield client


@pytest.fixture
def moved(shared: Stage) -> Migration:
    """A migration whose candidate takes everything."""
    return shared.migrate("anthropic", weight=100)


def ask(moved: Migration, **more: object) -> dict[str, object]:
    return {"model": moved.asks, "max_tokens": 9, "messages": [USER]} | more


def test_a_message(sdk: anthropic.Anthropic, moved: Migration) -> None:
    answer = sdk.messages.create(**ask(moved))
    assert answer.content[0].text == "new as new-anthropic-1: traffic moves naïvely from"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (17, 5)


def test_a_stream(sdk: anthropic.Anthropic, moved: Migration) -> None:
    with sdk.messages.stream(**ask(moved)) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == "new as new-anthropic-1: traffic moves naïvely from"
    assert (final.usage.input_tokens, final.usage.output_tokens) == (17, 5)
    assert final.stop_reason == "end_turn"


def test_a_tool_call_streamed_and_answered(sdk: anthropic.Anthropic, moved: Migration) -> None:
    with sdk.messages.stream(**ask(moved, tools=[TOOL])) as stream:
        called = stream.get_final_message()
    block = called.content[0]
    assert (block.name, block.input, called.stop_reason) == ("look_up", CITY, "tool_use")
    brought = {"type": "tool_result", "tool_use_id": block.id, "content": "here"}
    messages = [
        USER,
        {"role": "assistant", "content": called.content},
        {"role": "user", "content": [brought]},
    ]
    final = sdk.messages.create(**ask(moved, tools=[TOOL], messages=messages))
    assert final.stop_reason == "end_turn"


def test_structured_output(sdk: anthropic.Anthropic, moved: Migration) -> None:
    answer = sdk.messages.parse(**ask(moved), output_format=Place)
    assert answer.parsed_output == PLACE


def test_counts_and_models(shared: Stage, sdk: anthropic.Anthropic, moved: Migration) -> None:
    raw = sdk.messages.with_raw_response.count_tokens(model=moved.asks, messages=[USER])
    assert raw.parse().input_tokens == 17
    assert raw.headers["x-crossfade-arm"] == "candidate"
    assert b'"model":"new-anthropic-1"' in shared.apis.behind(raw.headers).body.bytes
    raw = sdk.models.with_raw_response.list()
    assert [model.id for model in raw.parse()] == ["old-model", "a-model"]
    assert shared.apis.behind(raw.headers).header("x-api-key") == canary.OLD_KEY


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (400, anthropic.BadRequestError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.APIStatusError),
    ],
)
def test_an_upstreams_errors_are_the_callers(
    sdk: anthropic.Anthropic,
    moved: Migration,
    status: int,
    raised: type[anthropic.APIStatusError],
) -> None:
    patient = sdk.with_options(max_retries=0)
    with pytest.raises(raised) as caught:
        patient.messages.create(**ask(moved), extra_headers=script(status=status, retry_after="7"))
    assert caught.value.body["error"]["message"] == f"new says {status}"
    assert caught.value.response.headers["retry-after"] == "7"


def test_the_sdks_retries_are_visible_upstream(
    shared: Stage, sdk: anthropic.Anthropic, moved: Migration
) -> None:
    before = len(shared.apis.new.requests)
    told = script(status=529, headers={"retry-after-ms": "1"})
    with pytest.raises(anthropic.APIStatusError):
        sdk.messages.create(**ask(moved), extra_headers=told)
    seen = shared.apis.new.requests[before:]
    assert [received.header("x-stainless-retry-count") for received in seen] == ["0", "1", "2"]


def test_an_error_inside_a_stream_is_raised(sdk: anthropic.Anthropic, moved: Migration) -> None:
    told = script(error_event=True)
    with (
        sdk.messages.create(**ask(moved), stream=True, extra_headers=told) as stream,
        pytest.raises(anthropic.APIStatusError),
    ):
        list(stream)
    assert moved.view()["arms"]["candidate"]["errors"] == 1


def test_the_sdks_own_timeout_cancels_upstream(
    shared: Stage, sdk: anthropic.Anthropic, moved: Migration
) -> None:
    impatient = sdk.with_options(timeout=2, max_retries=0)
    before = len(shared.apis.new.requests)
    with pytest.raises(anthropic.APITimeoutError):
        impatient.messages.create(**ask(moved), extra_headers=script(hold_head=True))
    (received,) = shared.apis.new.requests[before:]
    shared.apis.run(received.disconnected.wait())
    assert moved.view()["arms"]["candidate"]["client_cancelled"] == 1


def test_an_upstream_is_addressed_by_its_name(shared: Stage, moved: Migration) -> None:
    base_url = f"{shared.crossfade.url}/u/new-anthropic"
    with anthropic.Anthropic(base_url=base_url, api_key=canary.CALLER) as sdk:
        raw = sdk.messages.with_raw_response.create(**ask(moved))
    assert raw.parse().content[0].text.startswith(f"new as {moved.asks}:")
    assert "x-crossfade-arm" not in raw.headers


def test_crossfades_own_errors_have_the_sdks_shape(
    sdk: anthropic.Anthropic, moved: Migration
) -> None:
    body = b'{"model": "%b", "model": "x"}' % moved.asks.encode()
    with pytest.raises(anthropic.BadRequestError) as caught:
        sdk.post("/v1/messages", content=body, cast_to=object)
    assert caught.value.body["error"]["code"] == "duplicate_field"
    assert caught.value.body["error"]["type"] == "crossfade_error"
    assert canary.MARK not in caught.value.response.content
