"""What is counted, where, and what is not."""

from __future__ import annotations

import logging

import pytest

from proxy.errors import (
    CONNECT_TIMEOUT,
    HEADER_TIMEOUT,
    PUBLISHED,
    UPSTREAM_UNREACHABLE,
    Failure,
    Refused,
)
from proxy.exchange import Outcome, Role, UsageState
from proxy.policy import ArmName, Dialect
from proxy.recording.record import MOST_EPOCHS, OTHER, Recorder, Sums, Tally
from tests.doubles.exchange import USAGE, exchange

BASELINE, CANDIDATE = ArmName.BASELINE, ArmName.CANDIDATE


@pytest.fixture
def tally() -> Tally:
    return Tally("triage", CANDIDATE, Dialect.OPENAI)


def test_an_exchange_counts_with_its_outcome_tokens_money_and_times(tally: Tally) -> None:
    tally.add(exchange())
    tally.add(exchange(total_us=900_000, usage_state=UsageState.ESTIMATED))
    sums = tally.counted
    assert sums.requests == 2
    assert sums.outcomes[Outcome.OK] == 2
    assert sums.usage_states == {
        UsageState.FINAL: 1,
        UsageState.ESTIMATED: 1,
        UsageState.MISSING: 0,
    }
    assert (sums.input, sums.cached_input, sums.output, sums.reasoning) == (200, 80, 40, 10)
    assert (sums.cost_picousd, sums.priced, sums.unpriced) == (6_000_000, 2, 0)
    assert tally.durations[Outcome.OK].sum_us == 1_700_000
    assert tally.first_token.sum_us == 400_000
    assert tally.overhead.sum_us == 100


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_is_counted_and_timed_apart(tally: Tally, outcome: Outcome) -> None:
    tally.add(exchange(outcome))
    assert {each for each, count in tally.counted.outcomes.items() if count} == {outcome}
    assert {each for each, times in tally.durations.items() if times.count} == {outcome}


def test_an_answer_without_a_token_has_no_time_to_its_first(tally: Tally) -> None:
    tally.add(exchange(first_token_us=None))
    assert tally.first_token.count == 0
    assert tally.counted.requests == 1


def test_tokens_without_a_price_are_counted_as_unpriced_and_not_as_free(tally: Tally) -> None:
    tally.add(exchange(cost_picousd=None))
    sums = tally.counted
    assert (sums.cost_picousd, sums.priced, sums.unpriced) == (0, 0, 1)
    assert sums.input == USAGE.input


def test_an_exchange_without_tokens_has_neither_usage_nor_price(tally: Tally) -> None:
    tally.add(exchange(usage=None, usage_state=None, cost_picousd=None))
    sums = tally.counted
    assert sum(sums.usage_states.values()) == 0
    assert (sums.priced, sums.unpriced, sums.input) == (0, 0, 0)


def test_what_must_not_weigh_is_summed_apart_and_timed_nowhere(tally: Tally) -> None:
    tally.add(exchange(counts=False))
    assert tally.counted.requests == 0
    assert tally.uncounted.requests == 1
    assert tally.uncounted.cost_picousd == 3_000_000
    timed = (*tally.durations.values(), tally.first_token, tally.overhead, tally.gaps)
    assert all(histogram.count == 0 for histogram in timed)


def test_a_stream_reports_its_gaps_to_the_tally(tally: Tally) -> None:
    sink = tally.gaps.record
    sink(20_000, 1)
    sink(0, 3)
    assert (tally.gaps.count, tally.gaps.sum_us) == (4, 20_000)


def test_the_same_place_is_the_same_tally_and_another_place_another() -> None:
    recorder = Recorder()
    first = recorder.tally("triage", CANDIDATE, Dialect.OPENAI)
    assert recorder.tally("triage", CANDIDATE, Dialect.OPENAI, Role.PRIMARY) is first
    others = [
        recorder.tally("triage", BASELINE, Dialect.OPENAI),
        recorder.tally("triage", CANDIDATE, Dialect.OPENAI, Role.MIRROR),
        recorder.tally("triage", CANDIDATE, Dialect.ANTHROPIC),
        recorder.tally("none", None, Dialect.OPENAI),
    ]
    assert recorder.tallies() == (first, *others)
    assert len(set(recorder.tallies())) == 5


def test_an_arm_is_its_primary_exchanges_in_every_dialect() -> None:
    recorder = Recorder()
    counted = [
        recorder.tally("triage", CANDIDATE, Dialect.OPENAI),
        recorder.tally("triage", CANDIDATE, Dialect.ANTHROPIC),
    ]
    recorder.tally("triage", CANDIDATE, Dialect.OPENAI, Role.MIRROR)
    recorder.tally("triage", BASELINE, Dialect.OPENAI, Role.FALLBACK)
    recorder.tally("other", CANDIDATE, Dialect.OPENAI)
    assert recorder.arm("triage", CANDIDATE) == tuple(counted)
    assert recorder.arm("triage", BASELINE) == ()


