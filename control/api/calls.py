"""One call of the admin API as its handlers see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp.web import BaseRequest, StreamResponse

from control.api.facts import Facts
from control.api.watchers import Watchers
from control.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was let in; `name` is the migration's in the path, "" where there is none."""

    request: BaseRequest
    name: str
    desk: Desk
    facts: Facts
    watchers: Watchers


Handler = Callable[[Call], Awaitable[StreamResponse]]
