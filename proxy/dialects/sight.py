"""The words of what an answer shows: Tokens, Sight, AnswerShape; and how broken JSON is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from json import JSONDecoder
from typing import Final, TypeAlias

from proxy.exchange import Usage
from proxy.plain import Plain

# What foreign JSON may do to a decoder: malformed, of another type, not UTF-8, or too deep.
BROKEN: Final = (ValueError, RecursionError)


class Tokens(Plain):
    """Tokens as one event states them, in parts of the input that add up; None is "not stated"."""

    __slots__ = ("cache_write", "cached", "fresh", "output", "reasoning")

    def __init__(
        self,
        *,
        fresh: int | None = None,
        cached: int | None = None,
        cache_write: int | None = None,
        output: int | None = None,
        reasoning: int | None = None,
    ) -> None:
        self.fresh = fresh
        self.cached = cached
        self.cache_write = cache_write
        self.output = output
        self.reasoning = reasoning

    def held(self) -> tuple[object, ...]:
        return self.fresh, self.cached, self.cache_write, self.output, self.reasoning

    def over(self, earlier: Tokens | None) -> Tokens:
        """These tokens, with what only `earlier` stated: figures are cumulative, the last wins."""
        if earlier is None or None not in self.held():
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


class Sight(Plain):
    """What one event or one whole body shows.

    `text` is the bytes of generated content in it, tool calls and reasoning included; `ended` marks
    the dialect's terminal event, `failed` an error, `length_stop` an end at a limit of tokens.
    """

    __slots__ = ("ended", "failed", "length_stop", "model", "text", "tokens")

    def __init__(
        self,
        text: int = 0,
        tokens: Tokens | None = None,
        model: str | None = None,
        ended: bool = False,
        failed: bool = False,
        length_stop: bool = False,
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.model = model
        self.ended = ended
        self.failed = failed
        self.length_stop = length_stop

    def held(self) -> tuple[object, ...]:
        ended = (self.ended, self.failed, self.length_stop)
        return (self.text, self.tokens, self.model, *ended)


# What one event shows. Most show nothing but text, and then the bytes of it are all that is given:
# a Sight for each would cost 0.25 µs more.
Seen: TypeAlias = Sight | int

NOTHING: Final = 0
ENDED: Final = Sight(ended=True)


class AnswerShape:
    """How the answers of one operation are read; neither function raises, whatever it is given.

    `event` reads one event of a stream, `body` a whole answer or the tail of a huge one. `bills` is
    False for operations that cost no tokens. `known` is False for APIs that crossfade does not
    know: their streams have no terminal event to wait for, and nothing can be estimated.
    """

    __slots__ = ("bills", "body", "event", "known")

    def __init__(
        self,
        *,
        event: Callable[[bytes], Seen],
        body: Callable[[bytes], Sight],
        bills: bool = True,
        known: bool = True,
    ) -> None:
        self.event: Final = event
        self.body: Final = body
        self.bills: Final = bills
        self.known: Final = known


# Members of generated content that say what it is rather than being it.
_LABELS: Final = frozenset(("type", "id", "index", "role", "format", "signature"))
_DEEPEST: Final = 8  # lists of parts of objects are three deep; more is an attack on the stack


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


_TEXT: Final = re.compile(
    rb'"(?:content|reasoning_content|reasoning|thinking|refusal|text|delta|arguments|partial_json'
    rb'|response)"\s*:\s*"([^"\\]*+(?:\\.[^"\\]*+)*+)',
    re.DOTALL,
)
_ENDED: Final = re.compile(
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


_OBJECT: Final = re.compile(rb"\s*:\s*(?=\{)")
_FIRST_VALUE: Final = JSONDecoder()
_TRIES: Final = 8  # a fragment may be hostile: each try costs up to 4 KiB of decoding


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
