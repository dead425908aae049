"""control/guard/split.py: the self-check of the split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.guard.split import suspect
from control.words.evidence import Keys


def keys(candidate: float, baseline: float, share: int = 1_000, epoch: int = 5) -> Keys:
    return Keys(epoch=epoch, share=share, candidate=candidate, baseline=baseline)


@given(st.integers(0, 2_048))
def test_a_split_as_the_weight_says_is_not_suspect(count: int) -> None:
    assert suspect([keys(count * 0.1, count * 0.9)], 5) is None


@pytest.mark.parametrize(("candidate", "baseline"), [(400, 1_600), (60, 1_900), (0, 500)])
def test_a_split_to_either_side_is_suspect(candidate: int, baseline: int) -> None:
    assert suspect([keys(candidate, baseline)], 5) is not None


def test_the_suspicion_has_its_figures() -> None:
    assert suspect([keys(400, 1_600)], 5) == (
        "The split is not as it was set: 400 of 2,000 sampled keys (20.0 %) went to the candidate "
        "at a weight of 10.0 %; by chance this happens less than once in a billion migrations."
    )


def test_only_the_step_in_force_is_checked() -> None:
    assert suspect([keys(400, 1_600, epoch=4), keys(100, 900)], 5) is None
    assert suspect([], 5) is None


def test_a_step_is_checked_in_every_weight_epoch_that_it_has_had() -> None:
    """A person's resume or dismissal begins one at the same weight."""
    assert suspect([keys(100, 900), keys(400, 1_600, epoch=9)], 5) is not None
    assert suspect([keys(400, 1_600), keys(100, 900, epoch=9)], 5) is not None
    assert suspect([keys(100, 900), keys(100, 900, epoch=9)], 5) is None


@pytest.mark.parametrize("share", [0, 10_000])
def test_where_all_go_one_way_there_is_no_split(share: int) -> None:
    assert suspect([keys(400, 1_600, share=share)], 5) is None
