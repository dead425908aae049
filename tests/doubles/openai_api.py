"""OpenAI's answers: chat completions, completions, embeddings, models; errors in that shape."""

from __future__ import annotations

import msgspec

from tests.doubles.ask import Ask, Operation
from tests.doubles.reply import SSE, Reply, instance_of, sse, whole

CREATED = 1_790_000_000


def chat(ask: Ask) -> Reply:
    """A chat completion, or its stream."""
    tool = wanted_tool(ask)
    if ask.stream:
        deltas = _tool_deltas(ask, tool) if tool else _text_deltas(ask)
        return _stream(ask, "chat.completion.chunk", deltas, "tool_calls" if tool else "stop")
    if tool:
        message = {"role": "assistant", "content": None, "tool_calls": [_call(ask, tool)]}
    else:
        message = {"role": "assistant", "content": "".join(said(ask)), "refusal": None}
    reason = "tool_calls" if tool else "stop"
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    return whole(_top(ask, "chat.completion", [choice], usage(ask)))


def completions(ask: Ask) -> Reply:
    """A legacy completion, or its stream."""
    words = ask.script.words(ask.opening)
    if ask.stream:
        return _stream(ask, "text_completion", [{"text": word} for word in words], "stop")
    choice = {"text": "".join(words), "index": 0, "logprobs": None, "finish_reason": "stop"}
    return whole(_top(ask, "text_completion", [choice], usage(ask)))


def embeddings(ask: Ask) -> Reply:
    """One short vector for each input."""
    given = ask.body.get("input")
    count = len(given) if isinstance(given, list) else 1
    vector: object = [0.25, -0.5, 0.125]
    if ask.body.get("encoding_format") == "base64":
        vector = "AACAPgAAAL8AAAA+"  # the same three floats, little-endian
    rows = [{"object": "embedding", "index": n, "embedding": vector} for n in range(count)]
    tokens = ask.script.tokens.input
    used = {"prompt_tokens": tokens, "total_tokens": tokens}
    answer: dict[str, object] = {"object": "list", "data": rows, "model": ask.model}
    return whole(answer | ({} if ask.script.no_usage else {"usage": used}) | _mark(ask))


def models(ask: Ask) -> Reply:
    """The list of models, or the one that the path names."""
    name = ask.target.partition("?")[0].rsplit("/", 1)[-1]
    if name != "models":
        return whole(_model(name) | _mark(ask))
    rows = [_model(f"{ask.served_by}-model"), _model("a-model")]
    page = {"has_more": False, "first_id": rows[0]["id"], "last_id": rows[-1]["id"]}
    return whole({"object": "list", "data": rows} | page | _mark(ask))


def error(ask: Ask) -> Reply:
    """An error answer."""
    return whole(_error(ask))


