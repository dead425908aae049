"""Tokens add up, text is weighed however it is nested, and broken JSON still gives its usage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.dialects.openai import tokens_of_object
from proxy.dialects.sight import Tokens, scan, weight
from proxy.exchange import Usage
from tests.proxy.cuts import at_leisure

_COUNT = st.none() | st.integers(0, 10**6)
_TOKENS = st.builds(
    Tokens, fresh=_COUNT, cached=_COUNT, cache_write=_COUNT, output=_COUNT, reasoning=_COUNT
)


@at_leisure
@given(_TOKENS)
def test_input_holds_the_caches_and_output_the_reasoning(tokens: Tokens) -> None:
    usage = tokens.usage()
    assert usage.input >= usage.cached_input + usage.cache_write
    assert usage.output >= usage.reasoning


@at_leisure
@given(_TOKENS, _TOKENS, _TOKENS)
def test_what_was_stated_last_wins_in_any_grouping(a: Tokens, b: Tokens, c: Tokens) -> None:
    assert c.over(b.over(a)) == c.over(b).over(a)
    assert a.over(None) is a


def test_what_was_not_stated_stays() -> None:
    earlier = Tokens(fresh=1, cached=2, cache_write=3, output=4, reasoning=5)
    assert Tokens(output=0).over(earlier).usage() == Usage(input=6, cached_input=2, cache_write=3)


@pytest.mark.parametrize(
    ("value", "bytes_of_text"),
    [
        (None, 0),
        (5, 0),
        (True, 0),
        ("abc", 3),
        ("é", 2),
        ("\ud83d", 3),
        (["ab", {"type": "text", "text": "c"}], 3),
        ({"id": "call_1", "function": {"name": "f", "arguments": "{}"}}, 3),
        ([[[[[[[[["deep"]]]]]]]]], 4),
        ([[[[[[[[[["too deep"]]]]]]]]]], 0),
    ],
)
def test_text_is_weighed_however_it_is_nested(value: object, bytes_of_text: int) -> None:
    assert weight(value) == bytes_of_text


@pytest.mark.parametrize(
    ("fragment", "counted"),
    [
        (b'0.1],"usage":{"prompt_tokens":8}}', Usage(input=8)),
        (b'"usage" : {"prompt_tokens":1},"x":{"usage":\n{"prompt_tokens":2}}', Usage(input=2)),
        (b'"usage":{"prompt_tokens":1},"usage":null}', Usage(input=1)),
        (b'"usage":{"prompt_tokens":1},"usage":{"prompt_tok', Usage(input=1)),
        (b'"usage":{"prompt_tokens":"many"}', None),
        (b'"usage":{"prompt_tokens":-1}', None),
        (b'"usage":' + b'{"a":' * 2_000, None),
        (b'"usage":{"prompt_tokens":1}' + b'"usage":' * 8, None),
        (b"\\\"usage\\\":{\\\"prompt_tokens\\\":1}", None),
        (b"", None),
    ],
)  # fmt: skip
def test_the_last_whole_usage_of_a_fragment_counts(fragment: bytes, counted: Usage | None) -> None:
    tokens = scan(fragment, b"usage", tokens_of_object).tokens
    assert (tokens and tokens.usage()) == counted


@pytest.mark.parametrize(
    ("fragment", "text", "ended"),
    [
        (b'{"delta":{"content":"ab\\"c"}},"finish_reason":null', 5, False),
        (b'{"text": "a","text":"b\\', 2, False),
        (b'"finish_reason": "stop"', 0, True),
        (b'"finishReason":"STOP"', 0, True),
        (b'"done": true', 0, True),
        (b'{"type":"response.completed"', 0, True),
    ],
)
def test_text_and_end_of_a_fragment_are_told(fragment: bytes, text: int, ended: bool) -> None:
    sight = scan(fragment, b"usage", tokens_of_object)
    assert (sight.text, sight.ended) == (text, ended)


@at_leisure
@given(st.binary(max_size=200))
def test_noise_never_raises(noise: bytes) -> None:
    scan(b'{"usage":{' + noise, b"usage", tokens_of_object)
