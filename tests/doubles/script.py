"""What a request tells the double to do: the Script, and where in a request it stands."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

MARK = "x-script"


class Tokens(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The usage that an answer reports; `input` includes cached and cache_write tokens."""

    input: int = 17
    cached_input: int = 0
    cache_write: int = 0
    output: int | None = None  # None: one for each content event
    reasoning: int = 0


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer's script.

    Before the head: `delay_s`; `hold_head` waits for `Received.go`; `early` answers without
    reading the body; `vanish` closes the connection without an answer.
    The head: `status`, `retry_after`, `headers`, `encoding` (gzip, deflate, br, zstd), `close`.
    The body: `events` content events (or words of text) with `event_delay_s` between them, or
    `text` itself; `size` pads the text so that the body has at least that many bytes; `tokens`;
    `no_usage`; `hold_after` waits for `Received.go` after that many written pieces.
    Damage: `malformed` (unreadable JSON where the answer or its second event should be),
    `error_event` (an error inside a stream that began with 200), `no_done` (a clean end without
    the terminal event), `no_finish` (nor a finish reason), `cut_after_bytes` of body (`cut`: fin
    or rst), `hang` (never ends; the client has to leave).
    Streams: `line_end` of SSE, `comments` (a keep-alive comment before each event), `joined` (all
    events in one write).
    """

    status: int = 200
    delay_s: float = 0
    hold_head: bool = False
    early: bool = False
    vanish: bool = False
    retry_after: str | None = None
    headers: dict[str, str] = {}
    encoding: str | None = None
    close: bool = False
    events: int = 5
    event_delay_s: float = 0
    text: str | None = None
    size: int = 0
    tokens: Tokens = Tokens()
    no_usage: bool = False
    hold_after: int | None = None
    malformed: bool = False
    error_event: bool = False
    no_done: bool = False
    no_finish: bool = False
    cut_after_bytes: int | None = None
    cut: str = "fin"
    hang: bool = False
    line_end: str | None = None
    comments: bool = False
    joined: bool = False

    @property
    def output_tokens(self) -> int:
        """The output tokens that the answer reports, reasoning included."""
        return self.events if self.tokens.output is None else self.tokens.output

    def words(self, opening: str) -> list[str]:
        """The answer's text in `events` parts; their join is the text."""
        if self.text is not None:
            return _parts(self.text, max(1, self.events))
        count = max(1, self.events)
        words = [opening, *(f" {_WORDS[n % len(_WORDS)]}" for n in range(count - 1))]
        if self.size:
            words[-1] += "x" * max(0, self.size - sum(map(len, words)))
        return words


_WORDS = ("traffic", "moves", "naïvely", "from", "日本", "to", "café", "and", "back", "🚦")


def find(header: str | None, body: bytes, default: Script) -> Script:
    """The script in the header, else in any text of the JSON body after `x-script`, else the
    default; raises msgspec.ValidationError or DecodeError for one that cannot be read."""
    if header:
        return msgspec.json.decode(header, type=Script)
    if MARK.encode() not in body:
        return default
    for text in _texts(msgspec.json.decode(body)):
        _, mark, rest = text.partition(MARK)
        if mark:
            return _leading(rest.lstrip(": "))
    return default


def _leading(text: str) -> Script:
    """The script at the start of a text that may go on after it."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            return msgspec.json.decode(text[: at + 1], type=Script)
    return msgspec.json.decode(text, type=Script)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        if isinstance(value.get(MARK), str):
            yield MARK + value[MARK]
        for item in value.values():
            yield from _texts(item)


def _parts(text: str, count: int) -> list[str]:
    step = max(1, -(-len(text) // count))
    return [text[at : at + step] for at in range(0, len(text), step)] or [""]
