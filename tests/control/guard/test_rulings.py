"""control.rulings: the newest verdict, kept for whoever asks."""

from __future__ import annotations

import msgspec

from control.guard.rulings import Rulings
from control.migration.ledger import Phase, State
from control.migration.transitions import retry, roll_back
from control.words.evidence import Cell, Evidence, Sums
from proxy.policy import Split
from tests.control.ruled import NOON_S, begun
from tests.control.states import stamp, state

BAD = Evidence(
    cells=(
        Cell(
            epoch=1,
            quarter=int(NOON_S // 900),
            baseline=Sums(errors=36, requests=3_600),
            candidate=Sums(errors=60, requests=400),
        ),
    ),
    fresh_at_s=NOON_S,
)


def test_nothing_was_judged_before_the_first_look() -> None:
    rulings = Rulings(lambda _: BAD)
    assert rulings.verdict("triage") is None
    assert rulings.evidence("triage") is BAD


def test_the_newest_verdict_is_kept() -> None:
    rulings = Rulings(lambda _: BAD)
    ruling = rulings.rule(begun(), NOON_S)
    assert ruling.verdict.breaches
    assert rulings.verdict("triage") is ruling.verdict
    assert rulings.rule(begun(), NOON_S).verdict is not ruling.verdict


def test_a_migration_without_a_ramp_is_judged_too_and_has_nothing_to_freeze() -> None:
    verdict, anchors = Rulings(lambda _: BAD).rule(state("triage"), NOON_S)
    assert verdict.judgements == ()
    assert anchors == {}


def test_after_a_retry_old_evidence_speaks_no_more() -> None:
    retried = retry(roll_back(begun(), stamp(5)), stamp(6))
    verdict, _ = Rulings(lambda _: BAD).rule(retried, NOON_S)
    assert verdict.breaches == ()
    assert verdict.judgements[0].samples == 0


def test_migrations_that_are_gone_are_forgotten() -> None:
    rulings = Rulings(lambda _: BAD)
    for name in ("triage", "billing"):
        rulings.rule(begun(name), NOON_S)
    rulings.keep(["billing"])
    assert rulings.verdict("triage") is None
    assert rulings.verdict("billing") is not None


def test_what_a_migration_was_rolled_back_by_stays_and_an_empty_verdict_does_not() -> None:
    """After a restart the first look comes before the first measurement."""
    known = begun()
    latched = State(
        entry=msgspec.structs.replace(known.entry, phase=Phase.DEGRADED, latched=True),
        route=msgspec.structs.replace(known.route, split=Split(share=0)),
    )
    measured = [Evidence()]
    rulings = Rulings(lambda _: measured[0])
    assert not rulings.rule(latched, NOON_S).verdict.breaches
    measured[0] = BAD
    breached = rulings.rule(latched, NOON_S).verdict
    assert breached.breaches
    measured[0] = Evidence()
    assert rulings.rule(latched, NOON_S).verdict is breached


def test_what_has_no_traffic_of_its_own_is_judged_once_for_each_of_its_versions() -> None:
    idle = state("triage")
    rulings = Rulings(lambda _: BAD)
    assert rulings.kept(idle) is None
    first = rulings.rule(idle, NOON_S)
    kept = rulings.kept(idle)
    assert kept is not None
    assert kept.verdict is first.verdict
    assert rulings.kept(state("triage", version=2)) is None
    assert rulings.kept(begun()) is None
