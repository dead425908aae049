"""The words of a limit: what belongs together, and the name it goes by."""

from __future__ import annotations

import pytest

from control.words.criteria import Limit, Metric, Scale, Side
from proxy.errors import Invalid


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("scale", Scale)
def test_times_and_points_go_with_the_baseline_alone(side: Side, scale: Scale) -> None:
    asked = {"metric": Metric.QUALITY, "number": 0.9, "written": "0.9"}
    if side.relative == (scale is not Scale.PLAIN):
        assert Limit(side=side, scale=scale, **asked).side is side  # type: ignore[arg-type]
        return
    with pytest.raises(Invalid, match="in x or pp"):
        Limit(side=side, scale=scale, **asked)  # type: ignore[arg-type]


def test_two_sides_are_of_the_baseline() -> None:
    assert [side.value for side in Side if side.relative] == ["over_baseline", "under_baseline"]


def test_harm_lies_above_what_a_figure_must_not_be_over() -> None:
    assert [side.value for side in Side if side.above] == ["over", "over_baseline"]


def test_a_limit_goes_by_the_words_of_its_file() -> None:
    limit = Limit(metric=Metric.ERROR_RATE, side=Side.OVER, number=0.02, written="2%")
    assert limit.key == "error_rate over 2%"
