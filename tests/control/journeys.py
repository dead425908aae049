"""Every kind of state that a migration can be in, and every way to use each verb on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from control.migration import approval, steering, transitions
from control.migration.ledger import Cause, Phase, Stamp, State, Verb
from control.migration.progress import Stage
from control.migration.transitions import Wanted
from control.words.criteria import OnFail
from control.words.steps import Course, Gate, Step
from tests.control.ramps import BEGAN_S, breach, course, degraded, frozen, limit, pending, ramp
from tests.control.states import state

Act = Callable[[State, Stamp], State]

HOLDS = limit(OnFail.HOLD)
SOAKS = course(steps=(Step(share=10_000, hold_s=60.0, soak=True, gate=Gate.APPROVE),))
OPEN = (breach(Stage.OPEN, due_s=BEGAN_S + 3_600),)

STATES: Mapping[str, State] = {
    "new": pending(),
    "new, without steps": pending(Course()),
    "by hand": ramp(None, cause=Cause.WEIGHT_SET),
    "by hand, without steps": ramp(None, cause=Cause.WEIGHT_SET, of=Course()),
    "by hand, paused": ramp(None, Phase.PAUSED, Cause.MANUAL_PAUSE),
    "by hand, at 0": ramp(None, Phase.PAUSED, Cause.MANUAL_PAUSE, share=0),
    "by hand, frozen": ramp(
        None,
        Phase.PAUSED,
        Cause.BREACH,
        breaches=OPEN,
    ),
    "by hand, to soak at once": ramp(None, cause=Cause.WEIGHT_SET, of=SOAKS),
    "by hand, to soak, paused": ramp(None, Phase.PAUSED, Cause.MANUAL_PAUSE, of=SOAKS),
    "new, to soak at once": pending(SOAKS),
    "baselining": state(phase=Phase.BASELINING),
    "shadowing": state(phase=Phase.SHADOWING),
    "first step": ramp(0),
    "gated step": ramp(1),
    "gated step, approved": ramp(1, approved=True),
    "soaking": ramp(2, Phase.SOAKING),
    "soaking behind a gate": ramp(0, Phase.SOAKING, of=SOAKS),
    "awaiting approval after a soak": ramp(0, Phase.PAUSED, Cause.AWAITING_APPROVAL, of=SOAKS),
    "paused with a deadline": ramp(0, Phase.PAUSED, Cause.MANUAL_PAUSE, breaches=OPEN),
    "paused": ramp(0, Phase.PAUSED, Cause.MANUAL_PAUSE, held_s=60.0),
    "paused at another weight": ramp(1, Phase.PAUSED, Cause.MANUAL_PAUSE, share=2_000),
    "paused while soaking": ramp(2, Phase.PAUSED, Cause.MANUAL_PAUSE),
    "awaiting approval": ramp(1, Phase.PAUSED, Cause.AWAITING_APPROVAL, held_s=600.0),
    "rejected": ramp(0, Phase.PAUSED, Cause.REJECTED),
    "frozen": frozen(),
    "frozen while soaking": frozen(2),
    "held": ramp(
        1,
        Phase.PAUSED,
        Cause.BREACH,
        of=course(HOLDS),
        breaches=(breach(Stage.DONE, HOLDS),),
    ),
    "stepped back": ramp(0, Phase.PAUSED, Cause.STEPPED_BACK, breaches=(breach(Stage.DONE),)),
    "stepped back to 0": ramp(0, Phase.PAUSED, Cause.STEPPED_BACK, share=0),
    "stale": ramp(0, Phase.PAUSED, Cause.STALE_METRICS, held_s=60.0),
    "without traffic": ramp(2, Phase.PAUSED, Cause.NO_TRAFFIC, held_s=60.0),
    "with a suspect split": ramp(0, Phase.PAUSED, Cause.SPLIT_SUSPECT),
    "done": ramp(2, Phase.HEALTHY, Cause.COMPLETED),
    "done, with a deadline": ramp(2, Phase.HEALTHY, Cause.COMPLETED, breaches=OPEN),
    "done by hand": ramp(None, Phase.HEALTHY, Cause.PROMOTED, share=10_000),
    "rolling back": state(phase=Phase.ROLLING_BACK),
    "degraded": degraded(),
    "degraded in a ramp": transitions.roll_back(ramp(1), ramp(1).entry.since),
}


def weigh(share: int) -> Act:
    return lambda known, stamp: transitions.set_share(known, share, stamp)


def apply(change: Callable[[Course], Course]) -> Act:
    """The same file again, with a change of its ramp."""

    def act(known: State, stamp: Stamp) -> State:
        wanted = Wanted(
            route=known.route,
            owner=known.entry.owner,
            source=known.entry.source,
            course=change(known.entry.course),
        )
        return transitions.register(known, wanted, stamp, others=())

    return act


def _stricter(of: Course) -> Course:
    return msgspec.structs.replace(of, min_requests=of.min_requests + 1)


ACTS: Mapping[Verb, tuple[Act, ...]] = {
    Verb.APPLY: (apply(lambda of: of), apply(_stricter)),
    Verb.SET_WEIGHT: tuple(weigh(share) for share in (0, 100, 2_000, 9_900, 10_000)),
    Verb.START: (steering.start,),
    Verb.PAUSE: (steering.pause,),
    Verb.RESUME: (steering.resume,),
    Verb.APPROVE: (approval.approve,),
    Verb.REJECT: (approval.reject,),
    Verb.DISMISS: (steering.dismiss,),
    Verb.PROMOTE: (steering.promote, partial(steering.promote, full=True)),
    Verb.ROLLBACK: (transitions.roll_back,),
    Verb.RETRY: (transitions.retry,),
}
