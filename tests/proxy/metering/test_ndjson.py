"""Lines of JSON come out whole, whatever pieces they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.metering.ndjson import Lines
from tests.proxy.cuts import CUTS, at_leisure, pieces


def read(answer: list[bytes]) -> list[bytes]:
    lines = Lines()
    return [line for piece in answer for line in lines.feed(piece)] + list(lines.rest())


@pytest.mark.parametrize(
    ("stream", "lines"),
    [
        (b"{}\n[]\n", [b"{}", b"[]"]),
        (b"{}\r\n\r\n\n  \n[]\r\n", [b"{}", b"[]"]),
        (b"{}\n[]", [b"{}", b"[]"]),
        (b"{}\n  ", [b"{}"]),
        (b"", []),
    ],
)
def test_lines_are_given_without_their_ends(stream: bytes, lines: list[bytes]) -> None:
    assert read([stream]) == lines


@at_leisure
@given(st.lists(st.sampled_from([b"{}", b"[1]", b"\n", b"\r\n", b" "]), max_size=20), CUTS)
def test_any_pieces_give_the_same_lines(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    assert read(pieces(stream, cuts)) == read([stream])


def test_a_boundary_is_after_a_line_end() -> None:
    lines = Lines()
    assert lines.at_boundary
    lines.feed(b"{")
    assert not lines.at_boundary
    lines.feed(b"")
    assert not lines.at_boundary
    lines.feed(b"}\n")
    assert lines.at_boundary
