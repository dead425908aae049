"""What other processes measured, added to a recorder: so one /metrics covers a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from proxy.delta import Aside, Delta, Window
from proxy.numbers import hdr
from proxy.numbers.histogram import Histogram
from proxy.recording.record import OTHER, Recorder
from proxy.recording.tally import Tally


def gather(recorder: Recorder, delta: Delta) -> None:
    """Adds a delta's windows, without their epochs, and its asides; once each.

    Times' sums are right to 1/256. Raises Invalid for histograms that cannot be read.
    """
    for window in delta.windows:
        _add(recorder.tally(window.migration, window.arm, window.dialect, window.role), window)
    for aside, counts in delta.asides.items():
        _count(recorder, aside, counts)


def _add(tally: Tally, window: Window) -> None:
    _times(tally, window)
    counted, uncounted = tally.counted, tally.uncounted
    for outcome, count in window.outcomes.items():
        counted.outcomes[outcome] += count
    for outcome, count in window.uncounted.items():
        uncounted.outcomes[outcome] += count
    for state, count in window.usage_states.items():
        counted.usage_states[state] += count
    counted.input += window.input
    counted.cached_input += window.cached_input
    counted.output += window.output
    counted.reasoning += window.reasoning
    counted.cost_picousd += window.cost_picousd
    counted.priced += window.priced
    counted.unpriced += window.unpriced
    uncounted.cost_picousd += window.uncounted_cost_picousd


def _times(tally: Tally, window: Window) -> None:
    into = [(tally.durations[outcome], data) for outcome, data in window.durations.items()]
    into += [
        (tally.first_token, window.first_token),
        (tally.gaps, window.gaps),
        (tally.overhead, window.overhead),
    ]
    decoded: list[tuple[Histogram, list[tuple[int, int]]]] = [
        (histogram, hdr.decode(data)) for histogram, data in into
    ]
    for histogram, slots in decoded:
        histogram.fill(slots)


def _count(recorder: Recorder, aside: Aside, counts: Mapping[str, int]) -> None:
    match aside:
        case Aside.REFUSED:
            _by_code(recorder.refusals, counts)
        case Aside.TROUBLE:
            _by_code(recorder.troubles, counts)
        case Aside.KEPT:
            _by_migration(recorder.kept_requests, counts)
        case Aside.SPARED:
            _by_migration(recorder.spared_requests, counts)
        case Aside.UNREAD:
            recorder.unread_bodies += sum(counts.values())
        case Aside.DROPPED:
            recorder.dropped_flushes += sum(counts.values())
        case _:
            assert_never(aside)


def _by_code(into: dict[str, int], counts: Mapping[str, int]) -> None:
    for code, count in counts.items():
        into[code if code in into else OTHER] += count


def _by_migration(into: dict[str, int], counts: Mapping[str, int]) -> None:
    for migration, count in counts.items():
        into[migration] = into.get(migration, 0) + count
