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


class Part(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    type: Literal["text", "image_url"]
    text: str | None = None
    image_url: ImageUrl | None = None


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
    content: str | list[Part] | None = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


decode = msgspec.json.Decoder(Wanted).decode
decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
decode_text = msgspec.json.Decoder(str | int).decode
decode_messages = msgspec.json.Decoder(list[Message]).decode
