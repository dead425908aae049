"""What one exchange cost: gathered along the way, recorded once."""

from __future__ import annotations

import pytest

from proxy.carrying.account import Account
from proxy.errors import Blame
from proxy.exchange import Exchange, Outcome, UsageState
from proxy.policy import ArmName, Dialect
from tests.doubles.requests import get, prompt, request
from tests.doubles.worker import VERSION, Bench
from tests.proxy.aims import OPENAI, to
from tests.proxy.books import BODY, COST, DONE, FIRST, TOTAL, USED, Books, json_head, stream_head


def shown(exchange: Exchange) -> dict[str, object]:
    return {name: getattr(exchange, name) for name in Exchange.__slots__}


@pytest.mark.parametrize("whole", [True, False])
def test_a_good_answer_is_recorded_with_all_that_is_known(whole: bool) -> None:
    books = Books()
    books.after(700)
    books.answer(json_head(), BODY, whole=whole)
    books.account.complete(books.clock.now)
    expected = Exchange(
        id=books.account.id,
        migration="triage",
        arm=ArmName.CANDIDATE,
        dialect=Dialect.OPENAI,
        role=books.only().role,
        version=VERSION,
        outcome=Outcome.OK,
        blame=None,
        status=200,
        counts=True,
        total_us=700,
        first_token_us=None,
        overhead_us=0,
        usage=USED,
        usage_state=UsageState.FINAL,
        model="gpt-4o-mini",
        cost_picousd=COST,
    )
    assert shown(books.only()) == shown(expected)


@pytest.mark.parametrize(
    ("status", "tries", "marked"),
    [
        (500, b"1", 1),
        (500, b"0", 0),
        (200, b"1", 0),  # what went well at last went well
        (400, b"1", 0),  # and what the caller caused weighs nowhere anyway
    ],
)
def test_the_failure_of_a_further_try_is_counted_and_marked(
    status: int, tries: bytes, marked: int
) -> None:
    raw = request(b"X-Stainless-Retry-Count: " + tries, body=prompt())
    books = Books(raw=raw)
    books.answer(json_head(status), BODY)
    books.account.complete(books.clock.now)
    (tally,) = books.ledger.arm("triage", ArmName.CANDIDATE)
    assert (tally.counted.requests, tally.weighed.retried) == (1, marked)


def test_the_failure_of_a_further_try_that_does_not_count_is_not_marked() -> None:
    forced = to(10_000, allow_force=True)
    raw = request(b"X-Stainless-Retry-Count: 1", b"x-crossfade-arm: candidate", body=prompt())
    books = Books(forced, raw=raw)
    books.account.broken(Outcome.UPSTREAM_TIMEOUT)
    (tally,) = books.ledger.arm("triage", ArmName.CANDIDATE)
    assert (tally.uncounted.requests, tally.weighed.retried) == (1, 0)


def test_a_stream_is_metered_piece_by_piece() -> None:
    books = Books(raw=request(body=prompt(stream=True)))
    books.answer(stream_head(), b"", whole=False)
    books.feed(FIRST, 300)
    assert books.account.at_boundary
    books.feed(FIRST[:9], 50)
    assert not books.account.at_boundary
    books.feed(FIRST[9:] + TOTAL + DONE, 50)
    books.account.complete(books.clock.now)
    exchange = books.only()
    assert (exchange.outcome, exchange.first_token_us) == (Outcome.OK, 300)
    assert (exchange.usage, exchange.usage_state) == (USED, UsageState.FINAL)
    (tally,) = books.ledger.arm("triage", ArmName.CANDIDATE)
    assert tally.gaps.count > 0


def test_only_a_stream_is_ever_at_a_boundary() -> None:
    books = Books()
    assert not books.account.at_boundary
    books.answer(json_head(), BODY, whole=False)
    assert not books.account.at_boundary
    books.account.complete(books.clock.now)


def test_what_comes_after_a_whole_answer_is_not_metered() -> None:
    books = Books()
    books.answer(json_head(), BODY)
    assert books.meter is None
    books.account.complete(books.clock.now)
    assert books.only().usage == USED


@pytest.mark.parametrize(
    ("status", "outcome", "blame"),
    [
        (400, Outcome.CLIENT_ERROR, Blame.CLIENT),
        (401, Outcome.CLIENT_ERROR, Blame.CLIENT),
        (404, Outcome.UPSTREAM_ERROR, Blame.UPSTREAM),  # the arm put its model in
        (500, Outcome.UPSTREAM_ERROR, Blame.UPSTREAM),
    ],
)
def test_an_error_costs_nothing_and_has_its_blame(
    status: int, outcome: Outcome, blame: Blame
) -> None:
    books = Books()
    books.answer(json_head(status), b'{"error": {"message": "CANARY-PROMPT-error"}}')
    books.account.complete(books.clock.now)
    exchange = books.only()
    assert (exchange.status, exchange.outcome, exchange.blame) == (status, outcome, blame)
    assert (exchange.usage, exchange.usage_state, exchange.cost_picousd) == (None, None, None)


