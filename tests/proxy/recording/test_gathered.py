"""What other processes flush, in a recorder. See test_differences.py, too."""

from __future__ import annotations

import msgspec
import pytest

from proxy.delta import Aside, Delta, Window
from proxy.errors import Invalid
from proxy.exchange import Outcome, Role
from proxy.policy import ArmName, Dialect
from proxy.recording.differences import Differences
from proxy.recording.gathered import gather
from proxy.recording.record import OTHER, Recorder
from tests.doubles.exchange import exchange

EMPTY = Delta(worker="w", boot="b", seq=1, at_ms=0)


def test_times_are_gathered_within_half_a_percent() -> None:
    recorder, gathered = Recorder(), Recorder()
    tally = recorder.tally("triage", ArmName.BASELINE, Dialect.OPENAI, Role.FALLBACK, 5)
    for ms in range(1, 2_000, 7):
        tally.add(exchange(total_us=ms * 1_000 + 13))
    gather(gathered, msgspec.structs.replace(EMPTY, windows=tuple(Differences(recorder).windows())))
    (whole,) = gathered.tallies()
    assert (whole.role, whole.epoch) == (Role.FALLBACK, 0)
    ours, theirs = whole.durations[Outcome.OK], tally.durations[Outcome.OK]
    assert (ours.count, list(ours.counts)) == (theirs.count, list(theirs.counts))
    assert ours.sum_us == pytest.approx(theirs.sum_us, rel=0.005)


def test_codes_out_of_no_table_make_no_new_series() -> None:
    gathered = Recorder()
    before = set(gathered.refusals)
    asides = {Aside.REFUSED: {"sk-CANARY-1": 2}, Aside.TROUBLE: {"sk-CANARY-2": 1}}
    gather(gathered, msgspec.structs.replace(EMPTY, asides=asides))
    assert set(gathered.refusals) == before
    assert (gathered.refusals[OTHER], gathered.troubles[OTHER]) == (2, 1)


def test_a_window_whose_times_cannot_be_read_adds_nothing() -> None:
    gathered = Recorder()
    bad = Window(
        migration="triage",
        dialect=Dialect.OPENAI,
        outcomes={Outcome.OK: 1},
        durations={Outcome.OK: b""},
        gaps=b"garbage",
    )
    with pytest.raises(Invalid, match="a histogram"):
        gather(gathered, msgspec.structs.replace(EMPTY, windows=(bad,)))
    assert sum(tally.counted.requests for tally in gathered.tallies()) == 0
