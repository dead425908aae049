"""Which of the model APIs answers an Ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.doubles import anthropic_api, gemini_api, ollama_api, openai_api, responses_api
from tests.doubles.ask import Ask, Operation
from tests.doubles.reply import Reply, whole


def reply(ask: Ask) -> Reply:
    """The answer that the request's dialect gives to what its script says."""
    if ask.script.status >= 400:
        return _ERRORS.get(ask.operation, openai_api.error)(ask)
    answer = _ANSWERS.get(ask.operation, _echo)(ask)
    if ask.script.malformed and not answer.streams:
        return Reply(pieces=(answer.pieces[0][:-7],), content_type=answer.content_type)
    return answer


def _echo(ask: Ask) -> Reply:
    seen = {"object": "echo", "method": ask.method, "target": ask.target, "body": ask.body}
    return whole(seen | {"served_by": ask.served_by})


_ANSWERS: Mapping[Operation, Callable[[Ask], Reply]] = MappingProxyType(
    {
        Operation.CHAT: openai_api.chat,
        Operation.COMPLETIONS: openai_api.completions,
        Operation.RESPONSES: responses_api.responses,
        Operation.EMBEDDINGS: openai_api.embeddings,
        Operation.MODELS: openai_api.models,
        Operation.MESSAGES: anthropic_api.messages,
        Operation.COUNT_TOKENS: anthropic_api.count_tokens,
        Operation.GENERATE: gemini_api.generate,
        Operation.STREAM_GENERATE: gemini_api.stream,
        Operation.GEMINI_COUNT: gemini_api.count,
        Operation.EMBED: gemini_api.embed,
        Operation.BATCH_EMBED: gemini_api.batch_embed,
        Operation.GEMINI_MODELS: gemini_api.models,
        Operation.OLLAMA_CHAT: ollama_api.generate,
        Operation.OLLAMA_GENERATE: ollama_api.generate,
        Operation.OLLAMA_EMBED: ollama_api.embed,
        Operation.OLLAMA_TAGS: ollama_api.tags,
    }
)
_ERRORS: Mapping[Operation, Callable[[Ask], Reply]] = MappingProxyType(
    dict.fromkeys((Operation.MESSAGES, Operation.COUNT_TOKENS), anthropic_api.error)
    | dict.fromkeys(
        (Operation.GENERATE, Operation.STREAM_GENERATE, Operation.GEMINI_COUNT, Operation.EMBED),
        gemini_api.error,
    )
    | dict.fromkeys(
        (Operation.OLLAMA_CHAT, Operation.OLLAMA_GENERATE, Operation.OLLAMA_EMBED),
        ollama_api.error,
    )
)
