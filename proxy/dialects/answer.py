"""Which shape an operation's answers have."""

from __future__ import annotations

from typing import assert_never

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
    match call.operation:
        case Operation.CHAT | Operation.GENERATE | Operation.EMBED if (
            call.dialect is Dialect.OLLAMA
        ):
            return OLLAMA
        case Operation.CHAT | Operation.COMPLETIONS | Operation.EMBEDDINGS:
            return CHAT
        case Operation.RESPONSES:
            return RESPONSES
        case Operation.MESSAGES:
            return MESSAGES
        case Operation.GENERATE | Operation.EMBED:
            return GENERATE
        case Operation.COUNT_TOKENS | Operation.MODELS | Operation.STORED:
            return FREE
        case Operation.OTHER:
            return UNKNOWN
        case never:
            assert_never(never)
