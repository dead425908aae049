"""Frames come out whole however the stream is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Invalid
from proxy.running.frames import MAX_FRAME, Frames, Kind, Standing, frame, standing

SAID = st.lists(st.tuples(st.sampled_from(Kind), st.binary(max_size=50)), max_size=6)


@given(SAID, st.lists(st.integers(0, 300)))
def test_any_cuts_give_the_same_frames(said: list[tuple[Kind, bytes]], cuts: list[int]) -> None:
    data = b"".join(frame(kind, payload) for kind, payload in said)
    frames, found, at = Frames(), [], 0
    for cut in [*sorted(cut for cut in cuts if cut < len(data)), len(data)]:
        found += frames.feed(data[at:cut])
        at = cut
    assert found == said


def test_a_kind_of_a_later_release_is_passed_over() -> None:
    later = bytes((99,)) + (3).to_bytes(4) + b"abc"
    assert Frames().feed(later + frame(Kind.READY)) == [(Kind.READY, b"")]


def test_a_frame_without_bounds_is_refused() -> None:
    with pytest.raises(Invalid, match="longer"):
        Frames().feed(bytes((Kind.DELTA,)) + (MAX_FRAME + 1).to_bytes(4))


def test_a_standing_of_a_later_release_is_read_as_far_as_it_is_known() -> None:
    assert standing(b'{"worker": "w", "later": 1}') == Standing(worker="w")
    for payload in (b"", b"{}", b"\xff", b"[" * 10):
        with pytest.raises(Invalid, match="standing"):
            standing(payload)
