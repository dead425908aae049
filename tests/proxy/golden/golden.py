"""One recorded answer, and what must be read out of it."""

from __future__ import annotations

from typing import NamedTuple

from proxy.dialects.call import Call
from proxy.exchange import Usage, UsageState

SSE = b"text/event-stream; charset=utf-8"
NDJSON = b"application/x-ndjson"
JSON = b"application/json"


class Golden(NamedTuple):
    """`tokens` is the number of events that carry generated content, `text` the bytes of it."""

    name: str
    call: Call
    content_type: bytes
    answer: bytes
    usage: Usage | None
    state: UsageState = UsageState.FINAL
    model: str | None = None
    tokens: int = 0
    text: int = 0
    failed: bool = False
    terminated: bool = True
