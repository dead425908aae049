"""The guard: a migration's limits as sequential tests on everything that was measured.

`judging` prepares the `case` (cells, starts), shares the budget of false alarms out (`shares`) and
asks one family of tests a limit: `rates`, `delays`, `means`, `scores`; `split` checks the split
itself. What a test finds (`finding`) becomes a judgement with its sentence; `explain` shows the
arithmetic, `anchors` freezes the bounds of latency limits, `scope` says what cannot be tested.
"""

from control.guard.anchors import anchored
from control.guard.case import Moment
from control.guard.explain import Explanation, explain
from control.guard.judging import judge
from control.guard.scope import untestable

__all__ = ["Explanation", "Moment", "anchored", "explain", "judge", "untestable"]
