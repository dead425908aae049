"""An operator's calls to an admin API, one after the other on one connection."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import NamedTuple


class Done(NamedTuple):
    """What a verb answered, as far as a benchmark needs it."""

    version: int
    acknowledged_ms: float | None


class Desk:
    """The admin API of one crossfade; its migration is called `benchmark`."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def do(self, verb: str, **body: object) -> Done:
        """One verb; raises RuntimeError where it is refused."""
        answer = self._ask("POST", f"/api/migrations/benchmark/{verb}", body)
        assert isinstance(answer, dict)
        return Done(int(answer["version"]), answer["timings_ms"]["acknowledged"])

    def live(self) -> int:
        """How many workers are live; none where the store is too busy to say."""
        try:
            workers = self._ask("GET", "/api/workers", None)
        except RuntimeError:
            return 0
        assert isinstance(workers, list)
        return sum(bool(one["live"]) for one in workers)

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: dict[str, object] | None) -> object:
        headers = {"Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, path, sent, headers if sent else {})
        answer = self._connection.getresponse()
        read = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{path}: {read}")
        return read
