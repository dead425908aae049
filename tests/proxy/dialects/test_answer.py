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
from proxy.dialects.sight import Seen, Sight
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


CHUNK = b'{"choices":[{"delta":{},"finish_reason":"%b"}]}'
MESSAGE_DELTA = b'{"type":"message_delta","delta":{"stop_reason":"%b"}}'
INCOMPLETE = b'{"type":"response.incomplete","response":{"incomplete_details":{"reason":"%b"}}}'
LENGTH_STOPS = [
    (Dialect.OPENAI, Operation.CHAT, CHUNK, b"length"),
    (Dialect.ANTHROPIC, Operation.MESSAGES, MESSAGE_DELTA, b"max_tokens"),
    (Dialect.OPENAI, Operation.RESPONSES, INCOMPLETE, b"max_output_tokens"),
    (Dialect.GEMINI, Operation.GENERATE, b'{"candidates":[{"finishReason":"%b"}]}', b"MAX_TOKENS"),
    (Dialect.OLLAMA, Operation.CHAT, b'{"done":true,"done_reason":"%b"}', b"length"),
]


@pytest.mark.parametrize(("dialect", "operation", "event", "reason"), LENGTH_STOPS)
def test_a_stream_tells_whether_it_ended_at_a_limit_of_tokens(
    dialect: Dialect, operation: Operation, event: bytes, reason: bytes
) -> None:
    shape = reader(Call(dialect, operation))
    assert length_stop(shape.event(event % reason))
    assert not length_stop(shape.event(event % b"stop"))


@pytest.mark.parametrize(
    ("dialect", "operation", "body", "reason"),
    [
        (Dialect.OPENAI, Operation.CHAT, b'{"choices":[{"finish_reason":"%b"}]}', b"length"),
        (Dialect.ANTHROPIC, Operation.MESSAGES, b'{"stop_reason":"%b"}', b"max_tokens"),
        (
            *(Dialect.OPENAI, Operation.RESPONSES),
            *(b'{"incomplete_details":{"reason":"%b"}}', b"max_output_tokens"),
        ),
        *LENGTH_STOPS[3:],
    ],
)
def test_a_whole_answer_tells_it_too(
    dialect: Dialect, operation: Operation, body: bytes, reason: bytes
) -> None:
    shape = reader(Call(dialect, operation))
    assert shape.body(body % reason).length_stop
    assert not shape.body(body % b"stop").length_stop


def length_stop(seen: Seen) -> bool:
    return isinstance(seen, Sight) and seen.length_stop
