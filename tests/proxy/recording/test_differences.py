"""Looks that add up to what was counted, whenever they are taken."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy import delta
from proxy.delta import Aside, Delta, Weighed, Window
from proxy.errors import HEADER_TIMEOUT, UPSTREAM_UNREACHABLE, Refused
from proxy.exchange import Outcome, Role, UsageState
from proxy.numbers.keysample import points_in
from proxy.numbers.prices import PICOUSD
from proxy.policy import ArmName, Dialect
from proxy.recording.differences import Differences
from proxy.recording.gathered import gather
from proxy.recording.record import MOST_EPOCHS, Recorder
from proxy.recording.telemetry import Gauges, exposition
from tests.doubles.exchange import exchange

CANDIDATE = ArmName.CANDIDATE
GAUGES = Gauges(build="1", active_streams=0)

outcomes = st.sampled_from(Outcome)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("exchange"), st.sampled_from(ArmName), st.integers(0, 12), outcomes),
        st.tuples(
            st.just("gap"), st.sampled_from(ArmName), st.integers(0, 12), st.integers(0, 255)
        ),
        st.tuples(st.just("forced"), st.sampled_from(ArmName), outcomes),
        st.tuples(
            st.sampled_from(["refused", "kept", "spared", "unread", "dropped", "trouble", "look"])
        ),
    ),
    max_size=60,
)


def take(recorder: Recorder, step: tuple[object, ...]) -> None:
    """One thing happens; times are small ones, of which HDR keeps every microsecond."""
    match step:
        case ("exchange", ArmName() as arm, int(epoch), Outcome() as outcome):
            happened = exchange(
                outcome, arm=arm, total_us=epoch * 20, first_token_us=9, overhead_us=5
            )
            recorder.tally("triage", arm, Dialect.OPENAI, Role.PRIMARY, epoch).add(happened)
        case ("forced", ArmName() as arm, Outcome() as outcome):
            forced = exchange(outcome, arm=arm, counts=False)
            recorder.tally("triage", arm, Dialect.OPENAI).add(forced)
        case ("gap", ArmName() as arm, int(epoch), int(us)):
            recorder.tally("triage", arm, Dialect.OPENAI, Role.PRIMARY, epoch).gaps.record(us)
        case (str(name),):
            aside(recorder, name)


def aside(recorder: Recorder, name: str) -> None:
    """Something that is no exchange."""
    match name:
        case "refused":
            recorder.refused(HEADER_TIMEOUT.code)
        case "kept":
            recorder.kept("triage")
        case "spared":
            recorder.spared("triage")
        case "unread":
            recorder.unread()
        case "dropped":
            recorder.dropped()
        case "trouble":
            recorder.trouble(Refused(UPSTREAM_UNREACHABLE))


def looks(differences: Differences) -> tuple[Window, ...]:
    return tuple(differences.windows())


def looked(differences: Differences, seq: int = 1) -> Delta:
    """A look, over the wire."""
    taken = Delta(
        worker="w",
        boot="b",
        seq=seq,
        at_ms=0,
        windows=looks(differences),
        asides=differences.asides(),
    )
    return delta.decode(delta.encode(taken))


@settings(max_examples=40, deadline=None)
@given(steps)
def test_what_is_gathered_from_looks_is_what_was_recorded(
    happened: list[tuple[object, ...]],
) -> None:
    recorder, gathered = Recorder(), Recorder()
    differences = Differences(recorder)
    for step in [*happened, ("look",)]:
        if step == ("look",):
            gather(gathered, looked(differences))
        take(recorder, step)
    assert lines(gathered) == lines(recorder)


def lines(recorder: Recorder) -> set[str]:
    """What /metrics says, but for what says nothing."""
    said = exposition(recorder, GAUGES).decode().splitlines()
    return {line for line in said if not line.endswith(" 0.0")}


def test_further_tries_that_failed_are_told_as_they_come() -> None:
    recorder = Recorder()
    differences = Differences(recorder)
    tally = recorder.tally("triage", CANDIDATE, Dialect.OPENAI, Role.PRIMARY, 3)
    for marked in (2, 0, 1):
        tally.add(exchange(Outcome.UPSTREAM_ERROR))
        tally.weighed.retried += marked
        (window,) = looks(differences)
        assert window.weighed.retried == marked


def test_a_look_has_what_came_since_the_last_and_no_more() -> None:
    recorder = Recorder()
    differences = Differences(recorder)
    tally = recorder.tally("triage", CANDIDATE, Dialect.OPENAI, Role.PRIMARY, 3)
    tally.add(exchange(cost_picousd=2 * PICOUSD))
    first = looks(differences)
    tally.add(exchange(cost_picousd=3 * PICOUSD, usage_state=UsageState.ESTIMATED))
    (window,) = looks(differences)
    assert len(first) == 1
    assert (window.migration, window.arm, window.role, window.epoch) == (
        "triage",
        CANDIDATE,
        Role.PRIMARY,
        3,
    )
    assert (window.outcomes, window.usage_states) == ({Outcome.OK: 1}, {UsageState.ESTIMATED: 1})
    assert (window.input, window.output, window.cost_picousd) == (100, 20, 3 * PICOUSD)
    assert window.weighed == Weighed(
        with_usage=1,
        tokens=120,
        tokens_squares=120.0**2,
        priced=1,
        cost_picousd=3 * PICOUSD,
        cost_squares=9.0,
    )
    assert looks(differences) == ()


def test_only_new_members_of_the_sample_of_keys_are_told() -> None:
    recorder = Recorder()
    differences = Differences(recorder)
    keys = recorder.tally("triage", CANDIDATE, Dialect.OPENAI, Role.PRIMARY, 3).keys
    for point in (5, 9, 5):
        keys.add(point)
    (first,) = looks(differences)
    assert points_in(first.keys) == [5, 9]
    keys.add(9)
    assert looks(differences) == ()
    keys.add(7)
    (later,) = looks(differences)
    assert points_in(later.keys) == [7]


def test_keys_of_a_weight_that_was_left_are_told_before_they_make_room() -> None:
    recorder = Recorder()
    differences = Differences(recorder)
    told: dict[int, list[int]] = {}
    for epoch in range(1, 6):
        for point in (epoch, 100):
            tally = recorder.tally("triage", CANDIDATE, Dialect.OPENAI, Role.PRIMARY, epoch)
            tally.keys.add(point)
        for window in (*looks(differences), *looks(differences)):
            told.setdefault(window.epoch, []).extend(points_in(window.keys))
    assert told == {epoch: [epoch, 100] for epoch in range(1, 6)}


def test_a_stream_that_still_runs_tells_its_gaps() -> None:
    recorder = Recorder()
    differences = Differences(recorder)
    tally = recorder.tally("triage", CANDIDATE, Dialect.OPENAI)
    tally.gaps.record(1_000)
    (window,) = looks(differences)
    assert (window.outcomes, bool(window.gaps), window.overhead) == ({}, True, b"")


def test_retiring_an_epoch_is_no_news() -> None:
    recorder = Recorder()
    differences = Differences(recorder)
    counted = 0
    for epoch in range(1, 3 * MOST_EPOCHS):
        recorder.tally("triage", CANDIDATE, Dialect.OPENAI, Role.PRIMARY, epoch).add(exchange())
        counted += sum(sum(each.outcomes.values()) for each in looks(differences))
        assert counted == epoch
    assert looks(differences) == ()
    recorder.tally("triage", CANDIDATE, Dialect.OPENAI).add(exchange())
    (rest,) = looks(differences)
    assert (rest.epoch, rest.outcomes) == (0, {Outcome.OK: 1})


def test_what_is_no_exchange_is_told_by_its_kind() -> None:
    recorder = Recorder()
    differences = Differences(recorder)
    assert differences.asides() == {}
    for step in ("refused", "kept", "kept", "spared", "unread", "trouble"):
        take(recorder, (step,))
    assert differences.asides() == {
        Aside.REFUSED: {HEADER_TIMEOUT.code: 1},
        Aside.TROUBLE: {UPSTREAM_UNREACHABLE.code: 1},
        Aside.KEPT: {"triage": 2},
        Aside.SPARED: {"triage": 1},
        Aside.UNREAD: {"": 1},
    }
    assert differences.asides() == {}
    take(recorder, ("kept",))
    assert differences.asides() == {Aside.KEPT: {"triage": 1}}
