"""proxy/dialects/paths.py: every published path finds its call, every other one its hint."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.dialects import Operation, classify, hinted
from proxy.dialects.known import POSTS
from proxy.policy import Dialect

OPENAI, ANTHROPIC, GEMINI, OLLAMA = (
    Dialect.OPENAI,
    Dialect.ANTHROPIC,
    Dialect.GEMINI,
    Dialect.OLLAMA,
)
methods = st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"HEAD"])
hints = st.sampled_from(list(Dialect))


@pytest.mark.parametrize(
    ("target", "dialect", "operation"),
    [
        (b"/v1/chat/completions", OPENAI, Operation.CHAT),
        (b"/v1/chat/completions?x=1", OPENAI, Operation.CHAT),
        (b"/chat/completions", OPENAI, Operation.CHAT),
        (b"/openai/v1/chat/completions", OPENAI, Operation.CHAT),
        (b"/api/v1/chat/completions", OPENAI, Operation.CHAT),
        (b"/inference/v1/chat/completions", OPENAI, Operation.CHAT),
        (b"/v1beta/openai/chat/completions", OPENAI, Operation.CHAT),
        (b"/v1/completions", OPENAI, Operation.COMPLETIONS),
        (b"/v1/fim/completions", OPENAI, Operation.COMPLETIONS),
        (b"/v1/responses", OPENAI, Operation.RESPONSES),
        (b"/v1/responses?beta=true", OPENAI, Operation.RESPONSES),
        (b"/openai/responses?api-version=2025-03-01", OPENAI, Operation.RESPONSES),
        (b"/v1/responses/compact", OPENAI, Operation.RESPONSES),
        (b"/v1/responses/input_tokens", OPENAI, Operation.COUNT_TOKENS),
        (b"/v1/embeddings", OPENAI, Operation.EMBEDDINGS),
        (b"/openai/deployments/d/embeddings?api-version=1", OPENAI, Operation.EMBEDDINGS),
        (b"/v1/messages", ANTHROPIC, Operation.MESSAGES),
        (b"/v1/messages?beta=true", ANTHROPIC, Operation.MESSAGES),
        (b"/messages", ANTHROPIC, Operation.MESSAGES),
        (b"//v1/messages", ANTHROPIC, Operation.MESSAGES),
        (b"/anthropic/v1/messages", ANTHROPIC, Operation.MESSAGES),
        (b"/v1/messages/count_tokens", ANTHROPIC, Operation.COUNT_TOKENS),
        (b"/anthropic/v1/messages/count_tokens", ANTHROPIC, Operation.COUNT_TOKENS),
        (b"/api/chat", OLLAMA, Operation.CHAT),
        (b"/api/generate", OLLAMA, Operation.GENERATE),
        (b"/api/embed", OLLAMA, Operation.EMBED),
        (b"/api/embeddings", OLLAMA, Operation.EMBED),
        (b"/ollama/api/embeddings", OLLAMA, Operation.EMBED),
    ],
)
@pytest.mark.parametrize("hint", list(Dialect))
def test_a_posted_body_names_the_model(
    target: bytes, dialect: Dialect, operation: Operation, hint: Dialect
) -> None:
    call = classify(b"POST", target, hint)
    assert (call.dialect, call.operation) == (dialect, operation)
    assert call.model_in_body
    assert call.json_body
    assert call.streams is None


def test_a_model_in_the_path_is_found_behind_the_query() -> None:
    call = classify(b"POST", b"/v1beta/models/g:streamGenerateContent?alt=sse", OPENAI)
    assert (call.dialect, call.model, call.model_span) == (GEMINI, "g", (15, 16))
    assert call.streams


@pytest.mark.parametrize(
    ("method", "target", "dialect", "operation"),
    [
        (b"GET", b"/v1beta/models", GEMINI, Operation.MODELS),
        (b"GET", b"/v1beta/openai/models", OPENAI, Operation.MODELS),
        (b"GET", b"/openai/v1/models", OPENAI, Operation.MODELS),
        (b"GET", b"/api/tags", OLLAMA, Operation.MODELS),
        (b"POST", b"/api/show", OLLAMA, Operation.MODELS),
        (b"GET", b"/v1/chat/completions", OPENAI, Operation.STORED),
        (b"POST", b"/v1/chat/completions/chatcmpl-1", OPENAI, Operation.STORED),
        (b"GET", b"/v1/chat/completions/chatcmpl-1/messages", OPENAI, Operation.STORED),
        (b"GET", b"/v1/responses/resp_1?stream=true", OPENAI, Operation.STORED),
        (b"DELETE", b"/v1/responses/resp_1", OPENAI, Operation.STORED),
        (b"POST", b"/v1/responses/resp_1/cancel", OPENAI, Operation.STORED),
        (b"GET", b"/v1/responses/resp_1/input_items", OPENAI, Operation.STORED),
        (b"POST", b"/v1/threads", OPENAI, Operation.STORED),
        (b"POST", b"/v1/threads/t/messages", OPENAI, Operation.STORED),
        (b"GET", b"/v1/threads/t/runs", OPENAI, Operation.STORED),
        (b"GET", b"/v1/assistants", OPENAI, Operation.STORED),
        (b"POST", b"/v1/vector_stores/v/search", OPENAI, Operation.STORED),
        (b"POST", b"/v1/conversations", OPENAI, Operation.STORED),
        (b"POST", b"/v1/uploads/u/parts", OPENAI, Operation.STORED),
        (b"POST", b"/openai/files", OPENAI, Operation.STORED),
        (b"POST", b"/v1/messages/batches", ANTHROPIC, Operation.STORED),
        (b"POST", b"/v1beta/cachedContents", GEMINI, Operation.STORED),
        (b"POST", b"/upload/v1beta/files", GEMINI, Operation.STORED),
        (b"GET", b"/v1/projects/p/locations/l/cachedContents/c", GEMINI, Operation.OTHER),
        (b"POST", b"/v1/audio/speech", OPENAI, Operation.OTHER),
        (b"POST", b"/v1/images/generations", OPENAI, Operation.OTHER),
        (b"POST", b"/openai/deployments/d/audio/speech", OPENAI, Operation.OTHER),
        (b"POST", b"/v1/moderations", OPENAI, Operation.OTHER),
        (b"GET", b"/v1/embeddings", OPENAI, Operation.OTHER),
        (b"POST", b"/v1/complete", ANTHROPIC, Operation.OTHER),
        (b"POST", b"/v1beta/interactions", GEMINI, Operation.OTHER),
    ],
)
@pytest.mark.parametrize("hint", list(Dialect))
def test_resources_belong_to_their_api_and_are_not_read(
    method: bytes, target: bytes, dialect: Dialect, operation: Operation, hint: Dialect
) -> None:
    call = classify(method, target, hint)
    assert (call.dialect, call.operation) == (dialect, operation)
    assert not call.model_in_body
    assert not call.json_body


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/assistants",
        b"/openai/assistants?api-version=1",
        b"/v1/assistants/a",
        b"/v1/threads/runs",
        b"/v1/threads/t/runs",
    ],
)
def test_an_assistant_and_a_run_may_name_a_model_too(target: bytes) -> None:
    call = classify(b"POST", target, ANTHROPIC)
    assert (call.dialect, call.operation) == (OPENAI, Operation.STORED)
    assert call.model_in_body
    assert call.json_body


@pytest.mark.parametrize(
    ("target", "operation"),
    [
        (b"/v1/models", Operation.MODELS),
        (b"/v1/models/x", Operation.MODELS),
        (b"/models", Operation.MODELS),
        (b"/v1/files", Operation.STORED),
        (b"/v1/files/f/content", Operation.STORED),
        (b"/v1/batches", Operation.STORED),
        (b"/v1/skills", Operation.STORED),
        (b"/", Operation.OTHER),
        (b"/v2/chat", Operation.OTHER),
        (b"/V1/Chat/Completions", Operation.OTHER),
        (b"/v1//chat//completions/", Operation.OTHER),
        (b"/v1%2fchat%2fcompletions", Operation.OTHER),
        (b"/v1%2fmodels", Operation.OTHER),
        (b"/model/anthropic.claude-v2%3A0/converse", Operation.OTHER),
        (b"*", Operation.OTHER),
        (b"", Operation.OTHER),
        (b"?", Operation.OTHER),
    ],
)
@pytest.mark.parametrize("hint", list(Dialect))
def test_a_path_of_several_apis_or_of_none_follows_the_hint(
    target: bytes, operation: Operation, hint: Dialect
) -> None:
    call = classify(b"POST", target, hint)
    assert call.operation is operation
    assert call.dialect is hint
    assert not call.json_body


@given(methods, st.binary(max_size=60), hints)
def test_no_target_raises(method: bytes, target: bytes, hint: Dialect) -> None:
    assert classify(method, b"/" + target, hint).dialect in Dialect


pieces = st.sampled_from(
    b"v1 v1beta openai models x:generateContent deployments messages chat completions threads "
    b"runs a%ff : %3A ? files /".split(b" ")
)


@given(methods, st.lists(pieces, max_size=8), hints)
def test_a_model_s_span_lies_in_its_target(
    method: bytes, segments: list[bytes], hint: Dialect
) -> None:
    target = b"/" + b"/".join(segments)
    call = classify(method, target, hint)
    if call.model_span is not None:
        start, end = call.model_span
        assert 0 < start < end <= len(target.partition(b"?")[0])
        assert b"/" not in target[start:end]


@given(st.sampled_from(sorted(POSTS)), hints)
def test_only_a_post_asks_a_model(path: bytes, hint: Dialect) -> None:
    for method in (b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE", b"PATCH"):
        assert not classify(method, path, hint).json_body


@pytest.mark.parametrize(
    ("headers", "dialect"),
    [
        ([], None),
        ([(b"authorization", b"Bearer x", b"Authorization")], None),
        ([(b"anthropic-version", b"2023-06-01", b"Anthropic-Version")], ANTHROPIC),
        ([(b"host", b"h", b"Host"), (b"x-goog-api-key", b"k", b"X-Goog-Api-Key")], GEMINI),
    ],
)
def test_headers_give_a_dialect_away(
    headers: list[tuple[bytes, bytes, bytes]], dialect: Dialect | None
) -> None:
    assert hinted(headers) is dialect
