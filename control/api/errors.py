"""The admin API's errors: the closed list that it publishes, and the one shape that they have."""

from __future__ import annotations

import msgspec
from aiohttp.web import Response

from control.api import answers
from control.refusal import Code, DeskError


class Row(msgspec.Struct, frozen=True):
    """One row of the published table."""

    code: str
    status: int
    message: str


class Rejected(Exception):
    """A request was turned away before the desk saw it; `detail` says more than the row does."""

    def __init__(self, row: Row, detail: str | None = None) -> None:
        super().__init__(row.code)
        self.row = row
        self.detail = detail


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong.

    `current_version` comes with version_conflict, `problems` with invalid_migration: one line each.
    """

    code: str
    message: str
    current_version: int | None = None
    problems: tuple[str, ...] = ()


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer of 400 and above."""

    error: Failure


MALFORMED = Row("malformed_request", 400, "The request is not well-formed HTTP/1.1.")
INVALID_BODY = Row("invalid_body", 400, "The body is not the JSON that this call takes.")
INVALID_QUERY = Row("invalid_query", 400, "The query is not what this call takes.")
UNAUTHORIZED = Row("unauthorized", 401, "Send 'Authorization: Bearer TOKEN' with the admin token.")
FORBIDDEN_HOST = Row("forbidden_host", 403, "The Host header names another host than this one.")
FORBIDDEN_ROLE = Row("forbidden_role", 403, "The role of this token may not do that.")
FORBIDDEN_ORIGIN = Row("forbidden_origin", 403, "Pages of another origin may not call this API.")
NOT_FOUND = Row("not_found", 404, "There is nothing at this path.")
UNKNOWN_NOTIFIER = Row("unknown_notifier", 404, "No notifier of that name is in crossfade.yaml.")
METHOD_NOT_ALLOWED = Row("method_not_allowed", 405, "This path does not take this method.")
BODY_TIMEOUT = Row("body_timeout", 408, "The body did not arrive within 30 s.")
BODY_TOO_LARGE = Row("body_too_large", 413, "The body exceeds 4 MiB.")
NOT_JSON = Row("unsupported_media_type", 415, "Send 'Content-Type: application/json'.")
INTERNAL = Row("internal_error", 500, "crossfade failed to handle this request; its log has more.")
TOO_MANY_WATCHERS = Row("too_many_watchers", 503, "Too many streams of events are open.")

DESK = (
    Row(Code.UNKNOWN_MIGRATION, 404, "No migration of that name is registered."),
    Row(Code.UNKNOWN_LIMIT, 404, "The migration has no limit of that metric or key."),
    Row(Code.NAME_MISMATCH, 400, "The file is of another migration than the path names."),
    Row(Code.INVALID_MIGRATION, 422, "The migration file is invalid; 'problems' lists why."),
    Row(Code.INVALID_PERCENT, 400, "A percent is 0 to 100 with at most two decimals."),
    Row(Code.INVALID_SCORES, 400, "Scores are refused; 'problems' lists which and why."),
    Row(Code.AMBIGUOUS_MATCH, 409, "A request could match two migrations equally well."),
    Row(Code.WEIGHT_NOT_ZERO, 409, "What routes traffic cannot change while the weight is over 0."),
    Row(Code.LATCHED, 409, "The migration was rolled back; 'retry' clears the latch."),
    Row(Code.NO_STEPS, 409, "The migration's file has no steps to go through."),
    Row(Code.NOT_RUNNING, 409, "No ramp runs that the verb could act on; 'start' begins one."),
    Row(Code.RAMP_UNDERWAY, 409, "The ramp has begun already; 'resume' continues it."),
    Row(Code.STEPS_BEGUN, 409, "Steps that have begun cannot change."),
    Row(Code.COMPLETED, 409, "The migration has gone through all of its steps."),
    Row(Code.AWAITING_APPROVAL, 409, "The step waits for 'approve' or 'reject'."),
    Row(Code.NOT_WAITING, 409, "The step waits for nobody's approval."),
    Row(Code.BREACH_OPEN, 409, "A breach has a deadline that runs; 'dismiss' it or 'rollback'."),
    Row(Code.NO_OPEN_BREACH, 409, "No breach has a deadline that runs."),
    Row(Code.REASON_NEEDED, 400, "This change needs a reason."),
    Row(Code.VERSION_CONFLICT, 409, "The migration has changed since 'expected_version'."),
    Row(Code.INVALID_DOCUMENT, 422, "The change would make a document that no worker may load."),
    Row(Code.STORE_UNAVAILABLE, 503, "The store cannot be read or written now."),
    Row(Code.STORE_UNREADABLE, 503, "The store holds a document that cannot be trusted."),
    Row(Code.LATCHED_HERE, 503, "The store cannot be written: this host alone is rolled back."),
    Row(Code.BUSY, 503, "Other changes came first too often; try again."),
)
PUBLISHED: tuple[Row, ...] = (
    *(row for row in list(vars().values()) if isinstance(row, Row)),
    *DESK,
)


def rejected(rejection: Rejected) -> Response:
    """The answer to a request that was turned away."""
    row = rejection.row
    message = f"{row.message} {rejection.detail}" if rejection.detail else row.message
    answer = _answer(row.status, Failure(code=row.code, message=message))
    if row is UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="crossfade"'
    return answer


def refused(error: DeskError) -> Response:
    """The answer to a verb that the desk refused."""
    failure = Failure(
        code=error.code,
        message=error.message,
        current_version=error.current,
        problems=error.problems,
    )
    return _answer(status_of(error.code), failure)


def status_of(code: Code) -> int:
    """The HTTP status of a desk's refusal."""
    return next(row.status for row in DESK if row.code == code)


def _answer(status: int, failure: Failure) -> Response:
    return answers.json(ErrorBody(error=failure), status=status)
