"""What is decoded of OpenAI's answers."""

from __future__ import annotations

import msgspec
import pytest

from proxy.dialects.openai_words import decode_body, decode_chunk, decode_text_chunk


def test_a_chunk_shows_its_text_and_an_answer_only_how_it_ended() -> None:
    text = b'{"choices":[{"delta":{"content":"Hi"},"message":{},"finish_reason":"stop"}]}'
    (choice,) = decode_chunk(text).choices or ()
    assert choice.delta is not None
    assert choice.delta.content == "Hi"
    (end,) = decode_body(text).choices or ()
    assert end.finish_reason == "stop"


def test_counts_that_are_spelt_as_text_are_counts() -> None:
    usage = decode_body(b'{"usage":{"prompt_tokens":"7"}}').usage
    assert usage is not None
    assert usage.prompt_tokens == 7


def test_usage_of_another_type_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_body(b'{"usage":[]}')


@pytest.mark.parametrize(
    "more", [b',"usage":{}', b',"error":"no"', b',"choices":[{"finish_reason":"stop"}]']
)
def test_a_chunk_that_shows_more_is_no_chunk_of_text(more: bytes) -> None:
    assert decode_text_chunk(b'{"choices":[{"delta":{"content":"a"}}]}').choices
    with pytest.raises(msgspec.ValidationError):
        decode_text_chunk(b'{"choices":[{"delta":{"content":"a"}}]%b}' % more)
