"""What routing needs of a request's body: the model and where it stands, the stream flag, keys.

The cheap path decodes these few members and nothing else. It trusts itself only where "model" and
"stream" can each stand but once; elsewhere a scan of the top-level members decides.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from msgspec import UNSET, Raw

from proxy.dialects.call import Call, Operation
from proxy.errors import DUPLICATE_FIELD, Refused
from proxy.jsonscan import check_depth, check_text, members, unreadable
from proxy.outline import is_plain, without
from proxy.stored import named_within
from proxy.wanted import Fields, Wanted, decode, decode_object, decode_text


def read(body: bytes) -> Fields:
    """The fields of a body.

    Raises Refused(UNREADABLE_BODY) for all that jsonscan.members refuses, and
    Refused(DUPLICATE_FIELD) where the top level names model or stream twice, however spelled.
    """
    try:
        wanted = decode(body)
    except msgspec.ValidationError:  # a wanted member of another type, or no object at all
        return _scan(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise unreadable(error) from None
    check_text(body)
    rest, cut, removed = without(body, wanted)
    plain = removed > 0 and is_plain(wanted.messages)
    check_depth(rest if plain else body)
    at = rest.find(b'"model"')
    if (
        (at >= 0 and rest.find(b'"model"', at + 7) >= 0)
        or rest.count(b'"stream"') > 1
        or (rest.find(b"\\u00") >= 0 and _ESCAPED_LETTER.search(rest) is not None)
    ):
        return _scan(body)
    return _fields(body, wanted, at + 7 if at < cut else at + 7 + removed, rest if plain else body)


def text_at(body: bytes, dotted: str, fields: Fields | None = None) -> str | None:
    """The text or the integer, as text, at a dotted name inside a body that `read` has accepted.

    With the body's `fields` the usual sticky keys cost an attribute. Of a repeated name the last
    one counts, as in every JSON parser.
    """
    if fields is not None and dotted in _READ_AHEAD:
        key: str | None = getattr(fields, _READ_AHEAD[dotted])
        return key
    value: bytes | Raw = body
    try:
        for name in dotted.split("."):
            value = decode_object(value)[name]
        return _text(decode_text(value))
    except (KeyError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def names_stored_state(call: Call, body: bytes, fields: Fields | None = None) -> bool:
    """Whether a request names what only the baseline's provider has, so that it must stay there.

    `fields` are the body's, where the caller has them already.
    """
    if call.operation is Operation.STORED:
        return True
    known = read(body) if fields is None else fields
    if known.has_state or (known.has_prompt and call.operation is Operation.RESPONSES):
        return True
    return named_within(call, body, known.beside)


# A letter of "model" or "stream" spelled \u006x or \u007x; other escapes cannot spell them.
_ESCAPED_LETTER: Final = re.compile(rb"\\u00[67]")
_LITERAL: Final = re.compile(rb'[ \t\r\n]*+:[ \t\r\n]*+("[^"\\]*+(?:\\.[^"\\]*+)*+")')
_ONCE: Final = frozenset(("model", "stream"))
_READ_AHEAD: Final = {
    "user": "user",
    "safety_identifier": "safety_identifier",
    "metadata.user_id": "metadata_user_id",
}


def _fields(body: bytes, wanted: Wanted, after_name: int, beside: bytes) -> Fields:
    """Fields out of decoded members; `after_name` is where the model's name ends in the body."""
    span = None
    if wanted.model is not None:
        literal = _LITERAL.match(body, after_name)
        assert literal is not None
        span = literal.span(1)
    options, metadata = wanted.stream_options, wanted.metadata
    user, safety_identifier = wanted.user, wanted.safety_identifier
    return Fields(
        beside=beside,
        model=wanted.model,
        model_span=span,
        stream=wanted.stream,
        has_stream_options=options is not UNSET,
        stream_options_include_usage=options.include_usage if options else None,
        user=_text(user) if user is not None else None,
        safety_identifier=_text(safety_identifier) if safety_identifier is not None else None,
        metadata_user_id=_text(metadata.user_id) if metadata is not None else None,
        has_state=_is_any_named(wanted),
        has_prompt=bool(wanted.prompt) and _is_named(wanted.prompt),
    )


def _text(value: str | int | None) -> str | None:
    return str(value) if isinstance(value, int) else value


def _is_any_named(wanted: Wanted) -> bool:
    raws = (
        wanted.previous_response_id,
        wanted.conversation,
        wanted.container,
        wanted.cached_content,
        wanted.cached_content_camel,
    )
    return any(raws) and any(map(_is_named, raws))


def _is_named(value: Raw) -> bool:
    return bytes(value) not in (b"", b"null", b'""')


def _scan(body: bytes) -> Fields:
    """The fields by way of all top-level members; one of another type counts as null."""
    found: dict[str, bytes] = {}
    after_model = 0
    for key, _, key_end, start, end in members(body):
        if key in _ONCE and key in found:
            raise Refused(DUPLICATE_FIELD, key)
        if key == "model":
            after_model = key_end
        if key in Wanted.__struct_encode_fields__:
            found[key] = body[start:end]
    usual = b",".join(_usual(key, value) for key, value in found.items())
    return _fields(body, decode(b"{" + usual + b"}"), after_model, body)


def _usual(key: str, value: bytes) -> bytes:
    """One member as JSON text, its value null where it has not the type that is wanted."""
    member = b'"%b":%b' % (key.encode(), value)
    try:
        decode(b"{" + member + b"}")
    except msgspec.ValidationError:
        return b'"%b":null' % key.encode()
    return member
