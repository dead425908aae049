"""proxy/dialects/call.py: the words hold what they promise."""

from __future__ import annotations

from proxy.dialects import Call, Operation
from proxy.policy import Dialect


def test_a_call_knows_nothing_until_it_is_told() -> None:
    call = Call(Dialect.OPENAI, Operation.OTHER)
    assert (call.model, call.model_span, call.streams) == (None, None, None)
    assert not call.model_in_body
    assert not call.json_body


def test_operations_are_labels_in_lower_case() -> None:
    assert all(str(each) == each.name.lower() for each in Operation)
