"""A change says who did what when, with its figures."""

from __future__ import annotations

from control.migration.change import Actor, Tick
from control.migration.ledger import Cause, Phase, Verb
from control.migration.moves import paused
from control.words.steps import Occasion
from tests.control.ramps import BEGAN_S, judged, ramp, verdict


def test_a_change_carries_everything_that_the_history_keeps() -> None:
    known = ramp(1)
    says = verdict()
    tick = Tick(state=known, verdict=says, now_s=BEGAN_S + 60, version=7)
    stamp = tick.stamp(Actor.RAMP, "Nothing was measured.")
    after = paused(known, stamp, Cause.STALE_METRICS)
    change = tick.change(after, stamp, Verb.PAUSE, {"age": "60"}, occasion=Occasion.PAUSED)
    assert (change.version, change.phase, change.cause) == (7, Phase.PAUSED, Cause.STALE_METRICS)
    assert (change.actor, change.verb, change.at) == (
        Actor.RAMP,
        Verb.PAUSE,
        "2027-01-15T08:01:00.000Z",
    )
    assert change.sentence == change.state.entry.since.note == "Nothing was measured."
    assert change.evidence == {
        "weight_before": "10",
        "weight_after": "10",
        "cause": "StaleMetrics",
        "step": "2/3",
        "age": "60",
    }
    assert (change.occasion, change.page) == (Occasion.PAUSED, False)


def test_judgements_are_found_by_their_limit() -> None:
    judgement = judged()
    tick = Tick(state=ramp(), verdict=verdict(judgement), now_s=BEGAN_S, version=2)
    assert tick.judgements == {judgement.limit.key: judgement}
