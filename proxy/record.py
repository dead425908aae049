"""What happened, added up: exchanges to counters and histograms, per migration and arm."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from proxy.errors import PUBLISHED, Refused
from proxy.exchange import ELIGIBLE, Exchange, Outcome, Role, UsageState
from proxy.histogram import Histogram
from proxy.keysample import KeySample
from proxy.policy import ArmName, Dialect
from proxy.prices import PICOUSD

OTHER = "other"  # a code out of no table; so that a label's values stay a closed set

log = logging.getLogger(__name__)


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


class Worth:
    """What the exchanges that weigh in a verdict used and cost, with the sums of the squares.

    `tokens` (input and output) are of those `with_usage`, the cost of the `priced` ones; squares
    are of single exchanges' tokens, and of their USD. `length_stops` ended at a limit of tokens.
    """

    __slots__ = (
        "cost_picousd",
        "cost_squares",
        "length_stops",
        "priced",
        "tokens",
        "tokens_squares",
        "with_usage",
    )

    def __init__(self) -> None:
        self.with_usage = self.tokens = self.priced = self.cost_picousd = self.length_stops = 0
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


class Recorder:
    """One process's counts since its start.

    Nothing that a caller sends becomes a key: migrations come from snapshots, and everything else
    from closed sets.
    """

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, ArmName | None, Dialect, Role, int], Tally] = {}
        codes = [*(failure.code for failure in PUBLISHED), OTHER]
        self.refusals = dict.fromkeys(codes, 0)
        self.troubles = dict.fromkeys(codes, 0)
        self.kept_requests: dict[str, int] = {}
        self.unread_bodies = 0

    def tally(
        self,
        migration: str,
        arm: ArmName | None,
        dialect: Dialect,
        role: Role = Role.PRIMARY,
        epoch: int = 0,
    ) -> Tally:
        """Where exchanges of this kind are counted: ask again for each exchange."""
        key = (migration, arm, dialect, role, epoch)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = Tally(migration, arm, dialect, role, epoch)
        return tally

    def tallies(self) -> Sequence[Tally]:
        """All of them, in the order of their first exchange."""
        return tuple(self._tallies.values())

    def arm(self, migration: str, arm: ArmName) -> Sequence[Tally]:
        """What counts for or against one arm: its primary exchanges, neither mirrors nor help."""
        return tuple(
            tally
            for tally in self._tallies.values()
            if (tally.migration, tally.arm, tally.role) == (migration, arm, Role.PRIMARY)
        )

    def refused(self, code: str) -> None:
        """A request was refused before it became an exchange."""
        self.refusals[code if code in self.refusals else OTHER] += 1

    def kept(self, migration: str) -> None:
        """A request names stored state of the baseline, and so stayed there."""
        self.kept_requests[migration] = self.kept_requests.get(migration, 0) + 1

    def unread(self) -> None:
        """A body that routing would have read was too large or encoded, and passed unmatched."""
        self.unread_bodies += 1

    def trouble(self, refused: Refused) -> None:
        """An upstream could not be connected to.

        The log has the first of a code, the second, the fourth and so on: an outage of a thousand
        requests a second is worth twenty lines.
        """
        code = refused.failure.code if refused.failure.code in self.troubles else OTHER
        self.troubles[code] = times = self.troubles[code] + 1
        if times & (times - 1) == 0:
            log.warning("upstream_trouble code=%s times=%d detail=%r", code, times, refused.detail)
