"""crossfade's own errors, as a caller's SDK expects errors of the API that it speaks.

Every body and event is a constant: a failure's code and sentence, and nothing of the request.
"""

from __future__ import annotations

import json
from typing import assert_never

from proxy.dialects.call import Call, Operation
from proxy.errors import PUBLISHED, Failure
from proxy.policy import Dialect

TYPE = "crossfade_error"
DOMAIN = "crossfade"


def error_body(call: Call, failure: Failure) -> bytes:
    """The JSON body of an error answer, in the shape of the call's dialect."""
    built = _BODIES.get((call.dialect, failure.code))
    return _text(_shape(call.dialect, failure)) if built is None else built


def error_event(call: Call, failure: Failure, content_type: bytes | None = None) -> bytes:
    """An error inside an answer that has begun, well-formed where an event may begin.

    `content_type` is the answer's; None stands for the dialect's usual stream. Empty for an answer
    that is no stream of events: there is nothing that could be said inside it.
    """
    media = content_type.partition(b";")[0].strip().lower() if content_type is not None else None
    if media in _LINES or (media is None and call.dialect is Dialect.OLLAMA):
        return error_body(call, failure) + b"\n"
    if media is not None and media != b"text/event-stream":
        return b""
    if call.operation is Operation.RESPONSES:
        return b"event: error\ndata: " + _text(_responses_event(failure)) + b"\n\n"
    if call.dialect is Dialect.ANTHROPIC:
        return b"event: error\ndata: " + error_body(call, failure) + b"\n\n"
    return b"data: " + error_body(call, failure) + b"\n\n"


_LINES = frozenset((b"application/x-ndjson", b"application/ndjson", b"application/jsonl"))


def _text(shape: dict[str, object]) -> bytes:
    return json.dumps(shape, separators=(",", ":")).encode()


def _shape(dialect: Dialect, failure: Failure) -> dict[str, object]:
    match dialect:
        case Dialect.OPENAI:
            return {"error": _openai_error(failure)}
        case Dialect.ANTHROPIC:
            error = {"type": TYPE, "message": failure.message, "code": failure.code}
            return {"type": "error", "error": error, "request_id": None}
        case Dialect.GEMINI:
            return {"error": _gemini_error(failure)}
        case Dialect.OLLAMA:
            return {"error": failure.message, "type": TYPE, "code": failure.code}
        case _:
            assert_never(dialect)


def _openai_error(failure: Failure) -> dict[str, object]:
    return {"message": failure.message, "type": TYPE, "param": None, "code": failure.code}


def _responses_event(failure: Failure) -> dict[str, object]:
    """The documented event of OpenAI's Responses, and the `error` that makes its SDKs raise.

    The number that follows the stream's last one is not known here; 0 keeps the event whole.
    """
    return {
        "type": "error",
        "code": failure.code,
        "message": failure.message,
        "param": None,
        "sequence_number": 0,
        "error": _openai_error(failure),
    }


def _gemini_error(failure: Failure) -> dict[str, object]:
    reason = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": failure.code,
        "domain": DOMAIN,
        "metadata": {"type": TYPE},
    }
    return {
        "code": failure.status,
        "message": failure.message,
        "status": _CANONICAL.get(failure.status, "UNKNOWN"),
        "details": [reason],
    }


# google.rpc.Code, by the HTTP status that stands nearest to it.
_CANONICAL = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    417: "FAILED_PRECONDITION",
    421: "FAILED_PRECONDITION",
    426: "FAILED_PRECONDITION",
    431: "INVALID_ARGUMENT",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    505: "UNIMPLEMENTED",
}

_BODIES = {
    (dialect, failure.code): _text(_shape(dialect, failure))
    for dialect in Dialect
    for failure in PUBLISHED
}
