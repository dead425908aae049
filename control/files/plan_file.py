"""A migration file as it is written: every field, its default and its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from control.files.check import Sheet
from control.files.course_file import (
    MOST_LIMITS,
    MOST_STEPS,
    Chance,
    Figure,
    LimitSheet,
    NotifySheet,
    StepSheet,
)
from control.files.problems import Wrong
from control.files.spelling import (
    Count,
    HeaderName,
    HeaderValue,
    Member,
    Name,
    Prompt,
    RequestPath,
    Sentence,
    StickyKey,
    Switch,
    Text,
)
from control.words.criteria import Metric
from control.words.steps import DEFAULT_ALPHA, DEFAULT_MIN_REQUESTS
from proxy.policy import DEFAULT_STICKY


class Kind(StrEnum):
    """Why a team moves from one model to another."""

    COST = "cost"
    SPEED = "speed"
    QUALITY = "quality"
    AVAILABILITY = "availability"
    CAPABILITY = "capability"
    COMPLIANCE = "compliance"


def _free_name(name: str) -> str:
    if name == "none":
        raise Wrong("is taken: requests without a migration are measured as 'none'")
    return name


def _once_each(written: object) -> object:
    if isinstance(written, dict) and len({str(name).lower() for name in written}) < len(written):
        raise Wrong("names a header twice", "header names are the same in capitals")
    return written


def _all_different(keys: list[str]) -> list[str]:
    if len(set(keys)) < len(keys):
        raise Wrong("names a key twice")
    return keys


class ReasonSheet(Sheet):
    """Why this migration is made."""

    kind: Kind = Field(description="The kind of reason.")
    text: Sentence = Field(description="The reason in a sentence, kept in the history.")


class MatchSheet(Sheet):
    """Which requests belong; the migration that matches with most fields wins."""

    model: Text = Field(description="The model that the request asks for, exactly.")
    path: RequestPath | None = Field(default=None, description="The request's path, exactly.")
    header: Annotated[
        dict[HeaderName, HeaderValue], BeforeValidator(_once_each), Field(max_length=16)
    ] = Field(default={}, description="Headers and their values, exactly.")


class SystemPromptSheet(Sheet):
    """One change of the system prompt: a text, or a file beside or below the migration file."""

    replace: Prompt | None = Field(default=None, description="The text that takes its place.")
    replace_file: Text | None = Field(default=None, description="The same, from a file.")
    prepend: Prompt | None = Field(default=None, description="Text that is put before it.")
    prepend_file: Text | None = Field(default=None, description="The same, from a file.")
    append: Prompt | None = Field(default=None, description="Text that is put behind it.")
    append_file: Text | None = Field(default=None, description="The same, from a file.")


class EditsSheet(Sheet):
    """What an arm changes in a request's body besides the model."""

    set: dict[Member, object] = Field(
        default={},
        max_length=64,
        description="Members and their values; dots reach into objects.",
    )
    drop: list[Member] = Field(
        default=[], max_length=64, description="Members to leave out; dots reach into objects."
    )
    rename: dict[Member, Member] = Field(
        default={}, max_length=64, description="Top-level members and their new names."
    )
    system_prompt: SystemPromptSheet | None = Field(
        default=None, description="A change of the system prompt."
    )


class StickySheet(Sheet):
    """What keeps a caller on one arm."""

    by: Annotated[list[StickyKey], Field(max_length=16), AfterValidator(_all_different)] = Field(
        default=list(DEFAULT_STICKY),
        description="header:NAME, body:NAME, body:OUTER.NAME or credential; the first that a "
        "request has decides, and its id where it has none.",
    )


class MigrationSheet(Sheet):
    """Move one model's requests to another, by weight, and back."""

    later: ClassVar[frozenset[str]] = frozenset(
        {
            "capture",
            "costs",
            "fallback",
            "keep_on_baseline",
            "mirror",
            "suite",
        }
    )

    stand_ins: ClassVar[Mapping[str, object]] = {
        "migration": "unread",
        "reason": {"kind": "cost", "text": "unread"},
        "owner": "unread",
        "match": {"model": "unread"},
        "baseline": "unread",
        "candidate": "unread",
    }

    migration: Annotated[Name, AfterValidator(_free_name)] = Field(
        description="The migration's name."
    )
    reason: ReasonSheet = Field(description="Why it is made.")
    owner: Text = Field(description="Who owns the rollback: a mail address, a team, a rota.")
    match: MatchSheet = Field(description="Which requests belong to it.")
    baseline: Text = Field(description="The model to move from, out of models in crossfade.yaml.")
    candidate: Text = Field(description="The model to move to, out of models in crossfade.yaml.")
    baseline_edits: EditsSheet = Field(
        default=EditsSheet(), description="What the baseline changes in its requests."
    )
    candidate_edits: EditsSheet = Field(
        default=EditsSheet(), description="What the candidate changes in its requests."
    )
    sticky: StickySheet = Field(default=StickySheet(), description="Who stays on which arm.")
    allow_force: Switch = Field(
        default=False,
        description="Let the request header x-crossfade-arm choose the arm; such requests do not "
        "count.",
    )
    steps: list[StepSheet] = Field(
        default=[],
        max_length=MOST_STEPS,
        description="The ramp; without steps the weight is set by hand alone.",
    )
    success: dict[Metric, Figure] = Field(
        default={}, description="What its owner hopes for, by metric; it decides nothing."
    )
    limits: list[LimitSheet] = Field(
        default=[], max_length=MOST_LIMITS, description="The failure criteria."
    )
    alpha: Chance = Field(
        default=DEFAULT_ALPHA,
        description="The chance of a false alarm that the whole migration may have, shared out "
        "over the limits.",
    )
    min_requests: Count = Field(
        default=DEFAULT_MIN_REQUESTS,
        description="The candidate's requests that a step needs before it can pass.",
    )
    notify: list[NotifySheet] = Field(
        default=[], max_length=16, description="Who is told of what happens."
    )
