"""Splices replace their spans, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.splice import spliced


def test_nothing_to_splice_gives_the_same_object() -> None:
    body = bytes(bytearray(b"body"))
    assert spliced(body, []) is body


def test_spans_are_replaced_removed_and_filled() -> None:
    assert spliced(b"0123456789", [(0, 1, b"a"), (3, 5, b""), (5, 5, b"xyz"), (9, 10, b"")]) == (
        b"a12xyz5678"
    )


@given(st.lists(st.tuples(st.binary(), st.binary() | st.none())))
def test_what_no_splice_names_stays(parts: list[tuple[bytes, bytes | None]]) -> None:
    """Each part is kept text, or text beside what it becomes."""
    splices, at = [], 0
    for old, new in parts:
        if new is not None:
            splices.append((at, at + len(old), new))
        at += len(old)
    body = b"".join(old for old, _ in parts)
    assert spliced(body, splices) == b"".join(old if new is None else new for old, new in parts)
