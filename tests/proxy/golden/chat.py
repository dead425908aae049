"""Streams of OpenAI's chat completions, and of the servers that copy it."""

from __future__ import annotations

from proxy.dialects.call import Call, Operation
from proxy.exchange import Usage, UsageState
from proxy.policy import Dialect
from tests.proxy.golden.golden import SSE, Golden

CALL = Call(Dialect.OPENAI, Operation.CHAT)

_HEAD = (
    b'data: {"id":"chatcmpl-B9MH","object":"chat.completion.chunk","created":1741570283,'
    b'"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_fc9f1d7035",'
)


def chunk(delta: bytes, finish: bytes = b"null", usage: bytes = b',"usage":null') -> bytes:
    """One chunk in OpenAI's own spelling."""
    return (
        _HEAD
        + b'"choices":[{"index":0,"delta":'
        + delta
        + b',"logprobs":null,"finish_reason":'
        + finish
        + b"}]"
        + usage
        + b',"obfuscation":"Xa8dKq"}\n\n'
    )


ROLE = chunk(b'{"role":"assistant","content":"","refusal":null}')
HELLO = chunk(b'{"content":"Hello"}')
WORLD = chunk('{"content":" wörld"}'.encode())
STOP = chunk(b"{}", b'"stop"')
USAGE = (
    _HEAD + b'"choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,'
    b'"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},"completion_tokens_details":'
    b'{"reasoning_tokens":4,"audio_tokens":0,"accepted_prediction_tokens":0,'
    b'"rejected_prediction_tokens":0}},"obfuscation":"kf"}\n\n'
)
DONE = b"data: [DONE]\n\n"
COUNTED = Usage(input=19, cached_input=8, output=10, reasoning=4)

_AZURE_FIRST = (
    b'data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":'
    b'[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}'
    b"\n\n"
)
_VLLM = (
    b'data: {"id":"chat-1","object":"chat.completion.chunk","created":1,"model":"qwen","choices":'
    b'[{"index":0,"delta":{"content":"%s"},"logprobs":null,"finish_reason":%s}],"usage":'
    b'{"prompt_tokens":7,"total_tokens":%d,"completion_tokens":%d}}\n\n'
)
_MISTRAL_LAST = (
    b'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"mistral-small",'
    b'"choices":[{"index":0,"delta":{"content":"!"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":5,"total_tokens":8,"completion_tokens":3}}\n\n'
)
_GROQ_LAST = (
    b'data: {"id":"c1","model":"llama","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],'
    b'"x_groq":{"id":"req_1","usage":{"prompt_tokens":6,"completion_tokens":2,"total_tokens":8}}}'
    b"\n\n"
)
_MOONSHOT_LAST = (
    b'data: {"id":"c1","model":"kimi","choices":[{"index":0,"delta":{},"finish_reason":"stop",'
    b'"usage":{"prompt_tokens":6,"completion_tokens":2,"total_tokens":8}}]}\n\n'
)
_USAGE_FIRST = (
    b'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"a"}}],'
    b'"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\n'
)
_ZEROS = (
    b'data: {"id":"c1","choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,'
    b'"total_tokens":0,"prompt_tokens_details":null}}\n\n'
)
_XAI = (
    b'data: {"id":"c1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,'
    b'"total_tokens":65,"completion_tokens_details":{"reasoning_tokens":50}}}\n\n'
)
_TOOL = (
    chunk(
        b'{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1",'
        b'"type":"function","function":{"name":"weather","arguments":""}}]}'
    )
    + chunk(b'{"tool_calls":[{"index":0,"function":{"arguments":"{\\"city\\":"}}]}')
    + chunk(b'{"tool_calls":[{"index":0,"function":{"arguments":" \\"Oslo\\"}"}}]}')
    + chunk(b"{}", b'"tool_calls"')
)
_ERROR = b'data: {"error":{"message":"overloaded","type":"server_error","code":null}}\n\n'
_GPT = "gpt-4o-2024-08-06"
_TEXT = len("Hello wörld".encode())

