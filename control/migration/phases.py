"""The transition table: to which phases each verb leads out of each phase, or why it is refused.

Verbs ask it before anything else, a test walks it, docs/ramp.md prints it. A verb may still be
refused for what else it finds: a ramp without steps, a breach whose deadline runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import shorten

from control.migration.ledger import Phase, State, Verb
from control.refusal import Code, DeskError

Outcome = frozenset[Phase] | Code

RUNNING = (Phase.BASELINING, Phase.SHADOWING, Phase.PROGRESSING, Phase.SOAKING)
LATCHED = (Phase.ROLLING_BACK, Phase.DEGRADED)
REASON = 90  # signs of it in a refusal; `get` has all of it

_GO = frozenset({Phase.PROGRESSING, Phase.SOAKING})
_END = frozenset({Phase.HEALTHY})
_STOP = frozenset({Phase.PAUSED})
_BACK = frozenset({Phase.DEGRADED})
_BY_HAND = frozenset({Phase.PROGRESSING, Phase.PAUSED})


def permit(verb: Verb, known: State) -> None:
    """Refuses a verb that the migration's phase does not take."""
    outcome = TABLE[verb][known.entry.phase]
    if isinstance(outcome, Code):
        raise DeskError(outcome, _refusal(outcome, verb, known))


def _refusal(code: Code, verb: Verb, known: State) -> str:
    name, entry = known.route.name, known.entry
    match code:
        case Code.LATCHED:
            why = shorten(entry.reason, REASON, placeholder=" …")
            return f"{name} was rolled back ({why}); 'retry {name}' clears the latch"
        case Code.NO_OPEN_BREACH:
            return f"{name} is {entry.phase}; no breach of it has a deadline that runs"
        case Code.COMPLETED:
            return f"{name} has gone through all of its steps; {verb} has nothing to act on"
        case _:
            return f"{name} is {entry.phase}; 'start {name}' begins its ramp"


def _row(of: Mapping[Phase, Outcome]) -> Mapping[Phase, Outcome]:
    """A whole row: latched phases refuse what they do not name, all others stay as they are."""
    rest: dict[Phase, Outcome] = {
        phase: Code.LATCHED if phase in LATCHED else frozenset({phase}) for phase in Phase
    }
    return rest | dict(of)


def _running(to: Outcome) -> dict[Phase, Outcome]:
    return dict.fromkeys(RUNNING, to)


TABLE: Mapping[Verb, Mapping[Phase, Outcome]] = {
    Verb.APPLY: _row({phase: frozenset({phase}) for phase in Phase}),
    Verb.SET_WEIGHT: _row(
        {
            Phase.PENDING: frozenset({Phase.PENDING, Phase.PROGRESSING}),
            Phase.BASELINING: _BY_HAND | {Phase.BASELINING},
            Phase.SHADOWING: _BY_HAND | {Phase.SHADOWING},
            Phase.PROGRESSING: _BY_HAND,
            Phase.PAUSED: _BY_HAND,
            Phase.SOAKING: _STOP,
            Phase.HEALTHY: _BY_HAND | _END,
        }
    ),
    Verb.START: _row(
        _running(_GO)
        | {
            Phase.PENDING: _GO,
            Phase.PAUSED: _GO,
            Phase.SOAKING: frozenset({Phase.SOAKING}),
            Phase.HEALTHY: Code.COMPLETED,
        }
    ),
    Verb.PAUSE: _row(
        _running(_STOP) | {Phase.PENDING: Code.NOT_RUNNING, Phase.HEALTHY: Code.COMPLETED}
    ),
    Verb.RESUME: _row(
        {Phase.PENDING: Code.NOT_RUNNING, Phase.PAUSED: _GO, Phase.HEALTHY: Code.COMPLETED}
    ),
    Verb.APPROVE: _row(
        {Phase.PENDING: Code.NOT_RUNNING, Phase.PAUSED: _GO | _STOP, Phase.HEALTHY: Code.COMPLETED}
    ),
    Verb.REJECT: _row(
        _running(_STOP) | {Phase.PENDING: Code.NOT_RUNNING, Phase.HEALTHY: Code.COMPLETED}
    ),
    Verb.DISMISS: _row(
        _running(Code.NO_OPEN_BREACH)
        | {Phase.PENDING: Code.NO_OPEN_BREACH, Phase.PAUSED: _GO | _STOP}
    ),
    Verb.PROMOTE: _row(
        _running(_GO | _END)
        | {
            Phase.PENDING: _END | {Phase.SOAKING},
            Phase.PAUSED: _GO | _END,
            Phase.SOAKING: _END,
        }
    ),
    Verb.ROLLBACK: _row(dict.fromkeys(Phase, _BACK)),
    Verb.RETRY: _row(
        {
            Phase.ROLLING_BACK: frozenset({Phase.ROLLING_BACK}),
            Phase.DEGRADED: frozenset({Phase.PENDING}),
        }
    ),
    Verb.STEP: _row(_running(_GO | _END) | {Phase.SOAKING: _END}),
    Verb.STEP_BACK: _row(_running(_STOP) | {Phase.PAUSED: _STOP, Phase.HEALTHY: _STOP}),
    Verb.HOLD: _row(_running(_STOP)),
    Verb.NOTICE: _row({}),
    Verb.ANCHOR: _row({}),
}
