"""Which documents may take over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Invalid
from proxy.following.admit import NOTHING_COMMITTED, Held, admit, hastens
from proxy.policy import Snapshot


def held(epoch: int, version: int, data: bytes = b"one") -> Held:
    return Held(Snapshot(epoch=epoch, version=version), data)


@pytest.mark.parametrize("new", [NOTHING_COMMITTED, held(0, 7), held(3, 1)])
def test_anything_may_take_over_from_nothing(new: Held) -> None:
    admit(new, None)


@pytest.mark.parametrize(
    ("new", "best"),
    [
        (held(0, 8), held(0, 7)),
        (held(0, 1), NOTHING_COMMITTED),
        (held(1, 1), held(0, 7)),
        (held(0, 7), held(0, 7)),
        (NOTHING_COMMITTED, NOTHING_COMMITTED),
    ],
)
def test_a_newer_document_or_the_same_one_may(new: Held, best: Held) -> None:
    admit(new, best)


@pytest.mark.parametrize(
    ("new", "best", "reason"),
    [
        (held(0, 6), held(0, 7), "the store went back to version 6 of epoch 0; version 7 of"),
        (held(0, 9), held(1, 7), "the store went back to version 9 of epoch 0; version 7 of"),
        (held(0, 7, b"other"), held(0, 7), "another document under version 7 of epoch 0"),
        (held(0, 0), NOTHING_COMMITTED, "another document under version 0 of epoch 0"),
        (NOTHING_COMMITTED, held(0, 7), "the store answers that it is empty; version 7 of epoch 0"),
    ],
)
def test_older_and_differing_documents_may_not(new: Held, best: Held, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        admit(new, best)


@pytest.mark.parametrize(
    ("heard", "best", "may"),
    [
        (held(0, 8), held(0, 7), True),
        (held(0, 1), NOTHING_COMMITTED, True),
        (held(0, 8), None, False),
        (held(0, 7), held(0, 7), False),
        (held(0, 7, b"other"), held(0, 7), False),
        (held(0, 6), held(0, 7), False),
        (held(1, 8), held(0, 7), False),
        (held(0, 8), held(1, 7), False),
    ],
)
def test_a_hint_hastens_only_what_comes_next_in_the_epoch(
    heard: Held, best: Held | None, may: bool
) -> None:
    assert hastens(heard, best) is may


orders = st.tuples(st.integers(0, 3), st.integers(1, 3), st.sampled_from([b"a", b"b"]))


@given(st.lists(orders, min_size=1))
def test_whatever_the_store_says_what_serves_never_goes_back(
    answers: list[tuple[int, int, bytes]],
) -> None:
    best: Held | None = None
    for answer in answers:
        new = held(*answer)
        try:
            admit(new, best)
        except Invalid:
            continue
        assert best is None or new.order > best.order or new == best
        best = new
