"""Whether the inside of a body names what a provider keeps: a file, a container, an earlier item.

Such a name means something at the baseline's provider alone. A cheap search for the words comes
first; only a hit pays for decoding the body. What an application put into tool arguments, schemas
and metadata is its own and names nothing.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from proxy.dialects.call import Call, Operation


def named_within(call: Call, body: bytes, where: bytes | None = None) -> bool:
    """Whether a body that fields.read has accepted names stored state below its top level.

    `where` is the part of it that may; all of it by default. A body that cannot be decoded whole
    (a number too large) counts as naming some: it stays put.
    """
    searched = body if where is None else where
    for word in _WORDS.get(call.operation, ()):
        if searched.find(word) >= 0:  # `in` would first try it as a number: 0.2 µs
            break
    else:
        return False
    try:
        return _names(msgspec.json.decode(body))
    except msgspec.DecodeError:
        return True


_WORDS: Final[dict[Operation, tuple[bytes, ...]]] = {
    Operation.CHAT: (b'"file_id"', b'"audio"'),
    Operation.RESPONSES: (
        b'"file_id',
        b'"vector_store_ids"',
        b'"container',
        b'"item_reference"',
        b'"rs_',
    ),
    Operation.MESSAGES: (b'"file_id"',),
    Operation.GENERATE: (b'"file',),
    Operation.COUNT_TOKENS: (b'"file', b'"vector_store_ids"', b'"item_reference"', b'"rs_'),
}
_IDS: Final = ("file_id", "container_id", "container")
_ID_LISTS: Final = (
    "file_ids",
    "vector_store_ids",
    "fileSearchStoreNames",
    "file_search_store_names",
)
_URIS: Final = ("fileUri", "file_uri")
_APPLICATIONS_OWN: Final = frozenset(
    ("metadata", "parameters", "input_schema", "schema", "arguments", "args", "response")
)
# Gemini's Files API: `https://HOST/v1beta/files/NAME`, or the bare name. Buckets and web pages are
# not the provider's.
_KEPT_URI: Final = re.compile(r"(?:^|/v1[a-z0-9]*/)files/[^/]+$")


def _names(value: object) -> bool:
    """Whether some object inside a decoded value names stored state."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, list):
            left.extend(item)
        elif isinstance(item, dict):
            if _is_reference(item):
                return True
            left.extend(member for key, member in item.items() if not _is_opaque(key, item))
    return False


def _is_reference(item: dict[str, object]) -> bool:
    if any(_is_text(item.get(key)) for key in _IDS):
        return True
    for key in _ID_LISTS:
        ids = item.get(key)
        if isinstance(ids, list) and any(map(_is_text, ids)):
            return True
    for key in _URIS:
        uri = item.get(key)
        if isinstance(uri, str) and _KEPT_URI.search(uri):
            return True
    audio = item.get("audio")  # an earlier answer's sound, in an assistant message
    if isinstance(audio, dict) and _is_text(audio.get("id")):
        return True
    return _is_earlier_item(item)


def _is_earlier_item(item: dict[str, object]) -> bool:
    """Whether an input item of OpenAI's Responses stands for one that only the provider has."""
    kind = item.get("type")
    if kind == "item_reference":
        return True
    return kind == "reasoning" and _is_text(item.get("id")) and not item.get("encrypted_content")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_opaque(key: str, item: dict[str, object]) -> bool:
    if key == "input":
        kind = item.get("type")
        return isinstance(kind, str) and kind.endswith("tool_use")
    return key in _APPLICATIONS_OWN
