"""Sans-I/O: an answer's bytes and their times in; first token, gaps, usage and how it ended out."""

from __future__ import annotations

from typing import Final

from proxy.dialects.answer import reader
from proxy.dialects.call import Call
from proxy.dialects.sight import Seen, Sight, Tokens, text_in
from proxy.exchange import Usage, UsageState
from proxy.http.head import AnswerHead
from proxy.metering.inflate import Inflater, inflater
from proxy.metering.jsonarray import Elements
from proxy.metering.jsonbody import LIMIT, JsonBody
from proxy.metering.ndjson import Lines
from proxy.metering.reading import Reading
from proxy.metering.splitter import Splitter
from proxy.metering.sse import SseEvents
from proxy.numbers.histogram import Histogram

_FINAL: Final = UsageState.FINAL
_NDJSON: Final = frozenset((b"application/x-ndjson", b"application/ndjson", b"application/jsonl"))


def read_whole(call: Call, head: AnswerHead, payload: bytes) -> Reading | None:
    """What a meter would see in a usual JSON answer that came in one piece; None for all others.

    It saves a tenth of a request: the meter's state is for answers that come in pieces.
    """
    shape = reader(call)
    usual = shape.bills and head.status == 200 and not head.encoding and not call.streams
    if not usual or not head.kind.startswith(b"application/json") or len(payload) > LIMIT:
        return None
    sight = shape.body(payload)
    tokens = sight.tokens
    if tokens is None or tokens.output is None or sight.failed:
        return None
    return Reading(
        usage=tokens.usage(),
        state=_FINAL,
        model=sight.model or None,
        failed=False,
        terminated=True,
        events=0,
        output_bytes=sight.text,
        length_stop=sight.length_stop,
    )


