"""control/guard/explain.py: the arithmetic in text and as a record."""

from __future__ import annotations

import msgspec
import pytest

from control.guard import Explanation, explain
from control.guard.explain import SHOWN
from control.words.criteria import Limit, Metric, Side
from control.words.evidence import Evidence
from proxy.policy import ArmName
from tests.control.guard.cases import (
    ABSOLUTE,
    QUARTER,
    RELATIVE,
    cell,
    course,
    evidence,
    limit,
    moment,
    sums,
    times,
)

COST = limit(Metric.COST_PER_REQUEST, Side.OVER_BASELINE, "1.2x")
QUALITY = limit(Metric.QUALITY, Side.UNDER, "0.9")
TIME = limit(Metric.LATENCY_P95, Side.OVER_BASELINE, "1.5x")
PLAN = course(ABSOLUTE, RELATIVE, TIME, COST, QUALITY)

SECOND = times(1_000_000, 700)
SEEN = evidence(
    cell(sums(742, 37, latency=SECOND), sums(6_690, 68, latency=SECOND), epoch=5),
    cell(sums(742, 37, latency=SECOND), sums(6_690, 68, latency=SECOND), epoch=6, quarter=1_001),
    scores={ArmName.CANDIDATE: (0.9, 0.8)},
)


def explained(asked: str, seen: Evidence = SEEN) -> tuple[Explanation, ...]:
    return explain(PLAN, seen, asked, moment=moment(5, 6, anchors={TIME.key: 1.5}))


def test_a_limit_is_asked_for_by_its_key_or_by_its_metric() -> None:
    assert [each.judgement.limit for each in explained("error_rate")] == [ABSOLUTE, RELATIVE]
    assert [each.judgement.limit for each in explained(RELATIVE.key)] == [RELATIVE]
    assert explained("latency_p50") == ()


def test_the_record_has_the_cells_the_starts_and_the_share_of_alpha() -> None:
    (one,) = explained(RELATIVE.key)
    assert (one.parts, one.all_parts, one.course_alpha) == (2, 8, 0.05)
    assert one.judgement.alpha == pytest.approx(0.0125)
    assert [(each.epoch, each.candidate, each.candidate_trials) for each in one.cells] == [
        (5, 37, 742),
        (6, 37, 742),
    ]
    assert one.cells[0].w == pytest.approx(742 / 7_432)
    assert one.cells[0].at == "1970-01-11 10:00"
    assert [each.epoch for each in one.starts] == [5, 6]
    assert one.planned == 8


def test_the_text_says_every_number() -> None:
    (one,) = explained(RELATIVE.key)
    assert one.lines[0] == "error_rate over_baseline 1.25x"
    assert "the candidate failed 74 of 1,484 requests (5.0 %)" in one.lines[1]
    text = "\n".join(one.lines)
    for part in (
        "alpha   0.0125 = 0.05 x 2/8, its part of the migration's",
        "ratio allowed 1.25; held against 24 higher ratios r",
        "5  1970-01-11 10:00  0.0998             37/742           68/6,690",
        "since epoch 5, 1970-01-11 10:00: log E = ",
        "the first weighs 1/2, 7 others 1/14 each;",
        "of these 6 are to come and count as E = 1",
        " >= log(1/alpha) = 4.38: a breach",
    ):
        assert part in text, part


@pytest.mark.parametrize("asked", PLAN.limits, ids=lambda asked: asked.key)
def test_every_explanation_fits_a_terminal_and_crosses_the_wire(asked: Limit) -> None:
    (one,) = explained(asked.key)
    assert max(map(len, one.lines)) <= 80
    assert msgspec.json.decode(msgspec.json.encode(one), type=Explanation) == one
    assert one.lines[-1].startswith("  log E ")
    assert not any(line.lstrip().startswith("%") for line in one.lines)


def test_means_have_sums_in_place_of_cells() -> None:
    (one,) = explained(COST.key)
    assert one.cells == ()
    assert [each.epoch for each in one.starts] == [5, 6]
    assert any("candidate: n = 0" in line for line in one.lines)


def test_the_text_shows_the_newest_cells_alone() -> None:
    many = evidence(*(cell(sums(10), sums(90), quarter=QUARTER + at) for at in range(SHOWN + 3)))
    (one,) = explained(RELATIVE.key, many)
    assert len(one.cells) == SHOWN + 3
    assert "and 3 older cells" in "\n".join(one.lines)


def test_with_nothing_measured_there_is_still_an_explanation() -> None:
    (one,) = explained(RELATIVE.key, evidence())
    assert one.lines[-1] == "  log E   0.00 < log(1/alpha) = 4.38: no breach"
