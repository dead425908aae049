"""The ramp in a migration file as it is written: steps, limits, hopes, and whom to tell."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from control.files import units
from control.files.check import Sheet
from control.files.problems import Wrong
from control.files.spelling import Duration, Name, Switch
from control.words.criteria import Metric, OnFail
from control.words.steps import Gate, Occasion

MOST_STEPS = 32
MOST_LIMITS = 32

_LEAST_CHANCE = Decimal("1e-9")


def _figure(written: object) -> str:
    """A number with or without its unit, as text; its metric says later what it may be."""
    if isinstance(written, bool) or not isinstance(written, int | Decimal | str):
        raise Wrong("is not a number with its unit", "write 2%, 500ms, 0.02, 1.25x or 5pp")
    text = f"{written:f}" if isinstance(written, Decimal) else str(written).strip()
    if len(text) > 32:
        raise Wrong("is longer than any number with its unit")
    return text


def _chance(written: object) -> float:
    if isinstance(written, bool) or not isinstance(written, int | Decimal):
        raise Wrong("is not a number", "write a chance: 0.05")
    if not Decimal(written).is_finite() or not _LEAST_CHANCE <= written <= Decimal("0.5"):
        raise Wrong("is not a chance from over 0 to 0.5", "write a chance: 0.05")
    return float(written)


def _all_different(told: list[Occasion]) -> list[Occasion]:
    if len(set(told)) < len(told):
        raise Wrong("names an occasion twice")
    return told


Figure = Annotated[
    str,
    BeforeValidator(_figure),
    WithJsonSchema({"type": ["number", "string"], "examples": ["2%", "500ms", "1.25x", "5pp"]}),
]
Percent = Annotated[
    int,
    BeforeValidator(units.share),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100}),
]
Chance = Annotated[
    float,
    BeforeValidator(_chance),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 0.5}),
]


class StepSheet(Sheet):
    """One weight, and what has to be before the next."""

    weight: Percent = Field(description="The candidate's percent of the traffic.")
    hold: Duration | None = Field(
        default=None, description="How long it is held; pauses do not count."
    )
    gate: Gate | None = Field(
        default=None, description="approve: at its end the step waits for `crossfade approve`."
    )
    soak: Duration | None = Field(
        default=None, description="In the last step: how long it is watched before all is well."
    )
    holdback: Percent = Field(
        default=0,
        description="In a step that soaks: the percent that stays on the baseline, to have "
        "something to compare with.",
    )


class LimitSheet(Sheet):
    """One failure criterion; a sequential test decides when it is breached."""

    never: ClassVar[Mapping[str, str]] = {
        "above": "write over or over_baseline",
        "below": "write under or under_baseline",
    }

    stand_ins: ClassVar[Mapping[str, object]] = {"on_fail": "rollback"}

    metric: Metric = Field(description="The figure of the candidate.")
    over: Figure | None = Field(default=None, description="Harm is above this: 2%, 1s, 0.02.")
    under: Figure | None = Field(default=None, description="Harm is below this: 99.5%, 0.90.")
    over_baseline: Figure | None = Field(
        default=None, description="Harm is above the baseline's by this: 1.25x, 5pp."
    )
    under_baseline: Figure | None = Field(
        default=None, description="Harm is below the baseline's by this: 0.95x, 5pp."
    )
    on_fail: OnFail = Field(
        description="What follows: warn, hold, step_back or rollback.",
    )
    for_: Duration | None = Field(
        default=None, alias="for", description="How long it must fail to count as a breach."
    )
    within: Duration | None = Field(
        default=None,
        description="A deadline: the ramp freezes at once, and what on_fail says happens by "
        "itself then, unless the owner dismisses it. Without it, at once.",
    )
    page: Switch = Field(default=False, description="Whether a breach wakes somebody.")


class NotifySheet(Sheet):
    """Who is told of what."""

    to: Name = Field(description="A notifier out of notifiers in crossfade.yaml.")
    on: Annotated[list[Occasion], AfterValidator(_all_different)] = Field(
        default=list(Occasion), description="Of what; absent: of everything."
    )
    every: Duration | None = Field(
        default=None, description="How often it is told of the state while the ramp runs."
    )
