"""Each operation's answers are read by the shape of its API."""

from __future__ import annotations

import pytest

from proxy.dialects.answer import AnswerShape, reader
from proxy.dialects.anthropic import MESSAGES
from proxy.dialects.call import Call, Operation
from proxy.dialects.gemini import GENERATE
from proxy.dialects.ollama import OLLAMA
from proxy.dialects.openai import CHAT
from proxy.dialects.responses import RESPONSES
from proxy.dialects.unknown import FREE, UNKNOWN
from proxy.policy import Dialect


@pytest.mark.parametrize(
    ("dialect", "operation", "shape"),
    [
        (Dialect.OPENAI, Operation.CHAT, CHAT),
        (Dialect.OPENAI, Operation.COMPLETIONS, CHAT),
        (Dialect.OPENAI, Operation.EMBEDDINGS, CHAT),
        (Dialect.OPENAI, Operation.RESPONSES, RESPONSES),
        (Dialect.ANTHROPIC, Operation.MESSAGES, MESSAGES),
        (Dialect.GEMINI, Operation.GENERATE, GENERATE),
        (Dialect.GEMINI, Operation.EMBED, GENERATE),
        (Dialect.OLLAMA, Operation.CHAT, OLLAMA),
        (Dialect.OLLAMA, Operation.GENERATE, OLLAMA),
        (Dialect.OLLAMA, Operation.EMBED, OLLAMA),
        (Dialect.ANTHROPIC, Operation.COUNT_TOKENS, FREE),
        (Dialect.GEMINI, Operation.COUNT_TOKENS, FREE),
        (Dialect.OPENAI, Operation.MODELS, FREE),
        (Dialect.OPENAI, Operation.STORED, FREE),
        (Dialect.OPENAI, Operation.OTHER, UNKNOWN),
    ],
)
def test_an_operation_has_its_shape(
    dialect: Dialect, operation: Operation, shape: AnswerShape
) -> None:
    assert reader(Call(dialect, operation)) is shape


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("dialect", Dialect)
def test_every_call_has_a_shape(dialect: Dialect, operation: Operation) -> None:
    assert isinstance(reader(Call(dialect, operation)), AnswerShape)
