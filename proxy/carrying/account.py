"""What one exchange cost in time, tokens and money: gathered along the way, recorded once."""

from __future__ import annotations

from typing import Final

from proxy.carrying.worker import Worker
from proxy.dialects import Operation
from proxy.exchange import (
    ELIGIBLE,
    Exchange,
    Outcome,
    Role,
    Usage,
    UsageState,
    blame_of,
    outcome_of_status,
)
from proxy.http.head import AnswerHead
from proxy.metering.meter import Meter, read_whole
from proxy.metering.reading import Reading, estimate
from proxy.numbers.cost import cost_picousd
from proxy.policy import ArmName, Dialect
from proxy.recording.record import Tally
from proxy.routing.aim import UNMATCHED, Aim
from proxy.routing.lane import Seal
from proxy.routing.retried import retried

# Operations whose answers carry tokens that somebody pays for.
_BILLED: Final = frozenset(
    {
        Operation.CHAT,
        Operation.COMPLETIONS,
        Operation.RESPONSES,
        Operation.EMBEDDINGS,
        Operation.MESSAGES,
        Operation.GENERATE,
        Operation.EMBED,
    }
)
# Looked up once: compiled code takes 50 ns to find a member of an enum.
_OK: Final = Outcome.OK
_FINAL: Final = UsageState.FINAL
_PRIMARY: Final = Role.PRIMARY
_CANDIDATE: Final = ArmName.CANDIDATE
_UNMATCHED: Final = Seal(UNMATCHED, None, 0)
_NO_READING: Final = Reading(
    usage=None,
    state=UsageState.MISSING,
    model=None,
    failed=False,
    terminated=False,
    events=0,
    output_bytes=0,
    length_stop=False,
)


