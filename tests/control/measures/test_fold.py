"""Each flush once, in whatever order, and a roll-up at any place is no news."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control.measures.fold import MOST_BOOTS, MOST_OUT_OF_ORDER, Fold, decode
from proxy.delta import Delta, Window
from proxy.errors import Invalid
from proxy.exchange import Outcome, Role
from proxy.numbers.arm_figures import Figures
from proxy.numbers.keysample import points_of
from proxy.policy import ArmName, Dialect
from tests.control.workers import FAR, NAMES, Worker, flushes, folded, known

BASELINE, CANDIDATE = ArmName.BASELINE, ArmName.CANDIDATE
seeds = st.integers(0, 2**32)
shuffles = st.randoms(use_true_random=False)


def delta(seq: int, *windows: Window, worker: str = "w", boot: str = "b", at_ms: int = 0) -> Delta:
    return Delta(worker=worker, boot=boot, seq=seq, at_ms=at_ms, windows=windows)


def window(arm: ArmName | None = CANDIDATE, **changes: object) -> Window:
    plain = Window(
        migration="triage", arm=arm, dialect=Dialect.OPENAI, epoch=3, outcomes={Outcome.OK: 1}
    )
    return msgspec.structs.replace(plain, **changes)


def requests(fold: Fold) -> int:
    return sum(cell.candidate.requests for cell in fold.evidence("triage").cells)


@settings(max_examples=40, deadline=None)
@given(seeds, shuffles)
def test_any_order_and_any_repeats_come_to_the_same(seed: int, draw: random.Random) -> None:
    sent = flushes(seed)
    truth = known(folded(sent))
    replayed = [*sent, *draw.sample(sent, k=len(sent) // 2)]
    draw.shuffle(replayed)
    assert known(folded(replayed)) == truth


@settings(max_examples=40, deadline=None)
@given(seeds, shuffles)
def test_a_roll_up_at_any_place_changes_nothing(seed: int, draw: random.Random) -> None:
    sent = flushes(seed)
    truth = known(folded(sent))
    fold = Fold()
    for each in sent:
        if draw.random() < 0.3:
            fold = decode(fold.encode())
        assert fold.add(each, FAR)
    assert known(fold) == truth
    assert known(decode(fold.encode())) == truth


@settings(max_examples=40, deadline=None)
@given(seeds, shuffles)
def test_a_replay_after_a_roll_up_counts_nothing_twice(seed: int, draw: random.Random) -> None:
    sent = flushes(seed)
    truth = known(folded(sent))
    place = draw.randrange(len(sent))
    fold = decode(folded(sent[:place]).encode())
    again = draw.randrange(place + 1)  # an earlier place: flushes come a second time
    added = [fold.add(each, FAR) for each in sent[again:]]
    assert added == [False] * (place - again) + [True] * (len(sent) - place)
    assert known(fold) == truth


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=30))
def test_a_killed_worker_loses_one_interval_and_what_it_flushed_counts_once(
    intervals: list[tuple[int, bool]],
) -> None:
    worker, fold, lost, served = Worker("w", 1), Fold(), 0, 0
    for second, (count, killed) in enumerate(intervals):
        worker.serve(count)
        served += count
        if killed:
            worker.kill()
            lost += count
            continue
        sent = worker.flush(second * 1_000)
        fold.add(sent, FAR)
        fold.add(sent, FAR)
    seen = [fold.figures(name, arm) for name in NAMES for arm in ArmName]
    assert sum(each.requests + each.uncounted for each in seen) == served - lost


def test_evidence_that_was_given_out_does_not_change_any_more() -> None:
    sent = flushes(7)
    fold = folded(sent[:9])
    before = known(fold)
    given_out = {name: fold.evidence(name) for name in NAMES}
    for each in sent[9:]:
        fold.add(each, FAR)
    kept = folded(sent[:9])
    assert known(kept) == before
    for name in NAMES:
        cells = zip(given_out[name].cells, kept.evidence(name).cells, strict=True)
        for held, fresh in cells:
            assert list(held.candidate.latency.counts) == list(fresh.candidate.latency.counts)
            assert held.candidate.requests == fresh.candidate.requests


def test_what_is_no_arm_no_primary_or_of_no_weight_is_in_no_cell() -> None:
    fold = Fold()
    fold.add(
        delta(
            1,
            window(None),
            window(role=Role.MIRROR),
            window(role=Role.FALLBACK),
            window(epoch=0),
            window(migration="other"),
        ),
        FAR,
    )
    assert fold.evidence("triage").cells == ()
    assert fold.figures("triage", CANDIDATE).requests == 1
    assert fold.migrations() == ["other", "triage"]


def test_of_a_migration_that_was_never_measured_only_the_freshness_is_known() -> None:
    fold = Fold()
    assert fold.evidence("triage").fresh_at_s is None
    fold.add(delta(1, at_ms=5_000), FAR)
    assert fold.evidence("triage").fresh_at_s == 5.0
    assert fold.figures("triage", BASELINE) == Figures()
    fold.share("triage", 3, 100)
    assert fold.evidence("triage").keys == ()


def test_a_worker_whose_clock_is_ahead_is_not_believed() -> None:
    fold = Fold()
    fold.add(delta(1, window(), at_ms=10**14), 1_800_000)
    assert fold.evidence("triage").fresh_at_s == 1_800
    assert fold.evidence("triage").cells[0].quarter == 2
    fold.add(delta(2, at_ms=4_000), 1_801_000)
    assert fold.evidence("triage").fresh_at_s == 1_800


def test_a_flush_of_which_a_part_cannot_be_read_adds_nothing_and_may_come_again() -> None:
    fold = Fold()
    for broken in (window(first_token=b"x"), window(keys=b"x"), window(gaps=b"garbage")):
        with pytest.raises(Invalid):
            fold.add(delta(1, window(), broken), FAR)
    assert fold.evidence("triage").fresh_at_s is None
    assert fold.add(delta(1, window()), FAR)
    assert requests(fold) == 1


def test_flushes_that_never_come_are_waited_for_no_longer_than_a_worker_holds_them() -> None:
    fold = Fold()
    for seq in range(2, MOST_OUT_OF_ORDER + 3):
        assert fold.add(delta(seq, window()), FAR)
    assert not fold.add(delta(1, window()), FAR)
    assert fold.add(delta(MOST_OUT_OF_ORDER + 3, window()), FAR)
    assert requests(fold) == MOST_OUT_OF_ORDER + 2


def test_a_start_that_is_long_silent_makes_room_for_new_ones() -> None:
    fold = Fold()
    for number in range(MOST_BOOTS):
        fold.add(delta(1, boot=str(number)), FAR)
    assert not fold.add(delta(1, boot="0"), FAR)  # and is the newest again
    fold.add(delta(1, boot="another"), FAR)
    assert not fold.add(delta(1, boot="0"), FAR)
    assert fold.add(delta(1, boot="1"), FAR)


def test_a_fall_of_the_ceiling_alone_is_heard() -> None:
    fold = Fold()
    fold.add(delta(1, window(keys=points_of([5, 9]))), FAR)
    fold.add(delta(2, window(keys=b"", ceiling=9, outcomes={})), FAR)
    fold.share("triage", 3, 100)
    (keys,) = fold.evidence("triage").keys
    assert (keys.epoch, keys.share, keys.baseline, keys.candidate) == (3, 100, 0, 1)


def test_the_place_goes_with_the_roll_up() -> None:
    fold = Fold()
    fold.place = "mark:7"
    assert decode(fold.encode()).place == "mark:7"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode({"schema": 1}),
        msgspec.msgpack.encode(
            {"schema": 2, "place": "", "fresh_at_ms": None, "boots": [], "migrations": {}}
        ),
        folded(flushes(1)).encode()[:-1],
    ],
)
def test_what_is_no_roll_up_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="a roll-up"):
        decode(data)


def test_a_flip_in_a_roll_up_is_refused_or_decodes_to_something() -> None:
    whole = folded(flushes(2)).encode()
    draw = random.Random(5)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        try:
            known(decode(bytes(damaged)))
        except Invalid:
            continue


def test_the_same_state_has_the_same_bytes() -> None:
    sent = flushes(3)
    fold = folded(sent[:-1])
    first = fold.encode()
    assert fold.encode() == first
    fold.add(sent[-1], FAR)
    assert decode(fold.encode()).encode() == fold.encode()
