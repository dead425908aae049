"""The words of what an answer shows: Tokens, Sight, AnswerShape; and how broken JSON is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from json import JSONDecoder
from typing import Annotated

import msgspec

from proxy.exchange import Usage

# A count that no provider reaches is a fault or an attack, and must not become a cost.
Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]

# What foreign JSON may do to a decoder: malformed, of another type, not UTF-8, or too deep.
BROKEN = (ValueError, RecursionError)


class Tokens(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Tokens as one event states them, in parts of the input that add up; None is "not stated"."""

    fresh: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None

    def over(self, earlier: Tokens | None) -> Tokens:
        """These tokens, with what only `earlier` stated: figures are cumulative, the last wins."""
        stated = (self.fresh, self.cached, self.cache_write, self.output, self.reasoning)
        if earlier is None or None not in stated:
            return self
        return Tokens(
            fresh=earlier.fresh if self.fresh is None else self.fresh,
            cached=earlier.cached if self.cached is None else self.cached,
            cache_write=earlier.cache_write if self.cache_write is None else self.cache_write,
            output=earlier.output if self.output is None else self.output,
            reasoning=earlier.reasoning if self.reasoning is None else self.reasoning,
        )

    def usage(self) -> Usage:
        """The same in OpenTelemetry's terms: input with caches, output with reasoning."""
        cached, written = self.cached or 0, self.cache_write or 0
        output = self.output or 0
        return Usage(
            input=(self.fresh or 0) + cached + written,
            cached_input=cached,
            cache_write=written,
            output=output,
            reasoning=min(self.reasoning or 0, output),
        )


class Sight(msgspec.Struct, frozen=True, gc=False):
    """What one event or one whole body shows.

    `text` is the bytes of generated content in it, tool calls and reasoning included; `ended` marks
    the dialect's terminal event, `failed` an error, `length_stop` an end at a limit of tokens.
    """

    text: int = 0
    tokens: Tokens | None = None
    model: str | None = None
    ended: bool = False
    failed: bool = False
    length_stop: bool = False


# What one event shows. Most show nothing but text, and then the bytes of it are all that is given:
# a Sight for each would cost 0.25 µs more.
Seen = Sight | int

NOTHING = 0
ENDED = Sight(ended=True)


class AnswerShape(msgspec.Struct, frozen=True, kw_only=True):
    """How the answers of one operation are read; neither function raises, whatever it is given.

    `event` reads one event of a stream, `body` a whole answer or the tail of a huge one. `bills` is
    False for operations that cost no tokens. `known` is False for APIs that crossfade does not
    know: their streams have no terminal event to wait for, and nothing can be estimated.
    """

    event: Callable[[bytes], Seen]
    body: Callable[[bytes], Sight]
    bills: bool = True
    known: bool = True


# Members of generated content that say what it is rather than being it.
_LABELS = frozenset(("type", "id", "index", "role", "format", "signature"))
_DEEPEST = 8  # lists of parts of objects are three deep; more is an attack on the stack


def weight(value: object, depth: int = 0) -> int:
    """The bytes of text in a member of an answer, however it is nested."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    if depth > _DEEPEST:
        return 0
    if isinstance(value, list):
        return sum(weight(part, depth + 1) for part in value)
    if isinstance(value, dict):
        parts = (part for name, part in value.items() if name not in _LABELS)
        return sum(weight(part, depth + 1) for part in parts)
    return 0


_TEXT = re.compile(
    rb'"(?:content|reasoning_content|reasoning|thinking|refusal|text|delta|arguments|partial_json'
    rb'|response)"\s*:\s*"([^"\\]*+(?:\\.[^"\\]*+)*+)',
    re.DOTALL,
)
_ENDED = re.compile(
    rb'"(?:finish_reason|finishReason|blockReason)"\s*:\s*"|"done"\s*:\s*true'
    rb'|"response\.(?:completed|incomplete|failed)"'
)


def scan(fragment: bytes, name: bytes, tokens: Callable[[object], Tokens | None]) -> Sight:
    """What can still be told from JSON that does not decode: the tail of a huge event or body, or
    bytes that are not UTF-8. `name` is the member that holds usage, `tokens` reads its value."""
    return Sight(
        text=text_in(fragment),
        tokens=tokens(_last_object(fragment, name)),
        ended=_ENDED.search(fragment) is not None,
    )


def text_in(fragment: bytes) -> int:
    """The bytes of all strings in members that hold generated text, near enough for an estimate."""
    return sum(match.end(1) - match.start(1) for match in _TEXT.finditer(fragment))


_OBJECT = re.compile(rb"\s*:\s*(?=\{)")
_FIRST_VALUE = JSONDecoder()
_TRIES = 8  # a fragment may be hostile: each try costs up to 4 KiB of decoding


def _last_object(fragment: bytes, name: bytes) -> object:
    """The value of the last member called `name` that is a whole object; None where none is."""
    key = b'"' + name + b'"'
    at = len(fragment)
    for _ in range(_TRIES):
        at = fragment.rfind(key, 0, at)
        if at < 0:
            return None
        colon = _OBJECT.match(fragment, at + len(key))
        if colon is None:
            continue
        text = fragment[colon.end() : colon.end() + 4096].decode("utf-8", "replace")
        try:
            return _FIRST_VALUE.raw_decode(text)[0]
        except BROKEN:
            continue
    return None
