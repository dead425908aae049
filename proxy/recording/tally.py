"""The exchanges of one kind, added up: counters, sums and histograms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from proxy.exchange import ELIGIBLE, Exchange, Outcome, Role, UsageState
from proxy.numbers.histogram import Histogram
from proxy.numbers.keysample import KeySample
from proxy.numbers.prices import PICOUSD
from proxy.policy import ArmName, Dialect


class Sums:
    """Plain counts of some exchanges: outcomes, tokens, money.

    `input` includes cached tokens, `output` includes reasoning. `priced` exchanges have a cost;
    `unpriced` ones have tokens and no known price, so that `cost_picousd` leaves them out.
    """

    __slots__ = (
        "cached_input",
        "cost_picousd",
        "input",
        "outcomes",
        "output",
        "priced",
        "reasoning",
        "unpriced",
        "usage_states",
    )

    def __init__(self) -> None:
        self.outcomes = dict.fromkeys(Outcome, 0)
        self.usage_states = dict.fromkeys(UsageState, 0)
        self.input = self.cached_input = self.output = self.reasoning = 0
        self.cost_picousd = self.priced = self.unpriced = 0

    @property
    def requests(self) -> int:
        return sum(self.outcomes.values())

    def add(self, exchange: Exchange) -> None:
        self.outcomes[exchange.outcome] += 1
        if exchange.usage_state is not None:
            self.usage_states[exchange.usage_state] += 1
        usage = exchange.usage
        if usage is None:
            return
        self.input += usage.input
        self.cached_input += usage.cached_input
        self.output += usage.output
        self.reasoning += usage.reasoning
        if exchange.cost_picousd is None:
            self.unpriced += 1
        else:
            self.priced += 1
            self.cost_picousd += exchange.cost_picousd

    def merge(self, other: Sums) -> None:
        """Add another's counts to these."""
        for outcome, count in other.outcomes.items():
            self.outcomes[outcome] += count
        for state, count in other.usage_states.items():
            self.usage_states[state] += count
        self.input += other.input
        self.cached_input += other.cached_input
        self.output += other.output
        self.reasoning += other.reasoning
        self.cost_picousd += other.cost_picousd
        self.priced += other.priced
        self.unpriced += other.unpriced


class Worth:
    """What the exchanges that weigh in a verdict used and cost, with the sums of the squares.

    `tokens` (input and output) are of those `with_usage`, the cost of the `priced` ones; squares
    are of single exchanges' tokens, and of their USD. `length_stops` ended at a limit of tokens;
    `retried` are failures of tries after a first one, which is the one that weighs.
    """

    __slots__ = (
        "cost_picousd",
        "cost_squares",
        "length_stops",
        "priced",
        "retried",
        "tokens",
        "tokens_squares",
        "with_usage",
    )

    def __init__(self) -> None:
        self.with_usage = self.tokens = self.priced = self.cost_picousd = self.length_stops = 0
        self.retried = 0
        self.tokens_squares = self.cost_squares = 0.0

    def add(self, exchange: Exchange) -> None:
        if exchange.length_stop:
            self.length_stops += 1
        usage = exchange.usage
        if usage is None:
            return
        tokens = usage.input + usage.output
        self.with_usage += 1
        self.tokens += tokens
        self.tokens_squares += float(tokens * tokens)
        picousd = exchange.cost_picousd
        if picousd is not None:
            cost_usd = picousd / PICOUSD
            self.priced += 1
            self.cost_picousd += picousd
            self.cost_squares += cost_usd * cost_usd

    def merge(self, other: Worth) -> None:
        """Add another's sums to these."""
        self.with_usage += other.with_usage
        self.tokens += other.tokens
        self.tokens_squares += other.tokens_squares
        self.priced += other.priced
        self.cost_picousd += other.cost_picousd
        self.cost_squares += other.cost_squares
        self.length_stops += other.length_stops
        self.retried += other.retried


class Tally:
    """The exchanges of one migration, arm, dialect, role and weight epoch.

    Exchanges that must not weigh (`counts` false) are summed in `uncounted` and are in nothing
    else; `weighed` leaves out what clients caused or broke off, too. `gaps.record` is what a
    stream's meter reports the times between its events to, `keys.add` what a draw reports to. All
    figures only grow; a histogram takes no memory before its first value.
    """

    __slots__ = (
        "arm",
        "counted",
        "dialect",
        "durations",
        "epoch",
        "first_token",
        "gaps",
        "keys",
        "migration",
        "overhead",
        "role",
        "uncounted",
        "weighed",
    )

    def __init__(
        self,
        migration: str,
        arm: ArmName | None,
        dialect: Dialect,
        role: Role = Role.PRIMARY,
        epoch: int = 0,
    ) -> None:
        self.migration = migration
        self.arm = arm
        self.dialect = dialect
        self.role = role
        self.epoch = epoch
        self.counted = Sums()
        self.uncounted = Sums()
        self.weighed = Worth()
        self.durations = {outcome: Histogram() for outcome in Outcome}
        self.first_token = Histogram()
        self.gaps = Histogram()
        self.overhead = Histogram()
        self.keys = KeySample()

    def add(self, exchange: Exchange) -> None:
        """Count an exchange that is over; once each. 1.2 µs."""
        if not exchange.counts:
            self.uncounted.add(exchange)
            return
        outcome = exchange.outcome
        self.counted.add(exchange)
        if outcome in ELIGIBLE:
            self.weighed.add(exchange)
        self.durations[outcome].record(exchange.total_us)
        self.overhead.record(exchange.overhead_us)
        if exchange.first_token_us is not None:
            self.first_token.record(exchange.first_token_us)

    def merge(self, other: Tally) -> None:
        """Add another's figures to these; it stays as it is."""
        self.counted.merge(other.counted)
        self.uncounted.merge(other.uncounted)
        self.weighed.merge(other.weighed)
        for outcome, times in other.durations.items():
            self.durations[outcome].merge(times)
        self.first_token.merge(other.first_token)
        self.gaps.merge(other.gaps)
        self.overhead.merge(other.overhead)

    def retire_into(self, other: Tally) -> None:
        """Add the figures to another's; whoever still holds this one counts there from now on.

        The gaps of a stream that still runs then are lost.
        """
        other.merge(self)
        self.counted, self.uncounted, self.weighed = other.counted, other.uncounted, other.weighed
        self.durations, self.first_token = other.durations, other.first_token
        self.gaps, self.overhead = other.gaps, other.overhead


def together(tallies: Iterable[Tally]) -> Sequence[Tally]:
    """One tally for each migration, arm, dialect and role: the sum over the weight epochs."""
    alike: dict[tuple[str, ArmName | None, Dialect, Role], list[Tally]] = {}
    for tally in tallies:
        alike.setdefault((tally.migration, tally.arm, tally.dialect, tally.role), []).append(tally)
    return tuple(group[0] if len(group) == 1 else _sum(group) for group in alike.values())


def _sum(tallies: Sequence[Tally]) -> Tally:
    first = tallies[0]
    whole = Tally(first.migration, first.arm, first.dialect, first.role)
    for tally in tallies:
        whole.merge(tally)
    return whole
