"""A call holds what its handler may use, and is not changed by it."""

from __future__ import annotations

import dataclasses

import pytest

from control.api.calls import Call


def test_a_call_is_not_changed_by_its_handler() -> None:
    blank = {field.name: None for field in dataclasses.fields(Call)}
    call = Call(**blank)  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        call.name = "other"  # type: ignore[misc]
