"""An answer's body in pieces, before it is compressed, cut or delayed: the Reply."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

JSON = "application/json"
SSE = "text/event-stream; charset=utf-8"
NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A body: one piece with a length, or the pieces of a stream."""

    pieces: tuple[bytes, ...]
    content_type: str = JSON
    streams: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def whole(value: object, **headers: str) -> Reply:
    """A JSON answer."""
    return Reply(pieces=(msgspec.json.encode(value),), headers=headers)


def sse(value: object, event: str | None = None, end: str = "\n") -> bytes:
    """One server-sent event; a str goes as it is, everything else as JSON."""
    data = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    name = f"event: {event}{end}" if event else ""
    return f"{name}data: {data}{end}{end}".encode()


def instance_of(schema: object) -> object:
    """The smallest value that fits a JSON schema, for structured outputs and tool arguments."""
    if not isinstance(schema, dict):
        return None
    definitions = schema.get("$defs", {})
    return _instance(schema, definitions)


def _instance(schema: dict[str, object], definitions: dict[str, object]) -> object:
    for choice in ("const", "default"):
        if choice in schema:
            return schema[choice]
    if reference := schema.get("$ref"):
        return _instance(_dict(definitions.get(str(reference).rsplit("/", 1)[-1])), definitions)
    for several in ("enum", "anyOf", "oneOf"):
        options = schema.get(several)
        if isinstance(options, list) and options:
            first = options[0]
            return _instance(first, definitions) if isinstance(first, dict) else first
    return _typed(schema, definitions)


def _typed(schema: dict[str, object], definitions: dict[str, object]) -> object:
    match str(schema.get("type", "string")).lower():
        case "object":
            members = _dict(schema.get("properties"))
            return {name: _instance(_dict(what), definitions) for name, what in members.items()}
        case "array":
            return [_instance(_dict(schema.get("items")), definitions)]
        case "integer" | "number":
            return 7
        case "boolean":
            return True
        case _:
            return "Paris"


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
