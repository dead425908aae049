"""How long folding takes: a second of 100 workers on one migration, after a day of evidence.

`python -m benchmarks.fold`; the aim is under 50 ms a second, on one core.
"""

from __future__ import annotations

import random
import time

from control.measures.fold import Fold, decode
from proxy import delta
from proxy.delta import Delta
from proxy.exchange import Exchange, Outcome, Role, Usage, UsageState
from proxy.policy import ArmName, Dialect
from proxy.recording.differences import Differences
from proxy.recording.record import Recorder

WORKERS = 100
REQUESTS = 50  # of one worker in one second
SECONDS = 10
DAY_QUARTERS = 96
LATER_MS = 10**15  # no flush is from the future


class Worker:
    """One worker that serves and flushes."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._recorder = Recorder()
        self._differences = Differences(self._recorder)
        self._seq = 0
        self._draw = random.Random(number)  # noqa: S311 - traffic, no secret

    def second(self, at_ms: int) -> bytes:
        """What is pushed after one more second of traffic."""
        for _ in range(REQUESTS):
            self._serve()
        self._seq += 1
        return delta.encode(
            Delta(
                worker=f"host:{self._number}",
                boot="boot",
                seq=self._seq,
                at_ms=at_ms,
                windows=tuple(self._differences.windows()),
            )
        )

    def _serve(self) -> None:
        draw = self._draw
        arm = ArmName.CANDIDATE if draw.random() < 0.5 else ArmName.BASELINE
        tally = self._recorder.tally("triage", arm, Dialect.OPENAI, Role.PRIMARY, 7)
        tally.keys.add(draw.getrandbits(64))
        for _ in range(20):
            tally.gaps.record(int(draw.lognormvariate(10, 0.5)))
        total_us = int(draw.lognormvariate(14, 0.8))
        tally.add(_exchange(arm, total_us, draw.randint(50, 900)))


def _exchange(arm: ArmName, total_us: int, output: int) -> Exchange:
    return Exchange(
        id=b"",
        migration="triage",
        arm=arm,
        dialect=Dialect.OPENAI,
        role=Role.PRIMARY,
        version=7,
        outcome=Outcome.OK,
        blame=None,
        status=200,
        counts=True,
        total_us=total_us,
        first_token_us=total_us // 4,
        overhead_us=60,
        usage=Usage(input=300, output=output),
        usage_state=UsageState.FINAL,
        model="m",
        cost_picousd=output * 10**6,
    )


def day() -> tuple[Fold, list[Worker]]:
    """A fold of a day of evidence, and the workers that go on."""
    workers = [Worker(number) for number in range(WORKERS)]
    fold = Fold()
    for quarter in range(DAY_QUARTERS):
        fold.add(delta.decode(workers[0].second(quarter * 900_000)), LATER_MS)
    return fold, workers


def second(number: int) -> int:
    """When the workers flush after that day, in UTC milliseconds of a clock of its own."""
    return DAY_QUARTERS * 900_000 + number * 1_000


def folded(fold: Fold, flushes: list[bytes]) -> None:
    """One second of all workers."""
    for data in flushes:
        fold.add(delta.decode(data), LATER_MS)


def main() -> None:
    """Print milliseconds."""
    fold, workers = day()
    took: list[float] = []
    sizes: list[int] = []
    for number in range(SECONDS):
        flushes = [worker.second(second(number)) for worker in workers]
        sizes += map(len, flushes)
        began = time.perf_counter()
        folded(fold, flushes)
        fold.evidence("triage")
        took.append((time.perf_counter() - began) * 1_000)
    took.sort()
    print(f"100 workers x {REQUESTS} requests: {took[len(took) // 2]:.1f} ms a second (median)")
    print(f"a flush: {sum(sizes) / len(sizes):.0f} bytes")
    _rolled_up(fold)


def _rolled_up(fold: Fold) -> None:
    began = time.perf_counter()
    data = fold.encode()
    encoded = time.perf_counter()
    decode(data)
    decoded = time.perf_counter()
    print(
        f"a day's roll-up: {len(data) / 1_000:.0f} KB; encoded in {(encoded - began) * 1e3:.0f} ms,"
        f" decoded in {(decoded - encoded) * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    main()
