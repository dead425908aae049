"""control/guard/scores.py: limits on quality."""

from __future__ import annotations

from random import Random

import pytest

from control.guard import scores
from control.guard.finding import Finding, rule
from control.guard.scores import BLOCK, SINGLE, samples
from control.words.criteria import Limit, Metric, Side
from control.words.verdict import Judgement, Standing
from proxy.policy import ArmName
from tests.control.guard.cases import NOON, case, limit, question

PASS, FAIL, OPEN = Standing.PASS, Standing.FAIL, Standing.INCONCLUSIVE

ABSOLUTE = limit(Metric.QUALITY, Side.UNDER, "0.9")
POINTS = limit(Metric.QUALITY, Side.UNDER_BASELINE, "5pp")
FACTOR = limit(Metric.QUALITY, Side.UNDER_BASELINE, "0.95x")


def drawn(mean: float, count: int = 3_000, seed: int = 1) -> tuple[float, ...]:
    """Scores of this mean, spread by a tenth to both sides."""
    random = Random(seed)
    return tuple(mean + random.choice((-0.1, 0.0, 0.1)) for _ in range(count))


def find(
    asked: Limit,
    candidate: tuple[float, ...],
    baseline: tuple[float, ...] = (),
    now_s: float = NOON,
) -> Finding:
    given = {ArmName.CANDIDATE: candidate, ArmName.BASELINE: baseline}
    return scores.find(case(scores=given, now_s=now_s), question(asked))


def judged(
    asked: Limit, candidate: tuple[float, ...], baseline: tuple[float, ...] = ()
) -> Judgement:
    return rule(question(asked), find(asked, candidate, baseline))


@pytest.mark.parametrize(
    ("asked", "mean", "standing"),
    [
        (ABSOLUTE, 0.88, FAIL),
        (ABSOLUTE, 0.899, OPEN),
        (ABSOLUTE, 0.6, FAIL),
        (POINTS, 0.85, PASS),
        (POINTS, 0.7, FAIL),
        (POINTS, 0.8, OPEN),
        (FACTOR, 0.85, PASS),
        (FACTOR, 0.7, FAIL),
        (FACTOR, 0.807, OPEN),
    ],
    ids=lambda value: value.key if isinstance(value, Limit) else str(value),
)
def test_what_each_limit_makes_of_a_mean_beside_085(
    asked: Limit, mean: float, standing: Standing
) -> None:
    assert judged(asked, drawn(mean), drawn(0.85, seed=2)).standing is standing


def test_a_good_mean_is_shown_by_enough_scores() -> None:
    assert judged(ABSOLUTE, (1.0, 0.92) * 20).standing is OPEN
    assert judged(ABSOLUTE, (1.0, 0.92) * 500).standing is PASS


def test_a_fail_is_where_the_interval_lies_under_the_limit() -> None:
    failing = find(ABSOLUTE, drawn(0.8))
    assert failing.seen.interval is not None
    assert failing.seen.interval[1] is not None
    assert failing.seen.interval[1] < 0.9
    assert failing.working.log_e > failing.working.threshold


def test_a_comparison_fails_where_both_intervals_lie_apart() -> None:
    apart = find(POINTS, drawn(0.75, 400), drawn(0.85, 400, seed=2))
    assert apart.seen.interval is not None
    assert apart.seen.interval[1] is not None
    failed = apart.working.log_e >= apart.working.threshold
    assert failed == (apart.seen.interval[1] < -0.05)


@pytest.mark.parametrize("count", [10, 40, 100, 300, 1_000])
def test_evidence_of_a_comparison_and_its_interval_agree(count: int) -> None:
    found = find(POINTS, drawn(0.72, count), drawn(0.85, 2 * count, seed=2))
    assert found.seen.interval is not None
    high = found.seen.interval[1]
    assert high is not None
    assert (found.working.log_e >= found.working.threshold) == (high < -0.05)


def test_many_scores_are_read_in_blocks_of_a_fixed_size() -> None:
    few = [0.5] * (SINGLE + BLOCK - 1)
    assert list(samples(few)) == few[:SINGLE]
    many = [*few[:SINGLE], *([0.0, 1.0] * BLOCK)]
    assert list(samples(many)) == [*few[:SINGLE], 0.5, 0.5]


def test_the_mean_that_is_told_is_of_every_score() -> None:
    judgement = judged(ABSOLUTE, (1.0,) * SINGLE + (0.0,) * SINGLE)
    assert judgement.candidate == pytest.approx(0.5)
    assert judgement.samples == 2 * SINGLE


def test_no_score_is_no_pass() -> None:
    judgement = judged(ABSOLUTE, ())
    assert judgement.standing is OPEN
    assert judgement.sentence == (
        "quality under 0.9: no scores of the candidate's answers have arrived, "
        "and no data is no pass."
    )
    without = judged(POINTS, drawn(0.9))
    assert without.standing is OPEN
    assert "no scores of the baseline's answers have arrived" in without.sentence
    assert without.bound is None


def test_old_measurements_pass_no_quality_either() -> None:
    assert "nothing was measured" in (find(ABSOLUTE, (1.0,) * 3_000, now_s=NOON + 99).lack or "")


def test_the_sentence_has_means_and_counts() -> None:
    sentence = judged(POINTS, (0.5,) * 900, (1.0,) * 800).sentence
    assert (
        "the candidate's mean is 0.500 over 900 scores, the baseline's 1.000 over 800" in sentence
    )


def test_figures_of_comparisons() -> None:
    points = judged(POINTS, drawn(0.85), drawn(0.85, seed=2))
    assert points.bound == pytest.approx(0.8, abs=0.01)
    assert points.ratio == pytest.approx(1, abs=0.01)
    factor = judged(FACTOR, drawn(0.85), drawn(0.85, seed=2))
    assert factor.interval is not None
    low, high = factor.interval
    assert low is not None
    assert high is not None
    assert 0.95 < low < 1 < high < 1.05
