"""Ollama's answers: chat and generate as NDJSON (streamed unless told otherwise), embed, tags."""

from __future__ import annotations

import msgspec

from tests.doubles.ask import Ask, Operation
from tests.doubles.reply import NDJSON, Reply, whole


def generate(ask: Ask) -> Reply:
    """`/api/chat` and `/api/generate`, streamed or whole."""
    words = ask.script.words(ask.opening)
    if not ask.stream:
        return whole(_line(ask, "".join(words)) | _done(ask))
    lines: list[dict[str, object]] = [_line(ask, word) for word in words]
    if ask.script.error_event:
        lines.append(_error(ask))
    elif not (ask.script.no_done or ask.script.no_finish):
        lines.append(_line(ask, "") | _done(ask))
    pieces = [msgspec.json.encode(line) + b"\n" for line in lines]
    if ask.script.malformed:
        pieces.insert(1, b'{"model": \n')
    return Reply(pieces=tuple(pieces), content_type=NDJSON, streams=True)


def embed(ask: Ask) -> Reply:
    """One short vector for each input."""
    given = ask.body.get("input")
    rows = [[0.25, -0.5, 0.125]] * (len(given) if isinstance(given, list) else 1)
    used = {"prompt_eval_count": ask.script.tokens.input}
    return whole({"model": ask.model, "embeddings": rows, "served_by": ask.served_by} | used)


def tags(ask: Ask) -> Reply:
    """The list of models."""
    return whole({"models": [{"name": ask.served_by, "model": ask.served_by, "size": 1}]})


def error(ask: Ask) -> Reply:
    """An error answer."""
    return whole(_error(ask))


def _line(ask: Ask, word: str) -> dict[str, object]:
    known = {"model": ask.model, "created_at": "2026-11-22T00:00:00.000000Z", "done": False}
    if ask.operation is Operation.OLLAMA_CHAT:
        return known | {"message": {"role": "assistant", "content": word}}
    return known | {"response": word}


def _done(ask: Ask) -> dict[str, object]:
    used = {
        "prompt_eval_count": ask.script.tokens.input,
        "eval_count": ask.script.output_tokens,
    }
    spent = {"total_duration": 9_000_000, "load_duration": 1_000_000, "eval_duration": 5_000_000}
    counted = {} if ask.script.no_usage else used
    return {"done": True, "done_reason": "stop"} | spent | counted | {"served_by": ask.served_by}


def _error(ask: Ask) -> dict[str, object]:
    return {"error": f"{ask.served_by} says {ask.script.status}"}
