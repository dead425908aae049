"""The newest verdict on each migration, for the control loop and for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import NamedTuple

from control import guard
from control.migration.ledger import State
from control.words.evidence import Evidence
from control.words.verdict import Verdict

EvidenceOf = Callable[[str], Evidence]


class Ruling(NamedTuple):
    """A verdict, and the thresholds that its evidence allows to be frozen now."""

    verdict: Verdict
    anchors: dict[str, float]


def moment_of(state: State, now_s: float) -> guard.Moment:
    """Where a migration stands for its judge, at UTC seconds."""
    progress = state.entry.progress
    return guard.Moment(
        anchors={} if progress is None else progress.anchors,
        starts=state.starts,
        step_since=state.step_since,
        now_s=now_s,
        dismissed={} if progress is None else progress.dismissed,
    )


class Rulings:
    """Judges migrations on the evidence that `evidence_of` has, and keeps what came of it.

    A latched migration keeps the verdict that it was rolled back by.
    """

    def __init__(self, evidence_of: EvidenceOf) -> None:
        self._evidence_of = evidence_of
        self._verdicts: dict[str, Verdict] = {}
        self._judged: dict[str, int] = {}  # the version of the migration that was judged

    def verdict(self, name: str) -> Verdict | None:
        """The newest verdict; None where there never was one."""
        return self._verdicts.get(name)

    def evidence(self, name: str) -> Evidence:
        """The newest evidence; an empty one where nothing was measured."""
        return self._evidence_of(name)

    def kept(self, state: State) -> Ruling | None:
        """What needs no judging: a migration without traffic of its own that has not changed.

        A latched one keeps the verdict that it was rolled back by.
        """
        kept = self._verdicts.get(state.route.name)
        if kept is None or state.route.split.share:
            return None
        if state.entry.latched:
            return None if kept.fresh_s is None else Ruling(kept, {})
        version = self._judged.get(state.route.name)
        return Ruling(kept, {}) if version == state.entry.changed_version else None

    def rule(self, state: State, now_s: float) -> Ruling:
        """Judges one migration. Takes milliseconds: it belongs into a thread of its own."""
        entry, name = state.entry, state.route.name
        if (kept := self.kept(state)) is not None:
            return kept
        evidence = self._evidence_of(name)
        verdict = guard.judge(entry.course, evidence, moment=moment_of(state, now_s))
        self._verdicts[name], self._judged[name] = verdict, entry.changed_version
        anchors = {} if entry.progress is None else guard.anchored(entry.course, evidence)
        return Ruling(verdict, anchors)

    def keep(self, names: Container[str]) -> None:
        """Forgets every migration but these."""
        for name in [name for name in self._verdicts if name not in names]:
            del self._verdicts[name], self._judged[name]
