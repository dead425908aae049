"""Streams and bodies of Ollama's own API."""

from __future__ import annotations

from proxy.dialects.call import Call, Operation
from proxy.exchange import Usage, UsageState
from proxy.policy import Dialect
from tests.proxy.golden.golden import JSON, NDJSON, Golden

CALL = Call(Dialect.OLLAMA, Operation.CHAT)
_GENERATE = Call(Dialect.OLLAMA, Operation.GENERATE)
_EMBED = Call(Dialect.OLLAMA, Operation.EMBED)


def _line(members: bytes) -> bytes:
    return b'{"model":"llama3.2","created_at":"2026-11-22T22:00:00.385406455Z",' + members + b"}\n"


HELLO = _line(b'"message":{"role":"assistant","content":"Hello"},"done":false')
_THINK = _line(b'"message":{"role":"assistant","content":"","thinking":"Hm"},"done":false')
_TOOL = _line(
    b'"message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f",'
    b'"arguments":{"city":"Oslo"}}}]},"done":false'
)
LAST = _line(
    b'"message":{"role":"assistant","content":""},"done_reason":"stop","done":true,'
    b'"total_duration":4883583458,"prompt_eval_count":26,"eval_count":282,"eval_duration":4535599000'
)
_CACHED = _line(b'"message":{"role":"assistant","content":""},"done":true,"eval_count":5')
_SAID = _line(b'"response":"Hi","done":false')
_SAID_LAST = _line(b'"response":"","done":true,"prompt_eval_count":3,"eval_count":1')
_ERROR = b'{"error":"an error was encountered while running the model"}\n'
_MODEL = "llama3.2"

OLLAMA = (
    Golden("chat", CALL, NDJSON, HELLO + HELLO + LAST, Usage(input=26, output=282), model=_MODEL,
           tokens=2, text=10),
    Golden("thinking and tools", CALL, NDJSON, _THINK + _TOOL + LAST, Usage(input=26, output=282),
           model=_MODEL, tokens=2, text=7),
    Golden("a cached prompt has no count", CALL, NDJSON, HELLO + _CACHED, Usage(output=5),
           model=_MODEL, tokens=1, text=5),
    Golden("generate", _GENERATE, NDJSON, _SAID + _SAID_LAST, Usage(input=3, output=1),
           model=_MODEL, tokens=1, text=2),
    Golden("a last line without its end", CALL, NDJSON, HELLO + LAST[:-1],
           Usage(input=26, output=282), model=_MODEL, tokens=1, text=5),
    Golden("blank lines and CRLF", CALL, NDJSON, (HELLO + b"\n" + LAST).replace(b"\n", b"\r\n"),
           Usage(input=26, output=282), model=_MODEL, tokens=1, text=5),
    Golden("error in the stream", CALL, NDJSON, HELLO + _ERROR, None, UsageState.ESTIMATED, None, 1,
           5, failed=True),
    Golden("cut", CALL, NDJSON, HELLO + HELLO, None, UsageState.ESTIMATED, None, 2, 10,
           terminated=False),
    Golden("body", CALL, JSON, LAST, Usage(input=26, output=282), model=_MODEL),
    Golden("embed", _EMBED, JSON,
           b'{"model":"all-minilm","embeddings":[[0.01]],"prompt_eval_count":8}', Usage(input=8),
           model="all-minilm"),
)  # fmt: skip
