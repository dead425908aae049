"""The newest verdict on each migration, for the control loop and for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from control import guard
from control.evidence import Evidence
from control.ledger import State
from control.verdict import Verdict

EvidenceOf = Callable[[str], Evidence]


class Ruling(NamedTuple):
    """A verdict, and the thresholds that its evidence allows to be frozen now."""

    verdict: Verdict
    anchors: dict[str, float]


class Rulings:
    """Judges migrations on the evidence that `evidence_of` has, and keeps what came of it.

    A latched migration keeps the verdict that it was rolled back by.
    """

    def __init__(self, evidence_of: EvidenceOf) -> None:
        self._evidence_of = evidence_of
        self._verdicts: dict[str, Verdict] = {}

    def verdict(self, name: str) -> Verdict | None:
        """The newest verdict; None where there never was one."""
        return self._verdicts.get(name)

    def evidence(self, name: str) -> Evidence:
        """The newest evidence; an empty one where nothing was measured."""
        return self._evidence_of(name)

    def rule(self, state: State, now_s: float) -> Ruling:
        """Judges one migration. Takes milliseconds: it belongs into a thread of its own."""
        entry, name = state.entry, state.route.name
        kept = self._verdicts.get(name)
        if entry.latched and kept is not None and kept.fresh_s is not None:
            return Ruling(kept, {})
        progress, evidence = entry.progress, self._evidence_of(name)
        verdict = guard.judge(
            entry.course,
            evidence,
            anchors={} if progress is None else progress.anchors,
            starts=() if progress is None else progress.starts,
            step_since=state.step_since,
            now_s=now_s,
        )
        self._verdicts[name] = verdict
        anchors = {} if progress is None else guard.anchored(entry.course, evidence)
        return Ruling(verdict, anchors)

    def keep(self, names: Iterable[str]) -> None:
        """Forgets every migration but these."""
        wanted = set(names)
        self._verdicts = {name: one for name, one in self._verdicts.items() if name in wanted}
