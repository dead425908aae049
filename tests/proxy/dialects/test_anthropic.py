"""The events and bodies of Anthropic's Messages are read for what they show."""

from __future__ import annotations

import pytest

from proxy.dialects.anthropic import body, event
from proxy.dialects.sight import Seen, Sight, Tokens


@pytest.mark.parametrize(
    ("payload", "seen"),
    [
        (b'{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}', 2),
        (b'{"type":"content_block_delta","delta":{"thinking":"Hm"}}', 2),
        (b'{"type":"content_block_delta","delta":{"partial_json":"{}"}}', 2),
        (b'{"type":"content_block_delta","delta":{"signature":"Eq"}}', 0),
        (b'{"type":"content_block_delta"}', 0),
        (b'{"type":"message_start"}', 0),
        (b'{"type":"message_start","message":{"model":"m"}}', Sight(model="m")),
        (
            b'{"type":"message_start","message":{"model":5,"usage":{%s}}}'
            % b'"input_tokens":5,"cache_read_input_tokens":2,"output_tokens":1',
            Sight(tokens=Tokens(fresh=5, cached=2)),
        ),
        (
            b'{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{%s}}'
            % b'"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}',
            Sight(tokens=Tokens(output=7, reasoning=3)),
        ),
        (b'{"type":"message_delta","usage":{}}', Sight()),
        (b'{"type":"message_delta"}', Sight()),
        (b'{"type":"message_stop"}', Sight(ended=True)),
        (b'{"type":"ping"}', Sight()),
        (b'{"type":"error","error":{}}', Sight(failed=True)),
        (b'{"error":{}}', Sight(failed=True)),
        (b'{"type":5,"usage":{"output_tokens":7}}', Sight(tokens=Tokens(output=7))),
        (b'{"type":5,"usage":{"output_tokens":[]}}', Sight()),
    ],
)
def test_an_event_shows(payload: bytes, seen: Seen) -> None:
    assert event(payload) == seen


@pytest.mark.parametrize(
    ("answer", "sight"),
    [
        (
            b'{"type":"message","model":"m","usage":{"input_tokens":5,"output_tokens":7}}',
            Sight(0, Tokens(fresh=5, output=7), "m", True),
        ),
        (b'{"type":"error","error":{}}', Sight(ended=True, failed=True)),
        (b'"x","usage":{"input_tokens":5}}', Sight(0, Tokens(fresh=5))),
    ],
)
def test_a_body_shows(answer: bytes, sight: Sight) -> None:
    assert body(answer) == sight
