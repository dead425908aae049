"""What a request's body asks for, as far as routing and edits read it."""

from __future__ import annotations

from proxy.plain import Plain


class Fields(Plain):
    """The few members of a body that routing reads; None where absent or of another type.

    `model_span` holds the byte offsets of the model's string literal, quotes included.
    `has_stream_options` says that the member is there, whatever its value. `user`,
    `safety_identifier` and `metadata_user_id` are text; integers became text. `has_state` says that
    a top-level member names what a provider stores; `has_prompt` that there is a "prompt", which
    does so in OpenAI's Responses alone. `beside` is the body, without its messages where these are
    plain texts and so name nothing.
    """

    __slots__ = (
        "beside",
        "has_prompt",
        "has_state",
        "has_stream_options",
        "metadata_user_id",
        "model",
        "model_span",
        "safety_identifier",
        "stream",
        "stream_options_include_usage",
        "user",
    )

    def __init__(
        self,
        *,
        beside: bytes = b"",
        model: str | None = None,
        model_span: tuple[int, int] | None = None,
        stream: bool | None = None,
        has_stream_options: bool = False,
        stream_options_include_usage: bool | None = None,
        user: str | None = None,
        safety_identifier: str | None = None,
        metadata_user_id: str | None = None,
        has_state: bool = False,
        has_prompt: bool = False,
    ) -> None:
        self.beside = beside
        self.model = model
        self.model_span = model_span
        self.stream = stream
        self.has_stream_options = has_stream_options
        self.stream_options_include_usage = stream_options_include_usage
        self.user = user
        self.safety_identifier = safety_identifier
        self.metadata_user_id = metadata_user_id
        self.has_state = has_state
        self.has_prompt = has_prompt

    def held(self) -> tuple[object, ...]:
        streams = (self.stream, self.has_stream_options, self.stream_options_include_usage)
        keys = (self.user, self.safety_identifier, self.metadata_user_id)
        names = (self.has_state, self.has_prompt)
        return (self.beside, self.model, self.model_span, *streams, *keys, *names)
