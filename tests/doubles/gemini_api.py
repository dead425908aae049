"""Gemini's answers: generate, its stream (SSE or a JSON array), counts, embeddings, errors."""

from __future__ import annotations

import msgspec

from tests.doubles.ask import Ask
from tests.doubles.reply import SSE, Reply, instance_of, sse, whole

_STATES = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
_STATES |= {429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}


def generate(ask: Ask) -> Reply:
    """One answer."""
    call = _call(ask)
    part = call or {"text": "".join(_words(ask))}
    return whole(_chunk(ask, part, last=True))


def stream(ask: Ask) -> Reply:
    """The stream: SSE when the target says `alt=sse`, else a JSON array that grows."""
    call = _call(ask)
    parts = [call] if call else [{"text": word} for word in _words(ask)]
    ends = not (ask.script.no_done or ask.script.no_finish or ask.script.error_event)
    last = len(parts) - 1
    chunks: list[object] = [_chunk(ask, p, last=ends and n == last) for n, p in enumerate(parts)]
    if ask.script.error_event:
        chunks.append(_error(ask))
    if "alt=sse" not in ask.target:
        return Reply(pieces=_array(chunks), streams=True)
    end = ask.script.line_end or "\r\n"
    pieces = [sse(chunk, end=end) for chunk in chunks]
    if ask.script.malformed:
        pieces.insert(1, f'data: {{"candidates": [{end}{end}'.encode())
    return Reply(pieces=tuple(pieces), content_type=SSE.partition(";")[0], streams=True)


def count(ask: Ask) -> Reply:
    """The tokens of a prompt."""
    return whole({"totalTokens": ask.script.tokens.input})


def embed(ask: Ask) -> Reply:
    """One short vector."""
    return whole({"embedding": {"values": [0.25, -0.5, 0.125]}})


def batch_embed(ask: Ask) -> Reply:
    """One short vector for each request in the batch."""
    given = ask.body.get("requests")
    wanted = len(given) if isinstance(given, list) else 1
    return whole({"embeddings": [{"values": [0.25, -0.5, 0.125]}] * wanted})


def models(ask: Ask) -> Reply:
    """The list of models, or the one that the path names."""
    name = ask.target.partition("?")[0].rsplit("/", 1)[-1]
    if name != "models":
        return whole(_model(name))
    return whole({"models": [_model(f"{ask.served_by}-model"), _model("a-model")]})


def error(ask: Ask) -> Reply:
    """An error answer."""
    return whole(_error(ask))


def _array(chunks: list[object]) -> tuple[bytes, ...]:
    first, *rest = (msgspec.json.encode(chunk) for chunk in chunks)
    return (b"[" + first, *(b"\n,\r\n" + chunk for chunk in rest), b"\n]\n")


def _chunk(ask: Ask, part: object, *, last: bool) -> dict[str, object]:
    candidate: dict[str, object] = {"content": {"role": "model", "parts": [part]}, "index": 0}
    if last:
        candidate["finishReason"] = "STOP"
    chunk: dict[str, object] = {"candidates": [candidate]}
    if not ask.script.no_usage:
        chunk["usageMetadata"] = _usage(ask, last=last)
    chunk["modelVersion"] = ask.model
    chunk["responseId"] = f"{ask.served_by}-{ask.number:08d}"
    return chunk


def _usage(ask: Ask, *, last: bool) -> dict[str, object]:
    tokens = ask.script.tokens
    used: dict[str, object] = {"promptTokenCount": tokens.input}
    if last:
        used["candidatesTokenCount"] = ask.script.output_tokens - tokens.reasoning
        used["thoughtsTokenCount"] = tokens.reasoning
    if tokens.cached_input:
        used["cachedContentTokenCount"] = tokens.cached_input
    used["totalTokenCount"] = tokens.input + (ask.script.output_tokens if last else 0)
    used["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": tokens.input}]
    return used


def _call(ask: Ask) -> dict[str, object] | None:
    tools = ask.body.get("tools")
    if not isinstance(tools, list) or not tools or "functionResponse" in str(ask.body):
        return None
    declared = tools[0].get("functionDeclarations")
    if not declared:
        return None
    schemas = ("parametersJsonSchema", "parameters_json_schema", "parameters")  # the SDK's second
    schema: object = next((declared[0][name] for name in schemas if name in declared[0]), None)
    return {"functionCall": {"name": declared[0]["name"], "args": instance_of(schema)}}


def _words(ask: Ask) -> list[str]:
    config = ask.body.get("generationConfig")
    schema: object = None
    if isinstance(config, dict):
        names = ("responseJsonSchema", "response_json_schema", "responseSchema")
        schema = next((config[name] for name in names if name in config), None)
    if not schema:
        return ask.script.words(ask.opening)
    document = msgspec.json.encode(instance_of(schema)).decode()
    return msgspec.structs.replace(ask.script, text=document).words("")


def _model(name: str) -> dict[str, object]:
    methods = ["generateContent", "countTokens"]
    known = {"name": f"models/{name}", "version": "001", "displayName": name}
    return known | {"inputTokenLimit": 1_048_576, "supportedGenerationMethods": methods}


def _error(ask: Ask) -> dict[str, object]:
    status = ask.script.status if ask.script.status >= 400 else 503
    known = {"code": status, "message": f"{ask.served_by} says {status}"}
    return {"error": known | {"status": _STATES.get(status, "INTERNAL"), "details": []}}
