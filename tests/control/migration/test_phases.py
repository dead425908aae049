"""The transition table is what the verbs do: every verb, on every kind of state."""

from __future__ import annotations

import itertools

import pytest

from control.migration.ledger import Cause, Phase, State, Verb
from control.migration.phases import LATCHED, TABLE, permit
from control.refusal import Code, DeskError
from control.words.verdict import Standing, Verdict
from tests.control.journeys import ACTS, STATES
from tests.control.ramps import BEGAN_S, at, failing, judged, looked, verdict
from tests.control.states import state

ALSO_REFUSED = {
    Verb.APPLY: set(),
    Verb.SET_WEIGHT: set(),
    Verb.START: {Code.NO_STEPS, Code.RAMP_UNDERWAY, Code.BREACH_OPEN},
    Verb.PAUSE: set(),
    Verb.RESUME: {
        *(Code.BREACH_OPEN, Code.REASON_NEEDED, Code.AWAITING_APPROVAL, Code.NOT_RUNNING),
    },
    Verb.APPROVE: {Code.NOT_WAITING},
    Verb.REJECT: {Code.NOT_WAITING},
    Verb.DISMISS: {Code.NO_OPEN_BREACH, Code.REASON_NEEDED},
    Verb.PROMOTE: {Code.BREACH_OPEN, Code.REASON_NEEDED, Code.NO_STEPS, Code.NOT_RUNNING},
    Verb.ROLLBACK: set(),
    Verb.RETRY: set(),
}
VERDICTS: tuple[Verdict, ...] = (
    verdict(),
    failing(),
    verdict(judged(standing=Standing.INCONCLUSIVE)),
    verdict(requests=0),
    verdict(fresh_s=60.0),
    verdict(fresh_s=None),
    verdict(split_suspect="The split is not what it should be."),
)


def outcomes(verb: Verb, known: State) -> set[Phase | Code]:
    """Where each way to use a verb leads, with and without a reason."""
    found: set[Phase | Code] = set()
    for act, note in itertools.product(ACTS[verb], ("because", None)):
        try:
            after = act(known, at(BEGAN_S + 30, 5, note))
        except DeskError as refused:
            found.add(refused.code)
        else:
            assert after is known or after.entry.changed_version == 5
            found.add(after.entry.phase)
    return found


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(Verb)
    assert all(set(row) == set(Phase) for row in TABLE.values())


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("verb", ACTS)
def test_a_verb_leads_where_the_table_says(verb: Verb, name: str) -> None:
    known = STATES[name]
    said, found = TABLE[verb][known.entry.phase], outcomes(verb, known)
    if isinstance(said, Code):
        assert found == {said}
    else:
        assert found <= said | ALSO_REFUSED[verb]


@pytest.mark.parametrize("phase", sorted(set(Phase) - {Phase.BASELINING, Phase.SHADOWING}))
@pytest.mark.parametrize("verb", ACTS)
def test_the_table_says_no_more_than_the_verbs_do(verb: Verb, phase: Phase) -> None:
    said = TABLE[verb][phase]
    here = [known for known in STATES.values() if known.entry.phase is phase]
    found = set[Phase | Code]().union(*(outcomes(verb, known) for known in here))
    assert found >= ({said} if isinstance(said, Code) else set(said))


@pytest.mark.parametrize("name", STATES)
def test_what_happens_by_itself_is_in_the_table(name: str) -> None:
    known = STATES[name]
    for says, after_s in itertools.product(VERDICTS, (1.0, 90.0, 700.0, 4_000.0, 100_000.0)):
        change = looked(known, says, after_s)
        if change is None:
            continue
        assert known.entry.phase not in (*LATCHED, Phase.PENDING)
        said = TABLE[change.verb][known.entry.phase]
        assert not isinstance(said, Code)
        assert change.phase in said


@pytest.mark.parametrize("phase", LATCHED)
@pytest.mark.parametrize("verb", sorted(set(Verb) - {Verb.APPLY, Verb.ROLLBACK, Verb.RETRY}))
def test_while_latched_a_refusal_names_the_way_out(verb: Verb, phase: Phase) -> None:
    with pytest.raises(DeskError, match="'retry triage' clears the latch") as refused:
        permit(verb, state(phase=phase))
    assert refused.value.code is Code.LATCHED


def test_a_refusal_tells_the_beginning_of_a_long_reason() -> None:
    note = "error_rate over_baseline 1.25x: the candidate failed " + "17 of 185 requests, " * 20
    with pytest.raises(DeskError, match=r"\(RolledBack: error_rate .* …\); 'retry") as refused:
        permit(Verb.START, state(phase=Phase.DEGRADED, cause=Cause.ROLLED_BACK, note=note))
    assert len(str(refused.value)) < 180


def test_a_refusal_says_where_the_migration_stands() -> None:
    with pytest.raises(DeskError, match="triage is Pending; 'start triage' begins its ramp"):
        permit(Verb.PAUSE, STATES["new"])
    with pytest.raises(DeskError, match="triage has gone through all of its steps; pause"):
        permit(Verb.PAUSE, STATES["done"])
