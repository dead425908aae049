"""Which shape an operation's answers have."""

from __future__ import annotations

from typing import Final

from proxy.dialects.anthropic import MESSAGES
from proxy.dialects.call import Call, Operation
from proxy.dialects.gemini import GENERATE
from proxy.dialects.ollama import OLLAMA
from proxy.dialects.openai import CHAT
from proxy.dialects.responses import RESPONSES
from proxy.dialects.sight import AnswerShape
from proxy.dialects.unknown import FREE, UNKNOWN
from proxy.policy import Dialect

__all__ = ["AnswerShape", "reader"]


def reader(call: Call) -> AnswerShape:
    """Where usage, content, errors and the end are in the answers to this call.

    `count_tokens`, `models` and `stored` are free: what their answers say about tokens is not paid
    for, so it must not be added to what is.
    """
    if call.operation in _OLLAMAS and call.dialect is _OLLAMA:
        return OLLAMA
    return _SHAPES[call.operation]


_OLLAMA: Final = Dialect.OLLAMA
_OLLAMAS: Final = frozenset((Operation.CHAT, Operation.GENERATE, Operation.EMBED))
_SHAPES: Final = {
    Operation.CHAT: CHAT,
    Operation.COMPLETIONS: CHAT,
    Operation.EMBEDDINGS: CHAT,
    Operation.RESPONSES: RESPONSES,
    Operation.MESSAGES: MESSAGES,
    Operation.GENERATE: GENERATE,
    Operation.EMBED: GENERATE,
    Operation.COUNT_TOKENS: FREE,
    Operation.MODELS: FREE,
    Operation.STORED: FREE,
    Operation.OTHER: UNKNOWN,
}
