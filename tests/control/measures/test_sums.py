"""What of a window weighs, added up exactly."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.measures.sums import Sum, Told, heard, times
from proxy.delta import Weighed, Window
from proxy.errors import Invalid
from proxy.exchange import Outcome
from proxy.numbers import hdr
from proxy.numbers.histogram import Histogram
from proxy.numbers.prices import PICOUSD
from proxy.policy import ArmName, Dialect
from tests.control.workers import compared


def histogram(*values: int) -> bytes:
    made = Histogram()
    for us in values:
        made.record(us)
    return hdr.encode(hdr.filled(made))


def window(**changes: object) -> Window:
    plain = Window(migration="triage", arm=ArmName.CANDIDATE, dialect=Dialect.OPENAI)
    return msgspec.structs.replace(plain, **changes)


def summed(*windows: Window) -> Sum:
    total = Sum()
    for each in windows:
        total.add(each, times(each))
    return total


def test_errors_are_the_upstreams_and_what_clients_caused_weighs_nowhere() -> None:
    outcomes = {outcome: 10**number for number, outcome in enumerate(Outcome)}
    sums = summed(window(outcomes=outcomes)).frozen()
    upstreams = (Outcome.UPSTREAM_ERROR, Outcome.UPSTREAM_TIMEOUT, Outcome.UPSTREAM_TRUNCATED)
    assert sums.errors == sum(outcomes[outcome] for outcome in upstreams)
    assert sums.requests == outcomes[Outcome.OK] + sums.errors


def test_failures_of_further_tries_are_those_of_the_first_and_weigh_nowhere() -> None:
    outcomes = {Outcome.OK: 90, Outcome.UPSTREAM_ERROR: 12}
    sums = summed(window(outcomes=outcomes, weighed=Weighed(retried=8))).frozen()
    assert (sums.requests, sums.errors) == (94, 4)
    odd = summed(window(outcomes=outcomes, weighed=Weighed(retried=99))).frozen()
    assert (odd.requests, odd.errors) == (90, 0)


def test_latency_is_of_good_answers_alone() -> None:
    durations = {Outcome.OK: histogram(100, 200), Outcome.UPSTREAM_ERROR: histogram(7)}
    sums = summed(window(durations=durations, first_token=histogram(50))).frozen()
    assert (sums.latency.count, sums.latency.sum_us) == (2, 300)
    assert (sums.ttft.count, sums.ttft.sum_us) == (1, 50)


def test_money_and_tokens_are_those_that_weigh() -> None:
    weighed = Weighed(
        with_usage=2,
        tokens=120,
        tokens_squares=7_400.0,
        priced=3,
        cost_picousd=PICOUSD // 2,
        cost_squares=0.125,
        length_stops=1,
    )
    sums = summed(window(weighed=weighed, input=999, cost_picousd=7)).frozen()
    assert (sums.with_usage, sums.tokens, sums.tokens_squares) == (2, 120, 7_400.0)
    assert (sums.priced, sums.cost_usd, sums.cost_squares) == (3, 0.5, 0.125)
    assert sums.length_stops == 1


@given(
    st.lists(st.floats(0, 1e12).map(lambda x: x * 1e-12), max_size=30),
    st.randoms(use_true_random=False),
)
def test_squares_add_up_to_the_same_in_any_order_and_by_parts(
    costs: list[float], draw: object
) -> None:
    windows = [window(weighed=Weighed(cost_squares=cost, tokens_squares=cost)) for cost in costs]
    straight = summed(*windows).frozen()
    draw.shuffle(windows)  # type: ignore[attr-defined]
    half = summed(*windows[: len(windows) // 2])
    half.merge(summed(*windows[len(windows) // 2 :]))
    assert half.frozen().cost_squares == straight.cost_squares == straight.tokens_squares
    assert straight.cost_squares == pytest.approx(math.fsum(costs), rel=1e-12, abs=1e-20)


def test_merging_is_adding_both() -> None:
    one = window(
        outcomes={Outcome.OK: 2, Outcome.UPSTREAM_ERROR: 1},
        weighed=Weighed(with_usage=1, tokens=2, priced=3, cost_picousd=4, length_stops=5),
        durations={Outcome.OK: histogram(1, 9_000)},
        first_token=histogram(3),
    )
    merged = summed(one)
    merged.merge(summed(one, one))
    assert compared(merged.frozen()) == compared(summed(one, one, one).frozen())


def test_what_was_given_out_stays_as_it_was() -> None:
    one = window(outcomes={Outcome.OK: 1}, durations={Outcome.OK: histogram(5)})
    total = summed(one)
    before = total.frozen()
    total.add(one, times(one))
    assert (before.requests, before.latency.count) == (1, 1)


def test_what_was_told_is_heard() -> None:
    huge = Weighed(tokens_squares=1e29, cost_squares=1e29)
    told = summed(window(outcomes={Outcome.OK: 1}, weighed=huge), window(weighed=huge)).told()
    wired = msgspec.msgpack.decode(msgspec.msgpack.encode(told), type=Told)
    assert heard(wired).told() == told


@pytest.mark.parametrize(
    "damage", [{"cost_squares": "none"}, {"tokens_squares": ""}, {"latency": b"x"}, {"ttft": b"x"}]
)
def test_what_cannot_be_heard_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        heard(msgspec.structs.replace(Sum().told(), **damage))