class Account:
    """One exchange's measurements. Times are microseconds on the worker's clock."""

    __slots__ = (
        "_aim",
        "_id",
        "_meter",
        "_overhead",
        "_reading",
        "_sent",
        "_started",
        "_status",
        "_tally",
        "_worker",
        "arrived",
        "request_bytes",
        "unique",
    )

    def __init__(self, worker: Worker, now: int) -> None:
        self._worker = worker
        self._started = now
        self._overhead = 0
        self._sent = False
        self._aim: Aim | None = None
        self._meter: Meter | None = None
        self._reading: Reading | None = None  # of a whole answer, which needs no meter
        self._tally: Tally | None = None
        self._status: int | None = None
        self._id = b""
        self.unique = worker.unique()
        self.arrived = now  # when the last byte that the decision needed came in
        self.request_bytes = 0

    @property
    def id(self) -> bytes:
        """The exchange's id, which tells its arm once that is decided."""
        return self._id or _UNMATCHED.id(self.unique)

    def aimed(self, aim: Aim) -> None:
        """It is decided which arm this exchange is about."""
        self._aim = aim
        choice, dialect = aim.choice, aim.call.dialect
        recorder = self._worker.recorder
        if choice is None:
            self._id = _UNMATCHED.id(self.unique)
            self._tally = recorder.tally(UNMATCHED, None, dialect, _PRIMARY)
            return
        lane = choice.lane
        self._id = lane.seal.id(self.unique)
        tally = recorder.tally(lane.migration, lane.name, dialect, _PRIMARY, lane.epoch)
        self._tally = tally
        if choice.kept:
            recorder.kept(lane.migration)
        elif choice.spared:
            recorder.spared(lane.migration)
            # What it drew is the candidate's, as the self-check of the split has to see.
            tally = recorder.tally(lane.migration, _CANDIDATE, dialect, _PRIMARY, lane.epoch)
            if choice.point >= 0:
                tally.keys.add(choice.point)
        elif choice.point >= 0:
            tally.keys.add(choice.point)

    def sent(self, *, warm: bool) -> int:
        """The request is on its way; on a warm connection all time until now was crossfade's.

        Gives the time that it is now.
        """
        now = self._worker.clock()
        self._sent = True
        if warm:
            self._overhead += now - self.arrived
        return now

    def answered(self, head: AnswerHead, payload: bytes, now: int, *, whole: bool) -> Meter | None:
        """The answer's head came in at `now`, with `payload`, which may be the `whole` body.

        Gives the meter that is to be fed with the rest, if there is a rest to meter.
        """
        assert self._aim is not None
        self._status = head.status
        if whole:
            self._reading = read_whole(self._aim.call, head, payload)
        if self._reading is not None:
            return None
        meter = self._meter = self._new_meter(self._aim)
        meter.head(head.status, head.kind, head.encoding)
        meter.feed(payload, now)
        return meter

    def handed_on(self, came: int) -> int:
        """The answer's first bytes came in at `came` and are now written: gives the time."""
        now = self._worker.clock()
        self._overhead += now - came
        return now

    @property
    def at_boundary(self) -> bool:
        return self._meter is not None and self._meter.streaming and self._meter.at_boundary

    def complete(self, now: int) -> None:
        """The upstream's answer is complete at the HTTP level."""
        assert self._status is not None
        assert self._aim is not None
        reading = self._reading
        if reading is None:
            assert self._meter is not None
            reading = self._meter.finish(complete=True)
        outcome = outcome_of_status(
            self._status,
            own_key=self._aim.destination.own_key,
            model_edited=self._aim.model_edited,
        )
        if outcome is _OK and reading.failed:
            outcome = Outcome.UPSTREAM_ERROR
        elif outcome is _OK and not reading.terminated:
            outcome = Outcome.UPSTREAM_TRUNCATED
        self._record(outcome, reading, now)

    def broken(self, outcome: Outcome) -> None:
        """The exchange ended otherwise; what was delivered is still paid for.

        A request that was refused before it was about an arm is no exchange.
        """
        now = self._worker.clock()
        if self._meter is not None:
            self._record(outcome, self._meter.finish(complete=False), now)
        elif self._aim is not None:
            self._record(outcome, self._new_meter(self._aim).finish(complete=False), now)
        elif outcome is Outcome.CLIENT_CANCELLED:
            self._record(outcome, _NO_READING, now)

    @property
    def _counts(self) -> bool:
        choice = self._aim.choice if self._aim is not None else None
        return choice is None or choice.counts

    def _record(self, outcome: Outcome, reading: Reading, now: int) -> None:
        usage, state = self._usage(reading)
        aim = self._aim
        lane = aim.choice.lane if aim is not None and aim.choice is not None else None
        dialect = aim.call.dialect if aim is not None else Dialect.OPENAI
        exchange = Exchange(
            id=self.id,
            migration=UNMATCHED if lane is None else lane.migration,
            arm=None if lane is None else lane.name,
            dialect=dialect,
            role=_PRIMARY,
            version=0 if aim is None else aim.version,
            outcome=outcome,
            blame=blame_of(outcome),
            status=self._status,
            counts=self._counts,
            total_us=now - self._started,
            first_token_us=None if self._meter is None else self._meter.first_token_us,
            overhead_us=self._overhead,
            usage=usage,
            usage_state=state,
            model=reading.model,
            cost_picousd=self._cost(usage, reading.model),
            epoch=0 if lane is None else lane.epoch,
            length_stop=reading.length_stop,
        )
        if self._tally is None:
            self._tally = self._worker.recorder.tally(UNMATCHED, None, dialect, _PRIMARY)
        self._tally.add(exchange)
        if outcome is not _OK and exchange.counts and aim is not None:
            self._retried(outcome, aim)
        if lane is not None and lane.name is _CANDIDATE:
            self._worker.breaker.saw(exchange)

    def _retried(self, outcome: Outcome, aim: Aim) -> None:
        if outcome in ELIGIBLE and retried(aim.head):
            assert self._tally is not None
            self._tally.weighed.retried += 1

    def _usage(self, reading: Reading) -> tuple[Usage | None, UsageState | None]:
        if not self._sent or self._aim is None or self._aim.call.operation not in _BILLED:
            return None, None
        if reading.state is _FINAL:
            return reading.usage, _FINAL
        if self._status is not None and self._status >= 400:
            return None, None
        if reading.state is UsageState.ESTIMATED:
            return estimate(reading, self.request_bytes), UsageState.ESTIMATED
        return reading.usage, UsageState.MISSING

    def _cost(self, usage: Usage | None, answered: str | None) -> int | None:
        aim = self._aim
        if usage is None or aim is None:
            return None
        asked = aim.choice.lane.model if aim.choice is not None else aim.call.model
        to = aim.destination
        price = self._worker.prices.find(to.name, to.dialect, asked or answered or "", answered)
        return None if price is None else cost_picousd(price, usage)

    def _new_meter(self, aim: Aim) -> Meter:
        tally = self._tally
        gaps = tally.gaps if tally is not None and self._counts else None
        return Meter(aim.call, self._started, gaps)
