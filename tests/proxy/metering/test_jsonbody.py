"""A usual body is held whole, a huge one's tail alone."""

from __future__ import annotations

import pytest

from proxy.metering.jsonbody import LIMIT, TAIL, JsonBody


@pytest.mark.parametrize("answer", [[], [b""], [b"{}"], [b"{", b"}"], [b"", b"{", b"", b"}"]])
def test_a_usual_body_is_given_back_whole(answer: list[bytes]) -> None:
    body = JsonBody()
    for piece in answer:
        body.add(piece)
    assert body.take() == b"".join(answer)


def test_a_body_of_one_piece_is_not_copied() -> None:
    body = JsonBody()
    piece = b'{"usage":{}}'
    body.add(piece)
    assert body.take() is piece


@pytest.mark.parametrize("step", [LIMIT + 9, 70_000, 50_000, LIMIT])
def test_a_huge_body_gives_its_tail_whatever_its_pieces(step: int) -> None:
    whole = bytes(range(251)) * 5_000
    body = JsonBody()
    for at in range(0, len(whole), step):
        body.add(whole[at : at + step])
        assert len(body._held) <= LIMIT
    assert body.take() == whole[-TAIL:]
