"""The published table of errors."""

from __future__ import annotations

import re

import pytest

from proxy import errors
from proxy.errors import PUBLISHED, Blame, Failure, Invalid, Refused

each = pytest.mark.parametrize("failure", PUBLISHED, ids=lambda failure: failure.code)


def test_the_table_holds_every_failure_of_the_file_once() -> None:
    named = [value for value in vars(errors).values() if isinstance(value, Failure)]
    assert list(PUBLISHED) == named
    assert len({failure.code for failure in PUBLISHED}) == len(PUBLISHED) > 25


@each
def test_a_code_is_a_word_that_may_be_a_label(failure: Failure) -> None:
    assert re.fullmatch(r"[a-z]+(?:_[a-z]+)*", failure.code)


@each
def test_a_message_is_a_fixed_sentence(failure: Failure) -> None:
    assert failure.message.endswith(".")
    assert not set("{}%") & set(failure.message)


@each
def test_a_status_says_whose_fault_it_is(failure: Failure) -> None:
    match failure.blame:
        case Blame.CLIENT:
            assert 400 <= failure.status < 500 or failure is errors.VERSION_NOT_SUPPORTED
        case Blame.UPSTREAM:
            assert failure.status in (502, 504)
        case Blame.PROXY:
            assert failure.status in (500, 503) or failure is errors.NO_UPSTREAM


@each
def test_a_client_is_told_to_try_again_exactly_where_crossfade_is_busy(failure: Failure) -> None:
    assert (failure.retry_after_s is not None) == (failure.status == 503)


@each
def test_an_upstreams_fault_leaves_the_clients_connection_open(failure: Failure) -> None:
    if failure.blame is Blame.UPSTREAM:
        assert not failure.close


def test_what_was_refused_is_told_by_its_code_and_never_by_its_detail() -> None:
    refused = Refused(errors.UNREADABLE_BODY, "CANARY-PROMPT-detail")
    assert refused.failure is errors.UNREADABLE_BODY
    assert refused.detail == "CANARY-PROMPT-detail"
    assert str(refused) == "unreadable_body"
    assert "CANARY" not in repr(refused)
    assert Refused(errors.DRAINING).detail == ""


def test_a_word_that_breaks_its_rules_is_a_wrong_value() -> None:
    """msgspec turns a ValueError of a record into an error that says where it stands."""
    assert issubclass(Invalid, ValueError)
