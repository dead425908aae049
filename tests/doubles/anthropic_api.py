"""Anthropic's answers: messages, their stream, token counts; errors in that shape."""

from __future__ import annotations

import msgspec

from tests.doubles.ask import Ask
from tests.doubles.reply import SSE, Reply, instance_of, sse, whole

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def messages(ask: Ask) -> Reply:
    """A message, or its stream."""
    block = _block(ask)
    if not ask.stream:
        return whole(_message(ask, [block], _reason(block), _usage(ask)))
    end = ask.script.line_end or "\n"
    pieces = [sse({"type": name} | data, name, end) for name, data in _events(ask, block)]
    if ask.script.malformed:
        pieces.insert(2, f'event: content_block_delta{end}data: {{"type": {end}{end}'.encode())
    return Reply(pieces=tuple(pieces), content_type=SSE, streams=True)


def count_tokens(ask: Ask) -> Reply:
    """The tokens of a prompt."""
    return whole({"input_tokens": ask.script.tokens.input, "served_by": ask.served_by})


def error(ask: Ask) -> Reply:
    """An error answer."""
    return whole(_error(ask))


def _events(ask: Ask, block: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
    script = ask.script
    opening = _usage(ask)
    if opening is not None:
        opening["output_tokens"] = 1  # a placeholder, which message_delta supersedes
    blank = block | {"text": ""} if block["type"] == "text" else block | {"input": dict[str, str]()}
    events: list[tuple[str, dict[str, object]]] = [
        ("message_start", {"message": _message(ask, [], None, opening)}),
        ("content_block_start", {"index": 0, "content_block": blank}),
        ("ping", {}),
        *(("content_block_delta", {"index": 0, "delta": delta}) for delta in _deltas(ask, block)),
    ]
    if script.error_event:
        return [*events, ("error", _error(ask))]
    events.append(("content_block_stop", {"index": 0}))
    if not script.no_finish:
        ended: dict[str, object] = {"delta": {"stop_reason": _reason(block), "stop_sequence": None}}
        used = None if script.no_usage else {"output_tokens": script.output_tokens}
        events.append(("message_delta", ended | ({"usage": used} if used else {})))
    if not script.no_done:
        events.append(("message_stop", {}))
    return events


def _deltas(ask: Ask, block: dict[str, object]) -> list[dict[str, object]]:
    if block["type"] == "tool_use":
        text = msgspec.json.encode(block["input"]).decode()
        half = len(text) // 2
        parts = ("", text[:half], text[half:])
        return [{"type": "input_json_delta", "partial_json": part} for part in parts]
    return [{"type": "text_delta", "text": word} for word in _words(ask)]


def _block(ask: Ask) -> dict[str, object]:
    tools = ask.body.get("tools")
    if isinstance(tools, list) and tools and not _brings_a_result(ask):
        filled = instance_of(tools[0].get("input_schema"))
        known = {"type": "tool_use", "id": f"toolu_{ask.number:08d}"}
        return known | {"name": tools[0]["name"], "input": filled}
    return {"type": "text", "text": "".join(_words(ask))}


def _words(ask: Ask) -> list[str]:
    wanted = ask.body.get("output_format")
    config = ask.body.get("output_config")
    if isinstance(config, dict):
        wanted = config.get("format")
    if not isinstance(wanted, dict):
        return ask.script.words(ask.opening)
    document = msgspec.json.encode(instance_of(wanted["schema"])).decode()
    return msgspec.structs.replace(ask.script, text=document).words("")


def _brings_a_result(ask: Ask) -> bool:
    given = ask.body.get("messages")
    content = given[-1].get("content") if isinstance(given, list) and given else None
    return isinstance(content, list) and any(part.get("type") == "tool_result" for part in content)


def _reason(block: dict[str, object]) -> str:
    return "tool_use" if block["type"] == "tool_use" else "end_turn"


def _message(ask: Ask, content: list[object], reason: str | None, used: object) -> object:
    known = {} if used is None else {"usage": used}
    return {
        "id": f"msg_{ask.served_by}_{ask.number:08d}",
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        **known,
        "served_by": ask.served_by,
    }


def _usage(ask: Ask) -> dict[str, object] | None:
    tokens = ask.script.tokens
    if ask.script.no_usage:
        return None
    return {
        "input_tokens": tokens.input - tokens.cached_input - tokens.cache_write,
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cached_input,
        "output_tokens": ask.script.output_tokens,
        "output_tokens_details": {"thinking_tokens": tokens.reasoning},
        "service_tier": "standard",
    }


def _error(ask: Ask) -> dict[str, object]:
    status = ask.script.status if ask.script.status >= 400 else 529
    kind = _KINDS.get(status, "api_error")
    inner = {"type": kind, "message": f"{ask.served_by} says {status}"}
    return {"type": "error", "error": inner, "request_id": f"req_{ask.number:08d}"}
