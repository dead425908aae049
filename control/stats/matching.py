"""The baseline in the candidate's mix of times, so that means compare though shares changed.

A ramp that went from 1 % at night to 50 % by day has a candidate that lives by day. Where daytime
costs more, plain means would call it dearer.
"""

from __future__ import annotations

from collections.abc import Iterable

from control.stats.means import Moments

_NOTHING = Moments(count=0, total=0.0, squares=0.0)


def matched(cells: Iterable[tuple[Moments, Moments]]) -> tuple[Moments, Moments]:
    """The candidate's and the baseline's moments over all cells in which both had requests.

    The baseline's are weighted as the candidate's requests are spread over the cells, and count as
    many as they are then worth: all of them where the share never changed, fewer where it did. A
    candidate that is as good as its baseline in every cell so has the same mean, whatever rose or
    fell for both (direct standardisation; the weights are Kish's).
    """
    ours, others, total, squares, cost = _NOTHING, 0, 0.0, 0.0, 0.0
    for mine, theirs in cells:
        if not mine.count or not theirs.count:
            continue
        weight = mine.count / theirs.count
        ours = Moments(
            count=ours.count + mine.count,
            total=ours.total + mine.total,
            squares=ours.squares + mine.squares,
        )
        others += theirs.count
        total += weight * theirs.total
        squares += weight * theirs.squares
        cost += weight * mine.count
    if not ours.count:
        return _NOTHING, _NOTHING
    worth = min(int(ours.count**2 / cost), others)
    scale = worth / ours.count
    return ours, Moments(count=worth, total=scale * total, squares=scale * squares)
