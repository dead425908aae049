"""What an answer or a failure means for the arm that it came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy import errors
from proxy.errors import PUBLISHED, Blame, Failure
from proxy.exchange import (
    Outcome,
    blame_of,
    outcome_of_failure,
    outcome_of_loss,
    outcome_of_status,
)

O = Outcome  # noqa: E741 - the tables below are read by column


@pytest.mark.parametrize(
    ("status", "caller", "own_key", "model_edited", "both"),
    [
        (200, O.OK, O.OK, O.OK, O.OK),
        (204, O.OK, O.OK, O.OK, O.OK),
        (302, O.OK, O.OK, O.OK, O.OK),
        (399, O.OK, O.OK, O.OK, O.OK),
        (400, O.CLIENT_ERROR, O.CLIENT_ERROR, O.CLIENT_ERROR, O.CLIENT_ERROR),
        (401, O.CLIENT_ERROR, O.UPSTREAM_ERROR, O.CLIENT_ERROR, O.UPSTREAM_ERROR),
        (402, O.CLIENT_ERROR, O.UPSTREAM_ERROR, O.CLIENT_ERROR, O.UPSTREAM_ERROR),
        (403, O.CLIENT_ERROR, O.UPSTREAM_ERROR, O.CLIENT_ERROR, O.UPSTREAM_ERROR),
        (404, O.CLIENT_ERROR, O.CLIENT_ERROR, O.UPSTREAM_ERROR, O.UPSTREAM_ERROR),
        (410, O.CLIENT_ERROR, O.CLIENT_ERROR, O.UPSTREAM_ERROR, O.UPSTREAM_ERROR),
        (422, O.CLIENT_ERROR, O.CLIENT_ERROR, O.CLIENT_ERROR, O.CLIENT_ERROR),
        (429, O.CLIENT_ERROR, O.UPSTREAM_ERROR, O.CLIENT_ERROR, O.UPSTREAM_ERROR),
        (499, O.CLIENT_ERROR, O.CLIENT_ERROR, O.CLIENT_ERROR, O.CLIENT_ERROR),
        (500, O.UPSTREAM_ERROR, O.UPSTREAM_ERROR, O.UPSTREAM_ERROR, O.UPSTREAM_ERROR),
        (529, O.UPSTREAM_ERROR, O.UPSTREAM_ERROR, O.UPSTREAM_ERROR, O.UPSTREAM_ERROR),
    ],
)
def test_a_4xx_is_the_callers_except_where_the_arm_caused_it(
    status: int, caller: Outcome, own_key: Outcome, model_edited: Outcome, both: Outcome
) -> None:
    assert outcome_of_status(status, own_key=False, model_edited=False) is caller
    assert outcome_of_status(status, own_key=True, model_edited=False) is own_key
    assert outcome_of_status(status, own_key=False, model_edited=True) is model_edited
    assert outcome_of_status(status, own_key=True, model_edited=True) is both


@given(st.integers(100, 999), st.booleans(), st.booleans())
def test_what_the_arm_changed_never_makes_an_answer_better(
    status: int, own_key: bool, model_edited: bool
) -> None:
    plain = outcome_of_status(status, own_key=False, model_edited=False)
    found = outcome_of_status(status, own_key=own_key, model_edited=model_edited)
    assert found is plain or (plain, found) == (O.CLIENT_ERROR, O.UPSTREAM_ERROR)


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (errors.BODY_TIMEOUT, O.CLIENT_ERROR),
        (errors.UNREADABLE_BODY, O.CLIENT_ERROR),
        (errors.VERSION_NOT_SUPPORTED, O.CLIENT_ERROR),
        (errors.NO_UPSTREAM, O.PROXY_ERROR),
        (errors.OVERLOADED, O.PROXY_ERROR),
        (errors.INTERNAL, O.PROXY_ERROR),
        (errors.UPSTREAM_UNREACHABLE, O.UPSTREAM_ERROR),
        (errors.UPSTREAM_TLS, O.UPSTREAM_ERROR),
        (errors.UPSTREAM_CLOSED, O.UPSTREAM_ERROR),
        (errors.UPSTREAM_MALFORMED, O.UPSTREAM_ERROR),
        (errors.CONNECT_TIMEOUT, O.UPSTREAM_TIMEOUT),
        (errors.FIRST_BYTE_TIMEOUT, O.UPSTREAM_TIMEOUT),
        (errors.STREAM_IDLE_TIMEOUT, O.UPSTREAM_TIMEOUT),
        (errors.TOTAL_TIMEOUT, O.UPSTREAM_TIMEOUT),
        (errors.UPSTREAM_TRUNCATED, O.UPSTREAM_TRUNCATED),
    ],
)
def test_each_failure_has_its_outcome(failure: Failure, outcome: Outcome) -> None:
    assert outcome_of_failure(failure) is outcome


@pytest.mark.parametrize("failure", PUBLISHED, ids=lambda failure: failure.code)
def test_an_outcome_blames_whom_its_failure_blames(failure: Failure) -> None:
    assert blame_of(outcome_of_failure(failure)) is failure.blame


@pytest.mark.parametrize(
    ("outcome", "blame"),
    [
        (O.OK, None),
        (O.CLIENT_ERROR, Blame.CLIENT),
        (O.CLIENT_CANCELLED, Blame.CLIENT),
        (O.UPSTREAM_ERROR, Blame.UPSTREAM),
        (O.UPSTREAM_TIMEOUT, Blame.UPSTREAM),
        (O.UPSTREAM_TRUNCATED, Blame.UPSTREAM),
        (O.PROXY_ERROR, Blame.PROXY),
    ],
)
def test_each_outcome_has_its_blame(outcome: Outcome, blame: Blame | None) -> None:
    assert blame_of(outcome) is blame


@pytest.mark.parametrize("error", [None, ConnectionResetError(), BrokenPipeError(), TimeoutError()])
def test_a_client_lost_to_the_network_has_hung_up(error: Exception | None) -> None:
    assert outcome_of_loss(error) is O.CLIENT_CANCELLED


def test_a_client_lost_to_a_fault_of_ours_has_not() -> None:
    assert outcome_of_loss(ValueError()) is O.PROXY_ERROR
