"""The calls about the process: probes, metrics, workers, the table of errors."""

from __future__ import annotations

import json

import msgspec
import pytest

from control.api import errors
from control.api.facts import Readiness
from control.api.process import WHERE, published
from proxy.dialects import Call, Operation, error_body
from proxy.errors import DRAINING, PUBLISHED
from proxy.policy import Dialect
from tests.control.api.service import Service


async def test_healthz_says_that_the_process_lives(api: Service) -> None:
    answer = await api.call("GET", "/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


READINESS = [
    (Readiness(snapshot_version=3, snapshot_age_s=0.25), 200, "ready"),
    (
        Readiness(
            snapshot_version=3, snapshot_age_s=90.0, degraded=True, reasons=("store.db is damaged",)
        ),
        200,
        "degraded",
    ),
    (Readiness(snapshot_version=None, snapshot_age_s=None, degraded=True), 503, "no_snapshot"),
    (Readiness(snapshot_version=3, snapshot_age_s=0.1, draining=True), 503, "draining"),
]


@pytest.mark.parametrize(("readiness", "status", "word"), READINESS)
async def test_readyz_tells_whether_traffic_is_served(
    api: Service, readiness: Readiness, status: int, word: str
) -> None:
    api.readiness = readiness
    answer = await api.call("GET", "/readyz")
    assert answer.status == status
    assert answer.json == {
        **json.loads(msgspec.json.encode(readiness)),
        "status": word,
        "environment": "staging",
    }


async def test_metrics_are_prometheus_text(api: Service) -> None:
    answer = await api.call("GET", "/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.body == b"crossfade_snapshot_version 3\n"


async def test_workers_are_told_with_their_versions(api: Service) -> None:
    await api.apply()
    (worker,) = msgspec.convert(
        (await api.call("GET", "/api/workers")).json, list[dict[str, object]]
    )
    assert worker["worker"] == "one"
    assert worker["live"] is True


async def test_the_table_of_errors_has_every_code(api: Service) -> None:
    table = msgspec.convert((await api.call("GET", "/api/errors")).json, dict[str, object])
    traffic = msgspec.convert(table["traffic"], list[dict[str, object]])
    assert [row["code"] for row in traffic] == [failure.code for failure in PUBLISHED]
    admin = msgspec.convert(table["admin"], list[dict[str, object]])
    assert [row["code"] for row in admin] == [row.code for row in errors.PUBLISHED]


@pytest.mark.parametrize("dialect", Dialect)
def test_the_code_stands_where_the_table_says(dialect: Dialect) -> None:
    call = Call(dialect, Operation.OTHER)
    found: object = json.loads(error_body(call, DRAINING))
    for part in WHERE[dialect].replace("[0]", ".0").split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]  # type: ignore[index]
    assert found == "draining"


def test_retry_after_is_in_the_table() -> None:
    rows = {row.code: row for row in published().traffic}
    assert rows["overloaded"].retry_after_s == 1
