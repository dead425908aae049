"""The call that practises a rollback."""

from __future__ import annotations

import msgspec
import pytest

from control.desk.drill import Drilled
from tests.control.api.service import Service


async def test_a_round_is_timed_and_leaves_everything_as_it_was(api: Service) -> None:
    await api.apply()
    await api.call("POST", "/api/migrations/triage/set-weight", {"percent": 10})
    answer = await api.call("POST", "/api/migrations/triage/drill", {"hold_s": 0})
    done = msgspec.json.decode(answer.body, type=Drilled)
    assert (done.migration, done.weight, list(done.workers)) == ("triage", 10, ["one"])
    assert done.last_candidate_request is not None
    assert 0 < done.accepted <= done.last_candidate_request <= done.restored
    view = (await api.call("GET", "/api/migrations/triage")).json
    assert isinstance(view, dict)
    assert (view["phase"], view["weights"]["candidate"]) == ("Progressing", 10)


async def test_a_shift_is_a_percent(api: Service) -> None:
    await api.apply()
    answer = await api.call("POST", "/api/migrations/triage/drill", {"percent": 2.5, "hold_s": 0})
    assert msgspec.json.decode(answer.body, type=Drilled).weight == 2.5


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 409, "not_running"),
        ({"percent": 101}, 400, "invalid_percent"),
        ({"hold_s": 11}, 400, "invalid_body"),
        ({"times": 3}, 400, "invalid_body"),
        ({"expected_version": 7}, 400, "invalid_body"),  # a drill looks at none: it says so
    ],
)
async def test_what_cannot_be_drilled_is_refused(
    api: Service, body: dict[str, object], status: int, code: str
) -> None:
    await api.apply()
    answer = await api.call("POST", "/api/migrations/triage/drill", body)
    assert (answer.status, answer.code) == (status, code)
