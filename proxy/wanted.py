"""The members of a body that routing decodes, and the words of what it reads out of them."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Raw, UnsetType


class Fields(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The few members of a body that routing reads; None where absent or of another type.

    `model_span` holds the byte offsets of the model's string literal, quotes included.
    `has_stream_options` says that the member is there, whatever its value. `user`,
    `safety_identifier` and `metadata_user_id` are text; integers became text. `has_state` says that
    a top-level member names what a provider stores; `has_prompt` that there is a "prompt", which
    does so in OpenAI's Responses alone. `beside` is the body, without its messages where these are
    plain texts and so name nothing.
    """

    beside: bytes = b""
    model: str | None = None
    model_span: tuple[int, int] | None = None
    stream: bool | None = None
    has_stream_options: bool = False
    stream_options_include_usage: bool | None = None
    user: str | None = None
    safety_identifier: str | None = None
    metadata_user_id: str | None = None
    has_state: bool = False
    has_prompt: bool = False


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


class Message(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One message of a plain conversation."""

    role: str
    content: str
    name: str | None = None


decode = msgspec.json.Decoder(Wanted).decode
decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
decode_text = msgspec.json.Decoder(str | int).decode
decode_messages = msgspec.json.Decoder(list[Message]).decode
