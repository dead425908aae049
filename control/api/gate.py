"""From a request to its answer: let in or turned away, sent to its handler, errors in one shape."""

from __future__ import annotations

import logging

from aiohttp.web import BaseRequest, StreamResponse

from control.api import errors, routes
from control.api.calls import Call
from control.api.errors import INTERNAL, Rejected
from control.api.facts import Facts
from control.api.guard import Guard
from control.api.table import ROUTES
from control.api.watchers import Watchers
from control.desk.desk import Desk
from control.refusal import DeskError

log = logging.getLogger(__name__)


class Gate:
    """Answers every request; what nobody foresaw is a 500, logged and counted in `faults`."""

    def __init__(self, *, desk: Desk, facts: Facts, guard: Guard, watchers: Watchers) -> None:
        self.faults = 0
        self._desk = desk
        self._facts = facts
        self._guard = guard
        self._watchers = watchers

    async def answer(self, request: BaseRequest) -> StreamResponse:
        try:
            return await self._answer(request)
        except Rejected as rejection:
            return errors.rejected(rejection)
        except DeskError as error:
            return errors.refused(error)
        except ConnectionError:
            raise  # the caller left
        except Exception as error:
            log.exception("admin_request_failed")
            self.faults += 1
            if request.writer.output_size:
                raise ConnectionError("an answer has begun: it can only break off") from error
            return errors.rejected(Rejected(INTERNAL))

    async def _answer(self, request: BaseRequest) -> StreamResponse:
        raw_path = request.rel_url.raw_path
        role = self._guard.admit(request.method, raw_path, tuple(request.headers.items()))
        route, name = routes.find(ROUTES, request.method, raw_path)
        call = Call(
            request=request,
            role=role,
            name=name,
            desk=self._desk,
            facts=self._facts,
            watchers=self._watchers,
        )
        call.require(route.needs)
        response = await route.handler(call)
        if route.takes is not None:
            self._watchers.ring()
        return response
