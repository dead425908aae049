"""Scores of single answers: what applications may post, and what they add up to by arm.

An answer's id says on which arm it was made, so nothing of an answer is kept for its score.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from proxy.errors import Invalid
from proxy.exchange_id import opened
from proxy.policy import ArmName

MOST_POSTED = 1_000  # scores in one post
MOST_KEPT = 200_000  # of one migration; later ones are refused
MOST_BATCHES = 100_000  # which is what a store keeps

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


class Score(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How good one answer was, from 0 to 1, by the `x-crossfade-id` that came with it.

    One answer may have several scores, each under a name of its own.
    """

    id: str
    score: float
    name: str = "score"


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """Why the score at `index` of a post is refused."""

    index: int
    reason: str


class Taken(NamedTuple):
    """What of a post is new, and how many of its scores were known."""

    fresh: tuple[Score, ...]
    known: int


def faults(scores: Sequence[Score], migration: str) -> tuple[Wrong, ...]:
    """What is wrong with scores of a migration; where anything is, nothing is taken."""
    found = ((index, _fault(score, migration)) for index, score in enumerate(scores))
    return tuple(Wrong(index=index, reason=reason) for index, reason in found if reason)


def _fault(score: Score, migration: str) -> str | None:
    if not math.isfinite(score.score) or not 0 <= score.score <= 1:
        return "score is a number from 0 to 1"
    if not _NAME.fullmatch(score.name):
        return "name is 1 to 40 of a-z, 0-9, dot, dash and underscore"
    if opened(score.id, migration) is None:
        return "id is no x-crossfade-id of an answer that an arm of this migration gave"
    return None


class ByArm(NamedTuple):
    """The scores of each arm, and the weight epochs of their answers, score by score."""

    scores: dict[ArmName, tuple[float, ...]]
    epochs: dict[ArmName, tuple[int, ...]]


class Scores:
    """The scores of one migration, each id and name once, in the order of arrival."""

    def __init__(self, migration: str) -> None:
        self.batches = 0  # that were added
        self._migration = migration
        self._known: set[bytes] = set()
        self._arms: dict[ArmName, list[float]] = {arm: [] for arm in ArmName}
        self._epochs: dict[ArmName, list[int]] = {arm: [] for arm in ArmName}
        self._given: ByArm | None = None

    def take(self, scores: Sequence[Score]) -> Taken:
        """What of a post without faults would be new; adds nothing."""
        firsts: dict[bytes, Score] = {}
        for score in scores:
            firsts.setdefault(_mark(score), score)
        new = [score for mark, score in firsts.items() if mark not in self._known]
        return Taken(tuple(new), len(scores) - len(new))

    @property
    def room(self) -> int:
        """How many more there may be."""
        return MOST_KEPT - len(self._known) if self.batches < MOST_BATCHES else 0

    def add(self, batch: bytes) -> None:
        """Adds a stored batch. Raises Invalid for what is none; it counts as read all the same."""
        self.batches += 1
        for score in decode(batch):
            found = opened(score.id, self._migration)
            mark = _mark(score)
            if found is None or mark in self._known or not self.room:
                continue
            self._known.add(mark)
            arm, epoch = found
            self._arms[arm].append(score.score)
            self._epochs[arm].append(epoch)
            self._given = None

    def by_arm(self) -> ByArm:
        """Every score of each arm, in the order of arrival."""
        if self._given is None:
            self._given = ByArm(
                scores={arm: tuple(scores) for arm, scores in self._arms.items()},
                epochs={arm: tuple(epochs) for arm, epochs in self._epochs.items()},
            )
        return self._given


def encode(scores: Sequence[Score]) -> bytes:
    """A batch as the store keeps it."""
    return msgspec.msgpack.encode([(each.id, each.name, each.score) for each in scores])


def decode(batch: bytes) -> list[Score]:
    """The scores of a batch. Raises Invalid."""
    try:
        told = msgspec.msgpack.decode(batch, type=list[tuple[str, str, float]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("a batch of scores cannot be read") from error
    return [Score(id=id_, name=name, score=score) for id_, name, score in told]


def _mark(score: Score) -> bytes:
    return blake2b(f"{score.id} {score.name}".encode(), digest_size=12).digest()
