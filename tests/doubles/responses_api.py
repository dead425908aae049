"""OpenAI's Responses API: the answer and its typed stream events."""

from __future__ import annotations

import msgspec

from tests.doubles.ask import Ask
from tests.doubles.openai_api import CREATED
from tests.doubles.reply import SSE, Reply, instance_of, sse, whole

Event = tuple[str, dict[str, object]]  # its name and its data


def responses(ask: Ask) -> Reply:
    """A response, or its stream."""
    if not ask.stream:
        return whole(_response(ask, "completed", [_item(ask, "".join(_words(ask)))]))
    tool = _tool(ask)
    body = _tool_events(ask, tool) if tool else _text_events(ask)
    started = _response(ask, "in_progress", [])
    events: list[Event] = [("response.created", {"response": started})]
    events += [("response.in_progress", {"response": started}), *body]
    events += _ending(ask)
    pieces = [_event(ask, name, n, data) for n, (name, data) in enumerate(events)]
    if ask.script.malformed:
        pieces.insert(2, b'event: response.output_text.delta\ndata: {"type": \n\n')
    return Reply(pieces=tuple(pieces), content_type=SSE, streams=True)


def _ending(ask: Ask) -> list[Event]:
    if ask.script.error_event:
        text = f"{ask.served_by} broke"
        return [("error", {"code": "server_error", "message": text, "param": None})]
    if ask.script.no_done:
        return []
    item = _item(ask, "".join(_words(ask)))
    return [("response.completed", {"response": _response(ask, "completed", [item])})]


def _event(ask: Ask, name: str, number: int, data: dict[str, object]) -> bytes:
    body = {"type": name, "sequence_number": number} | data
    return sse(body, name, ask.script.line_end or "\n")


def _words(ask: Ask) -> list[str]:
    text = ask.body.get("text")
    wanted = text.get("format") if isinstance(text, dict) else None
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return ask.script.words(ask.opening)
    document = msgspec.json.encode(instance_of(wanted["schema"])).decode()
    return msgspec.structs.replace(ask.script, text=document).words("")


def _tool(ask: Ask) -> dict[str, object] | None:
    tools = ask.body.get("tools")
    given = ask.body.get("input")
    if not isinstance(tools, list) or not tools:
        return None
    if isinstance(given, list) and given[-1].get("type") == "function_call_output":
        return None
    first = tools[0]
    return first if isinstance(first, dict) and first.get("type") == "function" else None


def _item(ask: Ask, text: str) -> dict[str, object]:
    tool = _tool(ask)
    if tool:
        arguments = msgspec.json.encode(instance_of(tool.get("parameters"))).decode()
        call = {"name": tool["name"], "arguments": arguments, "call_id": f"call_{ask.number:08d}"}
        return {"type": "function_call", "id": f"fc_{ask.number:08d}", "status": "completed"} | call
    content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]
    known = {"type": "message", "id": f"msg_{ask.number:08d}", "status": "completed"}
    return known | {"role": "assistant", "content": content}


def _text_events(ask: Ask) -> list[Event]:
    words = _words(ask)
    item = _item(ask, "".join(words))
    at: dict[str, object] = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    begun = item | {"status": "in_progress", "content": []}
    events: list[Event] = [
        ("response.output_item.added", {"output_index": 0, "item": begun}),
        ("response.content_part.added", at | {"part": part}),
    ]
    deltas = [at | {"delta": word, "logprobs": []} for word in words]
    text = "".join(words)
    return [
        *events,
        *(("response.output_text.delta", delta) for delta in deltas),
        ("response.output_text.done", at | {"text": text, "logprobs": []}),
        ("response.content_part.done", at | {"part": part | {"text": text}}),
        ("response.output_item.done", {"output_index": 0, "item": item}),
    ]


def _tool_events(ask: Ask, tool: dict[str, object]) -> list[Event]:
    item = _item(ask, "")
    at: dict[str, object] = {"item_id": item["id"], "output_index": 0}
    arguments = str(item["arguments"])
    begun = item | {"status": "in_progress", "arguments": ""}
    name = "response.function_call_arguments"
    return [
        ("response.output_item.added", {"output_index": 0, "item": begun}),
        (f"{name}.delta", at | {"delta": arguments}),
        (f"{name}.done", at | {"arguments": arguments, "name": tool["name"]}),
        ("response.output_item.done", {"output_index": 0, "item": item}),
    ]


def _response(ask: Ask, status: str, output: list[object]) -> dict[str, object]:
    counted = status == "completed" and not ask.script.no_usage
    return {
        "id": f"resp_{ask.served_by}_{ask.number:08d}",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": ask.body.get("instructions"),
        "metadata": {},
        "model": ask.model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": ask.body.get("tools", []),
        "top_p": 1.0,
        "usage": _usage(ask) if counted else None,
        "served_by": ask.served_by,
    }


def _usage(ask: Ask) -> dict[str, object]:
    tokens, output = ask.script.tokens, ask.script.output_tokens
    return {
        "input_tokens": tokens.input,
        "input_tokens_details": {
            "cached_tokens": tokens.cached_input,
            "cache_write_tokens": tokens.cache_write,
        },
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input + output,
    }