def test_a_key_of_the_arms_own_that_is_refused_is_the_arms_fault() -> None:
    books = Books(to(10_000, upstream="second"))
    books.answer(json_head(401), b"{}")
    books.account.complete(books.clock.now)
    assert books.only().outcome is Outcome.UPSTREAM_ERROR


def test_an_error_inside_a_stream_is_no_success() -> None:
    books = Books(raw=request(body=prompt(stream=True)))
    books.answer(stream_head(), FIRST + b'data: {"error":{"message":"no"}}\n\n', whole=False)
    books.account.complete(books.clock.now)
    assert books.only().outcome is Outcome.UPSTREAM_ERROR


def test_a_stream_without_its_last_event_is_truncated() -> None:
    books = Books(raw=request(body=prompt(stream=True)))
    books.answer(stream_head(), FIRST, whole=False)
    books.account.complete(books.clock.now)
    exchange = books.only()
    assert (exchange.outcome, exchange.blame) == (Outcome.UPSTREAM_TRUNCATED, Blame.UPSTREAM)


def test_what_was_delivered_of_a_cancelled_stream_is_estimated_and_paid_for() -> None:
    books = Books(raw=request(body=prompt(stream=True)))
    books.answer(stream_head(), FIRST, whole=False)
    books.account.broken(Outcome.CLIENT_CANCELLED)
    exchange = books.only()
    assert (exchange.outcome, exchange.status) == (Outcome.CLIENT_CANCELLED, 200)
    assert exchange.usage_state is UsageState.ESTIMATED
    assert exchange.usage is not None
    assert (exchange.usage.input, exchange.usage.output > 0) == (100, True)
    assert exchange.cost_picousd is not None


def test_a_request_that_was_never_sent_cost_nothing() -> None:
    books = Books(sent=False)
    books.account.broken(Outcome.UPSTREAM_ERROR)
    exchange = books.only()
    assert (exchange.migration, exchange.arm) == ("triage", ArmName.CANDIDATE)
    assert (exchange.status, exchange.usage, exchange.usage_state) == (None, None, None)


def test_a_sent_request_without_an_answer_is_recorded_on_its_arm() -> None:
    books = Books()
    books.account.broken(Outcome.UPSTREAM_TIMEOUT)
    exchange = books.only()
    assert (exchange.outcome, exchange.arm) == (Outcome.UPSTREAM_TIMEOUT, ArmName.CANDIDATE)


def test_what_was_refused_before_it_had_an_arm_is_no_exchange() -> None:
    bench = Bench(OPENAI)
    Account(bench.worker, bench.clock.now).broken(Outcome.CLIENT_ERROR)
    assert bench.exchanges == []


def test_a_client_that_left_before_it_had_an_arm_is_one() -> None:
    bench = Bench(OPENAI)
    Account(bench.worker, bench.clock.now).broken(Outcome.CLIENT_CANCELLED)
    (exchange,) = bench.exchanges
    assert (exchange.migration, exchange.arm, exchange.version) == ("none", None, 0)
    assert (exchange.outcome, exchange.usage) == (Outcome.CLIENT_CANCELLED, None)


def test_a_forced_arm_neither_counts_nor_reports_gaps() -> None:
    forced = request(b"X-Crossfade-Arm: candidate", body=prompt(stream=True))
    books = Books(to(0, allow_force=True), raw=forced)
    books.answer(stream_head(), b"", whole=False)
    for _ in range(3):
        books.feed(FIRST, 10)
    books.feed(TOTAL + DONE, 10)
    books.account.complete(books.clock.now)
    assert (books.only().arm, books.only().counts) == (ArmName.CANDIDATE, False)
    (tally,) = books.ledger.arm("triage", ArmName.CANDIDATE)
    assert (tally.gaps.count, tally.counted.requests, tally.uncounted.requests) == (0, 0, 1)


def test_stored_state_is_told_and_does_not_count() -> None:
    body = prompt(previous_response_id="resp_1")
    books = Books(raw=request(target=b"/v1/responses", body=body))
    books.account.broken(Outcome.UPSTREAM_ERROR)
    assert (books.only().arm, books.only().counts) == (ArmName.BASELINE, False)
    assert books.ledger.kept_requests == {"triage": 1}


def test_an_unmatched_request_counts_under_no_arm() -> None:
    books = Books(raw=request(body=prompt(model="another")))
    books.answer(json_head(), BODY)
    books.account.complete(books.clock.now)
    exchange = books.only()
    assert (exchange.migration, exchange.arm, exchange.counts) == ("none", None, True)
    assert exchange.cost_picousd == COST  # by the model that answered


def test_a_list_of_models_has_no_tokens_to_count() -> None:
    books = Books(raw=get())
    books.answer(json_head(), b'{"data": []}')
    books.account.complete(books.clock.now)
    assert (books.only().outcome, books.only().usage_state) == (Outcome.OK, None)


def test_an_answer_that_says_nothing_of_usage_has_it_missing() -> None:
    books = Books()
    books.answer(json_head(), b'{"choices": []}')
    books.account.complete(books.clock.now)
    assert (books.only().usage, books.only().usage_state) == (None, UsageState.MISSING)
