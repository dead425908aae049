"""The members of a body that routing decodes, and nothing else of it."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType


class StreamOptions(msgspec.Struct, gc=False):
    include_usage: bool | None = None


class Metadata(msgspec.Struct, gc=False):
    user_id: str | int | None = None


class Wanted(msgspec.Struct, gc=False):
    """The members that the cheap path decodes; those of stored state only as being there."""

    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | UnsetType | None = UNSET
    user: str | int | None = None
    safety_identifier: str | int | None = None
    metadata: Metadata | None = None
    prompt: Raw = Raw()
    previous_response_id: Raw = Raw()
    conversation: Raw = Raw()
    container: Raw = Raw()
    cached_content: Raw = Raw()
    cached_content_camel: Raw = msgspec.field(default=Raw(), name="cachedContent")
    messages: Raw = Raw()
    input: Raw = Raw()
    contents: Raw = Raw()


class ImageUrl(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    url: str
    detail: str | None = None


class Source(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Where an image of Anthropic's is: in the request itself or on the web, not in a file."""

    type: Literal["base64", "url"]
    media_type: str | None = None
    data: str | None = None
    url: str | None = None


class CacheControl(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    type: str
    ttl: str | None = None


class Part(msgspec.Struct, gc=False, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """A piece of a message's content, told from others by its `type`."""

    cache_control: CacheControl | None = None


class Text(Part, tag="text"):
    text: str
    citations: None = None


class WebImage(Part, tag="image_url"):
    image_url: ImageUrl


class Image(Part, tag="image"):
    source: Source


class Thinking(Part, tag="thinking"):
    thinking: str
    signature: str | None = None


class RedactedThinking(Part, tag="redacted_thinking"):
    data: str


# What a tool was called with: an application's own, but of a depth that is known. Each level
# doubles what msgspec prepares for it.
_Scalar = str | int | float | bool | None
_Flat = dict[str, _Scalar] | list[_Scalar] | _Scalar
_Nested = dict[str, _Flat] | list[_Flat] | _Scalar
_Deeper = dict[str, _Nested] | list[_Nested] | _Scalar


class ToolUse(Part, tag="tool_use"):
    id: str
    name: str
    input: dict[str, _Deeper]


class ToolResult(Part, tag="tool_result"):
    tool_use_id: str
    content: str | list[Text | Image] | None = None
    is_error: bool | None = None


class Function(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    name: str
    arguments: str


class ToolCall(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    id: str
    type: Literal["function"]
    function: Function


class Message(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One message of a plain conversation: texts, images, tools that were called and answered."""

    role: str
    content: (
        str
        | list[Text | WebImage | Image | Thinking | RedactedThinking | ToolUse | ToolResult]
        | None
    ) = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


decode = msgspec.json.Decoder(Wanted).decode
decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
decode_text = msgspec.json.Decoder(str | int).decode
decode_list = msgspec.json.Decoder(list[Raw]).decode
decode_messages = msgspec.json.Decoder(list[Message]).decode
