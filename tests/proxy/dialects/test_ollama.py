"""Ollama's lines and bodies are read for what they show."""

from __future__ import annotations

import pytest

from proxy.dialects.ollama import body, event
from proxy.dialects.sight import Seen, Sight, Tokens


def _tokens(prompt: int, output: int) -> Tokens:
    return Tokens(fresh=prompt, cached=0, cache_write=0, output=output)


@pytest.mark.parametrize(
    ("payload", "seen"),
    [
        (b'{"model":"m","message":{"content":"Hi"},"done":false}', 2),
        (b'{"model":"m","message":{"content":"","thinking":"Hm"},"done":false}', 2),
        (b'{"message":{"tool_calls":[{"function":{"name":"f"}}]},"done":false}', 1),
        (b'{"response":"Hi","done":false}', 2),
        (b'{"response":"","thinking":"Hm","done":false}', 2),
        (b'{"model":"m","message":{"content":""},"done":false}', Sight(model="m")),
        (b'{"model":5,"message":{"content":"Hi"}}', Sight(2)),
        (
            b'{"done":true,"prompt_eval_count":5,"eval_count":0}',
            Sight(tokens=_tokens(5, 0), ended=True),
        ),
        (b'{"done":true,"eval_count":3}', Sight(tokens=_tokens(0, 3), ended=True)),
        (b'{"done":true}', Sight(ended=True)),
        (b'{"error":"no"}', Sight(failed=True)),
        (b'[1],"prompt_eval_count": 8}', Sight(tokens=_tokens(8, 0))),
        (b'"response":"a","eval_count":3,"done": true', Sight(1, _tokens(0, 3), None, True)),
        (b"junk", Sight()),
    ],
)
def test_a_line_shows(payload: bytes, seen: Seen) -> None:
    assert event(payload) == seen


@pytest.mark.parametrize(
    ("answer", "sight"),
    [
        (
            b'{"model":"m","done":true,"response":"Hi","eval_count":3}',
            Sight(0, _tokens(0, 3), "m", True),
        ),
        (b'0.1]],"prompt_eval_count":8}', Sight(0, _tokens(8, 0))),
    ],
)
def test_a_body_shows(answer: bytes, sight: Sight) -> None:
    assert body(answer) == sight
