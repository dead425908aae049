"""What is added up of one arm: exact whole numbers, so that no order of adding matters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from control.words.evidence import Sums
from proxy.delta import Weighed, Window
from proxy.errors import Invalid
from proxy.exchange import ELIGIBLE, Outcome
from proxy.numbers import hdr
from proxy.numbers.histogram import Histogram
from proxy.numbers.prices import PICOUSD

Slots = Sequence[tuple[int, int]]

_FINE = 80  # bits after the point of a sum of squares; floats would depend on the order


class Times(NamedTuple):
    """A window's histograms, decoded."""

    latency: Slots
    ttft: Slots
    gaps: Slots


class Told(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One arm's sums as a roll-up has them; squares in hex, since they may pass 64 bits."""

    requests: int
    errors: int
    length_stops: int
    priced: int
    cost_picousd: int
    cost_squares: str
    with_usage: int
    tokens: int
    tokens_squares: str
    latency: bytes
    ttft: bytes


def times(window: Window) -> Times:
    """Raises Invalid for what is no histogram."""
    return Times(
        hdr.decode(window.durations.get(Outcome.OK, b"")),
        hdr.decode(window.first_token),
        hdr.decode(window.gaps),
    )


class Sum:
    """One arm's exchanges in one cell, while they are added up."""

    __slots__ = (
        "cost_picousd",
        "cost_squares",
        "errors",
        "latency",
        "length_stops",
        "priced",
        "requests",
        "tokens",
        "tokens_squares",
        "ttft",
        "with_usage",
    )

    def __init__(self) -> None:
        self.requests = self.errors = self.length_stops = 0
        self.priced = self.cost_picousd = self.cost_squares = 0
        self.with_usage = self.tokens = self.tokens_squares = 0
        self.latency = Histogram()
        self.ttft = Histogram()

    def add(self, window: Window, times: Times) -> None:
        weighed: Weighed = window.weighed
        known = sum(window.outcomes.get(outcome, 0) for outcome in ELIGIBLE)
        good = window.outcomes.get(Outcome.OK, 0)
        eligible = max(known - weighed.retried, good)
        self.requests += eligible
        self.errors += eligible - good
        self.length_stops += weighed.length_stops
        self.priced += weighed.priced
        self.cost_picousd += weighed.cost_picousd
        self.cost_squares += _fixed(weighed.cost_squares)
        self.with_usage += weighed.with_usage
        self.tokens += weighed.tokens
        self.tokens_squares += _fixed(weighed.tokens_squares)
        self.latency.fill(times.latency)
        self.ttft.fill(times.ttft)

    def merge(self, other: Sum) -> None:
        self.requests += other.requests
        self.errors += other.errors
        self.length_stops += other.length_stops
        self.priced += other.priced
        self.cost_picousd += other.cost_picousd
        self.cost_squares += other.cost_squares
        self.with_usage += other.with_usage
        self.tokens += other.tokens
        self.tokens_squares += other.tokens_squares
        self.latency.merge(other.latency)
        self.ttft.merge(other.ttft)

    def frozen(self) -> Sums:
        """The sums so far, which later ones leave alone."""
        return Sums(
            requests=self.requests,
            errors=self.errors,
            length_stops=self.length_stops,
            priced=self.priced,
            cost_usd=self.cost_picousd / PICOUSD,
            cost_squares=self.cost_squares / (1 << _FINE),
            with_usage=self.with_usage,
            tokens=self.tokens,
            tokens_squares=self.tokens_squares / (1 << _FINE),
            latency=_copied(self.latency),
            ttft=_copied(self.ttft),
        )

    def told(self) -> Told:
        return Told(
            self.requests,
            self.errors,
            self.length_stops,
            self.priced,
            self.cost_picousd,
            f"{self.cost_squares:x}",
            self.with_usage,
            self.tokens,
            f"{self.tokens_squares:x}",
            hdr.encode(hdr.filled(self.latency)),
            hdr.encode(hdr.filled(self.ttft)),
        )


def heard(told: Told) -> Sum:
    """The sums that were told. Raises Invalid."""
    made = Sum()
    made.requests, made.errors, made.length_stops = told.requests, told.errors, told.length_stops
    made.priced, made.cost_picousd = told.priced, told.cost_picousd
    made.with_usage, made.tokens = told.with_usage, told.tokens
    made.latency.fill(hdr.decode(told.latency))
    made.ttft.fill(hdr.decode(told.ttft))
    try:
        made.cost_squares = int(told.cost_squares, 16)
        made.tokens_squares = int(told.tokens_squares, 16)
    except ValueError as error:
        raise Invalid("a roll-up's squares are no numbers") from error
    return made


def _fixed(number: float) -> int:
    return int(number * (1 << _FINE))


def _copied(histogram: Histogram) -> Histogram:
    copy = Histogram()
    copy.merge(histogram)
    return copy
