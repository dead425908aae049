"""What a judge says in tests: one migration's evidence and verdict, nothing of any other."""

from __future__ import annotations

from dataclasses import dataclass, field

from control.words.evidence import Evidence
from control.words.verdict import Verdict

RAMP = (
    "steps:\n"
    "  - {weight: 1, hold: 5m}\n"
    "  - {weight: 10, hold: 10m, gate: approve}\n"
    "  - {weight: 100, soak: 8h, holdback: 1}\n"
    "limits:\n"
    "  - {metric: error_rate, over: 2%, on_fail: rollback}\n"
    "  - {metric: error_rate, over_baseline: 1.25x, on_fail: step_back}\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneJudged:
    """Knows `triage` alone."""

    ruled: Verdict | None = None
    seen: Evidence = field(default_factory=Evidence)

    def verdict(self, name: str) -> Verdict | None:
        return self.ruled if name == "triage" else None

    def evidence(self, name: str) -> Evidence:
        return self.seen if name == "triage" else Evidence()
