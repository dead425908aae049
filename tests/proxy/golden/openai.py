"""OpenAI's completions and embeddings, and answers that are not streamed."""

from __future__ import annotations

from proxy.dialects.call import Call, Operation
from proxy.exchange import Usage, UsageState
from proxy.policy import Dialect
from tests.proxy.golden.chat import CALL as CHAT_CALL
from tests.proxy.golden.chat import COUNTED, DONE
from tests.proxy.golden.golden import JSON, SSE, Golden

_COMPLETIONS = Call(Dialect.OPENAI, Operation.COMPLETIONS)
_EMBEDDINGS = Call(Dialect.OPENAI, Operation.EMBEDDINGS)
_OTHER = Call(Dialect.OPENAI, Operation.OTHER)
_COUNT = Call(Dialect.ANTHROPIC, Operation.COUNT_TOKENS)

_TEXT = (
    b'data: {"id":"cmpl-1","object":"text_completion","created":1,"choices":[{"text":"%s",'
    b'"index":0,"logprobs":null,"finish_reason":%s}],"model":"gpt-3.5-turbo-instruct"%s}\n\n'
)
_TEXT_USAGE = b',"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}'

CHAT_BODY = b"""{
  "id": "chatcmpl-B9MB", "object": "chat.completion", "model": "gpt-4o-2024-08-06",
  "choices": [{"index": 0, "message": {"role": "assistant", "content": "Say \\"usage\\": {}"},
               "logprobs": null, "finish_reason": "stop"}],
  "usage": {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29,
            "prompt_tokens_details": {"cached_tokens": 8, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 4}},
  "service_tier": "default"
}
"""
_EMBEDDED = (
    b'{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.0023,-0.009]}],'
    b'"model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}}'
)
_DEEPSEEK = (
    b'{"model":"deepseek-chat","choices":[],"usage":{"prompt_tokens":30,"completion_tokens":5,'
    b'"total_tokens":35,"prompt_cache_hit_tokens":20,"prompt_cache_miss_tokens":10}}'
)
_OTHER_EVENTS = (
    b'event: transcript.text.delta\ndata: {"type":"transcript.text.delta","delta":"Hi"}\n\n'
    b'data: {"type":"transcript.text.done","usage":{"input_tokens":9,"output_tokens":1}}\n\n'
)

OPENAI = (
    Golden("completions", _COMPLETIONS, SSE,
           _TEXT % (b"Hi", b"null", b"") + _TEXT % (b"", b'"stop"', _TEXT_USAGE) + DONE,
           Usage(input=4, output=2), model="gpt-3.5-turbo-instruct", tokens=1, text=2),
    Golden("chat body", CHAT_CALL, JSON, CHAT_BODY, COUNTED, model="gpt-4o-2024-08-06"),
    Golden("body without usage", CHAT_CALL, JSON, b'{"model":"m","choices":[]}', None,
           UsageState.MISSING, "m"),
    Golden("error with status 200", CHAT_CALL, JSON, b'{"error":{"message":"no"}}', None,
           UsageState.MISSING, failed=True),
    Golden("body that is no JSON", CHAT_CALL, JSON, b"<html>", None, UsageState.MISSING),
    Golden("embeddings", _EMBEDDINGS, JSON, _EMBEDDED, Usage(input=8),
           model="text-embedding-3-small"),
    Golden("deepseek: cache hits", CHAT_CALL, JSON, _DEEPSEEK,
           Usage(input=30, cached_input=20, output=5), model="deepseek-chat"),
    Golden("an API that copies usage", _OTHER, JSON, b'{"usage":{"input_tokens":5}}',
           Usage(input=5)),
    Golden("an API without usage", _OTHER, JSON, b'{"results":[]}', None, UsageState.MISSING),
    Golden("a stream of an unknown API", _OTHER, SSE, _OTHER_EVENTS, Usage(input=9, output=1),
           tokens=2, text=2),
    Golden("counting tokens is free", _COUNT, JSON, b'{"input_tokens":2095}', Usage()),
)  # fmt: skip
