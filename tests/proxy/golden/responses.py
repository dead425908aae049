"""Streams and bodies of OpenAI's Responses."""

from __future__ import annotations

from proxy.dialects.call import Call, Operation
from proxy.exchange import Usage, UsageState
from proxy.policy import Dialect
from tests.proxy.golden.golden import JSON, SSE, Golden

CALL = Call(Dialect.OPENAI, Operation.RESPONSES)

_USAGE = (
    b'{"input_tokens":36,"input_tokens_details":{"cached_tokens":6},"output_tokens":87,'
    b'"output_tokens_details":{"reasoning_tokens":40},"total_tokens":123}'
)


def _response(status: bytes, usage: bytes, error: bytes = b"null") -> bytes:
    return (
        b'{"id":"resp_67c","object":"response","created_at":1741290958,"status":"%s","error":%s,'
        b'"incomplete_details":null,"model":"gpt-4.1-2025-04-14","output":[],"tools":[],'
        b'"usage":%s,"user":null,"metadata":{}}' % (status, error, usage)
    )


def _event(name: bytes, members: bytes) -> bytes:
    return b'event: %s\ndata: {"type":"%s","sequence_number":1,%s}\n\n' % (name, name, members)


def _state(name: bytes, response: bytes) -> bytes:
    return _event(b"response." + name, b'"response":' + response)


def final(name: bytes, output: bytes = b"") -> bytes:
    """The event that ends a stream, which repeats all output."""
    return _state(name, _response(name, _USAGE).replace(b"[]", b'["' + output + b'"]', 1))


START = (
    _state(b"created", _response(b"in_progress", b"null"))
    + _state(b"in_progress", _response(b"in_progress", b"null"))
    + _event(b"response.output_item.added", b'"output_index":0,"item":{"type":"message"}')
)
DELTAS = (
    _event(b"response.output_text.delta", b'"item_id":"msg_1","output_index":0,"delta":"Hi"')
    + _event(b"response.output_text.delta", b'"item_id":"msg_1","output_index":0,"delta":" you"')
    + _event(b"response.output_text.done", b'"item_id":"msg_1","text":"Hi you"')
)
_ARGUMENTS = _event(b"response.function_call_arguments.delta", b'"delta":"{}"')
_FAILED = _response(b"failed", b"null", b'{"code":"server_error","message":"sorry"}')
_ERROR = _event(b"error", b'"code":"server_error","message":"sorry","param":null')
COUNTED = Usage(input=36, cached_input=6, output=87, reasoning=40)
_MODEL = "gpt-4.1-2025-04-14"

RESPONSES = (
    Golden("responses", CALL, SSE, START + DELTAS + final(b"completed"), COUNTED, model=_MODEL,
           tokens=2, text=6),
    Golden("incomplete", CALL, SSE, START + DELTAS + final(b"incomplete"), COUNTED, model=_MODEL,
           tokens=2, text=6),
    Golden("arguments", CALL, SSE, START + _ARGUMENTS + final(b"completed"), COUNTED, model=_MODEL,
           tokens=1, text=2),
    Golden("failed", CALL, SSE, START + DELTAS + _state(b"failed", _FAILED), None,
           UsageState.MISSING, _MODEL, 2, 6, failed=True),
    Golden("error event", CALL, SSE, START + DELTAS + _ERROR, None, UsageState.ESTIMATED, _MODEL, 2,
           6, failed=True),
    Golden("an error of another shape", CALL, SSE, b'data: {"error":{"message":"no"}}\n\n', None,
           UsageState.MISSING, failed=True),
    Golden("no terminal event", CALL, SSE, START + DELTAS, None, UsageState.ESTIMATED, _MODEL, 2, 6,
           terminated=False),
    Golden("a final event of half a megabyte", CALL, SSE,
           START + DELTAS + final(b"completed", b"x" * 500_000), COUNTED, model=_MODEL, tokens=2,
           text=6),
    Golden("body", CALL, JSON, _response(b"completed", _USAGE), COUNTED, model=_MODEL),
    Golden("body of a failure", CALL, JSON, _FAILED, None, UsageState.MISSING, _MODEL, failed=True),
)  # fmt: skip
