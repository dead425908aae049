"""OpenAI's chunks and bodies, and those of servers that copy them, are read for what they show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.dialects.openai import _other_event, body, event, tokens_of_object
from proxy.dialects.sight import Seen, Sight, Tokens
from proxy.exchange import Usage
from tests.proxy.cuts import at_leisure

COUNTED = Tokens(fresh=5, cached=0, cache_write=0, output=3, reasoning=0)
USAGE = b'"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}'


def _delta(members: bytes, others: bytes = b"") -> bytes:
    return b'{"model":"m","choices":[{"index":0,"delta":{%s}%s}]}' % (members, others)


@pytest.mark.parametrize(
    ("payload", "seen"),
    [
        (_delta(b'"content":"Hi"', b',"finish_reason":null'), 2),
        (_delta('"content":"wörld"'.encode()), 6),
        (_delta(b'"content":null,"refusal":"no"'), 2),
        (_delta(b'"content":"","reasoning_content":"hm"'), 2),
        (_delta(b'"reasoning":"hm"'), 2),
        (_delta(b'"function_call":{"name":"f","arguments":"{}"}'), 3),
        (_delta(b'"tool_calls":[{"index":0,"id":"c","function":{"name":"f"}}]'), 1),
        (_delta(b'"audio":{"transcript":"Hi"}'), 1),
        (b'{"choices":[{"text":"Hi"},{"text":"!"}]}', 3),
        (_delta(b'"role":"assistant","content":""'), Sight(model="m")),
        (_delta(b'"content":"a"', b',"finish_reason":"stop"'), Sight(1, None, "m", True)),
        (b'{"model":5,"choices":null}', Sight()),
        (b'{"choices":[],' + USAGE + b"}", Sight(tokens=COUNTED)),
        (b'{"choices":[{"delta":{},' + USAGE + b"}]}", Sight(tokens=COUNTED)),
        (b'{"x_groq":{' + USAGE + b"}}", Sight(tokens=COUNTED)),
        (b'{"x_groq":{"id":"r"}}', Sight()),
        (b'{"usage":{}}', Sight()),
        (b'{"error":{"message":"no"}}', Sight(failed=True)),
        (_delta(b'"content":"a"')[:-1] + b',"error":{}}', Sight(1, None, "m", failed=True)),
        (b"[DONE]", Sight(ended=True)),
        (b" [DONE] ", Sight(ended=True)),
        (b"", Sight()),
        (b"null", Sight()),
        (b'{"choices":"none","content":"abc",' + USAGE + b"}", Sight(3, COUNTED)),
        (b'{"choices":[{"delta":{"content":"\xff"}}],' + USAGE + b"}", Sight(1, COUNTED)),
        (b'{"choices":[{"delta":{"content":"\\ud83d"}}]}', Sight(6)),
        (b'{"choices":' + b"[" * 100_000, Sight()),
    ],
)
def test_a_chunk_shows(payload: bytes, seen: Seen) -> None:
    assert event(payload) == seen


@pytest.mark.parametrize(
    ("answer", "sight"),
    [
        (b'{"model":"m",' + USAGE + b"}", Sight(0, COUNTED, "m", True)),
        (b'{"error":{"message":"no"}}', Sight(ended=True, failed=True)),
        (b'{"model":null}', Sight(ended=True)),
        (b'0.5],"model":"m",' + USAGE + b"}", Sight(0, COUNTED)),
    ],
)
def test_a_body_shows(answer: bytes, sight: Sight) -> None:
    assert body(answer) == sight


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 0, "completion_tokens": 0}, Usage()),
        ({"prompt_tokens": "5", "completion_tokens": 3.0}, Usage(input=5, output=3)),
        ({"input_tokens": 5, "output_tokens": 3}, Usage(input=5, output=3)),
        ({"completion_tokens": 3}, Usage(output=3)),
        ({"prompt_tokens": 5, "total_tokens": 5}, Usage(input=5)),
        ({"total_tokens": 5}, None),
        ({}, None),
        (None, None),
        (5, None),
        ({"prompt_tokens": -5}, None),
        ({"prompt_tokens": 10**13}, None),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}},
            Usage(input=9, cached_input=4),
        ),
        (
            {"input_tokens": 9, "input_tokens_details": {"cache_write_tokens": 4}},
            Usage(input=9, cache_write=4),
        ),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 40}},
            Usage(input=9, cached_input=9),
        ),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 4}, Usage(input=9, cached_input=4)),
        (
            {"output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 4}},
            Usage(output=9, reasoning=4),
        ),
    ],
)
def test_usage_is_counted_in_one_way(usage: object, counted: Usage | None) -> None:
    tokens = tokens_of_object(usage)
    assert (tokens and tokens.usage()) == counted


def test_reasoning_beside_the_completion_is_added_where_the_total_says_so() -> None:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 65,
        "completion_tokens_details": {"reasoning_tokens": 50},
    }
    tokens = tokens_of_object(usage)
    assert tokens is not None
    assert tokens.usage() == Usage(input=10, output=55, reasoning=50)


@at_leisure
@given(st.binary(max_size=100))
def test_noise_never_raises(noise: bytes) -> None:
    event(noise)
    body(noise)


_DELTAS = st.sampled_from(
    (b'{"content":"Hi"}', '{"content":"wörld","refusal":null}'.encode(),
     b'{"content":"\\ud83d\\ude00"}',
     b'{"content":""}', b'{"content":null,"reasoning":"hm"}', b'{"content":["a"]}', b"{}", b"null",
     b'{"content":"a","tool_calls":[{"id":"b"}]}', b'{"content":"a","content":null}'),
)  # fmt: skip
_BESIDE_DELTA = st.sampled_from(
    (b"", b',"finish_reason":null', b',"finish_reason":"null"', b',"finish_reason":"length"',
     b',"text":"b"', b',"usage":null', b"," + USAGE),
)  # fmt: skip
_BESIDE_CHOICES = st.sampled_from(
    (b"", b',"usage":null', b"," + USAGE, b',"error":{}', b',"error":null', b',"choices":[]',
     b',"x_groq":{' + USAGE + b"}", b',"usage":3', b"]", b',"obfuscation":"Xa8"'),
)  # fmt: skip


@given(
    st.lists(st.tuples(_DELTAS, _BESIDE_DELTA), max_size=2),
    st.lists(_BESIDE_CHOICES, max_size=2),
)
@at_leisure
def test_a_chunk_of_text_shows_what_it_shows_when_read_in_full(
    choices: list[tuple[bytes, bytes]], beside: list[bytes]
) -> None:
    said = b",".join(b'{"delta":%b%b}' % choice for choice in choices)
    payload = b'{"model":"m","choices":[%b]%b}' % (said, b"".join(beside))
    assert event(payload) == _other_event(payload)
