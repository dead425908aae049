"""What one scenario measured: figures of every peer in every round, and how they compare."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

REFERENCE = "envoy"
Figures = dict[str, float]
Round = dict[str, Figures]  # by peer


@dataclass(slots=True, kw_only=True)
class Result:
    """One scenario's rounds. `primary` is the figure that is compared with Envoy's."""

    name: str
    title: str
    note: str
    primary: str
    rounds: list[Round] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)  # peers that did not run, and why

    @property
    def peers(self) -> list[str]:
        """Every peer that ran, in the order of the first round."""
        return list(dict.fromkeys(peer for one in self.rounds for peer in one))

    @property
    def figures(self) -> list[str]:
        """Every figure's name, in order."""
        rows = (row for one in self.rounds for row in one.values())
        return list(dict.fromkeys(name for row in rows for name in row))

    def median(self, peer: str, figure: str) -> float | None:
        """The median over the rounds."""
        seen = [one[peer][figure] for one in self.rounds if figure in one.get(peer, {})]
        return median(seen) if seen else None

    def ratio(self, peer: str) -> tuple[float, float, float] | None:
        """Median, least and greatest of the primary figure over Envoy's in the same round."""
        ratios = [
            one[peer][self.primary] / one[REFERENCE][self.primary]
            for one in self.rounds
            if one.get(REFERENCE, {}).get(self.primary) and self.primary in one.get(peer, {})
        ]
        return (median(ratios), min(ratios), max(ratios)) if ratios else None
