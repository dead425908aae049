"""Whose time it was, and what a row of failures does."""

from __future__ import annotations

import msgspec

from proxy.exchange import Outcome
from proxy.policy import WHOLE, ArmName
from proxy.routing.breaker import FAILURES
from tests.doubles.requests import prompt, request
from tests.proxy.aims import aim, to
from tests.proxy.books import BODY, USED, Books, json_head


def test_overhead_is_crossfades_own_time_alone() -> None:
    books = Books(sent=False)
    books.after(40)
    books.account.sent(warm=True)
    came = books.after(10_000)  # the upstream thinks
    books.answer(json_head(), BODY)
    books.after(7)
    books.account.handed_on(came)
    books.account.complete(books.clock.now)
    assert (books.only().overhead_us, books.only().total_us) == (47, 10_047)


def test_connecting_is_not_overhead() -> None:
    books = Books(sent=False)
    books.after(5_000)
    books.account.sent(warm=False)
    books.account.broken(Outcome.UPSTREAM_ERROR)
    assert books.only().overhead_us == 0


def test_waiting_for_the_body_is_not_overhead() -> None:
    books = Books(sent=False)
    books.account.arrived = books.after(5_000)
    books.after(30)
    books.account.sent(warm=True)
    books.account.broken(Outcome.UPSTREAM_ERROR)
    assert books.only().overhead_us == 30


def test_an_answer_of_a_model_without_a_price_costs_nobody_knows_what() -> None:
    unpriced = msgspec.structs.replace(to(10_000, model="nobodys-own-model-7"))
    books = Books(unpriced)
    books.answer(json_head(), BODY.replace(b"gpt-4o-mini", b"nobodys-own-model-7"))
    books.account.complete(books.clock.now)
    assert (books.only().usage, books.only().cost_picousd) == (USED, None)


def test_failures_in_a_row_spare_the_candidate_and_its_keys_are_still_its_own() -> None:
    books = Books(to(WHOLE - 1), raw=request(body=prompt(user="joe")))
    for _ in range(FAILURES):
        books.worker.breaker.failed("triage", 0)
    routing = books.worker.routing
    assert routing is not None
    found = aim(routing, request(body=prompt(user="jane")))
    books.account.aimed(found)
    books.account.broken(Outcome.UPSTREAM_ERROR)
    assert found.choice is not None
    assert (found.choice.spared, found.choice.counts) == (True, False)
    assert books.only().arm is ArmName.BASELINE
    assert books.ledger.spared_requests == {"triage": 1}
    (candidate,) = books.ledger.arm("triage", ArmName.CANDIDATE)
    assert len(candidate.keys.points) == 2  # of jane, and of joe before her


def test_a_rows_end_lets_the_candidate_go_on() -> None:
    books = Books()
    for _ in range(FAILURES - 1):
        books.worker.breaker.failed("triage", 0)
    books.answer(json_head(), BODY)
    books.account.complete(books.clock.now)
    books.worker.breaker.failed("triage", 0)
    assert books.worker.breaker.opened() == ()
