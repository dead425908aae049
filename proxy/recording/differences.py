"""What a recorder counted since the last look, as the windows that a delta carries."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

from proxy.delta import Aside, Weighed, Window
from proxy.exchange import Outcome
from proxy.numbers import hdr
from proxy.numbers.histogram import Histogram
from proxy.numbers.keysample import points_of
from proxy.recording.record import Recorder
from proxy.recording.tally import Sums, Tally, Worth

K = TypeVar("K", bound=Hashable)


class Differences:
    """Holds a copy of a recorder's figures as they were at the last look.

    A look takes 0.25 ms for each kind of exchange that grew, 1 µs for the others. It is also when
    the recorder retires old weight epochs.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._seen: dict[Tally, _Seen] = {}
        self._asides: dict[Aside, dict[str, int]] = {}

    def windows(self) -> Iterator[Window]:
        """What every kind of exchanges added; kinds that added nothing are left out.

        Exchanges may end while it is gone through: they are in this look or in the next.
        """
        for tally in self._recorder.tallies():
            seen = self._seen.get(tally)
            if seen is None:
                seen = self._seen[tally] = _Seen(tally)
            if seen.moved(tally):
                yield seen.window(tally)
        self._retire()

    def asides(self) -> dict[Aside, dict[str, int]]:
        """What was counted beside exchanges; what did not grow is left out."""
        found: dict[Aside, dict[str, int]] = {}
        for aside, now in _asides(self._recorder).items():
            grown = _grown(now, self._asides.get(aside, {}))
            if grown:
                found[aside] = grown
                self._asides[aside] = dict(now)
        return found

    def _retire(self) -> None:
        for old, rest in self._recorder.retire():
            # What retires was just looked at, so its figures are no news in the other's either.
            self._seen.setdefault(rest, _Seen(rest)).merge(self._seen.pop(old))


class _Seen:
    """One tally's figures at the last look: another tally, and the keys that were told."""

    def __init__(self, tally: Tally) -> None:
        self._figures = Tally(tally.migration, tally.arm, tally.dialect, tally.role, tally.epoch)
        self._points: set[int] = set()
        self._mark = _mark(self._figures)

    def moved(self, tally: Tally) -> bool:
        return _mark(tally) != self._mark

    def merge(self, other: _Seen) -> None:
        self._figures.merge(other._figures)
        self._mark = _mark(self._figures)

    def window(self, tally: Tally) -> Window:
        """The difference, from which on the tally's figures now are those seen last."""
        self._mark = _mark(tally)
        was = self._figures
        window = Window(
            migration=tally.migration,
            arm=tally.arm,
            dialect=tally.dialect,
            role=tally.role,
            epoch=tally.epoch,
            outcomes=_grown(tally.counted.outcomes, was.counted.outcomes),
            uncounted=_grown(tally.uncounted.outcomes, was.uncounted.outcomes),
            usage_states=_grown(tally.counted.usage_states, was.counted.usage_states),
            input=tally.counted.input - was.counted.input,
            cached_input=tally.counted.cached_input - was.counted.cached_input,
            output=tally.counted.output - was.counted.output,
            reasoning=tally.counted.reasoning - was.counted.reasoning,
            cost_picousd=tally.counted.cost_picousd - was.counted.cost_picousd,
            priced=tally.counted.priced - was.counted.priced,
            unpriced=tally.counted.unpriced - was.counted.unpriced,
            uncounted_cost_picousd=tally.uncounted.cost_picousd - was.uncounted.cost_picousd,
            weighed=_weighed(tally.weighed, was.weighed),
            durations=_durations(tally.durations, was.durations),
            first_token=_histogram(tally.first_token, was.first_token),
            gaps=_histogram(tally.gaps, was.gaps),
            overhead=_histogram(tally.overhead, was.overhead),
            keys=self._keys(tally),
            ceiling=tally.keys.ceiling,
        )
        was.counted, was.uncounted = _copied(tally.counted), _copied(tally.uncounted)
        was.weighed = Worth()
        was.weighed.merge(tally.weighed)
        return window

    def _keys(self, tally: Tally) -> bytes:
        told, self._points = self._points, tally.keys.points.copy()
        return points_of(self._points - told)


def _mark(tally: Tally) -> tuple[int, int, int, int, int]:
    """Numbers of which one has grown whenever anything has."""
    return (
        tally.counted.requests,
        tally.uncounted.requests,
        tally.gaps.count,
        len(tally.keys.points),
        -tally.keys.ceiling,
    )


def _copied(sums: Sums) -> Sums:
    copy = Sums()
    copy.merge(sums)
    return copy


def _grown(now: Mapping[K, int], was: Mapping[K, int]) -> dict[K, int]:
    return {key: count - was.get(key, 0) for key, count in now.items() if count != was.get(key, 0)}


def _weighed(now: Worth, was: Worth) -> Weighed:
    return Weighed(
        with_usage=now.with_usage - was.with_usage,
        tokens=now.tokens - was.tokens,
        tokens_squares=now.tokens_squares - was.tokens_squares,
        priced=now.priced - was.priced,
        cost_picousd=now.cost_picousd - was.cost_picousd,
        cost_squares=now.cost_squares - was.cost_squares,
        length_stops=now.length_stops - was.length_stops,
        retried=now.retried - was.retried,
    )


def _durations(
    now: Mapping[Outcome, Histogram], was: Mapping[Outcome, Histogram]
) -> dict[Outcome, bytes]:
    return {
        outcome: _histogram(times, was[outcome])
        for outcome, times in now.items()
        if times.count != was[outcome].count
    }


def _histogram(now: Histogram, was: Histogram) -> bytes:
    """What was recorded since; `was` is brought up to `now`."""
    if now.count == was.count:
        return b""
    slots = hdr.added(now.counts, was.counts)
    was.counts, was.count, was.sum_us = array("Q", now.counts), now.count, now.sum_us
    return hdr.encode(slots)


def _asides(recorder: Recorder) -> Mapping[Aside, Mapping[str, int]]:
    return {
        Aside.REFUSED: recorder.refusals,
        Aside.TROUBLE: recorder.troubles,
        Aside.KEPT: recorder.kept_requests,
        Aside.SPARED: recorder.spared_requests,
        Aside.UNREAD: {"": recorder.unread_bodies},
        Aside.DROPPED: {"": recorder.dropped_flushes},
    }
