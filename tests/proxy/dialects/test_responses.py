"""The events and bodies of OpenAI's Responses are read for what they show."""

from __future__ import annotations

import pytest

from proxy.dialects.responses import body, event
from proxy.dialects.sight import Seen, Sight, Tokens

USAGE = b'"usage":{"input_tokens":5,"output_tokens":3}'
COUNTED = Tokens(fresh=5, cached=0, cache_write=0, output=3, reasoning=0)


@pytest.mark.parametrize(
    ("payload", "seen"),
    [
        (b'{"type":"response.output_text.delta","delta":"Hi"}', 2),
        (b'{"sequence_number":1,"delta":"Hi","type":"response.refusal.delta"}', 2),
        (b'{"type":"response.output_text.delta","delta":""}', 0),
        (b'{"type":"response.odd","delta":"Hi"}', 0),
        (b'{"type":"response.output_text.done","text":"Hi"}', 0),
        (b'{"type":"response.created","response":{"model":"m","usage":null}}', Sight(model="m")),
        (
            b'{"type":"response.completed","response":{"model":7,' + USAGE + b"}}",
            Sight(tokens=COUNTED, ended=True),
        ),
        (
            b'{"type":"response.incomplete","response":{' + USAGE + b"}}",
            Sight(tokens=COUNTED, ended=True),
        ),
        (b'{"type":"response.failed","response":{}}', Sight(ended=True, failed=True)),
        (b'{"type":"error","message":"no"}', Sight(failed=True)),
        (b'{"error":{"message":"no"}}', Sight(failed=True)),
        (b'{"type":"response.completed","response":{' + USAGE, Sight(0, COUNTED, None, True)),
        (b"[DONE]", Sight()),
    ],
)
def test_an_event_shows(payload: bytes, seen: Seen) -> None:
    assert event(payload) == seen


@pytest.mark.parametrize(
    ("answer", "sight"),
    [
        (b'{"model":"m","error":null,' + USAGE + b"}", Sight(0, COUNTED, "m", True)),
        (b'{"model":"m","error":{"code":"x"}}', Sight(0, None, "m", True, True)),
        (b'"output":[],' + USAGE + b"}", Sight(0, COUNTED)),
    ],
)
def test_a_body_shows(answer: bytes, sight: Sight) -> None:
    assert body(answer) == sight
