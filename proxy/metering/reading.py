"""The word for what a meter saw of one answer, and what to make of it where it was cut."""

from __future__ import annotations

from typing import Final

from proxy.exchange import Usage, UsageState
from proxy.plain import Plain

BYTES_PER_TOKEN: Final = 4  # of English text; the rule of thumb that the providers publish


class Reading(Plain):
    """What a meter saw.

    `usage` is the provider's, also where `state` is not FINAL (a running total, or the input
    alone); None where it sent none. ESTIMATED says that the answer was cut before its usage came,
    by the client or by an error, and that `estimate` can fill in; MISSING that nothing says what it
    cost. `failed` is an error inside a status 200; `terminated` that a stream had its dialect's
    terminal event, an error included, or that crossfade could not have seen one. `length_stop`
    is an answer that the model ended at a limit of tokens.
    """

    __slots__ = (
        "events",
        "failed",
        "length_stop",
        "model",
        "output_bytes",
        "state",
        "terminated",
        "usage",
    )

    def __init__(
        self,
        *,
        usage: Usage | None,
        state: UsageState,
        model: str | None,
        failed: bool,
        terminated: bool,
        events: int,
        output_bytes: int,
        length_stop: bool = False,
    ) -> None:
        self.usage = usage
        self.state = state
        self.model = model
        self.failed = failed
        self.terminated = terminated
        self.events = events
        self.output_bytes = output_bytes
        self.length_stop = length_stop

    def held(self) -> tuple[object, ...]:
        ended = (self.failed, self.terminated, self.length_stop)
        return (self.usage, self.state, self.model, *ended, self.events, self.output_bytes)


def estimate(reading: Reading, request_bytes: int) -> Usage:
    """The usage of an answer that was cut: what the provider said by then, else bytes / 4."""
    said = reading.usage or Usage()
    return Usage(
        input=said.input or -(-request_bytes // BYTES_PER_TOKEN),
        cached_input=said.cached_input,
        cache_write=said.cache_write,
        output=max(said.output, -(-reading.output_bytes // BYTES_PER_TOKEN)),
        reasoning=said.reasoning,
    )
