"""The admin API as tests call it: JSON in, JSON out, and /metrics as numbers."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

ANSWER_S = 60.0
PLACES = ("/", "/metrics", "/readyz", "/healthz", "/api/errors", "/api/openapi.json")
STATE = ("/api/workers", "/api/migrations")


class Answer(NamedTuple):
    """An answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error's code; every error has the one shape."""
        return str(self.json["error"]["code"])


@dataclass(frozen=True, slots=True)
class Admin:
    """One admin API, by its address."""

    address: str
    token: str | None

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        host, _, port = self.address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=ANSWER_S)
        try:
            connection.request(method, path, data, sent | dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> object:
        """What a path tells; an assertion error where it is refused."""
        return self._done(self.ask("GET", path))

    def put(self, name: str, file: Mapping[str, object]) -> object:
        """Apply a migration."""
        return self._done(self.ask("PUT", f"/api/migrations/{name}", {"file": json.dumps(file)}))

    def post(self, name: str, verb: str, **body: object) -> object:
        """Do something to a migration."""
        return self._done(self.ask("POST", f"/api/migrations/{name}/{verb}", body))

    def metrics(self) -> Metrics:
        """Every sample of /metrics."""
        answer = self.ask("GET", "/metrics")
        assert answer.status == 200
        return Metrics.read(answer.body.decode())

    def everything(self) -> dict[str, bytes]:
        """What the admin API tells, all of it."""
        paths = [*PLACES, *STATE]
        listed = self.ask("GET", "/api/migrations")
        for migration in listed.json if listed.status == 200 else ():
            place = f"/api/migrations/{migration['name']}"
            paths += [place, f"{place}/history", f"{place}/x"]
        return {path: self.ask("GET", path).body for path in paths}

    def _done(self, answer: Answer) -> object:
        assert answer.status == 200, answer.body
        return answer.json


class Metrics(NamedTuple):
    """One scrape: each sample by its name and its labels."""

    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float]

    @classmethod
    def read(cls, text: str) -> Metrics:
        found = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found[sample.name, frozenset(sample.labels.items())] = sample.value
        return cls(found)

    def value(self, name: str, **labels: str) -> float:
        """The sum of the samples that have these labels; 0 where there are none."""
        wanted = set(labels.items())
        return sum(
            value
            for (sample, has), value in self.samples.items()
            if sample == name and wanted <= has
        )

    def labels(self, label: str) -> set[str]:
        """Every value that a label has."""
        return {value for _, has in self.samples for name, value in has if name == label}
