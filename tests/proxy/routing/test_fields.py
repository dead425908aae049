"""One reading of a body, whichever way it was found."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.dialects.call import Call, Operation
from proxy.errors import DUPLICATE_FIELD, UNREADABLE_BODY, Failure, Refused
from proxy.policy import Dialect
from proxy.routing import fields
from proxy.routing.asked import Fields
from proxy.routing.fields import names_stored_state, read, text_at
from proxy.routing.jsonscan import MAX_DEPTH
from proxy.routing.outline import LONG
from tests.proxy.body_texts import bodies, inner, inside, outcome, text_of
from tests.proxy.json_texts import (
    Pairs,
    damaged,
    junk,
    object_texts,
    parsed,
    strings,
    value_texts,
)


def reading(body: bytes) -> Failure | dict[str, object]:
    try:
        found = read(body)
    except Refused as refused:
        return refused.failure
    shown = {name: getattr(found, name) for name in found.__slots__}
    span = shown.pop("model_span")
    shown.pop("beside")
    assert (span is None) == (found.model is None)
    assert span is None or json.loads(body[span[0] : span[1]]) == found.model
    return shown


@given(bodies)
def test_a_body_reads_as_the_standard_library_reads_it(body: bytes) -> None:
    assert reading(body) == outcome(body)


@given(bodies, st.integers(min_value=0), junk, st.integers(0, 3))
def test_a_damaged_body_reads_as_a_strict_reader_reads_it(
    body: bytes, place: int, stuff: bytes, cut: int
) -> None:
    hurt = damaged(body, place, stuff, cut)
    assert reading(hurt) == outcome(hurt)


@given(bodies, st.integers(min_value=0), junk, st.integers(0, 3))
def test_a_long_body_reads_as_a_short_one(body: bytes, place: int, stuff: bytes, cut: int) -> None:
    long = b" " * LONG
    assert reading(body + long) == outcome(body)
    hurt = damaged(body, place, stuff, cut)
    assert reading(hurt + long) == outcome(hurt)


@given(bodies)
def test_the_cheap_path_and_the_scan_agree(body: bytes) -> None:
    try:
        scanned: Fields | Failure = fields._scan(body)
    except Refused as refused:
        scanned = refused.failure
    try:
        cheap: Fields | Failure = read(body)
    except Refused as refused:
        cheap = refused.failure
    assert cheap == scanned


@pytest.mark.parametrize("name", [b"messages", b"contents", b"input", b"x"])
@pytest.mark.parametrize("levels", [MAX_DEPTH - 2, MAX_DEPTH - 1])
@pytest.mark.parametrize("before", [b"", b'"messages":[{"role":"user","content":"a"}],'])
def test_a_long_body_nests_as_deep_as_a_short_one(name: bytes, levels: int, before: bytes) -> None:
    deep = b'[" [",' + b"[" * levels + b"]" * levels + b"]"
    body = b'{%b"%b":%b}' % (before, name, deep)
    assert (reading(body) is UNREADABLE_BODY) == (levels + 2 > MAX_DEPTH)
    assert reading(body + b" " * LONG) == reading(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"a","model":"b"}',
        b'{"model":"a","model":"a"}',
        b'{"model":"a","m\\u006fdel":"b"}',
        b'{"\\u006Dodel":"a","model":"b"}',
        b'{"\\u006d\\u006f\\u0064\\u0065\\u006c":"a","mode\\u006C":"b"}',
        b'{"model":null,"model":"b"}',
        b'{"model":1,"model":"b"}',
        b'{"model":"a","x":[{"model":"b"}],"model":"c"}',
        b'{"stream":true,"stream":false}',
        b'{"stream":true,"\\u0073tream":true}',
        b'{"model":"a","stream":true,"messages":[],"stre\\u0061m":null}',
    ],
)
def test_a_repeated_model_or_stream_is_refused_however_spelled(body: bytes) -> None:
    assert outcome(body) is DUPLICATE_FIELD
    assert reading(body) is DUPLICATE_FIELD


@pytest.mark.parametrize(
    ("body", "model"),
    [
        (b'{"model":"a"}', "a"),
        (b' \r\n{\t"model" : "a" }\n', "a"),
        (b'{"messages":[{"role":"user","content":"model"}],"model":"last"}', "last"),
        (b'{"tools":[{"properties":{"model":{"type":"string"}}}],"model":"a"}', "a"),
        (b'{"model":"a","role":"model"}', "a"),
        (b'{"model":"model"}', "model"),
        (b'{"content":"say \\"model\\" or \\"model\\": \\"x\\"","model":"a"}', "a"),
        (b'{"m\\u006fdel":"a"}', "a"),
        (b'{"model":"gpt\\u002d4o \\"x\\" \\\\"}', 'gpt-4o "x" \\'),
        (b'{"content":"caf\\u00e9 \\u006c","model":"a"}', "a"),
        ('{"content":"é","model":"é"}'.encode(), "é"),
        (b'{"model":""}', ""),
        (b'{"model":null}', None),
        (b'{"model":7}', None),
        (b'{"model":["a"]}', None),
        (b'{"model":{"model":"a"}}', None),
        (b'{"model":true,"stream":"true","n":1e999}', None),
        (b'{"nested":{"model":"a"}}', None),
        (b'{"Model":"a","model ":"b"}', None),
        (b"{}", None),
        (b'{"model":"' + b"m" * 1_000_000 + b'"}', "m" * 1_000_000),
        (b'{"model":"../../etc\\u0000\\n"}', "../../etc\0\n"),
    ],
)
def test_the_model_is_the_top_level_string_and_nothing_else(body: bytes, model: str | None) -> None:
    assert read(body).model == model
    assert reading(body) == outcome(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b'"model"',
        b"\xef\xbb\xbf" + b'{"model":"a"}',
        b'{"model":"a"} {}',
        b'{"model":"a","n":NaN}',
        b'{"model":"a","x":"\xff"}',
        b'{"model":"a","x":"\\ud83d"}',
        b'{"model":"\xff"}',
        b'{"user":1.5} junk',
        b'{"model":"a","x":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"model":"a","x":' + b"[" * 1_000 + b"]" * 1_000 + b"}",
        b'{"model":"a","x":' + b'{"y":' * 1_000_000 + b"1" + b"}" * 1_000_001,
    ],
)
def test_what_is_not_strict_json_is_refused_and_never_crashes(body: bytes) -> None:
    assert reading(body) is UNREADABLE_BODY


@pytest.mark.parametrize(
    ("body", "user"),
    [
        (b'{"user":"u"}', "u"),
        (b'{"user":""}', ""),
        (b'{"user":42}', "42"),
        (b'{"user":18446744073709551616}', "18446744073709551616"),
        (b'{"user":1.0}', None),
        (b'{"user":1e999}', None),
        (b'{"user":' + b"9" * 5_000 + b"}", None),
        (b'{"user":true}', None),
        (b'{"user":null}', None),
        (b'{"user":["u"]}', None),
        (b'{"user":"first","user":"last"}', "last"),
        (b'{"metadata":{"user":"u"}}', None),
    ],
)
def test_a_sticky_key_is_a_string_or_a_whole_number(body: bytes, user: str | None) -> None:
    assert read(body).user == user
    assert text_at(body, "user") == user
    assert text_at(body, "user", read(body)) == user


@given(bodies, st.sampled_from(["user", "metadata.user_id", "safety_identifier"]))
def test_keys_read_ahead_equal_keys_looked_up(body: bytes, dotted: str) -> None:
    if isinstance(outcome(body), dict):
        assert text_at(body, dotted, read(body)) == text_at(body, dotted)


@given(object_texts(strings, value_texts | inner, 5), st.data())
def test_any_dotted_name_reaches_into_objects(text: str, data: st.DataObject) -> None:
    body = text.encode()
    pairs = parsed(body)
    assert pairs is not None
    value: object = pairs
    path = []
    while isinstance(value, Pairs) and value:
        path.append(data.draw(st.sampled_from([name for name, _ in value])))
        value = inside(value, path[-1])
    if path and not any("." in name for name in path):
        assert text_at(body, ".".join(path)) == text_of(value)


@pytest.mark.parametrize("dotted", ["absent", "a.absent", "a.b.c", "list.0", "", "a."])
def test_a_name_that_leads_nowhere_is_no_key(dotted: str) -> None:
    assert text_at(b'{"a":{"b":"text"},"list":["x"]}', dotted) is None


def test_a_key_that_is_no_utf8_is_no_key() -> None:
    assert text_at(b'{"a":{"b":"\xff"}}', "a.b") is None


@pytest.mark.parametrize(
    ("body", "there", "asked"),
    [
        (b"{}", False, None),
        (b'{"stream_options":null}', True, None),
        (b'{"stream_options":{}}', True, None),
        (b'{"stream_options":{"include_usage":true}}', True, True),
        (b'{"stream_options":{"include_usage":false}}', True, False),
        (b'{"stream_options":{"include_usage":"yes"}}', True, None),
        (b'{"stream_options":[]}', True, None),
    ],
)
def test_stream_options_are_told_apart_from_their_absence(
    body: bytes, there: bool, asked: bool | None
) -> None:
    found = read(body)
    assert (found.has_stream_options, found.stream_options_include_usage) == (there, asked)


CHAT = Call(Dialect.OPENAI, Operation.CHAT, model_in_body=True, json_body=True)
RESPONSES = CHAT._replace(operation=Operation.RESPONSES)


@pytest.mark.parametrize(
    ("call", "body", "named"),
    [
        (RESPONSES, b'{"previous_response_id":"resp_1"}', True),
        (RESPONSES, b'{"previous_response_id":null}', False),
        (RESPONSES, b'{"previous_response_id":""}', False),
        (RESPONSES, b'{"conversation":{"id":"conv_1"}}', True),
        (RESPONSES, b'{"prompt":{"id":"pmpt_1"}}', True),
        (RESPONSES, b'{"prompt":null,"input":"hello"}', False),
        (RESPONSES, b'{"input":[{"type":"item_reference","id":"msg_1"}]}', True),
        (CHAT, b'{"prompt":{"id":"pmpt_1"}}', False),
        (CHAT, b'{"messages":[{"content":[{"file":{"file_id":"file-1"}}]}]}', True),
        (CHAT, b'{"messages":[{"content":"previous_response_id and file_id"}]}', False),
        (CHAT._replace(operation=Operation.COMPLETIONS), b'{"prompt":"hello"}', False),
        (CHAT._replace(operation=Operation.STORED), b"no JSON at all", True),
        (Call(Dialect.ANTHROPIC, Operation.MESSAGES), b'{"container":"container_1"}', True),
        (Call(Dialect.GEMINI, Operation.GENERATE), b'{"cachedContent":"cachedContents/1"}', True),
    ],
)
def test_requests_that_name_stored_state_are_known(call: Call, body: bytes, named: bool) -> None:
    assert names_stored_state(call, body) is named
    if call.operation is not Operation.STORED:
        assert names_stored_state(call, body, read(body)) is named


def test_a_refusal_quotes_nothing_of_the_body() -> None:
    for body in (
        b'{"a":CANARY-PROMPT-1}',
        b'{"model":"CANARY-PROMPT-1","model":"x"}',
        b'{"a":"\xff',
    ):
        with pytest.raises(Refused) as refused:
            read(body)
        assert "CANARY" not in f"{refused.value} {refused.value.detail}"
