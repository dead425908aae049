"""Streams and bodies of Gemini's generateContent and embedContent."""

from __future__ import annotations

from proxy.dialects.call import Call, Operation
from proxy.exchange import Usage, UsageState
from proxy.policy import Dialect
from tests.proxy.golden.golden import JSON, SSE, Golden

STREAM = Call(Dialect.GEMINI, Operation.GENERATE, "gemini-2.5-flash", (15, 31), streams=True)
CALL = Call(Dialect.GEMINI, Operation.GENERATE, "gemini-2.5-flash", (15, 31), streams=False)
_EMBED = Call(Dialect.GEMINI, Operation.EMBED, "gemini-embedding-001", (15, 35), streams=False)


def _chunk(parts: bytes, finish: bytes = b"", usage: bytes = b"") -> bytes:
    return (
        b'{"candidates": [{"content": {"parts": [%s],"role": "model"}%s,"index": 0}],'
        b'"usageMetadata": {%s},"modelVersion": "gemini-2.5-flash","responseId": "a1"}'
        % (parts, finish, usage)
    )


_RUNNING = b'"promptTokenCount": 10,"totalTokenCount": 10'
_TOTALS = (
    b'"promptTokenCount": 10,"candidatesTokenCount": 7,"thoughtsTokenCount": 20,'
    b'"cachedContentTokenCount": 4,"toolUsePromptTokenCount": 3,"totalTokenCount": 40,'
    b'"promptTokensDetails": [{"modality": "TEXT","tokenCount": 10}]'
)
_STOP = b',"finishReason": "STOP"'
HELLO = _chunk(b'{"text": "Hello"}', usage=_RUNNING)
THOUGHT = _chunk(b'{"text": "Hm","thought": true}', usage=b'"trafficType": "ON_DEMAND"')
LAST = _chunk(b'{"text": "!"}', _STOP, _TOTALS)
_CALLS = _chunk(
    b'{"functionCall": {"name": "f","args": {"a": "b"}}},'
    b'{"inlineData": {"mimeType": "image/png","data": "iVBORw0KGgo="}}',
    _STOP,
    _TOTALS,
)
_BLOCKED = (
    b'{"promptFeedback": {"blockReason": "SAFETY"},"usageMetadata": {"promptTokenCount": 10}}'
)
_ERROR = b'{"error": {"code": 503,"message": "overloaded","status": "UNAVAILABLE"}}'
_COUNTED = Usage(input=13, cached_input=4, output=27, reasoning=20)
_MODEL = "gemini-2.5-flash"


def _sse(*chunks: bytes) -> bytes:
    return b"".join(b"data: " + chunk + b"\r\n\r\n" for chunk in chunks)


def _array(*chunks: bytes) -> bytes:
    return b"[" + b",\r\n".join(chunks) + b"\n]\n"


GEMINI = (
    Golden("events", STREAM, SSE, _sse(THOUGHT, HELLO, LAST), _COUNTED, model=_MODEL, tokens=3,
           text=8),
    Golden("array", STREAM, JSON, _array(THOUGHT, HELLO, LAST), _COUNTED, model=_MODEL, tokens=3,
           text=8),
    Golden("strings full of brackets", STREAM, JSON,
           _array(_chunk(b'{"text": "}]{\\"\\\\"}'), LAST), _COUNTED, model=_MODEL, tokens=2,
           text=6),
    Golden("calls and images", STREAM, SSE, _sse(_CALLS), _COUNTED, model=_MODEL, tokens=1,
           text=3),
    Golden("blocked prompt", STREAM, SSE, _sse(_BLOCKED), Usage(input=10)),
    Golden("error in the stream", STREAM, SSE, _sse(HELLO, _ERROR), Usage(input=10),
           UsageState.ESTIMATED, _MODEL, 1, 5, failed=True),
    Golden("error in the array", STREAM, JSON, _array(HELLO, _ERROR), Usage(input=10),
           UsageState.ESTIMATED, _MODEL, 1, 5, failed=True),
    Golden("cut", STREAM, SSE, _sse(HELLO, HELLO), Usage(input=10), UsageState.ESTIMATED, _MODEL, 2,
           10, terminated=False),
    Golden("no counts at all", STREAM, SSE, _sse(THOUGHT, _chunk(b"", _STOP)), None,
           UsageState.MISSING, _MODEL, 1, 2),
    Golden("body", CALL, JSON, LAST, _COUNTED, model=_MODEL, text=1),
    Golden("embedding", _EMBED, JSON, b'{"embedding": {"values": [0.1]}}', None,
           UsageState.MISSING),
    Golden("embedding with usage", _EMBED, JSON,
           b'{"embedding": {"values": [0.1]},"usageMetadata": {"promptTokenCount": 3}}',
           Usage(input=3)),
)  # fmt: skip
