"""What the guard and the ramp do by themselves: one change of one migration, with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from control.migration.ledger import Cause, Phase, Stamp, State, Verb
from control.migration.moment import written
from control.words.steps import Occasion
from control.words.verdict import Judgement, Verdict


class Actor(StrEnum):
    """Who acts where no person does."""

    GUARD = "guard"  # because of a limit
    RAMP = "ramp"  # because of the schedule, or for want of data


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A migration's next state, to be committed at `version` and put into its history.

    `sentence` says why, in the words that the person on call reads; `evidence` has the figures.
    `occasion` is what somebody is told of, None for what is only noted; `page` wakes them.
    """

    state: State
    verb: Verb
    actor: Actor
    at: str
    sentence: str
    evidence: dict[str, str] = {}
    occasion: Occasion | None = None
    page: bool = False

    @property
    def version(self) -> int:
        return self.state.entry.changed_version

    @property
    def phase(self) -> Phase:
        return self.state.entry.phase

    @property
    def cause(self) -> Cause:
        return self.state.entry.cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One look at one migration: its state, what the guard says, when; a change has `version`."""

    state: State
    verdict: Verdict
    now_s: float
    version: int
    judgements: Mapping[str, Judgement] = field(init=False)

    def __post_init__(self) -> None:
        by_key = {judgement.limit.key: judgement for judgement in self.verdict.judgements}
        object.__setattr__(self, "judgements", by_key)

    def stamp(self, actor: Actor, sentence: str) -> Stamp:
        """Who acts now, and why."""
        return Stamp(version=self.version, actor=actor, at=written(self.now_s), note=sentence)

    def change(
        self,
        state: State,
        stamp: Stamp,
        verb: Verb,
        figures: Mapping[str, str] | None = None,
        *,
        occasion: Occasion | None = None,
        page: bool = False,
    ) -> Change:
        """The change to a state that was made with a stamp of this tick."""
        place = state.entry.place
        told = {
            **shift(self.state.route.split.share, state.route.split.share),
            "cause": state.entry.cause.value,
            **({} if place is None else {"step": place}),
        }
        return Change(
            state=state,
            verb=verb,
            actor=Actor(stamp.actor),
            at=stamp.at,
            sentence=stamp.note or "",
            evidence=told | dict(figures or {}),
            occasion=occasion,
            page=page,
        )


def shift(before: int, after: int) -> dict[str, str]:
    """What the history says of the candidate's shares, in basis points: percents."""
    return {"weight_before": f"{before / 100:g}", "weight_after": f"{after / 100:g}"}
