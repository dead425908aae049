"""Streams and bodies of Anthropic's Messages."""

from __future__ import annotations

from proxy.dialects.call import Call, Operation
from proxy.exchange import Usage, UsageState
from proxy.policy import Dialect
from tests.proxy.golden.golden import JSON, SSE, Golden

CALL = Call(Dialect.ANTHROPIC, Operation.MESSAGES)


def _event(name: bytes, members: bytes = b"") -> bytes:
    comma = b"," if members else b""
    return b'event: %s\ndata: {"type":"%s"%s%s}\n\n' % (name, name, comma, members)


def _start(usage: bytes) -> bytes:
    return _event(
        b"message_start",
        b'"message":{"id":"msg_01","type":"message","role":"assistant","content":[],'
        b'"model":"claude-sonnet-4-5-20250929","stop_reason":null,"usage":{%s}}' % usage,
    )


def _delta(delta: bytes) -> bytes:
    return _event(b"content_block_delta", b'"index":0,"delta":{%s}' % delta)


def _last(usage: bytes) -> bytes:
    return _event(
        b"message_delta",
        b'"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{%s}' % usage,
    )


START = _start(
    b'"input_tokens":25,"cache_creation_input_tokens":100,"cache_read_input_tokens":1000,'
    b'"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":0},'
    b'"output_tokens":1,"service_tier":"standard"'
)
_OPEN = _event(b"content_block_start", b'"index":0,"content_block":{"type":"text","text":""}')
PING = _event(b"ping")
HELLO = _delta(b'"type":"text_delta","text":"Hello"') + _delta(b'"type":"text_delta","text":"!"')
_CLOSE = _event(b"content_block_stop", b'"index":0')
LAST = _last(b'"output_tokens":15')
STOP = _event(b"message_stop")
_THINKING = _delta(b'"type":"thinking_delta","thinking":"Let me"') + _delta(
    b'"type":"signature_delta","signature":"EqQBCg"'
)
_TOOL = _delta(b'"type":"input_json_delta","partial_json":""') + _delta(
    b'"type":"input_json_delta","partial_json":"{\\"a\\":1}"'
)
_TOTALS = _last(
    b'"input_tokens":30,"cache_creation_input_tokens":null,"cache_read_input_tokens":2000,'
    b'"output_tokens":80,"output_tokens_details":{"thinking_tokens":60}'
)
_ERROR = _event(b"error", b'"error":{"type":"overloaded_error","message":"Overloaded"}')
_BODY = (
    b'{"id":"msg_01","type":"message","model":"claude-sonnet-4-5-20250929","content":[{"type":'
    b'"text","text":"Hi"}],"usage":{"input_tokens":10,"cache_read_input_tokens":5,'
    b'"output_tokens":7,"output_tokens_details":{"thinking_tokens":2}}}'
)
_INPUT = {"input": 1125, "cached_input": 1000, "cache_write": 100}
_MODEL = "claude-sonnet-4-5-20250929"

ANTHROPIC = (
    Golden("messages", CALL, SSE, START + _OPEN + PING + HELLO + _CLOSE + LAST + STOP,
           Usage(**_INPUT, output=15), model=_MODEL, tokens=2, text=6),
    Golden("totals in message_delta, thinking", CALL, SSE,
           START + _THINKING + HELLO + _TOTALS + STOP,
           Usage(input=2130, cached_input=2000, cache_write=100, output=80, reasoning=60),
           model=_MODEL, tokens=3, text=12),
    Golden("tool use", CALL, SSE, START + _TOOL + LAST + STOP, Usage(**_INPUT, output=15),
           model=_MODEL, tokens=1, text=7),
    Golden("cumulative: the last message_delta counts", CALL, SSE,
           START + HELLO + _last(b'"output_tokens":5') + HELLO + LAST + STOP,
           Usage(**_INPUT, output=15), model=_MODEL, tokens=4, text=12),
    Golden("an explicit zero stays zero", CALL, SSE,
           _start(b'"input_tokens":0,"output_tokens":1') + _last(b'"output_tokens":0') + STOP,
           Usage(), model=_MODEL),
    Golden("the placeholder is no figure", CALL, SSE, START + HELLO + STOP, Usage(**_INPUT),
           UsageState.MISSING, _MODEL, 2, 6),
    Golden("cut after some text", CALL, SSE, START + HELLO, Usage(**_INPUT), UsageState.ESTIMATED,
           _MODEL, 2, 6, terminated=False),
    Golden("error event", CALL, SSE, START + HELLO + _ERROR, Usage(**_INPUT), UsageState.ESTIMATED,
           _MODEL, 2, 6, failed=True),
    Golden("an error of another shape", CALL, SSE, b'data: {"error":"no"}\n\n', None,
           UsageState.MISSING, failed=True),
    Golden("spaced JSON", CALL, SSE,
           (START + HELLO + LAST + STOP).replace(b'":', b'": ').replace(b',"', b', "'),
           Usage(**_INPUT, output=15), model=_MODEL, tokens=2, text=6),
    Golden("body", CALL, JSON, _BODY, Usage(input=15, cached_input=5, output=7, reasoning=2),
           model=_MODEL),
    Golden("body of an error", CALL, JSON, b'{"type":"error","error":{"type":"api_error"}}', None,
           UsageState.MISSING, failed=True),
)  # fmt: skip
