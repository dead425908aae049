"""An arm's model reaches the path as one percent-encoded segment."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing import edit

TARGET = b"/v1beta/models/%b:streamGenerateContent?alt=sse&key=a"


@pytest.mark.parametrize(
    ("old", "model", "new"),
    [
        (b"gemini-2.5-pro", "gemini-2.5-flash", b"gemini-2.5-flash"),
        (b"gemini", "claude@2024_a~b", b"claude@2024_a~b"),
        (b"gemini", "a/b:c?d#e%f g", b"a%2Fb%3Ac%3Fd%23e%25f%20g"),
        (b"gemini", "../\N{SNOWMAN}", b"..%2F%E2%98%83"),
    ],
)
def test_the_model_of_a_path_is_percent_encoded(old: bytes, model: str, new: bytes) -> None:
    span = (len(b"/v1beta/models/"), len(b"/v1beta/models/") + len(old))
    assert edit.path_model(TARGET % old, span, model) == TARGET % new


@pytest.mark.parametrize("old", [b"gemini-2.5-pro", b"gemini%2D2.5-pr%6f"])
def test_an_equal_model_leaves_the_same_target(old: bytes) -> None:
    target = TARGET % old
    assert edit.path_model(target, (15, 15 + len(old)), "gemini-2.5-pro") is target


@given(st.text(min_size=1))
def test_any_model_stays_one_segment_of_its_path(model: str) -> None:
    target = edit.path_model(b"/models/x:generate?key=y", (8, 9), model)
    assert target.startswith(b"/models/")
    assert target.endswith(b":generate?key=y")
    segment = target[8 : -len(b":generate?key=y")]
    assert segment.isascii()
    assert not set(segment) & set(b"/?#:\\ \r\n\0")
    assert unquote_to_bytes(segment) == model.encode()
