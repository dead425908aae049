"""Every path of the admin API."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from control.api import answers, drill, events, migrations, notices, openapi, page, process, scores
from control.api.bodies import Apply, Dismiss, Plain, Promote, Rehearse, SetWeight, Signed
from control.api.calls import Call
from control.api.routes import Route
from control.desk.desk import Desk
from control.desk.drill import Drilled
from control.desk.scoring import Scored
from control.desk.view import Changed, Summary, View
from control.guard import Explanation
from control.guard.forecast import Forecast
from control.measures.scores import Score
from control.notify.message import Delivery
from control.roles import Role
from control.store import Event, WorkerStatus


async def _openapi(_: Call) -> StreamResponse:
    return answers.json(openapi.document(ROUTES))


_ONE = "/api/migrations/{name}"

ROUTES = (
    Route("GET", "/", page.page, "A status page for people."),
    Route("GET", "/healthz", process.health, "The process lives. No token.", process.Health),
    Route(
        "GET",
        "/readyz",
        process.readiness,
        "200 while a snapshot serves, degraded or not; 503 while draining or without. No token.",
        process.ReadyBody,
    ),
    Route("GET", "/metrics", process.metrics, "Prometheus' text exposition."),
    Route("GET", "/api/openapi.json", _openapi, "This document."),
    Route(
        "GET",
        "/api/errors",
        process.error_table,
        "Every error code, of the traffic and of this API.",
        process.ErrorTable,
    ),
    Route(
        "GET",
        "/api/workers",
        process.workers,
        "The workers and the versions that they serve.",
        list[WorkerStatus],
    ),
    Route(
        "GET",
        "/api/events",
        events.events,
        "Changes of migrations as server-sent events; each carries a migration's summary.",
    ),
    Route(
        "GET", "/api/migrations", migrations.listed, "Where each migration stands.", list[Summary]
    ),
    Route("GET", _ONE, migrations.shown, "One migration with its arms' figures.", View),
    Route(
        "PUT",
        _ONE,
        migrations.applied,
        "Registers a migration at weight 0, or updates it; never changes a weight.",
        Changed,
        Apply,
        Role.OWNER,
    ),
    Route(
        "POST",
        f"{_ONE}/set-weight",
        migrations.weighed,
        "Gives the candidate a percent of the traffic; 100 is an owner's alone. Not while latched.",
        Changed,
        SetWeight,
        Role.OPERATOR,
    ),
    *(
        Route(
            "POST", f"{_ONE}/{verb}", migrations.plainly(act), says, Changed, Plain, Role.OPERATOR
        )
        for verb, act, says in (
            ("start", Desk.start, "Begins the ramp with its first step."),
            ("pause", Desk.pause, "Stops the ramp at the weight that it has."),
            ("resume", Desk.resume, "Lets a paused ramp go on."),
            ("approve", Desk.approve, "Opens the gate of the step that the ramp is at."),
            ("reject", Desk.reject, "Undoes the step that waits for approval."),
        )
    ),
    Route(
        "POST",
        f"{_ONE}/dismiss",
        migrations.dismissed,
        "Says that nothing shall follow from an open breach; needs a reason.",
        Changed,
        Dismiss,
        Role.OWNER,
    ),
    Route(
        "POST",
        f"{_ONE}/promote",
        migrations.promoted,
        "Goes to the next step at once; with `full`, an owner's alone, to weight 100.",
        Changed,
        Promote,
        Role.OPERATOR,
    ),
    Route(
        "POST",
        f"{_ONE}/rollback",
        migrations.plainly(Desk.rollback),
        "Weight 0 and the latch; accepted in every phase, and twice is once.",
        Changed,
        Plain,
        Role.OPERATOR,
    ),
    Route(
        "POST",
        f"{_ONE}/retry",
        migrations.plainly(Desk.retry),
        "Clears the latch; the weight stays 0.",
        Changed,
        Plain,
        Role.OPERATOR,
    ),
    Route(
        "POST",
        f"{_ONE}/scores",
        scores.scored,
        "Scores of single answers, by their x-crossfade-id; all are taken or none.",
        Scored,
        list[Score],
        Role.OPERATOR,
    ),
    Route(
        "GET",
        f"{_ONE}/history",
        migrations.past,
        "What happened to a migration, the latest first; ?limit=N for fewer.",
        list[Event],
    ),
    Route(
        "GET",
        f"{_ONE}/explain",
        migrations.explained,
        "The arithmetic of all limits; ?metric=NAME or a limit's key for fewer.",
        list[Explanation],
    ),
    Route(
        "GET",
        f"{_ONE}/plan",
        migrations.planned,
        "What each step takes and can detect; ?requests_per_s=N&error_rate=N for other traffic.",
        Forecast,
    ),
    Route(
        "POST",
        f"{_ONE}/drill",
        drill.drilled,
        "Practises a rollback once, timed, and restores everything.",
        Drilled,
        Rehearse,
        Role.OPERATOR,
    ),
    Route(
        "POST",
        "/api/rollback",
        migrations.all_rolled_back,
        "Rolls back every migration.",
        list[Changed],
        Plain,
        Role.OPERATOR,
    ),
    Route(
        "POST",
        "/api/notifiers/{name}/test",
        notices.tested,
        "Sends a test message to a notifier now, once, and says whether it arrived.",
        Delivery,
        Signed,
        Role.OPERATOR,
    ),
)
