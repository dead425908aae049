"""A worker without a loop: its clients and its warm upstream connections are the test's own."""

from __future__ import annotations

from proxy.carrying.connection import ClientConnection
from proxy.carrying.pool import Pool
from proxy.dialects import Call, Operation
from proxy.policy import ArmName, Limits, Route, Upstream
from proxy.routing.aim import Aim, Choice
from proxy.routing.destination import Destination
from proxy.routing.lane import Lane
from tests.doubles.transport import Transport
from tests.doubles.worker import Bench, upstream


class Stage(Bench):
    """Everything happens at once and in the test's order; only connecting needs a real loop."""

    def __init__(
        self,
        *upstreams: Upstream,
        routes: tuple[Route, ...] = (),
        limits: Limits | None = None,
        tokens: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(*(upstreams or (upstream(),)), routes=routes, limits=limits, tokens=tokens)

    def client(self, *, room: int | None = None) -> Transport:
        """A client has connected; its transport's peer is the test."""
        return Transport(ClientConnection(self.worker), room=room)

    @property
    def pool(self) -> Pool:
        """The pool of requests that match no migration, to the first upstream."""
        destination = next(iter(self.worker._destinations.values()))
        return self.worker.pool(_aim(destination, None))

    def arm_pool(self, route: Route, name: ArmName) -> Pool:
        """The pool of one arm's requests."""
        destination = self.worker._destinations[route.arm(name).upstream]
        lane = Lane(route, name, destination)
        return self.worker.pool(_aim(destination, Choice(lane)))

    def warm(self, *, room: int | None = None, pool: Pool | None = None) -> Transport:
        """An upstream connection stands ready; its transport's peer is the test."""
        home = pool or self.pool
        connection = home._new()
        transport = Transport(connection, room=room)
        home.give_back(connection, self.worker.clock())
        return transport


def _aim(destination: Destination, choice: Choice | None) -> Aim:
    call = Call(destination.upstream.dialect, Operation.CHAT)
    return Aim(call, destination, choice, 0, b"", None, strip=False, model_edited=False)
