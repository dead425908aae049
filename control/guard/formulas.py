"""The formulas of the tests with a limit's numbers in them, in lines that a person can follow.

k1 of n1 are a cell's hits of the candidate, k0 of n0 the baseline's, w = n1 / (n1 + n0). E is of
one start, over the cells from there on; tests recompute it from these lines and the cells alone.
"""

from __future__ import annotations

from control.stats.sequential import GRID, TOP_RATIO

_MEAN = f"j = 1..{GRID}; E = mean of the {GRID} e^L"


def against_bound(bound: float, top: float) -> tuple[str, ...]:
    """A share of the candidate's trials, k1 of n1 in all cells together (statistics.md 4.1)."""
    return (
        f"r = {bound:.6g} * ({top:.6g} / {bound:.6g})^(j/{GRID}), {_MEAN}",
        f"L = k1 * log(r / {bound:.6g}) + (n1 - k1) * log((1 - r) / {1 - bound:.6g}),",
        "k1 and n1 summed over the cells",
    )


def against_baseline(ratio: float, top: float) -> tuple[str, ...]:
    """Whose the hits are, given each cell's share (statistics.md 4.1)."""
    return (
        f"r = {ratio:.6g} * ({top:.6g} / {ratio:.6g})^(j/{GRID}), {_MEAN}",
        f"L = sum over cells of k1 * log(r / {ratio:.6g}) - (k1 + k0) * log(q),",
        f"q = (1 + w * (r - 1)) / (1 + w * ({ratio:.6g} - 1))",
    )


def against_points(margin: float) -> tuple[str, ...]:
    """The same with so much more allowed, cell by cell (docs/adr/0021)."""
    widest = (TOP_RATIO - 1) / 0.02
    return (
        f"r = 1 + 0.02 * {widest:.6g}^((j-1)/{GRID - 1}), {_MEAN}",
        "L = sum over cells of k1 * log(r) - (k1 + k0) * log(q)",
        f"- {margin:.6g} * n1 * (1 - w) * (r - 1) / q, q = 1 + w * (r - 1)",
    )


def of_mean(planned: int) -> tuple[str, ...]:
    """A mean against a limit, or two (statistics.md 4.3)."""
    return (
        f"b = 2 * log(1/alpha), s = (b + log(1 + b)) * n / {planned}",
        "log E = (d^2 / v * s / (1 + s) - log(1 + s)) / 2; d^2 = 0 where d < 0",
        "d = how far the mean is beyond the limit, v = its standard error^2",
    )