def usage(ask: Ask) -> dict[str, object]:
    """Chat usage, with its details."""
    tokens, output = ask.script.tokens, ask.script.output_tokens
    return {
        "prompt_tokens": tokens.input,
        "completion_tokens": output,
        "total_tokens": tokens.input + output,
        "prompt_tokens_details": {
            "cached_tokens": tokens.cached_input,
            "cache_write_tokens": tokens.cache_write,
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def wanted_tool(ask: Ask) -> dict[str, object] | None:
    """The first tool that the request offers, unless it already brings a tool's result."""
    tools = ask.body.get("tools")
    messages = ask.body.get("messages")
    if not isinstance(tools, list) or not tools:
        return None
    if isinstance(messages, list) and messages and messages[-1].get("role") == "tool":
        return None
    first = tools[0]
    function = first.get("function", first)
    return function if isinstance(function, dict) else None


def said(ask: Ask) -> list[str]:
    """The answer's words; a JSON document when the request asked for a schema."""
    wanted = ask.body.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return ask.script.words(ask.opening)
    schema = wanted["json_schema"]["schema"]
    text = msgspec.json.encode(instance_of(schema)).decode()
    return msgspec.structs.replace(ask.script, text=text).words("")


def _top(ask: Ask, kind: str, choices: list[object], used: object) -> dict[str, object]:
    known = {"usage": used} if used is not None and not ask.script.no_usage else {}
    return {
        "id": f"chatcmpl-{ask.served_by}-{ask.number:08d}",
        "object": kind,
        "created": CREATED,
        "model": ask.model,
        "choices": choices,
        **known,
        "service_tier": "default",
        "system_fingerprint": f"fp_{ask.served_by}",
        **_mark(ask),
    }


def _mark(ask: Ask) -> dict[str, object]:
    return {"served_by": ask.served_by}


def _model(name: str) -> dict[str, object]:
    shown = {"type": "model", "display_name": name, "created_at": "2026-09-21T00:00:00Z"}
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "tests"} | shown


def _call(ask: Ask, tool: dict[str, object]) -> dict[str, object]:
    arguments = msgspec.json.encode(instance_of(tool.get("parameters"))).decode()
    function = {"name": tool["name"], "arguments": arguments}
    return {"id": f"call_{ask.number:08d}", "type": "function", "function": function}


def _text_deltas(ask: Ask) -> list[dict[str, object]]:
    opening: dict[str, object] = {"delta": {"role": "assistant", "content": "", "refusal": None}}
    words: list[dict[str, object]] = [{"delta": {"content": word}} for word in said(ask)]
    return [opening, *words]


def _tool_deltas(ask: Ask, tool: dict[str, object]) -> list[dict[str, object]]:
    call = _call(ask, tool)
    function = call["function"]
    assert isinstance(function, dict)
    text = str(function["arguments"])
    half = len(text) // 2
    head = call | {"index": 0, "function": {"name": function["name"], "arguments": ""}}
    rows: list[object] = [{"role": "assistant", "content": None, "tool_calls": [head]}]
    calls = [{"index": 0, "function": {"arguments": part}} for part in (text[:half], text[half:])]
    return [{"delta": row} for row in (*rows, *({"tool_calls": [call]} for call in calls))]


def _stream(ask: Ask, kind: str, deltas: list[dict[str, object]], reason: str) -> Reply:
    script = ask.script
    end = script.line_end or "\n"
    options = ask.body.get("stream_options")
    counted = isinstance(options, dict) and bool(options.get("include_usage"))
    extra: dict[str, object] = {"usage": None} if counted and not script.no_usage else {}

    def event(choices: list[object], **more: object) -> bytes:
        return sse(_top(ask, kind, choices, None) | extra | more, end=end)

    legacy = ask.operation is Operation.COMPLETIONS
    empty: dict[str, object] = {"text": ""} if legacy else {"delta": {}}
    pieces = [
        event([{"index": 0} | delta | {"logprobs": None, "finish_reason": None}])
        for delta in deltas
    ]
    if script.malformed:
        pieces.insert(1, f'data: {{"choices": [{{"delta"{end}{end}'.encode())
    if script.error_event:
        return Reply(pieces=(*pieces, sse(_error(ask), end=end)), content_type=SSE, streams=True)
    if not script.no_finish:
        pieces.append(event([{"index": 0} | empty | {"finish_reason": reason}]))
    if extra:
        pieces.append(event([], usage=usage(ask)))
    if not script.no_done:
        pieces.append(sse("[DONE]", end=end))
    return Reply(pieces=tuple(pieces), content_type=SSE, streams=True)


def _error(ask: Ask) -> dict[str, object]:
    status = ask.script.status if ask.script.status >= 400 else 500
    kind = "rate_limit_error" if status == 429 else "invalid_request_error"
    if status >= 500:
        kind = "server_error"
    text = f"{ask.served_by} says {status}"
    return {"error": {"message": text, "type": kind, "param": None, "code": f"e{status}"}}
