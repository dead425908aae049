"""proxy/dialects/model_paths.py: where a path names the model."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.dialects.call import Operation
from proxy.dialects.model_paths import model_in_path
from proxy.policy import Dialect

VERTEX = b"/v1/projects/p/locations/us-central1/publishers"
GENERATE, COUNT, EMBED = Operation.GENERATE, Operation.COUNT_TOKENS, Operation.EMBED


@pytest.mark.parametrize(
    ("path", "operation", "model", "streams"),
    [
        (b"/v1beta/models/gemini-2.5-pro:generateContent", GENERATE, "gemini-2.5-pro", False),
        (b"/v1/models/gemini-2.5-pro:streamGenerateContent", GENERATE, "gemini-2.5-pro", True),
        (b"/v1alpha/models/g:countTokens", COUNT, "g", False),
        (b"/v1beta/models/e:embedContent", EMBED, "e", False),
        (b"/v1beta/models/e:batchEmbedContents", EMBED, "e", False),
        (b"/models/g:generateContent", GENERATE, "g", False),
        (b"/v1beta/models/a%2Db%20c:generateContent", GENERATE, "a-b c", False),
        (b"/v1beta/models/g%3AgenerateContent", GENERATE, "g", False),
        (b"/v1beta/models/g%3astreamGenerateContent", GENERATE, "g", True),
        (b"/v1beta/models/ft:g:generateContent", GENERATE, "ft:g", False),
        (
            VERTEX + b"/google/models/gemini-2.5-pro:generateContent",
            GENERATE,
            "gemini-2.5-pro",
            False,
        ),
        (b"/v1/publishers/google/models/g:streamGenerateContent", GENERATE, "g", True),
        (b"/proxy/v1beta/models/g:generateContent", GENERATE, "g", False),
    ],
)
def test_gemini_names_the_model_before_the_verb(
    path: bytes, operation: Operation, model: str, streams: bool
) -> None:
    call = model_in_path(path)
    assert call is not None
    assert (call.dialect, call.operation, call.model) == (Dialect.GEMINI, operation, model)
    assert call.streams is streams
    assert call.json_body
    assert not call.model_in_body
    assert call.model_span is not None
    assert path[call.model_span[0] - 8 :].startswith(b"/models/")


@pytest.mark.parametrize(
    "path",
    [
        b"/v1beta/tunedModels/mine:generateContent",
        b"/v1/projects/p/locations/l/endpoints/123:generateContent",
        b"/v1beta/models/%ff:generateContent",
    ],
)
def test_a_place_that_no_registered_model_can_take_names_none(path: bytes) -> None:
    call = model_in_path(path)
    assert call is not None
    assert (call.operation, call.model, call.json_body) == (GENERATE, None, True)


@pytest.mark.parametrize(
    "path",
    [
        b"/v1beta/models/g:predict",
        b"/v1beta/models/g:batchGenerateContent",
        b"/v1beta/models/g:generateContentX",
        b"/v1beta/tunedModels/g:transferOwnership",
        VERTEX + b"/mistralai/models/m:rawPredict",
        VERTEX + b"/anthropic/models/m:predict",
    ],
)
def test_a_verb_that_is_not_known_passes_through(path: bytes) -> None:
    call = model_in_path(path)
    assert call is not None
    assert (call.dialect, call.operation, call.model) == (Dialect.GEMINI, Operation.OTHER, None)
    assert not call.json_body


@pytest.mark.parametrize(("verb", "streams"), [(b"rawPredict", False), (b"streamRawPredict", True)])
def test_claude_on_vertex_speaks_anthropic(verb: bytes, streams: bool) -> None:
    path = VERTEX + b"/anthropic/models/claude-sonnet-4@20250514:" + verb
    call = model_in_path(path)
    assert call is not None
    assert (call.dialect, call.operation) == (Dialect.ANTHROPIC, Operation.MESSAGES)
    assert (call.model, call.streams) == ("claude-sonnet-4@20250514", streams)
    assert not call.model_in_body


def test_claude_on_vertex_counts_tokens_of_the_body_s_model() -> None:
    call = model_in_path(VERTEX + b"/anthropic/models/count-tokens:rawPredict")
    assert call is not None
    assert (call.operation, call.model, call.model_in_body) == (COUNT, None, True)


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        (b"/openai/deployments/gpt%2D4o/chat/completions", Operation.CHAT),
        (b"/openai/deployments/gpt-4o/completions", Operation.COMPLETIONS),
        (b"/openai/deployments/gpt-4o/embeddings", Operation.EMBEDDINGS),
        (b"/gateway/openai/deployments/gpt-4o/chat/completions", Operation.CHAT),
    ],
)
def test_azure_names_the_deployment_in_the_path_and_the_body(
    path: bytes, operation: Operation
) -> None:
    call = model_in_path(path)
    assert call is not None
    assert (call.dialect, call.operation, call.model) == (Dialect.OPENAI, operation, "gpt-4o")
    assert call.model_in_body
    assert call.model_span is not None
    assert path[slice(*call.model_span)] in (b"gpt-4o", b"gpt%2D4o")


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/chat/completions",
        b"/openai/deployments/x/audio/speech",
        b"/openai/deployments/x",
        b"/v1beta/models/g",
        b"/v1beta/models/:generateContent/x",
        b"/v1/models/",
        b"",
    ],
)
def test_other_paths_name_no_model(path: bytes) -> None:
    assert model_in_path(path) is None


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_model_is_found_again_where_it_stands(model: str) -> None:
    path = b"/v1beta/models/" + quote(model, safe="").encode() + b":generateContent"
    call = model_in_path(path)
    assert call is not None
    assert call.model == model
    assert call.model_span == (15, len(path) - len(b":generateContent"))


def test_a_hostile_path_takes_no_more_than_linear_steps() -> None:
    for path in (b"/models/" + b":" * 60_000, b"/models/%3A" * 6_000, b"/deployments/a" * 5_000):
        call = model_in_path(path)
        assert call is None or call.model is None or re.fullmatch(r"[:/a-z]*", call.model)
