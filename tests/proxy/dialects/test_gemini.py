"""Gemini's chunks are read for what they show."""

from __future__ import annotations

import pytest

from proxy.dialects.gemini import read
from proxy.dialects.sight import Sight, Tokens


def _parts(parts: bytes, others: bytes = b"") -> bytes:
    return b'{"candidates":[{"content":{"parts":[%s]}%s}]}' % (parts, others)


def _usage(members: bytes) -> bytes:
    return b'{"usageMetadata":{%s}}' % members


def _tokens(fresh: int, output: int, cached: int = 0, reasoning: int = 0) -> Tokens:
    return Tokens(fresh=fresh, cached=cached, cache_write=0, output=output, reasoning=reasoning)


@pytest.mark.parametrize(
    ("payload", "sight"),
    [
        (_parts(b'{"text":"Hi"},{"text":"!","thought":true}'), Sight(3)),
        (_parts(b'{"functionCall":{"name":"f","args":{"a":"b"}}}'), Sight(2)),
        (_parts(b'{"executableCode":{"language":"PYTHON","code":"1"}}'), Sight(7)),
        (_parts(b'{"codeExecutionResult":{"outcome":"OK"}}'), Sight(2)),
        (_parts(b'{"inlineData":{"data":"iVBORw0KGgo="}}'), Sight(1)),
        (_parts(b'{"text":""}', b',"finishReason":"STOP"'), Sight(ended=True)),
        (_parts(b"", b',"finishReason":null'), Sight()),
        (b'{"candidates":[{"finishReason":"MAX_TOKENS"}]}', Sight(ended=True, length_stop=True)),
        (b'{"candidates":[{"content":{"role":"model"}}]}', Sight()),
        (b'{"promptFeedback":{"blockReason":"SAFETY"}}', Sight(ended=True)),
        (b'{"promptFeedback":{}}', Sight()),
        (b'{"error":{"code":503}}', Sight(failed=True)),
        (b'{"modelVersion":"m"}', Sight(model="m")),
        (b'{"modelVersion":5}', Sight()),
        (_usage(b'"promptTokenCount":5'), Sight(tokens=_tokens(5, 0))),
        (_usage(b'"candidatesTokenCount":5'), Sight(tokens=_tokens(0, 5))),
        (
            _usage(b'"promptTokenCount":5,"thoughtsTokenCount":9,"candidatesTokenCount":1'),
            Sight(tokens=_tokens(5, 10, reasoning=9)),
        ),
        (
            _usage(b'"promptTokenCount":5,"toolUsePromptTokenCount":3,"cachedContentTokenCount":4'),
            Sight(tokens=_tokens(4, 0, cached=4)),
        ),
        (
            _usage(b'"promptTokenCount":5,"cachedContentTokenCount":9'),
            Sight(tokens=_tokens(0, 0, cached=5)),
        ),
        (_usage(b'"trafficType":"ON_DEMAND"'), Sight()),
        (b'"x"}],"usageMetadata":{"promptTokenCount":5}}', Sight(tokens=_tokens(5, 0))),
        (b'"x"}],"usageMetadata":{"promptTokenCount":[]}}', Sight()),
    ],
)
def test_a_chunk_shows(payload: bytes, sight: Sight) -> None:
    assert read(payload) == sight
