"""A system prompt is replaced, prepended or appended where each dialect keeps it."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.dialects.call import Operation
from proxy.policy import Dialect, Placement, SystemPrompt
from proxy.routing.jsonscan import members
from proxy.routing.reshape import Changes, reshaped
from proxy.routing.system_prompt import rewrites
from tests.proxy.json_text import RANDOMS, VALUES, canonical, spelled, spelled_body

REPLACE, PREPEND, APPEND = Placement.REPLACE, Placement.PREPEND, Placement.APPEND
OPENAI = Dialect.OPENAI, Operation.CHAT
RESPONSES = Dialect.OPENAI, Operation.RESPONSES
ANTHROPIC = Dialect.ANTHROPIC, Operation.MESSAGES
GEMINI = Dialect.GEMINI, Operation.GENERATE
OLLAMA = Dialect.OLLAMA, Operation.GENERATE


def edited(
    body: bytes,
    where: tuple[Dialect, Operation] = OPENAI,
    placement: Placement = REPLACE,
    text: str = "Be brief.",
) -> bytes:
    prompt = SystemPrompt(text=text, placement=placement)
    names = {member.key for member in members(body)}
    return reshaped(body, Changes(rewrites(prompt, *where, names)))


@pytest.mark.parametrize(
    ("placement", "old", "new"),
    [
        (REPLACE, b'"Old."', b'"Be brief."'),
        (PREPEND, b'"Old."', b'"Be brief.\\n\\nOld."'),
        (APPEND, b'"Old."', b'"Old.\\n\\nBe brief."'),
        (PREPEND, b'"\\u00e9\\"\\/"', b'"Be brief.\\n\\n\\u00e9\\"\\/"'),
        (APPEND, b'"\\u00e9\\"\\/"', b'"\\u00e9\\"\\/\\n\\nBe brief."'),
        (APPEND, b'""', b'"Be brief."'),
        (REPLACE, b"null", b'"Be brief."'),
        (APPEND, b"null", b'"Be brief."'),
        (
            REPLACE,
            b'[{"n":%b,"cache_control":{"ttl": 1.50}}]' % (b"9" * 5_000),
            b'[{"type":"text","text":"Be brief.","cache_control":{"ttl": 1.50}}]',
        ),
        (REPLACE, b"[]", b'[{"type":"text","text":"Be brief."}]'),
        (PREPEND, b"[ ]", b'[{"type":"text","text":"Be brief."} ]'),
        (APPEND, b"[]", b'[{"type":"text","text":"Be brief."}]'),
        (
            PREPEND,
            b'[ {"type":"text", "text":"Old."}]',
            b'[{"type":"text","text":"Be brief."}, {"type":"text", "text":"Old."}]',
        ),
        (
            APPEND,
            b'[{"type":"text", "text":"Old."} ]',
            b'[{"type":"text", "text":"Old."} ,{"type":"text","text":"Be brief."}]',
        ),
        (
            REPLACE,
            b'[{"type":"text","text":"A"},{"type":"text","text":"B"}]',
            b'[{"type":"text","text":"Be brief."}]',
        ),
        (
            REPLACE,
            b'["A",{"type":"text","text":"B","cache_control":{"type":"ephemeral"}},{"text":"C"}]',
            b'[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}]',
        ),
    ],
)
def test_a_text_or_a_list_of_blocks_is_edited(placement: Placement, old: bytes, new: bytes) -> None:
    assert edited(b'{"system": %b}' % old, ANTHROPIC, placement) == b'{"system": %b}' % new
    message = b'{"messages":[{"role":"system","content": %b },{"role":"user","content":"Hi"}]}'
    assert edited(message % old, OPENAI, placement) == message % new


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (RESPONSES, b"instructions"),
        (ANTHROPIC, b"system"),
        ((Dialect.ANTHROPIC, Operation.COUNT_TOKENS), b"system"),
        (OLLAMA, b"system"),
    ],
)
@pytest.mark.parametrize("placement", Placement)
def test_a_prompt_that_is_missing_is_added(
    where: tuple[Dialect, Operation], name: bytes, placement: Placement
) -> None:
    assert edited(b'{"model":"m"}', where, placement) == b'{"model":"m","%b":"Be brief."}' % name


@pytest.mark.parametrize("where", [OPENAI, (Dialect.OLLAMA, Operation.CHAT)])
@pytest.mark.parametrize("placement", Placement)
def test_messages_without_a_prompt_get_one_in_front(
    where: tuple[Dialect, Operation], placement: Placement
) -> None:
    new = b'{"role":"system","content":"Be brief."}'
    user = b'{"role":"user","content":"system"}'
    assert edited(b'{"messages":[ %b]}' % user, where, placement) == (
        b'{"messages":[%b, %b]}' % (new, user)
    )
    assert edited(b'{"messages":[]}', where, placement) == b'{"messages":[%b]}' % new


def test_only_the_first_prompt_among_the_messages_is_edited() -> None:
    body = (
        b'{"messages":[{"role":"user","content":"{\\"role\\":\\"system\\"}"},7,\n "system", '
        b'{"content": %b, "role" : "developer"},{"role":"system","content":"second"}]}'
    )
    assert edited(body % b'"first"') == body % b'"Be brief."'


def test_a_role_spelled_with_escapes_is_a_role() -> None:
    body = b'{"messages":[{"r\\u006fle":"sys\\u0074em","content":%b}]}'
    assert edited(body % b'"old"') == body % b'"Be brief."'


def test_a_prompt_without_content_gets_it() -> None:
    assert edited(b'{"messages":[{"role":"system"}]}') == (
        b'{"messages":[{"role":"system","content":"Be brief."}]}'
    )


def test_numbers_of_any_length_are_passed_over() -> None:
    long = b"9" * 5_000
    body = b'{"messages":[{"n":%b,"e":1e999},{"role":"system","content":%b}]}'
    assert edited(body % (long, b'"old"')) == body % (long, b'"Be brief."')


PART, OLD_PART = b'{"text":"Be brief."}', b'{"text": "Old."}'


@pytest.mark.parametrize("name", [b"systemInstruction", b"system_instruction"])
@pytest.mark.parametrize(
    ("placement", "old", "new"),
    [
        (
            REPLACE,
            b'{"role":"user","parts":[%b]}' % OLD_PART,
            b'{"role":"user","parts":[%b]}' % PART,
        ),
        (PREPEND, b'{"parts":[%b]}' % OLD_PART, b'{"parts":[%b,%b]}' % (PART, OLD_PART)),
        (APPEND, b'{"parts":[%b]}' % OLD_PART, b'{"parts":[%b,%b]}' % (OLD_PART, PART)),
        (APPEND, b'{"parts":null}', b'{"parts":[%b]}' % PART),
        (APPEND, b'{"role":"user"}', b'{"role":"user","parts":[%b]}' % PART),
        (APPEND, b"null", b'{"parts":[%b]}' % PART),
        (APPEND, b'{"parts":{}}', b'{"parts":{}}'),
        (REPLACE, b'"text"', b'"text"'),
    ],
)
def test_gemini_keeps_it_in_parts_under_either_spelling(
    name: bytes, placement: Placement, old: bytes, new: bytes
) -> None:
    body = b'{"contents":[],"%b":%b}'
    assert edited(body % (name, old), GEMINI, placement) == body % (name, new)


def test_gemini_without_one_gets_one() -> None:
    assert edited(b"{}", GEMINI) == b'{"systemInstruction":{"parts":[%b]}}' % PART


@pytest.mark.parametrize(
    ("where", "body"),
    [
        (OPENAI, b'{"messages":[{"role":"system","content":"Be\\u0020brief."}]}'),
        (
            OPENAI,
            b'{"messages":[{"role":"system","content":[{"type":"text","text":"Be brief."}]}]}',
        ),
        (RESPONSES, b'{"instructions":"Be brief."}'),
        (ANTHROPIC, b'{"system":"Be brief."}'),
        (
            ANTHROPIC,
            b'{"system":[{"cache_control":{},"text":"Be brief.", "type":"text"}]}',
        ),
        (GEMINI, b'{"systemInstruction":{"parts":[{ "text":"Be brief."}]}}'),
    ],
)
def test_an_equal_prompt_leaves_the_same_object(
    where: tuple[Dialect, Operation], body: bytes
) -> None:
    assert edited(body, where) is body


@pytest.mark.parametrize(
    ("where", "body"),
    [
        (OPENAI, b"{}"),
        (OPENAI, b'{"messages":"none"}'),
        (OPENAI, b'{"messages":[{"role":"system","content":7}]}'),
        (ANTHROPIC, b'{"system":{"text":"old"}}'),
        (RESPONSES, b'{"instructions":5}'),
        ((Dialect.OPENAI, Operation.COMPLETIONS), b'{"prompt":"Hi","system":"old"}'),
        ((Dialect.OPENAI, Operation.EMBEDDINGS), b'{"input":"Hi"}'),
        ((Dialect.GEMINI, Operation.COUNT_TOKENS), b'{"contents":[]}'),
    ],
)
def test_what_can_hold_no_prompt_is_left_alone(
    where: tuple[Dialect, Operation], body: bytes
) -> None:
    assert edited(body, where) is body


@pytest.mark.parametrize("where", [OPENAI, RESPONSES, ANTHROPIC, GEMINI])
def test_an_empty_text_adds_nothing(where: tuple[Dialect, Operation]) -> None:
    absent = b'{"messages":[]}' if where == OPENAI else b"{}"
    for placement in Placement:
        assert edited(absent, where, placement, "") is absent
    for held in (b'"old"', b'[{"type":"text","text":"old"}]'):
        body = b'{"system":%b}' % held
        assert edited(body, ANTHROPIC, PREPEND, "") is body
        assert edited(body, ANTHROPIC, APPEND, "") is body
    assert edited(b'{"system":"old"}', ANTHROPIC, REPLACE, "") == b'{"system":""}'
    parts = b'{"systemInstruction":{"parts":null}}'
    assert edited(parts, GEMINI, APPEND, "") is parts


MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "developer", "user", "assistant"])},
        optional={"content": st.text(max_size=6) | st.none(), "a": VALUES},
    )
    | VALUES.filter(lambda value: not isinstance(value, dict)),
    max_size=4,
)


def in_words(messages: list[object], placement: Placement, text: str) -> list[object]:
    """The edit as one would say it."""
    for at, message in enumerate(messages):
        if isinstance(message, dict) and message["role"] in ("system", "developer"):
            old = message.get("content")
            both = f"{text}\n\n{old}" if placement is PREPEND else f"{old}\n\n{text}"
            new = both if old and placement is not REPLACE else text
            return [*messages[:at], {**message, "content": new}, *messages[at + 1 :]]
    return [{"role": "system", "content": text}, *messages]


@given(
    messages=MESSAGES,
    odd=RANDOMS,
    placement=st.sampled_from(Placement),
    text=st.text(min_size=1, max_size=6),
)
def test_any_messages_are_edited_as_their_values_would_be(
    messages: list[object], odd: Random, placement: Placement, text: str
) -> None:
    body = spelled_body([("messages", messages), ("a", 1)], odd)
    expected = {"messages": in_words(messages, placement, text), "a": 1}
    result = edited(body, OPENAI, placement, text)
    assert canonical(json.loads(result)) == canonical(expected)


@given(before=VALUES, after=VALUES, odd=RANDOMS)
def test_every_byte_of_the_other_messages_stays(before: object, after: object, odd: Random) -> None:
    body = b'{"messages": [%b , {"role":"system","content":%%b}, %b ]}' % tuple(
        spelled([value], odd).encode().replace(b"%", b"%%") for value in (before, after)
    )
    assert edited(body % b'"old"') == body % b'"Be brief."'
