"""One call of the admin API as its handlers see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp.web import BaseRequest, StreamResponse

from control.api.errors import FORBIDDEN_ROLE, Rejected
from control.api.facts import Facts
from control.api.watchers import Watchers
from control.desk.desk import Desk
from control.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was let in; `name` is the migration's in the path, "" where there is none."""

    request: BaseRequest
    role: Role
    name: str
    desk: Desk
    facts: Facts
    watchers: Watchers

    def require(self, needed: Role) -> None:
        """Returns for a caller whose role is `needed` or more; all others are turned away."""
        if not self.role.may(needed):
            raise Rejected(FORBIDDEN_ROLE, f"It is {self.role}'s, and {needed}'s is needed.")


Handler = Callable[[Call], Awaitable[StreamResponse]]
