"""The words of a head."""

from __future__ import annotations

import pytest

from proxy.http.head import AnswerHead, RequestHead


@pytest.mark.parametrize(
    ("length", "chunked", "has_body"), [(0, False, False), (1, False, True), (0, True, True)]
)
def test_a_length_or_chunks_make_a_body(length: int, chunked: bool, has_body: bool) -> None:
    head = RequestHead(b"POST", b"/", 1, [], length=length, chunked=chunked)
    assert head.has_body is has_body


def test_a_head_of_another_length_is_the_same_but_for_that() -> None:
    head = RequestHead(b"POST", b"/", 1, [(b"a", b"b", b"A")], length=1, encoded=True)
    other = head.of_length(2)
    changed = {
        name for name in RequestHead.__slots__ if getattr(head, name) != getattr(other, name)
    }
    assert changed == {"length"}
    assert other.sent is head.sent


def test_an_answers_head_needs_no_content_type() -> None:
    head = AnswerHead(204, b"", [], length=0, chunked=False, reusable=True)
    assert (head.kind, head.encoding, head.length_line) == (b"", b"", b"")
