"""What each verb makes of each state: a table, and a machine that tries every order of verbs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from control.migration import transitions
from control.migration.ledger import Cause, Phase, Source, Stamp, State
from control.migration.transitions import register
from control.refusal import Code, DeskError
from proxy.policy import Dialect, Edits, Match, Route
from tests.control.states import stamp, state, wanted
from tests.proxy.routes import arm, route

Act = Callable[[State, Stamp], State]


def weigh(share: int) -> Act:
    return lambda known, by: transitions.set_share(known, share, by)


PENDING = state()
PROGRESSING = state(phase=Phase.PROGRESSING, cause=Cause.WEIGHT_SET, share=1_000)
PAUSED = state(phase=Phase.PAUSED, cause=Cause.MANUAL_PAUSE)
DEGRADED = state(phase=Phase.DEGRADED, cause=Cause.ROLLED_BACK)

SAME = None  # the verb changes nothing
TABLE: list[tuple[State, Act, tuple[Phase, Cause, int] | None]] = [
    (PENDING, weigh(0), SAME),
    (PENDING, weigh(1), (Phase.PROGRESSING, Cause.WEIGHT_SET, 1)),
    (PENDING, weigh(10_000), (Phase.PROGRESSING, Cause.WEIGHT_SET, 10_000)),
    (PENDING, transitions.roll_back, (Phase.DEGRADED, Cause.ROLLED_BACK, 0)),
    (PENDING, transitions.retry, SAME),
    (PROGRESSING, weigh(0), (Phase.PAUSED, Cause.MANUAL_PAUSE, 0)),
    (PROGRESSING, weigh(1_000), SAME),
    (PROGRESSING, weigh(999), (Phase.PROGRESSING, Cause.WEIGHT_SET, 999)),
    (PROGRESSING, transitions.roll_back, (Phase.DEGRADED, Cause.ROLLED_BACK, 0)),
    (PROGRESSING, transitions.retry, SAME),
    (PAUSED, weigh(0), SAME),
    (PAUSED, weigh(500), (Phase.PROGRESSING, Cause.WEIGHT_SET, 500)),
    (PAUSED, transitions.roll_back, (Phase.DEGRADED, Cause.ROLLED_BACK, 0)),
    (PAUSED, transitions.retry, SAME),
    (DEGRADED, transitions.roll_back, SAME),
    (DEGRADED, transitions.retry, (Phase.PENDING, Cause.RETRIED, 0)),
]


@pytest.mark.parametrize(("known", "act", "after"), TABLE)
def test_the_table_of_verbs(known: State, act: Act, after: tuple[Phase, Cause, int] | None) -> None:
    moved = act(known, stamp(7, "because"))
    if after is SAME:
        assert moved is known
        return
    entry = moved.entry
    assert (entry.phase, entry.cause, moved.route.split.share) == after
    assert entry.since == stamp(7, "because")
    assert entry.changed_version == 7
    assert entry.created_version == known.entry.created_version
    assert msgspec.structs.replace(moved.route, split=known.route.split) == known.route


@pytest.mark.parametrize("phase", Phase)
def test_a_rollback_is_accepted_in_every_phase(phase: Phase) -> None:
    known = state(phase=phase, share=0 if phase is Phase.DEGRADED else 2_500)
    moved = transitions.roll_back(known, stamp(9))
    assert (moved.entry.phase, moved.entry.latched) == (Phase.DEGRADED, True)
    assert moved.route.split.share == 0


@pytest.mark.parametrize("share", [0, 1, 10_000])
def test_no_weight_is_set_while_latched(share: int) -> None:
    with pytest.raises(DeskError, match="'retry triage' clears the latch") as refused:
        transitions.set_share(DEGRADED, share, stamp(7))
    assert refused.value.code is Code.LATCHED


def test_a_new_migration_starts_at_weight_0_with_the_drawn_salt() -> None:
    asked = wanted(route(share=5_000, salt="ab" * 16))
    known = register(None, asked, stamp(3), others=())
    assert known.route.split.share == 0
    assert known.route.salt == "ab" * 16
    assert (known.entry.phase, known.entry.cause) == (Phase.PENDING, Cause.REGISTERED)
    assert (known.entry.created_version, known.entry.changed_version) == (3, 3)
    assert known.entry.source == asked.source


@pytest.mark.parametrize("known", [PENDING, PROGRESSING, PAUSED, DEGRADED])
def test_applying_the_same_file_changes_nothing(known: State) -> None:
    asked = wanted(route(share=77, salt="ab" * 16))
    assert register(known, asked, stamp(9), others=[known.route]) is known


@pytest.mark.parametrize("known", [PENDING, PROGRESSING, PAUSED, DEGRADED])
def test_an_apply_keeps_weight_salt_phase_and_latch(known: State) -> None:
    asked = wanted(route(share=77, salt="ab" * 16), owner="joe@example.com")
    moved = register(known, asked, stamp(9, "new owner"), others=())
    assert moved.route == known.route
    assert moved.entry.owner == "joe@example.com"
    assert (moved.entry.phase, moved.entry.since) == (known.entry.phase, known.entry.since)
    assert moved.entry.latched == known.entry.latched
    assert moved.entry.changed_version == 9


@pytest.mark.parametrize(
    "changed",
    [
        {"match": Match(model="gpt-5")},
        {"baseline": arm("gpt-5")},
        {"candidate": arm("gpt-5")},
        {"candidate": arm("gpt-4o-mini", edits=Edits(drop=("user",)))},
        {"sticky": ("body:user",)},
        {"dialect": Dialect.ANTHROPIC},
    ],
)
def test_what_routes_traffic_changes_at_weight_0_alone(changed: dict[str, object]) -> None:
    asked = wanted(msgspec.structs.replace(route(), **changed))
    with pytest.raises(DeskError, match="set the weight to 0 first") as refused:
        register(PROGRESSING, asked, stamp(9), others=())
    assert refused.value.code is Code.WEIGHT_NOT_ZERO
    moved = register(PENDING, asked, stamp(9), others=())
    assert moved.route == asked.route


def test_forcing_an_arm_may_be_allowed_over_weight_0() -> None:
    asked = wanted(msgspec.structs.replace(route(), allow_force=True))
    moved = register(PROGRESSING, asked, stamp(9), others=())
    assert moved.route.allow_force
    assert moved.route.split.share == 1_000


RIVALS: list[tuple[Route, bool]] = [
    (route("other"), True),
    (route("other", path="/v1/chat/completions"), False),
    (route("other", model="gpt-5"), False),
    (route("other", dialect=Dialect.ANTHROPIC), False),
    (route("triage"), False),
]


@pytest.mark.parametrize(("rival", "tie"), RIVALS)
def test_a_match_that_ties_with_another_migration_is_refused(rival: Route, tie: bool) -> None:
    if not tie:
        assert register(None, wanted(), stamp(), others=[rival]).route.name == "triage"
        return
    with pytest.raises(DeskError, match="triage and other equally well") as refused:
        register(None, wanted(), stamp(), others=[rival])
    assert refused.value.code is Code.AMBIGUOUS_MATCH


class Verbs(RuleBasedStateMachine):
    """Any order of verbs: the latch holds, the salt stays, the weight moves by set_share alone."""

    def __init__(self) -> None:
        super().__init__()
        self.version = 1
        self.known = register(None, wanted(), stamp(1), others=())
        self.salt = self.known.route.salt
        self.latched = False
        self.share = 0

    def _took(self, moved: State) -> None:
        changed = moved is not self.known
        assert moved.entry.changed_version == (
            self.version if changed else self.known.entry.changed_version
        )
        self.known = moved

    def _stamp(self) -> Stamp:
        self.version += 1
        return stamp(self.version)

    @rule(share=st.integers(0, 10_000))
    def set_share(self, share: int) -> None:
        if self.latched:
            with pytest.raises(DeskError, match="clears the latch"):
                transitions.set_share(self.known, share, self._stamp())
        else:
            self._took(transitions.set_share(self.known, share, self._stamp()))
            self.share = share

    @rule()
    def roll_back(self) -> None:
        self._took(transitions.roll_back(self.known, self._stamp()))
        self.latched, self.share = True, 0

    @rule()
    def retry(self) -> None:
        self._took(transitions.retry(self.known, self._stamp()))
        self.latched = False

    @rule(text=st.sampled_from(["a", "b"]), salt=st.sampled_from(["ab" * 16, "cd" * 16]))
    def apply(self, text: str, salt: str) -> None:
        asked = msgspec.structs.replace(wanted(route(salt=salt)), source=Source(text=text))
        self._took(register(self.known, asked, self._stamp(), others=[self.known.route]))

    @precondition(lambda self: self.share > 0)
    @rule(model=st.sampled_from(["gpt-5", "gpt-6"]))
    def apply_another_arm(self, model: str) -> None:
        asked = wanted(msgspec.structs.replace(route(), candidate=arm(model)))
        with pytest.raises(DeskError):
            register(self.known, asked, self._stamp(), others=())

    @invariant()
    def holds(self) -> None:
        entry = self.known.entry
        assert entry.latched == self.latched
        assert self.known.route.split.share == self.share
        assert self.known.route.salt == self.salt
        assert entry.created_version == 1
        if self.share:
            assert entry.phase is Phase.PROGRESSING


TestVerbs = Verbs.TestCase
