"""What the demo's model APIs say, read with the meter that will read it in crossfade."""

from __future__ import annotations

import json

import pytest

from control.demo import answers
from control.demo.answers import Asked
from proxy.dialects import classify
from proxy.metering.meter import Meter
from proxy.metering.reading import Reading
from proxy.policy import Dialect

WORDS = ("one", "two", "three")
PATHS = {
    Dialect.OPENAI: "/v1/chat/completions",
    Dialect.ANTHROPIC: "/v1/messages",
    Dialect.GEMINI: "/v1beta/models/m:generateContent",
}
STREAMS = PATHS | {Dialect.GEMINI: "/v1beta/models/m:streamGenerateContent?alt=sse"}
BODY = {"model": "m", "stream": True, "stream_options": {"include_usage": True}}


def asked(path: str, body: object) -> Asked:
    found = answers.understand(path.partition("?")[0], json.dumps(body).encode())
    assert found is not None
    return found


def metered(path: str, dialect: Dialect, content: bytes, answer: bytes) -> Reading:
    call = classify(b"POST", path.encode(), dialect)
    meter = Meter(call, 0, None)
    meter.head(200, content, b"")
    meter.feed(answer, 1)
    return meter.finish(complete=True)


@pytest.mark.parametrize("dialect", list(PATHS))
def test_a_whole_answer_carries_its_usage(dialect: Dialect) -> None:
    question = asked(PATHS[dialect], {"model": "m"})
    answer = json.dumps(answers.whole(question, WORDS)).encode()
    usage = metered(PATHS[dialect], dialect, b"application/json", answer).usage
    assert usage is not None
    assert (usage.input, usage.output) == (question.tokens_in, len(WORDS))


@pytest.mark.parametrize("dialect", list(STREAMS))
def test_a_stream_carries_its_usage_and_its_end(dialect: Dialect) -> None:
    question = asked(STREAMS[dialect], BODY)
    assert question.stream
    answer = b"".join(map(answers.frame, answers.events(question, WORDS)))
    reading = metered(STREAMS[dialect], dialect, b"text/event-stream", answer)
    assert reading.terminated
    assert not reading.failed
    assert reading.usage is not None
    assert (reading.usage.input, reading.usage.output) == (question.tokens_in, len(WORDS))


def test_an_openai_stream_brings_usage_only_to_who_asked() -> None:
    question = asked(PATHS[Dialect.OPENAI], {"model": "m", "stream": True})
    answer = b"".join(map(answers.frame, answers.events(question, WORDS)))
    assert b"usage" not in answer
    assert answer.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("path", ["/", "/v1/embeddings", "/v1beta/models/m:countTokens"])
def test_what_is_not_spoken_is_nothing(path: str) -> None:
    assert answers.understand(path, b"{}") is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_a_body_that_is_no_object_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        answers.understand(PATHS[Dialect.OPENAI], body)
