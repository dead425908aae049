"""What is said when something happens to a migration: from an event of its history to a message."""

from __future__ import annotations

from control.desk.outlook import Weights, weights
from control.migration.ledger import Phase, Verb
from control.notify.message import Message, Topic
from control.store import Event

OCCASION = "occasion"  # in an event's evidence: what somebody is told of, or nothing
PAGE = "page"  # "yes" where they are to be woken

_TOPICS = {
    Verb.START: Topic.STEP,
    Verb.STEP: Topic.STEP,
    Verb.PROMOTE: Topic.STEP,
    Verb.RESUME: Topic.STEP,
    Verb.SET_WEIGHT: Topic.STEP,
    Verb.PAUSE: Topic.PAUSED,
    Verb.REJECT: Topic.PAUSED,
    Verb.HOLD: Topic.BREACH,
    Verb.STEP_BACK: Topic.BREACH,
    Verb.NOTICE: Topic.BREACH,
    Verb.DISMISS: Topic.BREACH,
    Verb.ROLLBACK: Topic.ROLLED_BACK,
}
_HEADS = {
    Verb.START: "Started: the candidate now has {after} of the traffic.",
    Verb.STEP: "Next step: the candidate now has {after} of the traffic, after {before}.",
    Verb.PROMOTE: "Promoted: the candidate now has {after} of the traffic, after {before}.",
    Verb.RESUME: "Resumed: the candidate has {after} of the traffic.",
    Verb.SET_WEIGHT: "Set by hand: the candidate now has {after} of the traffic, after {before}.",
    Verb.PAUSE: "Paused: the candidate keeps {after} of the traffic.",
    Verb.REJECT: "Rejected: the candidate has {after} of the traffic.",
    Verb.HOLD: "A limit is breached, and the ramp is held: the candidate keeps {after}.",
    Verb.STEP_BACK: "A limit is breached: the candidate is back at {after}, after {before}.",
    Verb.NOTICE: "A limit is breached.",
    Verb.DISMISS: "A breach is dismissed.",
    Verb.ROLLBACK: "Rolled back: all traffic is on the baseline, latched until `crossfade retry`.",
}
_APPROVAL = "The step waits for `crossfade approve {name}` or `crossfade reject {name}`."
_DONE = "Done: the candidate has {after} of the traffic, and nothing is left to do."


def topic(event: Event) -> Topic | None:
    """What an event is about; None for what nobody is told of.

    The guard's and the ramp's own changes say it themselves (`control.hosting.loop` puts it there).
    """
    if (occasion := event.evidence.get(OCCASION)) is not None:
        return Topic(occasion) if occasion in set(Topic) else None
    if event.phase == Phase.HEALTHY and event.verb in (Verb.STEP, Verb.PROMOTE):
        return Topic.DONE
    if event.verb == Verb.SET_WEIGHT and event.phase == Phase.PAUSED:
        return Topic.PAUSED
    return next((about for verb, about in _TOPICS.items() if verb == event.verb), None)


def told(event: Event, environment: str) -> Message | None:
    """The message of an event, None where nobody is told."""
    about = topic(event)
    if about is None:
        return None
    return Message(
        id=f"{event.migration}/{event.version}/{about}",
        topic=about,
        environment=environment,
        migration=event.migration,
        phase=event.phase,
        weights=_weights(event),
        version=event.version,
        actor=event.actor,
        at=event.at,
        page=event.evidence.get(PAGE) == "yes",
        text=_text(event, about),
    )


def test(environment: str, actor: str, at: str) -> Message:
    """What `crossfade notify test` sends."""
    return Message(
        id=f"test/{at}",
        topic=Topic.TEST,
        environment=environment,
        actor=actor,
        at=at,
        text=f"A test message of crossfade, asked for by {actor}. Nothing has happened.",
    )


def _text(event: Event, about: Topic) -> str:
    before, after = (event.evidence.get(f"weight_{when}", "?") for when in ("before", "after"))
    head = {Topic.APPROVAL: _APPROVAL, Topic.DONE: _DONE}.get(about) or _HEADS[Verb(event.verb)]
    said = head.format(name=event.migration, before=f"{before} %", after=f"{after} %")
    parts = [_step(event), said, event.reason, f"By {event.actor}, version {event.version}."]
    return " ".join(part for part in parts if part)


def _step(event: Event) -> str | None:
    step, slash, of = event.evidence.get("step", "").partition("/")
    return f"Step {step} of {of}." if slash else None


def _weights(event: Event) -> Weights | None:
    after = event.evidence.get("weight_after")
    return None if after is None else weights(round(float(after) * 100))
