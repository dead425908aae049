"""The words of what happened: Usage, Outcome, Exchange; and what counts against an arm."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, assert_never

from proxy.errors import UPSTREAM_TRUNCATED, Blame, Failure
from proxy.plain import Plain
from proxy.policy import ArmName, Dialect


class Outcome(StrEnum):
    """How an exchange ended. Every exit has one of these names."""

    OK = "ok"
    CLIENT_ERROR = "client_error"
    CLIENT_CANCELLED = "client_cancelled"
    UPSTREAM_ERROR = "upstream_error"
    UPSTREAM_TIMEOUT = "upstream_timeout"
    UPSTREAM_TRUNCATED = "upstream_truncated"
    PROXY_ERROR = "proxy_error"


# What weighs for or against an arm: neither what a client caused nor what it broke off.
ELIGIBLE: Final = frozenset(
    {
        Outcome.OK,
        Outcome.UPSTREAM_ERROR,
        Outcome.UPSTREAM_TIMEOUT,
        Outcome.UPSTREAM_TRUNCATED,
    }
)


class Role(StrEnum):
    """Why a request was sent upstream."""

    PRIMARY = "primary"
    MIRROR = "mirror"
    FALLBACK = "fallback"


class UsageState(StrEnum):
    """How far a usage figure can be trusted."""

    FINAL = "final"
    ESTIMATED = "estimated"
    MISSING = "missing"


class Usage(Plain):
    """Tokens of one exchange; never changed.

    `input` includes `cached_input` and `cache_write`; `output` includes `reasoning`
    (OpenTelemetry's GenAI rule, so that dialects add up).
    """

    __slots__ = ("cache_write", "cached_input", "input", "output", "reasoning")

    def __init__(
        self,
        *,
        input: int = 0,  # noqa: A002 - the rule's own word
        cached_input: int = 0,
        cache_write: int = 0,
        output: int = 0,
        reasoning: int = 0,
    ) -> None:
        self.input = input
        self.cached_input = cached_input
        self.cache_write = cache_write
        self.output = output
        self.reasoning = reasoning

    def held(self) -> tuple[object, ...]:
        return self.input, self.cached_input, self.cache_write, self.output, self.reasoning


class Exchange:
    """What happened with one request on one arm; never changed. Times are integer microseconds.

    `first_token_us` is None where the answer carried no token. `counts` is False for requests that
    must not weigh for or against an arm (forced arms). `usage_state` is None where there were no
    tokens to count (an error, a list of models). `cost_picousd` is None where no price is known;
    10**12 make one USD. `epoch` is the weight epoch that routed it (`Split.since`), 0 where no
    migration did; `length_stop` says that the model stopped at a limit of tokens.
    """

    __slots__ = (
        "arm",
        "blame",
        "cost_picousd",
        "counts",
        "dialect",
        "epoch",
        "first_token_us",
        "id",
        "length_stop",
        "migration",
        "model",
        "outcome",
        "overhead_us",
        "role",
        "status",
        "total_us",
        "usage",
        "usage_state",
        "version",
    )

    def __init__(
        self,
        *,
        id: bytes,  # noqa: A002 - as the header says it
        migration: str,
        arm: ArmName | None,
        dialect: Dialect,
        role: Role,
        version: int,
        outcome: Outcome,
        blame: Blame | None,
        status: int | None,
        counts: bool,
        total_us: int,
        first_token_us: int | None,
        overhead_us: int,
        usage: Usage | None,
        usage_state: UsageState | None,
        model: str | None,
        cost_picousd: int | None,
        epoch: int = 0,
        length_stop: bool = False,
    ) -> None:
        self.id = id
        self.migration = migration
        self.arm = arm
        self.dialect = dialect
        self.role = role
        self.version = version
        self.outcome = outcome
        self.blame = blame
        self.status = status
        self.counts = counts
        self.total_us = total_us
        self.first_token_us = first_token_us
        self.overhead_us = overhead_us
        self.usage = usage
        self.usage_state = usage_state
        self.model = model
        self.cost_picousd = cost_picousd
        self.epoch = epoch
        self.length_stop = length_stop


def outcome_of_status(status: int, *, own_key: bool, model_edited: bool) -> Outcome:
    """The outcome that an upstream's complete answer means.

    A 4xx is the caller's, except where crossfade caused it: a key or a quota that is the arm's own
    (401, 402, 403, 429), or a model that the arm put in (404, 410).
    """
    if status < 400:
        return Outcome.OK
    if status >= 500:
        return Outcome.UPSTREAM_ERROR
    if own_key and status in (401, 402, 403, 429):
        return Outcome.UPSTREAM_ERROR
    if model_edited and status in (404, 410):
        return Outcome.UPSTREAM_ERROR
    return Outcome.CLIENT_ERROR


def outcome_of_failure(failure: Failure) -> Outcome:
    """The outcome of an exchange that one of crossfade's own errors ended."""
    match failure.blame:
        case Blame.CLIENT:
            return Outcome.CLIENT_ERROR
        case Blame.PROXY:
            return Outcome.PROXY_ERROR
        case Blame.UPSTREAM:
            if failure is UPSTREAM_TRUNCATED:
                return Outcome.UPSTREAM_TRUNCATED
            timed_out = failure.status == 504
            return Outcome.UPSTREAM_TIMEOUT if timed_out else Outcome.UPSTREAM_ERROR
        case _:
            assert_never(failure.blame)


def outcome_of_loss(error: Exception | None) -> Outcome:
    """The outcome when a client's connection is lost during an exchange.

    The network's errors are OSErrors; any other means that a callback of ours raised.
    """
    ours = error is not None and not isinstance(error, OSError)
    return Outcome.PROXY_ERROR if ours else Outcome.CLIENT_CANCELLED


def blame_of(outcome: Outcome) -> Blame | None:
    """Who is at fault for an outcome; None when nobody is."""
    match outcome:
        case Outcome.OK:
            return None
        case Outcome.CLIENT_ERROR | Outcome.CLIENT_CANCELLED:
            return Blame.CLIENT
        case Outcome.UPSTREAM_ERROR | Outcome.UPSTREAM_TIMEOUT | Outcome.UPSTREAM_TRUNCATED:
            return Blame.UPSTREAM
        case Outcome.PROXY_ERROR:
            return Blame.PROXY
        case _:
            assert_never(outcome)
