"""What a body asks for."""

from __future__ import annotations

import pytest

from proxy.routing.asked import Fields


def test_fields_are_absent_unless_they_are_read() -> None:
    assert Fields() == Fields(model=None, stream=None, has_state=False)


@pytest.mark.parametrize("name", Fields.__slots__)
def test_every_field_tells_two_bodies_apart(name: str) -> None:
    assert Fields(**{name: "else"}) != Fields()  # type: ignore[arg-type]
