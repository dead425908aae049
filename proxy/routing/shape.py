"""A body as it was read, and how the next is known to ask for the same.

One application's bodies begin and end alike, and differ in the messages between. If these decode by
themselves, the whole is the JSON that the last one was, and nothing of it needs to be read again.
"""

from __future__ import annotations

from typing import Final

from proxy.dialects.call import Call
from proxy.routing.asked import Fields
from proxy.routing.fields import names_stored_state
from proxy.routing.jsonscan import is_text
from proxy.routing.outline import is_plain


class Shape:
    """What a body asks for. `remembered` bodies have plain messages, a NUL for them in `beside`,
    and the model before it."""

    __slots__ = ("_after", "_before", "_kept", "fields", "remembered")

    def __init__(self, fields: Fields, *, remembered: bool) -> None:
        self.fields: Final = fields
        before, hole, after = fields.beside.partition(b"\0") if remembered else _NOTHING
        self._before: Final = before
        self._after: Final = after
        self.remembered: Final = hole != b""
        self._kept: bool | None = None

    def fits(self, body: bytes) -> bool:
        """Whether a body is one of these but for its messages, which are plain as well."""
        if not (self.remembered and body.startswith(self._before) and body.endswith(self._after)):
            return False
        messages = body[len(self._before) : len(body) - len(self._after)]
        return is_text(messages) and is_plain(messages)

    def names_stored_state(self, call: Call, body: bytes) -> bool:
        """Whether these bodies do; `call` is the same for all of them."""
        if self._kept is None:
            self._kept = names_stored_state(call, body, self.fields)
        return self._kept


_NOTHING: Final = (b"", b"", b"")
