"""The words of a migration's state: they round-trip, and contradictions cannot be built."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.migration import ledger
from control.migration.ledger import Cause, Ledger, Phase, State
from control.migration.steering import resume
from control.migration.transitions import retry
from control.words.steps import Course
from proxy.errors import Invalid
from tests.control.ramps import BEGAN_S, at, degraded, ramp
from tests.control.states import state
from tests.proxy.routes import route

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_no_bytes_are_an_empty_ledger() -> None:
    assert ledger.decode(b"") == Ledger()


@given(st.dictionaries(TEXTS, st.tuples(TEXTS, st.none() | TEXTS, st.integers(1, 2**53))))
def test_a_ledger_comes_back_as_it_was(told: dict[str, tuple[str, str | None, int]]) -> None:
    entries = {
        name: msgspec.structs.replace(
            state(version=version, note=note).entry,
            source=ledger.Source(text=text, files={"prompt.txt": text}),
        )
        for name, (text, note, version) in told.items()
    }
    whole = Ledger(entries=entries)
    assert ledger.decode(ledger.encode(whole)) == whole


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{",
        b"\xff",
        b'{"schema":"1"}',
        b'{"schema":1,"entries":{},"more":1}',
        b'{"schema":1,"entries":{"triage":{}}}',
    ],
)
def test_what_is_no_ledger_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        ledger.decode(data)


def test_another_schema_is_refused_by_its_number() -> None:
    with pytest.raises(Invalid, match="schema 2"):
        ledger.decode(b'{"schema":2,"entries":{}}')


def test_a_phase_of_a_later_release_is_refused() -> None:
    data = ledger.encode(Ledger(entries={"triage": state().entry}))
    with pytest.raises(Invalid, match="cannot be read"):
        ledger.decode(data.replace(b'"Pending"', b'"Levitating"'))


@pytest.mark.parametrize("phase", Phase)
def test_latched_and_degraded_are_the_same(phase: Phase) -> None:
    entry = state(phase=phase).entry
    with pytest.raises(Invalid, match="latched exactly when"):
        msgspec.structs.replace(entry, latched=not entry.latched)


def test_a_latched_migration_cannot_have_weight() -> None:
    with pytest.raises(Invalid, match="weight 0"):
        State(entry=state(phase=Phase.DEGRADED).entry, route=route(share=1))


def test_the_reason_is_the_cause_and_the_operators_words() -> None:
    assert state(cause=Cause.ROLLED_BACK).entry.reason == "RolledBack"
    said = state(cause=Cause.ROLLED_BACK, note="answers in German are wrong")
    assert said.entry.reason == "RolledBack: answers in German are wrong"


def test_a_step_that_the_course_does_not_have_is_refused() -> None:
    entry = ramp(2).entry
    assert entry.step is entry.course.steps[2]
    with pytest.raises(Invalid, match="does not have"):
        msgspec.structs.replace(entry, course=Course())


def test_requests_count_from_where_the_step_or_the_weight_by_hand_began() -> None:
    resumed = resume(ramp(1, Phase.PAUSED, Cause.MANUAL_PAUSE), at(BEGAN_S, 5))
    assert (resumed.step_since, resumed.route.split.since) == (1, 5)
    assert ramp(None).step_since == ramp(None).route.split.since
    assert state().step_since == 0


def test_evidence_starts_where_progress_says_and_else_with_the_weight_in_force() -> None:
    assert ramp(starts=(3, 7)).starts == (3, 7)
    assert retry(degraded(), at(BEGAN_S, 9)).starts == (9,)


def test_a_step_is_shown_as_people_count() -> None:
    assert (ramp(1).entry.place, ramp(None).entry.place) == ("2/3", None)


def test_without_progress_there_is_no_step() -> None:
    assert (state().entry.step_index, state().entry.step) == (None, None)
    assert (ramp(None).entry.step_index, ramp(None).entry.step) == (None, None)


def test_an_entry_of_an_earlier_release_has_no_ramp() -> None:
    data = ledger.encode(Ledger(entries={"triage": state().entry}))
    plain = msgspec.json.decode(data)
    del plain["entries"]["triage"]["course"], plain["entries"]["triage"]["progress"]
    assert ledger.decode(msgspec.json.encode(plain)).entries["triage"] == state().entry
