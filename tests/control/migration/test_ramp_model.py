"""Operators, the guard, the ramp and a leader that slept, in any order: nothing outruns a latch."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from control.migration import approval, steering, transitions
from control.migration import ramp as machine
from control.migration.change import Change
from control.migration.ledger import Phase, Stamp, State, Verb
from control.migration.phases import RUNNING
from control.refusal import DeskError
from control.words.criteria import OnFail
from control.words.verdict import Standing, Verdict
from tests.control.ramps import BEGAN_S, at, course, judged, limit, pending, progress, verdict

LIMITS = (
    limit(OnFail.ROLLBACK),
    limit(OnFail.STEP_BACK, written="3%"),
    limit(OnFail.HOLD, written="4%", within_s=300.0),
    limit(OnFail.WARN, written="5%", for_s=30.0),
)
VERBS = {
    Verb.START: steering.start,
    Verb.PAUSE: steering.pause,
    Verb.RESUME: steering.resume,
    Verb.APPROVE: approval.approve,
    Verb.REJECT: approval.reject,
    Verb.DISMISS: steering.dismiss,
    Verb.PROMOTE: steering.promote,
}


class Ramps(RuleBasedStateMachine):
    """Operators, the guard, the ramp and a leader that was asleep, in any order.

    The store is a state and its version; whoever decided on an older version than the newest
    cannot write, as compare-and-set has it.
    """

    @initialize()
    def begin(self) -> None:
        self.known = pending(course(*LIMITS))
        self.version, self.now_s = 1, BEGAN_S
        self.latched = False
        self.asleep: Change | None = None  # decided by a leader that was stopped before it wrote

    def _write(self, after: State, version: int) -> None:
        if version != self.version + 1:
            return
        if after is not self.known:
            assert after.entry.changed_version == version
            self.version = version
        self.known = after

    def _stamp(self, note: str | None) -> Stamp:
        return at(self.now_s, self.version + 1, note)

    @rule(verb=st.sampled_from(sorted(VERBS)), note=st.sampled_from([None, "because"]))
    def operate(self, verb: Verb, note: str | None) -> None:
        before = self.known
        try:
            self._write(VERBS[verb](before, self._stamp(note)), self.version + 1)
        except DeskError:
            assert self.known is before

    @rule(share=st.sampled_from([0, 50, 100, 1_000, 2_500, 9_900, 10_000]))
    def weigh(self, share: int) -> None:
        if self.latched:
            with pytest.raises(DeskError, match="clears the latch"):
                transitions.set_share(self.known, share, self._stamp(None))
            return
        self._write(transitions.set_share(self.known, share, self._stamp(None)), self.version + 1)
        assert self.known.route.split.share == share

    @rule()
    def roll_back(self) -> None:
        first = transitions.roll_back(self.known, self._stamp("by hand"))
        assert transitions.roll_back(first, self._stamp("again")) is first
        self._write(first, self.version + 1)
        self.latched = True

    @rule()
    def retry(self) -> None:
        self._write(transitions.retry(self.known, self._stamp(None)), self.version + 1)
        self.latched = False

    @rule(
        span_s=st.sampled_from([1.0, 31.0, 301.0, 4_000.0, -3_600.0]),
        failed=st.sets(st.sampled_from(LIMITS)),
        requests=st.sampled_from([0, 12, 500]),
        fresh_s=st.sampled_from([None, 1.0, 60.0]),
        sleeps=st.booleans(),
    )
    def look(
        self,
        span_s: float,
        failed: set[object],
        requests: int,
        fresh_s: float | None,
        sleeps: bool,
    ) -> None:
        self.now_s += span_s
        says = verdict(
            *(judged(one, Standing.FAIL if one in failed else Standing.PASS) for one in LIMITS),
            requests=requests,
            fresh_s=fresh_s,
        )
        change = machine.next(self.known, says, self.now_s, version=self.version + 1)
        if change is None:
            return
        self._never_outruns(change, says)
        if sleeps:
            self.asleep = change
            return
        self._write(change.state, change.version)
        self.latched = self.known.entry.latched

    def _never_outruns(self, change: Change, says: Verdict) -> None:
        """More traffic comes from a whole hold with data, fresh and without a failure, alone."""
        assert not self.latched
        if change.state.route.split.share <= self.known.route.split.share:
            return
        step = self.known.entry.step
        assert step is not None
        assert self.known.entry.phase in RUNNING
        assert progress(self.known).held(self.now_s) >= step.hold_s
        assert step.gate is None or progress(self.known).approved
        if step.in_force:
            assert says.requests >= 300
            assert says.fresh_s == 1.0

    @precondition(lambda self: self.asleep is not None)
    @rule()
    def wake(self) -> None:
        """The leader that was asleep writes what it had decided."""
        assert self.asleep is not None
        self._write(self.asleep.state, self.asleep.version)
        self.asleep = None
        if self.known.entry.latched:
            self.latched = True

    @invariant()
    def holds(self) -> None:
        entry, share = self.known.entry, self.known.route.split.share
        assert entry.latched == self.latched
        if self.latched:
            assert (entry.phase, share) == (Phase.DEGRADED, 0)
        assert self.known.route.split.since <= self.version
        told = entry.progress
        if told is None:
            return
        assert told.held(self.now_s) >= told.held_s >= 0
        assert (told.running_since_s is not None) <= (entry.phase in RUNNING)
        assert list(told.starts) == sorted(set(told.starts))
        if told.open_breaches and told.step is not None:
            assert entry.phase not in RUNNING
        if entry.phase is Phase.SOAKING:
            assert entry.step is not None
            assert entry.step.soak


TestRamps = Ramps.TestCase
