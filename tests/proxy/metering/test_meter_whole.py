"""A whole answer is read at once as a meter reads it, or is left to one."""

from __future__ import annotations

import pytest

from proxy.http.head import AnswerHead
from proxy.metering.meter import read_whole
from tests.proxy.golden import Golden
from tests.proxy.golden.chat import CALL
from tests.proxy.golden.openai import CHAT_BODY
from tests.proxy.watched import Watched, by_name


def whole_head(
    kind: bytes = b"application/json", *, status: int = 200, encoding: bytes = b""
) -> AnswerHead:
    return AnswerHead(
        status,
        b"",
        [],
        length=None,
        chunked=False,
        reusable=True,
        kind=kind,
        encoding=encoding,
    )


@by_name
def test_a_whole_answer_is_read_as_a_meter_reads_it_or_left_to_one(golden: Golden) -> None:
    answer = golden.answer
    reading = read_whole(golden.call, whole_head(golden.content_type), answer)
    if reading is not None:
        assert reading == Watched(golden.call, golden.content_type).read([answer])


def test_the_usual_answer_needs_no_meter() -> None:
    assert read_whole(CALL, whole_head(), CHAT_BODY) is not None


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (whole_head(status=400), CHAT_BODY),
        (whole_head(encoding=b"gzip"), CHAT_BODY),
        (whole_head(b"text/event-stream"), CHAT_BODY),
        (whole_head(), b"{}"),
        (whole_head(), b"not JSON"),
        (
            whole_head(),
            b'{"error":{"message":"no"},"usage":{"prompt_tokens":1,"completion_tokens":1}}',
        ),
        (whole_head(), CHAT_BODY + b" " * 1024 * 1024),
    ],
)
def test_an_unusual_answer_is_left_to_a_meter(head: AnswerHead, answer: bytes) -> None:
    assert read_whole(CALL, head, answer) is None
