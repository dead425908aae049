"""A limit that fails has to fail for as long as its `for` asks, before anything follows."""

from __future__ import annotations

import msgspec

from control.migration.ledger import Phase, State, Verb
from control.migration.progress import Stage
from control.words.verdict import Standing
from tests.control.ramps import (
    BEGAN_S,
    RELATIVE,
    breach,
    changed,
    course,
    failing,
    judged,
    limit,
    looked,
    progress,
    ramp,
    verdict,
)

DWELLS = limit(for_s=120.0)


def stages(known: State) -> dict[str, Stage]:
    return {each.limit: each.stage for each in progress(known).breaches}


def test_a_breach_that_dwells_counts_once_it_has_lasted() -> None:
    known = ramp(of=course(DWELLS))
    begun = changed(known, failing(DWELLS), 10.0)
    assert (begun.verb, begun.occasion, begun.page) == (Verb.NOTICE, None, False)
    assert begun.sentence.endswith("It counts after 2m.")
    assert stages(begun.state) == {DWELLS.key: Stage.DWELLING}
    assert looked(begun.state, failing(DWELLS), 129.0) is None
    assert changed(begun.state, failing(DWELLS), 130.0).phase is Phase.DEGRADED


def test_a_breach_that_does_not_last_is_forgotten() -> None:
    begun = changed(ramp(of=course(DWELLS)), failing(DWELLS), 10.0)
    kept = changed(begun.state, verdict(judged(DWELLS)), 70.0)
    assert kept.sentence == "'error_rate over 2%' is kept again after 1m."
    assert stages(kept.state) == {}
    again = changed(kept.state, failing(DWELLS), 80.0)
    assert stages(again.state) == {DWELLS.key: Stage.DWELLING}
    assert looked(again.state, failing(DWELLS), 199.0) is None


def test_a_dismissed_breach_that_does_not_get_worse_for_long_is_dismissed_again() -> None:
    dismissed = msgspec.structs.replace(breach(Stage.DISMISSED, DWELLS), epochs=(5,))
    begun = changed(ramp(of=course(DWELLS), breaches=(dismissed,)), failing(DWELLS), 10.0)
    assert progress(begun.state).dismissed == {DWELLS.key: (5,)}
    kept = changed(begun.state, verdict(judged(DWELLS)), 70.0)
    assert stages(kept.state) == {DWELLS.key: Stage.DISMISSED}
    assert progress(kept.state).dismissed == {DWELLS.key: (5,)}


def test_a_dwell_goes_on_while_nobody_judges() -> None:
    begun = changed(ramp(of=course(DWELLS)), failing(DWELLS), 10.0)
    assert looked(begun.state, verdict(judged(RELATIVE)), 20.0) is None


def test_a_dwell_goes_on_while_a_controller_that_has_just_begun_knows_nothing() -> None:
    known = ramp(of=course(DWELLS), breaches=(breach(Stage.DWELLING, DWELLS),))
    blank = msgspec.structs.replace(judged(DWELLS, Standing.INCONCLUSIVE), samples=0)
    assert looked(known, verdict(blank, fresh_s=None), 10.0) is None


def test_a_breach_dwells_first_and_then_has_its_deadline() -> None:
    both = limit(for_s=60.0, within_s=600.0)
    begun = changed(ramp(of=course(both)), failing(both), 0.0)
    opened = changed(begun.state, failing(both), 60.0)
    assert progress(opened.state).open_breaches[0].due_s == BEGAN_S + 660
