"""From a request to what is sent where: the snapshot's routes met with this host's upstreams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proxy.dialects import Call, Operation, classify, hinted
from proxy.errors import NO_UPSTREAM, UNKNOWN_UPSTREAM, Invalid, Refused
from proxy.http.head import RequestHead
from proxy.policy import ArmName, Dialect, Route, Snapshot
from proxy.routing import decide, edit
from proxy.routing.aim import Aim, Choice, Look, Met
from proxy.routing.asked import Fields
from proxy.routing.bodies import Bodies
from proxy.routing.breaker import Breaker
from proxy.routing.destination import Destination
from proxy.routing.draw import Keys, Lot, keys_left
from proxy.routing.fields import read, text_at
from proxy.routing.lane import Lane, Way
from proxy.routing.shape import Shape

_ADDRESSED: Final = b"/u/"
_BASELINE: Final = ArmName.BASELINE
_INJECTABLE: Final = frozenset({Operation.CHAT, Operation.COMPLETIONS})
_UNSURE: Final = frozenset({Operation.MODELS, Operation.OTHER, Operation.STORED})


class Routing:
    """One snapshot, compiled for this host; immutable, swapped whole."""

    def __init__(
        self, snapshot: Snapshot, destinations: Mapping[str, Destination], breaker: Breaker
    ) -> None:
        """Raises Invalid when some arm that may get requests cannot be served by this host."""
        for route in snapshot.routes:
            _check(route, destinations)
        self.snapshot = snapshot
        self._version = snapshot.version
        self._destinations = destinations
        self._breaker = breaker
        self._table = decide.compile(snapshot)
        self._ways = {route.name: _way(route, destinations) for route in snapshot.routes}
        self._bodies = Bodies()
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
        shape = self._read(look, body)
        choice = self._choose(look, head, body, shape, request_id)
        if choice is None:
            return self._unmatched(look, head, body)
        return self._edited(look, head, body, shape.fields, choice)

    def _addressed(self, target: bytes) -> tuple[Destination, bytes]:
        name, slash, rest = target[len(_ADDRESSED) :].partition(b"/")
        destination = self._destinations.get(name.decode("ascii", "replace"))
        if destination is None or not slash:
            raise Refused(UNKNOWN_UPSTREAM)
        return destination, b"/" + rest

    def _wants_body(self, look: Look, head: RequestHead) -> bool:
        call = look.call
        return call.json_body and self._table.wants_body(look.path, head.headers, call.dialect)

    def _read(self, look: Look, body: bytes) -> Shape:
        """What a body asks for: mostly what the last one with this head did."""
        last = look.shape
        if last is not None and last.fits(body):
            return last
        fields = read(body, self._bodies)
        shape = Shape(fields, remembered=self._bodies.holds(fields))
        if shape.remembered:
            look.shape = shape
        return shape

    def _choose(
        self,
        look: Look,
        head: RequestHead,
        body: bytes,
        shape: Shape,
        request_id: bytes,
    ) -> Choice | None:
        call, fields = look.call, shape.fields
        model = _model(call, fields)
        met = look.met.get(model) or self._meet(look, head, model)
        if met is None:
            return None
        way = met.way
        if way.allow_force:
            forced = _forced(head)
            if forced is not None:
                return Choice(way.lane(forced), forced=True)
        if shape.names_stored_state(call, body):
            return Choice(way.baseline, kept=True)
        name, point = _drawn(met, body, fields, request_id)
        if name is _BASELINE:
            return Choice(way.baseline, point=point)
        if self._breaker.open(way.route):
            return Choice(way.baseline, spared=True, point=point)
        return Choice(way.lane(name), point=point)

    def _meet(self, look: Look, head: RequestHead, model: str | None) -> Met | None:
        """The route of a model; found once for all heads that are alike."""
        route = decide.find(
            self._table,
            model=model,
            path=look.path,
            headers=head.headers,
            dialect=look.call.dialect,
        )
        if route is None:
            return None
        way = self._ways[route.name]
        met = look.met[model] = Met(way, keys_left(way.lot.sources, head.headers))
        return met

    def _unmatched(self, look: Look, head: RequestHead, body: bytes | None) -> Aim:
        destination = look.addressed or self._first.get(look.call.dialect)
        if destination is None and look.call.operation in _UNSURE:
            destination = self._first.get(self._usual)
        if destination is None:
            raise Refused(NO_UPSTREAM)
        sent = destination.head(head, look.target, foreign=False, plain=False)
        return Aim(look.call, destination, None, self._version, sent, body, False, False)

    def _edited(
        self, look: Look, head: RequestHead, body: bytes, fields: Fields, choice: Choice
    ) -> Aim:
        call, target, lane = look.call, look.target, choice.lane
        destination, model = lane.destination, lane.model
        asked = _model(call, fields)
        if call.model_span is not None and model != asked:
            target = edit.path_model(target, call.model_span, model)
        strip = _injects(call, fields, destination)
        if lane.edits or model != asked or call.model is not None:
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
        return Aim(call, destination, choice, self._version, sent, body, strip, model != asked)


def _model(call: Call, fields: Fields) -> str | None:
    """The model that is asked for; a path that names one decides (Azure's deployments)."""
    return fields.model if call.model is None else call.model


def _injects(call: Call, fields: Fields, destination: Destination) -> bool:
    return (
        call.operation in _INJECTABLE
        and fields.stream is True
        and not fields.stream_options_include_usage
        and destination.injects_usage
    )


def _drawn(met: Met, body: bytes, fields: Fields, request_id: bytes) -> tuple[ArmName, int]:
    """The arm by the sticky key, else by the request's id; and the point that was drawn.

    At a share of 0 and of the whole nothing is read or hashed, since no key could change the arm:
    the point is -1.
    """
    lot = met.way.lot
    if lot.fixed is not None:
        return lot.fixed, -1
    point = lot.point(_key(met.keys, body, fields) or request_id)
    return lot.arm(point), point


def _key(keys: Keys, body: bytes, fields: Fields) -> bytes | None:
    for name in keys.names:
        text = text_at(body, name, fields)
        if text:
            return text.encode("utf-8", "surrogatepass")
    return keys.value


def _way(route: Route, destinations: Mapping[str, Destination]) -> Way:
    lanes = {
        name: Lane(route, name, destinations[route.arm(name).upstream]) for name in _served(route)
    }
    return Way(route, Lot(route), lanes[_BASELINE], lanes.get(ArmName.CANDIDATE))


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
