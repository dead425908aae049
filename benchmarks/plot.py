"""The ratios to Envoy as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from benchmarks.result import REFERENCE, Result

mpl.use("Agg")

from matplotlib import pyplot as plt

_BUDGETS = {"requests": 0.75, "requests-tls": 0.75, "events": 0.85}
_BUDGETS |= {"events-asked": 0.85, "events-tls": 0.85}


def draw(path: Path, results: Sequence[Result]) -> None:
    """One panel a scenario that has a ratio, with crossfade's budget as a line."""
    shown = [result for result in results if any(map(result.ratio, result.peers))]
    if not shown:
        return
    figure, panels = plt.subplots(
        len(shown), 1, figsize=(8, 1.1 + 1.5 * len(shown)), layout="constrained", squeeze=False
    )
    for panel, result in zip(panels[:, 0], shown, strict=True):
        ratios = {peer: found for peer in result.peers if (found := result.ratio(peer))}
        middles = [found[0] for found in ratios.values()]
        spread = [
            [m - lo for m, lo, _ in ratios.values()],
            [hi - m for m, _, hi in ratios.values()],
        ]
        colours = ["tab:orange" if peer == "crossfade" else "tab:gray" for peer in ratios]
        panel.barh(list(ratios), middles, xerr=spread, color=colours)
        panel.axvline(1, color="black", linewidth=0.8)
        if result.name in _BUDGETS:
            panel.axvline(_BUDGETS[result.name], color="tab:red", linewidth=0.8, linestyle="--")
        panel.invert_yaxis()
        panel.set_title(f"{result.title}: {result.primary}, x {REFERENCE}", fontsize=9)
    figure.savefig(path, dpi=120)
    plt.close(figure)
