"""Workers that serve made-up traffic and flush, and what their evidence comes to, to compare."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import fields

from control.measures.fold import Fold
from control.words.evidence import Cell, Evidence, Sums
from proxy.delta import Delta
from proxy.exchange import Outcome, Role
from proxy.numbers.histogram import Histogram
from proxy.numbers.prices import PICOUSD
from proxy.policy import ArmName, Dialect
from proxy.recording.differences import Differences
from proxy.recording.record import Recorder
from tests.doubles.exchange import USAGE, exchange

FAR = 10**15  # a clock that no worker is ahead of
NAMES = ("triage", "search")


class Worker:
    """One worker; `draw` says what happens."""

    def __init__(self, name: str, seed: int) -> None:
        self.draw = random.Random(f"{name} {seed}")
        self.name = name
        self.boots = 0
        self._restart()

    def _restart(self) -> None:
        self.boots += 1
        self.seq = 0
        self.recorder = Recorder()
        self.differences = Differences(self.recorder)

    def kill(self) -> None:
        """Whatever it has not flushed is lost, and it starts again."""
        self._restart()

    def serve(self, count: int, epoch: int = 3) -> None:
        for _ in range(count):
            self._one(epoch)

    def flush(self, at_ms: int) -> Delta:
        self.seq += 1
        return Delta(
            worker=self.name,
            boot=f"boot {self.boots}",
            seq=self.seq,
            at_ms=at_ms,
            windows=tuple(self.differences.windows()),
        )

    def _one(self, epoch: int) -> None:
        draw = self.draw
        name, arm = draw.choice(NAMES), draw.choice(list(ArmName))
        tally = self.recorder.tally(name, arm, Dialect.OPENAI, Role.PRIMARY, epoch)
        tally.keys.add(draw.getrandbits(64))
        tally.gaps.record(draw.randrange(90_000))
        tally.add(
            exchange(
                draw.choice([*Outcome, *[Outcome.OK] * 9]),
                migration=name,
                arm=arm,
                counts=draw.random() < 0.95,
                total_us=int(draw.lognormvariate(13, 1)),
                first_token_us=draw.choice([None, draw.randrange(10**6)]),
                usage=draw.choice([None, USAGE]),
                cost_picousd=draw.choice([None, draw.randrange(PICOUSD)]),
                length_stop=draw.random() < 0.1,
                epoch=epoch,
            )
        )


def flushes(seed: int, workers: int = 3, seconds: int = 8) -> list[Delta]:
    """Some seconds of a few workers, over two weights, a quarter's end, and a restart."""
    made = []
    each = [Worker(f"w{number}", seed) for number in range(workers)]
    for second in range(seconds):
        at_ms = (900 * 1_000_000 - seconds // 2 + second) * 1_000
        for worker in each:
            if worker.draw.random() < 0.1:
                worker.kill()
            worker.serve(worker.draw.randrange(6), epoch=3 if second < 5 else 9)
            made.append(worker.flush(at_ms))
    return made


def folded(deltas: Iterable[Delta]) -> Fold:
    fold = Fold()
    for delta in deltas:
        fold.add(delta, FAR)
    return fold


def known(fold: Fold) -> object:
    """Everything that a fold can tell, in a form that compares."""
    for name in NAMES:
        for epoch, share in ((3, 100), (9, 5_000)):
            fold.share(name, epoch, share)
    return [
        (
            name,
            plain(fold.evidence(name)),
            [fold.figures(name, arm) for arm in ArmName],
        )
        for name in NAMES
    ]


def plain(evidence: Evidence) -> object:
    return (
        evidence.fresh_at_s,
        evidence.keys,
        evidence.scores,
        [_cell(cell) for cell in evidence.cells],
    )


def _cell(cell: Cell) -> object:
    return cell.epoch, cell.quarter, compared(cell.baseline), compared(cell.candidate)


def compared(sums: Sums) -> object:
    """One arm's sums in a form that compares."""
    values = [getattr(sums, field.name) for field in fields(sums)]
    return [
        (each.count, each.sum_us, list(each.counts)) if isinstance(each, Histogram) else each
        for each in values
    ]