CHAT = (
    Golden("chat", CALL, SSE, ROLE + HELLO + WORLD + STOP + USAGE + DONE, COUNTED,
           model=_GPT, tokens=2, text=_TEXT),
    Golden("no usage", CALL, SSE, ROLE + HELLO + WORLD + STOP + DONE, None,
           UsageState.MISSING, _GPT, 2, _TEXT),
    Golden("usage after [DONE]", CALL, SSE, ROLE + HELLO + WORLD + STOP + DONE + USAGE, COUNTED,
           model=_GPT, tokens=2, text=_TEXT),
    Golden("usage before finish", CALL, SSE, ROLE + USAGE + HELLO + WORLD + STOP + DONE, COUNTED,
           model=_GPT, tokens=2, text=_TEXT),
    Golden("usage twice: the last counts", CALL, SSE, _USAGE_FIRST + STOP + USAGE + DONE, COUNTED,
           model=_GPT, tokens=1, text=1),
    Golden("explicit zeros stay zero", CALL, SSE, HELLO + STOP + _ZEROS + DONE, Usage(),
           model=_GPT, tokens=1, text=5),
    Golden("azure", CALL, SSE, _AZURE_FIRST + ROLE + HELLO + STOP + USAGE + DONE, COUNTED,
           model=_GPT, tokens=1, text=5),
    Golden("vllm: continuous", CALL, SSE,
           _VLLM % (b"a", b"null", 8, 1) + _VLLM % (b"b", b'"stop"', 9, 2) + DONE,
           Usage(input=7, output=2), model="qwen", tokens=2, text=2),
    Golden("vllm: continuous and cut", CALL, SSE,
           _VLLM % (b"a", b"null", 8, 1) + _VLLM % (b"b", b"null", 9, 2),
           Usage(input=7, output=2), UsageState.ESTIMATED, "qwen", 2, 2, terminated=False),
    Golden("mistral: usage with content and finish", CALL, SSE, HELLO + _MISTRAL_LAST + DONE,
           Usage(input=5, output=3), model="mistral-small", tokens=2, text=6),
    Golden("groq", CALL, SSE, HELLO + _GROQ_LAST + DONE, Usage(input=6, output=2), model="llama",
           tokens=1, text=5),
    Golden("moonshot", CALL, SSE, HELLO + _MOONSHOT_LAST + DONE, Usage(input=6, output=2),
           model="kimi", tokens=1, text=5),
    Golden("xai: reasoning beside completion", CALL, SSE, HELLO + STOP + _XAI + DONE,
           Usage(input=10, output=55, reasoning=50), model=_GPT, tokens=1, text=5),
    Golden("deepseek: reasoning", CALL, SSE,
           chunk(b'{"content":null,"reasoning_content":"Hmm"}') + HELLO + STOP + DONE,
           None, UsageState.MISSING, _GPT, 2, 8),
    Golden("magistral: content in parts", CALL, SSE,
           chunk(b'{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}')
           + STOP + DONE, None, UsageState.MISSING, _GPT, 1, 2),
    Golden("sound", CALL, SSE, chunk(b'{"audio":{"id":"a","data":"UklGRg=="}}') + STOP + DONE,
           None, UsageState.MISSING, _GPT, 1, 1),
    Golden("tools", CALL, SSE, _TOOL + USAGE + DONE, COUNTED, model=_GPT, tokens=3,
           text=len('weather{"city": "Oslo"}')),
    Golden("finish without [DONE]", CALL, SSE, ROLE + HELLO + STOP, None, UsageState.MISSING, _GPT,
           1, 5),
    Golden("no terminal event", CALL, SSE, ROLE + HELLO + WORLD, None, UsageState.ESTIMATED, _GPT,
           2, _TEXT, terminated=False),
    Golden("error in the stream", CALL, SSE, ROLE + HELLO + _ERROR, None, UsageState.ESTIMATED,
           _GPT, 1, 5, failed=True),
    Golden("nothing but an error", CALL, SSE, _ERROR, None, UsageState.MISSING, failed=True),
    Golden("keep-alives and odd fields", CALL, SSE,
           b": hi\n\nretry: 10\n\n" + HELLO + b"id: 7\nevent: x\n" + STOP + b": bye\n\n" + DONE,
           None, UsageState.MISSING, _GPT, 1, 5),
    Golden("CRLF", CALL, SSE, (ROLE + HELLO + STOP + USAGE + DONE).replace(b"\n", b"\r\n"), COUNTED,
           model=_GPT, tokens=1, text=5),
    Golden("CR, with a mark", CALL, SSE,
           b"\xef\xbb\xbf" + (HELLO + STOP + USAGE + DONE).replace(b"\n", b"\r"), COUNTED,
           model=_GPT, tokens=1, text=5),
    Golden("JSON over several data lines", CALL, SSE,
           HELLO + STOP + USAGE.replace(b",", b",\ndata: ").replace(b":{", b":\ndata:{") + DONE,
           COUNTED, model=_GPT, tokens=1, text=5),
    Golden("last event without its blank line", CALL, SSE, HELLO + STOP + USAGE[:-1], None,
           UsageState.MISSING, _GPT, 1, 5),
)  # fmt: skip