class Meter:
    """Reads one answer beside its way to the client: it changes nothing, and never raises.

    It holds an event that is not complete (up to 4 MiB, rarely over 1 KiB) or a JSON body (up to
    1 MiB), else about 0.5 KiB. `first_token_us` and gaps are of events that carry content: role
    chunks, pings, usage and terminal events are no tokens. A read that holds n tokens adds one gap
    to `gaps`, and n - 1 gaps of nothing.
    """

    __slots__ = (
        "_body",
        "_ended",
        "_event",
        "_failed",
        "_free",
        "_gaps",
        "_inflater",
        "_last_us",
        "_length_stop",
        "_model",
        "_refused",
        "_shape",
        "_split",
        "_started_us",
        "_streams",
        "_tokens",
        "_unreadable",
        "events",
        "first_token_us",
        "output_bytes",
        "streaming",
    )

    def __init__(self, call: Call, started_us: int, gaps: Histogram | None) -> None:
        self._shape = reader(call)
        # What each event touches stands together: compiled, members lie in memory in this order.
        self._inflater: Inflater | None = None
        self._split: Splitter | None = None
        self._event = self._shape.event
        self._gaps = gaps
        self._last_us = started_us
        self.first_token_us: int | None = None
        self.events = 0
        self.output_bytes = 0
        self._started_us = started_us
        self._streams = call.streams is True
        self._body: JsonBody | None = None
        self._unreadable = False
        self._free = not self._shape.bills
        self._refused = False
        self._tokens: Tokens | None = None
        self._model: str | None = None
        self._ended = False
        self._failed = False
        self._length_stop = False
        self.streaming = False

    @property
    def at_boundary(self) -> bool:
        """Whether an error event may follow the bytes so far."""
        return self._split is not None and self._inflater is None and self._split.at_boundary

    def head(self, status: int, content_type: bytes, content_encoding: bytes) -> None:
        """Take the answer's head; an error states no usage, and a redirection costs nothing."""
        self._free = self._free or 300 <= status < 400
        self._refused = status >= 400
        kind = content_type.partition(b";")[0].strip().lower()
        self._split = self._framing(kind)
        self.streaming = self._split is not None
        wanted = not (self.streaming or self._free or self._refused)
        if wanted and (b"json" in kind or kind in (b"", b"text/plain")):
            self._body = JsonBody()
        if content_encoding and content_encoding.strip().lower() != b"identity":
            self._inflater = inflater(content_encoding)
            if self._inflater is None:
                self._unreadable = True
                self._split = self._body = None

    def _framing(self, kind: bytes) -> Splitter | None:
        if kind == b"text/event-stream":
            return SseEvents()
        if kind in _NDJSON:
            return Lines()
        return Elements() if self._streams and b"json" in kind else None

    def feed(self, piece: bytes, now_us: int) -> bool:
        """Read the next bytes of the body, framing removed; about 0.9 µs an event.

        Says whether they are exactly one event, of text and nothing else.
        """
        if self._inflater is not None:
            piece = self._inflater.feed(piece)
        split = self._split
        if split is None:
            if self._body is not None:
                self._body.add(piece)
            return False
        payload = split.one(piece)
        if payload is None:
            self._add([self._event(data) for data in split.feed(piece)], now_us)
            return False
        seen = self._event(payload)
        if not isinstance(seen, int) or not seen:
            self._add([seen], now_us)
            return False
        self.events += 1
        self.output_bytes += seen
        self._tick(1, now_us)
        return True

    def _add(self, all_seen: list[Seen], now_us: int) -> None:
        """Count what the events of one read show."""
        tokens = text = 0
        for seen in all_seen:
            if isinstance(seen, int):
                said = seen
            else:
                self._note(seen)
                said = seen.text
            if said:
                tokens += 1
                text += said
        self.events += len(all_seen)
        if tokens:
            self.output_bytes += text
            self._tick(tokens, now_us)

    def _tick(self, tokens: int, now_us: int) -> None:
        if self.first_token_us is None:
            self.first_token_us = now_us - self._started_us
        elif self._gaps is not None:
            self._gaps.record(now_us - self._last_us, 1)
        if tokens > 1 and self._gaps is not None:
            self._gaps.record(0, tokens - 1)
        self._last_us = now_us

    def _note(self, sight: Sight) -> None:
        if sight.tokens is not None:
            self._tokens = sight.tokens.over(self._tokens)
        if sight.ended:
            self._ended = True
        if sight.failed:
            self._failed = True
        if sight.length_stop:
            self._length_stop = True
        if sight.model:
            self._model = sight.model

    def finish(self, *, complete: bool) -> Reading:
        """What was seen; `complete` is False for an answer that was cut or cancelled."""
        if self._split is not None:
            for payload in self._split.rest():
                self.events += 1
                seen = self._event(payload)
                sight = Sight(seen) if isinstance(seen, int) else seen
                self.output_bytes += sight.text
                self._note(sight)
        elif self._body is not None:
            answer = self._body.take()
            sight = self._shape.body(answer)
            self._note(sight)
            self.output_bytes = sight.text if sight.tokens is not None else text_in(answer)
        return Reading(
            usage=self._usage(),
            state=self._state(complete=complete),
            model=self._model,
            failed=self._failed,
            terminated=self._terminated(),
            events=self.events,
            output_bytes=self.output_bytes,
            length_stop=self._length_stop,
        )

    def _usage(self) -> Usage | None:
        if self._free:
            return Usage()
        return None if self._tokens is None else self._tokens.usage()

    def _state(self, *, complete: bool) -> UsageState:
        if self._free:
            return UsageState.FINAL
        known = self._shape.known
        over = self._ended or not self.streaming or (complete and not known)
        if over and self._tokens is not None and self._tokens.output is not None:
            return UsageState.FINAL
        cut = not complete or (self.streaming and not self._ended)
        failed_at_once = self._failed and self.output_bytes == 0
        if not known or not cut or failed_at_once or self._refused or self._lost():
            return UsageState.MISSING
        return UsageState.ESTIMATED

    def _terminated(self) -> bool:
        seen = not self.streaming or self._ended or self._failed
        return seen or self._refused or not self._shape.known or self._lost()

    def _lost(self) -> bool:
        """Whether compression hid the answer's end."""
        return self._unreadable or (self._inflater is not None and self._inflater.gave_up)
