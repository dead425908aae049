"""What routing needs of a request's body: the model and where it stands, the stream flag, keys.

The cheap path decodes these few members and nothing else. It trusts itself only where "model" and
"stream" can each stand but once; elsewhere a scan of the top-level members decides.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import astuple

from proxy.dialects.call import Call, Operation
from proxy.errors import DUPLICATE_FIELD, Refused
from proxy.routing import jsonscan
from proxy.routing.asked import Fields
from proxy.routing.bodies import LONGEST, Bodies
from proxy.routing.jsonscan import check_depth, check_text, members, unreadable
from proxy.routing.outline import LONG, Beside, beside_messages, is_plain, nests_deep, without
from proxy.routing.stored import named_within
from proxy.routing.wanted import Metadata, StreamOptions, Wanted, decode, decode_object, decode_text


def read(body: bytes, bodies: Bodies | None = None) -> Fields:
    """The fields of a body; `bodies` are those that were met before.

    Raises Refused(UNREADABLE_BODY) for all that jsonscan.members refuses, and
    Refused(DUPLICATE_FIELD) where the top level names model or stream twice, however spelled.
    """
    if len(body) >= LONG:
        found = beside_messages(body)
        if found is not None:
            return _read_long(body, found, bodies)
    wanted = _decoded(body)
    if wanted is None:
        return _scan(body)
    check_text(body)
    beside = without(body, wanted)
    rest = beside[0]
    plain = rest is not body and len(body) < LONG and is_plain(wanted.messages)
    if plain and bodies is not None:
        known = bodies.get(rest)
        if known is not None:
            return known
    return _read_beside(body, wanted, beside, plain, bodies)


def text_at(body: bytes, dotted: str, fields: Fields | None = None) -> str | None:
    """The text or the integer, as text, at a dotted name inside a body that `read` has accepted.

    With the body's `fields` the usual sticky keys cost an attribute. Of a repeated name the last
    one counts, as in every JSON parser.
    """
    if fields is not None:
        match dotted:
            case "user":
                return fields.user
            case "safety_identifier":
                return fields.safety_identifier
            case "metadata.user_id":
                return fields.metadata_user_id
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
_SPACE: Final = 32
_QUOTE: Final = 34
_COLON: Final = 58
_ONCE: Final = frozenset(("model", "stream"))


def _decoded(text: bytes) -> Wanted | None:
    """The wanted members; None where one is of another type, or where this is no object at all."""
    try:
        return decode(text)
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise unreadable(error) from None


def _read_long(body: bytes, beside: Beside, bodies: Bodies | None) -> Fields:
    """The fields of a body whose plain messages are read and cut out."""
    rest = beside[0]
    if bodies is not None and len(rest) <= LONGEST:
        known = bodies.get(rest)
        if known is not None:
            return known
    wanted = _decoded(rest)
    if wanted is None:
        return _scan(body)
    check_text(rest)
    return _read_beside(body, wanted, beside, True, bodies)


def _read_beside(
    body: bytes, wanted: Wanted, beside: Beside, plain: bool, bodies: Bodies | None
) -> Fields:
    """The fields of a body whose long member, if it has one, is cut out; `plain` if that is."""
    rest, cut, shorter = beside
    deep = jsonscan.nests_deep(rest) if plain else nests_deep(body, wanted, beside)
    if deep:
        check_depth(body)
    at = rest.find(b'"model"')
    if (
        (at >= 0 and rest.find(b'"model"', at + 7) >= 0)
        or rest.count(b'"stream"') > 1
        # A byte is found fifty times as fast as a word of several: most bodies have no escape.
        or (rest.find(b"\\") >= 0 and _ESCAPED_LETTER.search(rest) is not None)
    ):
        return _scan(body)
    after_name = at + 7 if at < cut else at + 7 + shorter
    fields = _fields(body, wanted, after_name, rest if plain else body)
    if plain and not deep and bodies is not None and at < cut:
        bodies.add(fields)  # where the model stands hangs on no message
    return fields


def _fields(body: bytes, wanted: Wanted, after_name: int, beside: bytes) -> Fields:
    """Fields out of decoded members; `after_name` is where the model's name ends in the body."""
    # In the order of Wanted: compiled, one call for all costs as much as one member by its name.
    found = astuple(wanted)
    model: str | None = found[0]
    options: StreamOptions | UnsetType | None = found[2]
    metadata: Metadata | None = found[5]
    prompt: Raw = found[6]
    named = found[7] or found[8] or found[9] or found[10] or found[11]
    return Fields(
        beside=beside,
        model=model,
        model_span=None if model is None else _span(body, after_name, model),
        stream=found[1],
        has_stream_options=options is not UNSET,
        stream_options_include_usage=_include_usage(options),
        user=_text(found[3]),
        safety_identifier=_text(found[4]),
        metadata_user_id=_user_id(metadata),
        has_state=bool(named) and any(map(_is_named, found[7:12])),
        has_prompt=bool(prompt) and _is_named(prompt),
    )


def _span(body: bytes, after_name: int, model: str) -> tuple[int, int]:
    """Where the literal of a model stands whose name ends at `after_name`."""
    start = after_name + (2 if body[after_name + 1] == _SPACE else 1)
    end = start + len(model) + 2
    # The usual literal, 0.3 µs sooner: without escapes its first quote ends it, and one that stands
    # as far as there are characters is the first.
    if (
        body[after_name] == _COLON
        and body[start] == _QUOTE
        and body[end - 1] == _QUOTE
        and body.find(b"\\", start, end) < 0
    ):
        return start, end
    literal = _LITERAL.match(body, after_name)
    assert literal is not None
    return literal.span(1)


def _include_usage(options: StreamOptions | UnsetType | None) -> bool | None:
    return None if options is None or options is UNSET else options.include_usage


def _user_id(metadata: Metadata | None) -> str | None:
    return None if metadata is None else _text(metadata.user_id)


def _text(value: str | int | None) -> str | None:
    return str(value) if isinstance(value, int) else value


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
