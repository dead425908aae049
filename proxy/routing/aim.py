"""The words of a decision: what a head alone says, the lane that was chosen, what is sent."""

from __future__ import annotations

from typing import Final

from proxy.dialects import Call
from proxy.routing.destination import Destination
from proxy.routing.draw import Keys
from proxy.routing.lane import Lane, Way
from proxy.routing.shape import Shape

UNMATCHED: Final = "none"


class Met:
    """A route as requests with one head meet it: `keys` is where their sticky key may stand."""

    __slots__ = ("keys", "way")

    def __init__(self, way: Way, keys: Keys) -> None:
        self.way: Final = way
        self.keys: Final = keys


class Look:
    """What the head alone says to one routing. `addressed` is the upstream that `/u/NAME` names.

    `met` holds the routes that were found for models that were asked for with this head, `shape`
    is that of its last body which can be told again.
    """

    __slots__ = ("addressed", "call", "met", "path", "routing", "shape", "target", "wants_body")

    def __init__(
        self,
        routing: object,
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
        self.met: dict[str | None, Met] = {}
        self.shape: Shape | None = None


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