def test_a_tally_says_where_it_belongs() -> None:
    tally = Recorder().tally("triage", BASELINE, Dialect.GEMINI, Role.FALLBACK)
    place = (tally.migration, tally.arm, tally.dialect, tally.role)
    assert place == ("triage", BASELINE, Dialect.GEMINI, Role.FALLBACK)


def test_refusals_are_counted_by_published_code_and_others_together() -> None:
    recorder = Recorder()
    for code in (HEADER_TIMEOUT.code, HEADER_TIMEOUT.code, "sk-CANARY-1", "sk-CANARY-2"):
        recorder.refused(code)
    assert recorder.refusals[HEADER_TIMEOUT.code] == 2
    assert recorder.refusals[OTHER] == 2
    assert set(recorder.refusals) == {failure.code for failure in PUBLISHED} | {OTHER}


def test_kept_and_unread_requests_are_counted() -> None:
    recorder = Recorder()
    recorder.kept("triage")
    recorder.kept("triage")
    recorder.unread()
    assert recorder.kept_requests == {"triage": 2}
    assert recorder.unread_bodies == 1


def test_an_outage_is_counted_whole_and_logged_at_each_doubling(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorder = Recorder()
    with caplog.at_level(logging.WARNING):
        for _ in range(100):
            recorder.trouble(Refused(UPSTREAM_UNREACHABLE, "refused\r\nby 10.0.0.7"))
        recorder.trouble(Refused(CONNECT_TIMEOUT))
    assert recorder.troubles[UPSTREAM_UNREACHABLE.code] == 100
    assert recorder.troubles[CONNECT_TIMEOUT.code] == 1
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 7 + 1
    assert "times=64" in lines[6]
    assert all("\n" not in line for line in lines)


def test_trouble_of_an_unpublished_kind_makes_no_new_key() -> None:
    recorder = Recorder()
    strange = Failure("sk-CANARY-3", 502, UPSTREAM_UNREACHABLE.blame, "strange")
    recorder.trouble(Refused(strange))
    assert recorder.troubles[OTHER] == 1
    assert "sk-CANARY-3" not in recorder.troubles


def test_sums_start_at_nothing_for_every_outcome() -> None:
    sums = Sums()
    assert set(sums.outcomes) == set(Outcome)
    assert sums.requests == 0


def test_a_weight_epoch_has_a_tally_of_its_own() -> None:
    recorder = Recorder()
    of_three = recorder.tally("triage", CANDIDATE, Dialect.OPENAI, Role.PRIMARY, 3)
    assert of_three.epoch == 3
    assert recorder.tally("triage", CANDIDATE, Dialect.OPENAI, epoch=3) is of_three
    assert recorder.tally("triage", CANDIDATE, Dialect.OPENAI) is not of_three
    assert len(recorder.arm("triage", CANDIDATE)) == 2


def test_all_but_the_newest_epochs_retire_and_nothing_is_lost() -> None:
    recorder = Recorder()
    for epoch in range(1, 21):
        for arm in (BASELINE, CANDIDATE):
            recorder.tally("triage", arm, Dialect.OPENAI, epoch=epoch).add(exchange(arm=arm))
        recorder.retire()
    left = recorder.tallies()
    assert {tally.epoch for tally in left} == {0, *range(21 - MOST_EPOCHS, 21)}
    assert len(left) == 2 * (MOST_EPOCHS + 1)
    assert sum(tally.counted.requests for tally in recorder.arm("triage", CANDIDATE)) == 20


def test_keys_are_collected_for_the_newest_epochs_alone() -> None:
    recorder = Recorder()
    tallies = [recorder.tally("triage", CANDIDATE, Dialect.OPENAI, epoch=each) for each in range(5)]
    for tally in tallies:
        tally.keys.add(7)
    recorder.retire()
    assert [len(tally.keys.points) for tally in tallies[1:]] == [0, 0, 1, 1]


def test_what_no_weight_routed_never_retires() -> None:
    recorder = Recorder()
    held = recorder.tally("none", None, Dialect.OPENAI)
    assert recorder.retire() == []
    assert recorder.tallies() == (held,)


def test_requests_that_a_breaker_spared_are_counted() -> None:
    recorder = Recorder()
    recorder.spared("triage")
    recorder.spared("triage")
    assert recorder.spared_requests == {"triage": 2}
