"""The record that `get -o json` prints."""

from __future__ import annotations

import msgspec
import pytest

from proxy.exchange import Outcome, UsageState
from proxy.numbers.arm_figures import Figures, Percentiles, Tokens, UsageStates
from proxy.policy import ArmName, Dialect
from proxy.recording.figures import figures
from proxy.recording.record import Recorder, Tally
from tests.doubles.exchange import exchange


@pytest.fixture
def tally() -> Tally:
    return Tally("triage", ArmName.CANDIDATE, Dialect.OPENAI)


def test_an_arm_without_exchanges_has_counts_of_nothing_and_unknown_times() -> None:
    assert figures(Recorder().arm("triage", ArmName.CANDIDATE)) == Figures()
    document = msgspec.to_builtins(Figures())
    assert document["latency_ms"] == {"p50": None, "p95": None, "p99": None}
    assert document["cost_usd"] is None
    assert document["requests"] == 0


def test_the_json_has_at_least_the_members_that_interfaces_promise(tally: Tally) -> None:
    tally.add(exchange())
    document = msgspec.json.decode(msgspec.json.encode(figures([tally])))
    assert document.keys() >= {
        *("requests", "errors", "client_cancelled", "latency_ms", "ttft_ms"),
        *("tokens", "cost_usd", "usage"),
    }
    assert document["tokens"].keys() == {"input", "cached_input", "output", "reasoning"}
    assert document["usage"] == {"final": 1, "estimated": 0, "missing": 0}


def test_times_are_milliseconds_within_one_percent(tally: Tally) -> None:
    for ms in range(1, 101):
        tally.add(exchange(total_us=ms * 1_000, first_token_us=ms * 100))
        tally.gaps.record(ms * 10)
    found = figures([tally])
    for percentiles, unit in (
        (found.latency_ms, 1.0),
        (found.ttft_ms, 0.1),
        (found.gap_ms, 0.01),
    ):
        assert percentiles.p50 == pytest.approx(50 * unit, rel=0.01)
        assert percentiles.p95 == pytest.approx(95 * unit, rel=0.01)
        assert percentiles.p99 == pytest.approx(99 * unit, rel=0.01)


def test_only_good_answers_make_the_latency(tally: Tally) -> None:
    for outcome in Outcome:
        tally.add(exchange(outcome, total_us=1_000 if outcome is Outcome.OK else 5))
    assert figures([tally]).latency_ms == Percentiles(p50=1.003, p95=1.003, p99=1.003)


def test_each_failure_is_counted_by_whose_fault_it_is(tally: Tally) -> None:
    for outcome in Outcome:
        tally.add(exchange(outcome))
    found = figures([tally])
    assert found.requests == len(Outcome)
    assert found.errors == 3
    assert (found.client_errors, found.client_cancelled, found.proxy_errors) == (1, 1, 1)


def test_the_tallies_of_an_arm_add_up() -> None:
    one, other = (Tally("triage", ArmName.CANDIDATE, each) for each in list(Dialect)[:2])
    one.add(exchange(total_us=10_000))
    other.add(exchange(total_us=90_000, usage_state=UsageState.ESTIMATED))
    found = figures([one, other])
    assert found.requests == 2
    assert found.tokens == Tokens(input=200, cached_input=80, output=40, reasoning=10)
    assert found.usage == UsageStates(final=1, estimated=1)
    assert found.cost_usd == pytest.approx(6e-6)
    assert found.latency_ms.p99 == pytest.approx(90, rel=0.01)


def test_a_cost_is_unknown_until_some_exchange_has_a_price(tally: Tally) -> None:
    tally.add(exchange(cost_picousd=None))
    assert (figures([tally]).cost_usd, figures([tally]).unpriced) == (None, 1)
    tally.add(exchange(cost_picousd=0))
    assert (figures([tally]).cost_usd, figures([tally]).unpriced) == (0.0, 1)


def test_exchanges_that_do_not_weigh_are_told_apart(tally: Tally) -> None:
    tally.add(exchange(counts=False))
    assert figures([tally]) == Figures(uncounted=1)
