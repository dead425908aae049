"""Every failure that crossfade itself can answer with: code, status, blame and a fixed sentence."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Blame(StrEnum):
    """Whose fault a failure is."""

    CLIENT = "client"
    UPSTREAM = "upstream"
    PROXY = "proxy"


class Failure(msgspec.Struct, frozen=True):
    """One row of the published error table.

    `message` is a fixed sentence: nothing of a request, an answer or a secret is ever put into it.
    """

    code: str
    status: int
    blame: Blame
    message: str
    retry_after_s: int | None = None
    close: bool = True


class Refused(Exception):
    """A request or an answer was refused; `failure` says how, `detail` is for the log alone."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(failure.code)
        self.failure = failure
        self.detail = detail


class Invalid(ValueError):
    """A word, a document or a file breaks its own rules; the text says which and where."""


def _client(code: str, status: int, message: str) -> Failure:
    return Failure(code, status, Blame.CLIENT, message, None, True)


def _upstream(code: str, status: int, message: str) -> Failure:
    return Failure(code, status, Blame.UPSTREAM, message, None, False)


# The gate: framing and syntax. The connection closes, since what follows cannot be trusted.
MALFORMED_REQUEST = _client("malformed_request", 400, "The request is not well-formed HTTP/1.1.")
UNSAFE_PATH = _client("unsafe_path", 400, "The request target holds '..', a backslash or NUL.")
MISDIRECTED = _client("misdirected_request", 421, "Only origin-form request targets are served.")
METHOD_NOT_ALLOWED = _client("method_not_allowed", 405, "This method is not served.")
VERSION_NOT_SUPPORTED = _client(
    "http_version_not_supported", 505, "Only HTTP/1.0 and HTTP/1.1 are served."
)
HEADERS_TOO_LARGE = _client("headers_too_large", 431, "The header exceeds max_headers.")
BODY_TOO_LARGE = _client("body_too_large", 413, "The body exceeds max_body.")
EXPECTATION_FAILED = _client("expectation_failed", 417, "Only 'Expect: 100-continue' is served.")
HEADER_TIMEOUT = _client("header_timeout", 408, "The header did not arrive within header_timeout.")
BODY_TIMEOUT = _client("body_timeout", 408, "The body did not arrive within body_timeout.")
WEBSOCKET_UNSUPPORTED = _client(
    "websocket_unsupported",
    426,
    "WebSocket upgrades are not served; use the HTTP form of this API.",
)

# Requests that crossfade must read and cannot.
UNREADABLE_BODY = _client(
    "unreadable_body", 400, "A migration needs this body's fields, and it is not valid JSON."
)
DUPLICATE_FIELD = _client(
    "duplicate_field", 400, "The body names 'model' or 'stream' more than once."
)
UNAUTHORIZED = _client("unauthorized", 401, "A valid crossfade client token is needed.")
UNKNOWN_UPSTREAM = _client("unknown_upstream", 404, "No upstream of that name is configured.")

# Upstreams.
NO_UPSTREAM = Failure(
    "no_upstream", 404, Blame.PROXY, "No upstream is configured for this API.", None, False
)
UPSTREAM_UNREACHABLE = _upstream("upstream_unreachable", 502, "The upstream could not be reached.")
UPSTREAM_TLS = _upstream("upstream_tls", 502, "The upstream's TLS certificate was not accepted.")
UPSTREAM_CLOSED = _upstream("upstream_closed", 502, "The upstream closed without an answer.")
UPSTREAM_MALFORMED = _upstream(
    "upstream_malformed", 502, "The upstream's answer is not well-formed HTTP/1.1."
)
CONNECT_TIMEOUT = _upstream(
    "connect_timeout", 504, "No connection to the upstream within connect_timeout."
)
FIRST_BYTE_TIMEOUT = _upstream(
    "first_byte_timeout", 504, "The upstream sent nothing within first_byte_timeout."
)
STREAM_IDLE_TIMEOUT = _upstream(
    "stream_idle_timeout", 504, "The upstream's stream stood still for stream_idle_timeout."
)
TOTAL_TIMEOUT = _upstream("total_timeout", 504, "The exchange took longer than total_timeout.")
UPSTREAM_TRUNCATED = _upstream(
    "upstream_truncated", 502, "The upstream's answer ended before it was complete."
)

# crossfade itself.
OVERLOADED = Failure("overloaded", 503, Blame.PROXY, "max_streams is reached.", 1)
BUFFERS_FULL = Failure("buffers_full", 503, Blame.PROXY, "max_buffered is reached.", 1)
ARM_OVERLOADED = Failure(
    "arm_overloaded", 503, Blame.PROXY, "This arm's share of max_streams is reached.", 1, False
)
DRAINING = Failure("draining", 503, Blame.PROXY, "This crossfade is shutting down.", 1)
NOT_READY = Failure("not_ready", 503, Blame.PROXY, "No snapshot has been loaded yet.", 1)
INTERNAL = Failure("internal_error", 500, Blame.PROXY, "crossfade failed to handle this request.")

PUBLISHED: tuple[Failure, ...] = tuple(
    failure for failure in list(vars().values()) if isinstance(failure, Failure)
)
