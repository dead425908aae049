"""Unknown APIs are read as far as they copy OpenAI; free operations are not read at all."""

from __future__ import annotations

import pytest

from proxy.dialects.sight import Seen, Sight, Tokens
from proxy.dialects.unknown import FREE, UNKNOWN


@pytest.mark.parametrize(
    ("payload", "seen"),
    [
        (b'{"choices":[{"delta":{"content":"Hi"}}]}', 2),
        (b'{"type":"transcript.text.delta","delta":"Hi"}', Sight(1)),
        (b'{"type":"odd"}', Sight(1)),
        (b"[DONE]", Sight(ended=True)),
        (
            b'{"usage":{"input_tokens":5}}',
            Sight(1, Tokens(fresh=5, cached=0, cache_write=0, output=0, reasoning=0)),
        ),
    ],
)
def test_every_event_of_an_unknown_stream_is_content(payload: bytes, seen: Seen) -> None:
    assert UNKNOWN.event(payload) == seen


def test_nothing_of_a_free_answer_is_counted() -> None:
    assert not FREE.bills
    assert FREE.event(b'{"usage":{"prompt_tokens":5}}') == Sight()
    assert FREE.body(b'{"input_tokens":2095}') == Sight()
