"""Calls whose path names the model: Gemini, Vertex, dated Azure deployments."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from proxy.dialects.call import Call, Operation
from proxy.dialects.known import ANTHROPIC, OPENAI
from proxy.policy import Dialect


def model_in_path(path: bytes) -> Call | None:
    """The call that the path of a POST stands for; None where it names no model."""
    if (found := _DEPLOYMENT.search(path)) is not None:
        return _deployment(found)
    if (found := _MODEL_VERB.search(path)) is not None:
        return _google(path, found)
    if (found := _TUNED_VERB.search(path)) is not None:
        # No model of the registry can stand in this place, so no migration may match.
        return _gemini(found[1], None, None)
    return None


_DEPLOYMENT = re.compile(rb"/deployments/([^/]+)(/.+)$")
# Google's servers take the colon escaped too, and some clients escape it.
_VERB = rb"(?::|%3[Aa])([A-Za-z]+)$"
_MODEL_VERB = re.compile(rb"/models/([^/]+)" + _VERB)
_TUNED_VERB = re.compile(rb"/(?:tunedModels|endpoints)/[^/]+" + _VERB)
_GEMINI_VERBS = {
    b"generateContent": (Operation.GENERATE, False),
    b"streamGenerateContent": (Operation.GENERATE, True),
    b"countTokens": (Operation.COUNT_TOKENS, False),
    b"embedContent": (Operation.EMBED, False),
    b"batchEmbedContents": (Operation.EMBED, False),
}
_CLAUDE_VERBS = {b"rawPredict": False, b"streamRawPredict": True}


def _deployment(found: re.Match[bytes]) -> Call | None:
    """Azure: the deployment stands for the model; the SDK repeats it in the body."""
    call = OPENAI.get(found[2])
    if call is None:
        return None
    return call._replace(model=_decoded(found[1]), model_span=found.span(1))


def _google(path: bytes, found: re.Match[bytes]) -> Call:
    if b"/publishers/anthropic/" in path and found[2] in _CLAUDE_VERBS:
        return _claude(found)
    return _gemini(found[2], _decoded(found[1]), found.span(1))


def _gemini(verb: bytes, model: str | None, span: tuple[int, int] | None) -> Call:
    if verb not in _GEMINI_VERBS:
        return Call(Dialect.GEMINI, Operation.OTHER)
    operation, streams = _GEMINI_VERBS[verb]
    return Call(Dialect.GEMINI, operation, model, span, json_body=True, streams=streams)


def _claude(found: re.Match[bytes]) -> Call:
    """Anthropic on Vertex: the body names no model, except where the path says count-tokens."""
    model, streams = _decoded(found[1]), _CLAUDE_VERBS[found[2]]
    if model == "count-tokens":
        return ANTHROPIC[b"/messages/count_tokens"]
    return Call(
        Dialect.ANTHROPIC,
        Operation.MESSAGES,
        model,
        found.span(1),
        json_body=True,
        streams=streams,
    )


def _decoded(segment: bytes) -> str | None:
    """A path segment as text; None where it is no UTF-8."""
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return None
