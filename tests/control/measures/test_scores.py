"""Each score once, in order, on the arm that its answer came from."""

from __future__ import annotations

import math

import pytest

from control.measures.scores import MOST_BATCHES, MOST_KEPT, Score, Scores, decode, encode, faults
from proxy.errors import Invalid
from proxy.exchange_id import sealed
from proxy.policy import ArmName

BASELINE, CANDIDATE = ArmName.BASELINE, ArmName.CANDIDATE


def score(
    number: int, value: float = 0.5, *, arm: ArmName | None = CANDIDATE, name: str = "score"
) -> Score:
    return Score(id=sealed(f"{number:020x}", "triage", arm, 3), score=value, name=name)


@pytest.mark.parametrize("value", [0, 1, 0.5, 1e-9])
@pytest.mark.parametrize("name", ["score", "thumbs", "judge.v2", "a-b_c", "0", "a" * 40])
def test_a_sound_score_has_no_fault(value: float, name: str) -> None:
    assert faults([score(1, value, name=name)], "triage") == ()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (score(1, -0.1), "0 to 1"),
        (score(1, 1.0001), "0 to 1"),
        (score(1, math.nan), "0 to 1"),
        (score(1, math.inf), "0 to 1"),
        (score(1, name=""), "name is"),
        (score(1, name="Thumbs"), "name is"),
        (score(1, name="-x"), "name is"),
        (score(1, name="a" * 41), "name is"),
        (score(1, name="thumbs\n"), "name is"),
        (score(1, arm=None), "id is no"),
        (Score(id="", score=1), "id is no"),
        (Score(id=score(1).id.upper(), score=1), "id is no"),
        (Score(id=score(1).id[:-1] + "g", score=1), "id is no"),
    ],
)
def test_a_fault_is_told_by_its_place_and_without_what_was_sent(wrong: Score, reason: str) -> None:
    (found,) = faults([score(9), wrong, score(8)], "triage")
    assert found.index == 1
    assert reason in found.reason


def test_an_id_of_another_migration_is_a_fault() -> None:
    assert [wrong.index for wrong in faults([score(1)], "other")] == [0]


def test_scores_go_to_their_arms_in_the_order_of_arrival() -> None:
    scores = Scores("triage")
    scores.add(encode([score(1, 0.1), score(2, 0.2, arm=BASELINE)]))
    scores.add(encode([score(3, 0.3)]))
    assert scores.by_arm().scores == {BASELINE: (0.2,), CANDIDATE: (0.1, 0.3)}
    assert scores.by_arm().epochs == {BASELINE: (3,), CANDIDATE: (3, 3)}
    assert scores.batches == 2


def test_an_answer_counts_once_under_each_name() -> None:
    scores = Scores("triage")
    scores.add(encode([score(1, 0.1), score(1, 0.9), score(1, 0.2, name="thumbs")]))
    scores.add(encode([score(1, 0.8), score(1, 0.8, name="thumbs")]))
    assert scores.by_arm().scores[CANDIDATE] == (0.1, 0.2)


def test_what_was_given_out_stays_as_it_was() -> None:
    scores = Scores("triage")
    scores.add(encode([score(1)]))
    before = scores.by_arm()
    assert scores.by_arm() is before
    scores.add(encode([score(2)]))
    assert (len(before.scores[CANDIDATE]), len(scores.by_arm().scores[CANDIDATE])) == (1, 2)


def test_taking_tells_what_would_be_new_and_adds_nothing() -> None:
    scores = Scores("triage")
    scores.add(encode([score(1)]))
    taken = scores.take([score(1), score(2), score(2), score(3)])
    assert (taken.fresh, taken.known) == ((score(2), score(3)), 2)
    assert len(scores.by_arm().scores[CANDIDATE]) == 1


def test_ids_that_are_none_in_a_batch_are_passed_over() -> None:
    scores = Scores("triage")
    scores.add(encode([Score(id="x", score=1), score(1)]))
    assert scores.by_arm().scores[CANDIDATE] == (0.5,)


def test_there_is_room_for_so_many_and_no_more() -> None:
    scores = Scores("triage")
    assert scores.room == MOST_KEPT
    scores.add(encode([score(1)]))
    assert scores.room == MOST_KEPT - 1
    scores.batches = MOST_BATCHES
    assert scores.room == 0
    scores.add(encode([score(2)]))
    assert len(scores.by_arm().scores[CANDIDATE]) == 1


@pytest.mark.parametrize("batch", [b"", b"\xc1", b"\x01", encode([score(1)])[:-1]])
def test_a_batch_that_cannot_be_read_is_refused_and_counts_as_read(batch: bytes) -> None:
    with pytest.raises(Invalid, match="a batch of scores"):
        decode(batch)
    scores = Scores("triage")
    with pytest.raises(Invalid):
        scores.add(batch)
    assert scores.batches == 1


def test_a_batch_is_read_as_it_was_written() -> None:
    wanted = [score(1, 0.25, name="thumbs"), score(2, 1.0)]
    assert decode(encode(wanted)) == wanted
