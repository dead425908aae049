"""From a request to what is sent where: the snapshot's routes met with this host's upstreams."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from proxy import decide, edit
from proxy.breaker import Breaker
from proxy.destination import Destination
from proxy.dialects import Call, Operation, classify, hinted
from proxy.errors import NO_UPSTREAM, UNKNOWN_UPSTREAM, Invalid, Refused
from proxy.fields import names_stored_state, read, text_at
from proxy.head import RequestHead
from proxy.lane import Lane
from proxy.policy import ArmName, Dialect, Route, Snapshot
from proxy.wanted import Fields

UNMATCHED: Final = "none"
_ADDRESSED: Final = b"/u/"
_INJECTABLE: Final = frozenset({Operation.CHAT, Operation.COMPLETIONS})
_UNSURE: Final = frozenset({Operation.MODELS, Operation.OTHER, Operation.STORED})


class Look:
    """What the head alone says to one routing. `addressed` is the upstream that `/u/NAME` names."""

    __slots__ = ("addressed", "call", "path", "routing", "target", "wants_body")

    def __init__(
        self,
        routing: Routing,
        call: Call,
        target: bytes,
        addressed: Destination | None,
    ) -> None:
        self.routing = routing
        self.call = call
        self.target = target
        self.path = target.partition(b"?")[0]
        self.addressed = addressed
        self.wants_body = False


class Choice:
    """The lane that serves.

    `kept`: stored state held the request on the baseline; `spared`: this worker's breaker did.
    `point` is what the sticky key drew, -1 where nothing was drawn.
    """

    __slots__ = ("forced", "kept", "lane", "point", "spared")

    def __init__(
        self,
        lane: Lane,
        *,
        forced: bool = False,
        kept: bool = False,
        spared: bool = False,
        point: int = -1,
    ) -> None:
        self.lane = lane
        self.forced = forced
        self.kept = kept
        self.spared = spared
        self.point = point

    @property
    def counts(self) -> bool:
        """Whether the draw chose the arm: all others say nothing about it."""
        return not (self.forced or self.kept or self.spared)


class Aim:
    """One request, ready to be sent.

    `body` None means that it streams through as it comes. `strip` says that the answer's extra
    usage event was asked for by crossfade and is to be removed again.
    """

    __slots__ = (
        "body",
        "call",
        "choice",
        "destination",
        "head",
        "model_edited",
        "strip",
        "version",
    )

    def __init__(
        self,
        call: Call,
        destination: Destination,
        choice: Choice | None,
        version: int,
        head: bytes,
        body: bytes | None,
        strip: bool = False,
        model_edited: bool = False,
    ) -> None:
        self.call = call
        self.destination = destination
        self.choice = choice
        self.version = version
        self.head = head
        self.body = body
        self.strip = strip
        self.model_edited = model_edited

    @property
    def migration(self) -> str:
        return UNMATCHED if self.choice is None else self.choice.lane.route.name


class Routing:
    """One snapshot, compiled for this host; immutable, swapped whole."""

    def __init__(
        self, snapshot: Snapshot, destinations: Mapping[str, Destination], breaker: Breaker
    ) -> None:
        """Raises Invalid when some arm that may get requests cannot be served by this host."""
        for route in snapshot.routes:
            _check(route, destinations)
        self.snapshot = snapshot
        self._destinations = destinations
        self._breaker = breaker
        self._table = decide.compile(snapshot)
        self._lanes = {
            (route.name, name): Lane(route, name, destinations[route.arm(name).upstream])
            for route in snapshot.routes
            for name in _served(route)
        }
        self._first: dict[Dialect, Destination] = {}
        for destination in destinations.values():
            self._first.setdefault(destination.upstream.dialect, destination)
        self._usual = next(iter(self._first), Dialect.OPENAI)

    def look(self, head: RequestHead) -> Look:
        """Read the head, once for all that are alike. Raises Refused: unknown_upstream."""
        seen = head.looks.get(head.has_body)
        if isinstance(seen, Look) and seen.routing is self:
            return seen
        look = self._look(head)
        head.looks[head.has_body] = look
        return look

    def _look(self, head: RequestHead) -> Look:
        target = head.target
        addressed = None
        usual = self._usual
        if target.startswith(_ADDRESSED):
            addressed, target = self._addressed(target)
            usual = addressed.upstream.dialect
        call = classify(head.method, target, usual)
        if call.operation in _UNSURE:
            call = classify(head.method, target, hinted(head.headers) or usual)
        look = Look(self, call, target, addressed)
        look.wants_body = head.has_body and addressed is None and self._wants_body(look, head)
        return look

    def aim(self, look: Look, head: RequestHead, body: bytes | None, request_id: bytes) -> Aim:
        """Decide. `body` None: there is none, or it is not to be read. Raises Refused."""
        if look.routing is not self:
            look = self.look(head)  # a snapshot came in while the body did
        if body is None or not look.wants_body:
            return self._unmatched(look, head, body)
        fields = read(body)
        choice = self._choose(look, head, body, fields, request_id)
        if choice is None:
            return self._unmatched(look, head, body)
        return self._edited(look, head, body, fields, choice)

    def _addressed(self, target: bytes) -> tuple[Destination, bytes]:
        name, slash, rest = target[len(_ADDRESSED) :].partition(b"/")
        destination = self._destinations.get(name.decode("ascii", "replace"))
        if destination is None or not slash:
            raise Refused(UNKNOWN_UPSTREAM)
        return destination, b"/" + rest

    def _wants_body(self, look: Look, head: RequestHead) -> bool:
        call = look.call
        return call.json_body and self._table.wants_body(look.path, head.headers, call.dialect)

    def _choose(
        self,
        look: Look,
        head: RequestHead,
        body: bytes,
        fields: Fields,
        request_id: bytes,
    ) -> Choice | None:
        call = look.call
        route = decide.find(
            self._table,
            model=_model(call, fields),
            path=look.path,
            headers=head.headers,
            dialect=call.dialect,
        )
        if route is None:
            return None
        if route.allow_force:
            forced = _forced(head)
            if forced is not None:
                return Choice(self._lanes[route.name, forced], forced=True)
        if names_stored_state(call, body, fields):
            return Choice(self._lanes[route.name, ArmName.BASELINE], kept=True)
        text = partial(text_at, body, fields=fields)
        name, point = decide.assign(self._table, route, head.headers, text, request_id)
        if name is ArmName.CANDIDATE and self._breaker.open(route):
            lane = self._lanes[route.name, ArmName.BASELINE]
            return Choice(lane, spared=True, point=point)
        return Choice(self._lanes[route.name, name], point=point)

    def _unmatched(self, look: Look, head: RequestHead, body: bytes | None) -> Aim:
        destination = look.addressed or self._first.get(look.call.dialect)
        if destination is None and look.call.operation in _UNSURE:
            destination = self._first.get(self._usual)
        if destination is None:
            raise Refused(NO_UPSTREAM)
        sent = destination.head(head, look.target, foreign=False, plain=False)
        version = self.snapshot.version
        return Aim(look.call, destination, None, version, sent, body, False, False)

    def _edited(
        self, look: Look, head: RequestHead, body: bytes, fields: Fields, choice: Choice
    ) -> Aim:
        call, target, lane = look.call, look.target, choice.lane
        destination, model = lane.destination, lane.arm.model
        asked = _model(call, fields)
        if call.model_span is not None and model != asked:
            target = edit.path_model(target, call.model_span, model)
        strip = _injects(call, fields, destination)
        body = edit.apply(
            body,
            model=model if call.model_in_body else None,
            model_span=fields.model_span,
            edits=lane.arm.edits,
            dialect=call.dialect,
            operation=call.operation,
        )
        if strip:
            body = edit.inject_usage(body, fields)
        sent = destination.head(head, target, foreign=lane.foreign, plain=strip)
        version = self.snapshot.version
        return Aim(call, destination, choice, version, sent, body, strip, model != asked)


def _model(call: Call, fields: Fields) -> str | None:
    """The model that is asked for; a path that names one decides (Azure's deployments)."""
    return fields.model if call.model is None else call.model


def _injects(call: Call, fields: Fields, destination: Destination) -> bool:
    return (
        call.operation in _INJECTABLE
        and fields.stream is True
        and not fields.stream_options_include_usage
        and destination.upstream.inject_usage
    )


def _served(route: Route) -> tuple[ArmName, ...]:
    """The arms that may get requests: a candidate that is out of use must not hold up a host."""
    used = route.split.share > 0 or route.allow_force
    return tuple(ArmName) if used else (ArmName.BASELINE,)


def _check(route: Route, destinations: Mapping[str, Destination]) -> None:
    for arm in map(route.arm, _served(route)):
        destination = destinations.get(arm.upstream)
        if destination is None:
            raise Invalid(f"route {route.name}: this host has no upstream {arm.upstream}")
        if destination.upstream.dialect is not route.dialect:
            raise Invalid(f"route {route.name}: upstream {arm.upstream} speaks another dialect")
        if arm.upstream != route.baseline.upstream and not destination.own_key:
            raise Invalid(f"route {route.name}: upstream {arm.upstream} needs a key of its own")


def _forced(head: RequestHead) -> ArmName | None:
    for lower, value, _ in head.headers:
        if lower == b"x-crossfade-arm":
            text = value.decode("ascii", "replace").strip().lower()
            return ArmName(text) if text in ArmName.__members__.values() else None
    return None
