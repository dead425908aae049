"""Answers as records: newer servers may say more, never less."""

from __future__ import annotations

import msgspec
import pytest

from control.cli.outcome import Unreachable
from control.cli.shapes import read
from control.desk.view import Summary, summary
from tests.control.states import state


def test_fields_may_be_added() -> None:
    one = summary(state(), 1)
    answer = {**msgspec.json.decode(msgspec.json.encode(one)), "later": 1}
    assert read(answer, Summary) == one


def test_a_missing_field_is_another_shape() -> None:
    with pytest.raises(Unreachable, match="unknown shape"):
        read({"name": "triage"}, Summary)
