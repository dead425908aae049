"""proxy/dialects/failures.py, read by the SDKs that will read it, and docs/errors.md beside it."""

from __future__ import annotations

import json
from pathlib import Path

import anthropic
import httpx2
import openai
import pytest
from anthropic._streaming import SSEDecoder as AnthropicEvents
from google.genai import errors as gemini
from openai._streaming import SSEDecoder as OpenAIEvents

from proxy.dialects import Call, Operation, error_body, error_event
from proxy.dialects.failures import DOMAIN, TYPE
from proxy.errors import INTERNAL, OVERLOADED, PUBLISHED, Blame, Failure
from proxy.policy import Dialect

PAGE = Path(__file__).parents[3] / "docs" / "errors.md"
CHAT = Call(Dialect.OPENAI, Operation.CHAT)
RESPONSES = Call(Dialect.OPENAI, Operation.RESPONSES)
MESSAGES = Call(Dialect.ANTHROPIC, Operation.MESSAGES)
GENERATE = Call(Dialect.GEMINI, Operation.GENERATE)
OLLAMA = Call(Dialect.OLLAMA, Operation.CHAT)
SSE = b"text/event-stream; charset=utf-8"

every_failure = pytest.mark.parametrize("failure", PUBLISHED, ids=lambda failure: failure.code)


def answer(call: Call, failure: Failure) -> httpx2.Response:
    return httpx2.Response(
        failure.status,
        headers={"content-type": "application/json"},
        content=error_body(call, failure),
        request=httpx2.Request("POST", "http://127.0.0.1/v1"),
    )


def data_of(event: bytes) -> object:
    """The JSON of one event of one data line."""
    (data,) = [line for line in event.split(b"\n") if line.startswith(b"data: ")]
    return json.loads(data[6:])


@every_failure
def test_the_openai_sdk_finds_type_and_code(failure: Failure) -> None:
    client = openai.OpenAI(api_key="sk-CANARY-1")
    error = client._make_status_error_from_response(answer(CHAT, failure))
    assert (error.status_code, error.code, error.type) == (failure.status, failure.code, TYPE)
    assert error.param is None
    assert failure.message in str(error)


@every_failure
def test_the_anthropic_sdk_finds_type_and_code(failure: Failure) -> None:
    client = anthropic.Anthropic(api_key="sk-CANARY-1")
    error = client._make_status_error_from_response(answer(MESSAGES, failure))
    assert error.status_code == failure.status
    assert error.body == {
        "type": "error",
        "error": {"type": TYPE, "message": failure.message, "code": failure.code},
        "request_id": None,
    }


@every_failure
def test_the_gemini_sdk_finds_status_and_reason(failure: Failure) -> None:
    with pytest.raises(gemini.APIError) as raised:
        gemini.APIError.raise_for_response(answer(GENERATE, failure))
    error = raised.value
    assert (error.code, error.message) == (failure.status, failure.message)
    assert error.status not in (None, "UNKNOWN")
    detail = error.details["error"]["details"][0]
    assert detail["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
    assert (detail["reason"], detail["domain"]) == (failure.code, DOMAIN)
    assert detail["metadata"] == {"type": TYPE}


@every_failure
def test_ollama_s_clients_find_the_sentence(failure: Failure) -> None:
    assert json.loads(error_body(OLLAMA, failure)) == {
        "error": failure.message,
        "type": TYPE,
        "code": failure.code,
    }


@pytest.mark.parametrize("content_type", [None, SSE, b"Text/Event-Stream"])
def test_an_openai_stream_ends_with_an_error_that_the_sdk_raises(
    content_type: bytes | None,
) -> None:
    event = error_event(CHAT, OVERLOADED, content_type)
    (parsed,) = OpenAIEvents().iter_bytes(iter([event]))
    assert parsed.event is None
    assert parsed.json() == json.loads(error_body(CHAT, OVERLOADED))


def test_a_responses_stream_ends_with_the_documented_event_and_the_error_inside() -> None:
    (parsed,) = OpenAIEvents().iter_bytes(iter([error_event(RESPONSES, OVERLOADED, SSE)]))
    assert parsed.event == "error"
    shape = parsed.json()
    assert (shape["type"], shape["code"], shape["message"]) == (
        "error",
        OVERLOADED.code,
        OVERLOADED.message,
    )
    assert shape["error"]["type"] == TYPE


def test_an_anthropic_stream_ends_with_an_error_event() -> None:
    (parsed,) = AnthropicEvents().iter_bytes(iter([error_event(MESSAGES, OVERLOADED, SSE)]))
    assert parsed.event == "error"
    assert parsed.json() == json.loads(error_body(MESSAGES, OVERLOADED))


def test_a_gemini_stream_ends_with_an_error_chunk() -> None:
    event = error_event(GENERATE, OVERLOADED, SSE)
    assert data_of(event) == json.loads(error_body(GENERATE, OVERLOADED))
    assert event.endswith(b"\n\n")


@pytest.mark.parametrize("content_type", [None, b"application/x-ndjson"])
def test_an_ollama_stream_ends_with_an_error_line(content_type: bytes | None) -> None:
    event = error_event(OLLAMA, OVERLOADED, content_type)
    assert event == error_body(OLLAMA, OVERLOADED) + b"\n"
    assert event.count(b"\n") == 1


@pytest.mark.parametrize("call", [CHAT, RESPONSES, MESSAGES, GENERATE, OLLAMA])
def test_nothing_is_said_inside_an_answer_that_is_no_stream(call: Call) -> None:
    for content_type in (b"application/json", b"audio/mpeg", b""):
        assert error_event(call, OVERLOADED, content_type) == b""


def test_a_failure_that_is_not_published_still_has_a_body() -> None:
    strange = Failure("strange", 599, Blame.PROXY, "Strange.")
    assert json.loads(error_body(CHAT, strange))["error"]["code"] == "strange"
    assert json.loads(error_body(GENERATE, strange))["error"]["status"] == "UNKNOWN"


def test_a_published_body_is_built_once() -> None:
    assert error_body(CHAT, INTERNAL) is error_body(CHAT._replace(model="m"), INTERNAL)


def test_codes_are_unique_and_sentences_are_fixed() -> None:
    assert len({failure.code for failure in PUBLISHED}) == len(PUBLISHED)
    assert not any("{" in failure.message or "%" in failure.message for failure in PUBLISHED)


def rows() -> list[list[str]]:
    """The cells of the page's table of codes."""
    lines = PAGE.read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("| code |")) + 2
    table = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def test_the_page_lists_every_code_in_its_order() -> None:
    assert [row[0] for row in rows()] == [f"`{failure.code}`" for failure in PUBLISHED]


@every_failure
def test_the_page_s_row_says_what_the_code_does(failure: Failure) -> None:
    (row,) = [row for row in rows() if row[0] == f"`{failure.code}`"]
    assert row[1:] == [
        str(failure.status),
        failure.blame.value,
        failure.message,
        "" if failure.retry_after_s is None else f"{failure.retry_after_s} s",
        "closes" if failure.close else "stays",
    ]
