"""crossfade.yaml as it is written: every field, its default and its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from control.files import address
from control.files.check import Sheet
from control.files.models_file import ModelSheet, UpstreamSheet
from control.files.problems import Wrong
from control.files.spelling import Count, Duration, ModelName, Name, Size, Text, Variable
from control.words.notifiers import Kind
from proxy.errors import Invalid
from proxy.redis.address import FORMS, SCHEMES, parse

MOST_WORKERS = 256


def _listed(written: object) -> object:
    if isinstance(written, int | Decimal):
        raise Wrong("is not an address to listen on", address.LISTEN_HINT)
    return [written] if isinstance(written, str) else written


def _store_form(written: object) -> str:
    if isinstance(written, dict):
        return "<redis>"
    return "<embedded>" if written == "embedded" else "<url>"


def _store(written: object) -> object:
    if not isinstance(written, str) or not written.startswith(SCHEMES):
        raise Wrong("is not a store", f"write embedded, or {FORMS}")
    return written


def _redis(written: str) -> str:
    try:
        parsed = parse(written)
    except Invalid as error:
        raise Wrong(str(error)) from None
    if parsed.password is not None:
        raise Wrong("holds a password", "write password_env: VARIABLE, or url_env: VARIABLE")
    return written


def _workers(written: object) -> object:
    if (
        not isinstance(written, int)
        or isinstance(written, bool)
        or not 1 <= written <= MOST_WORKERS
    ):
        raise Wrong(f"is not a number from 1 to {MOST_WORKERS}")
    return written


def _open(written: object) -> object:
    if written != "open":
        raise Wrong("is neither open nor tokens", "write: open, or {tokens_env: VARIABLE}")
    return written


def _clients_form(written: object) -> str:
    return "<open>" if isinstance(written, str) else "<tokens>"


Listen = Annotated[Text, AfterValidator(address.listener)]
Listens = Annotated[
    list[Listen],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=16),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 16},
            ]
        }
    ),
]


class AdminSheet(Sheet):
    """The listener of the API, the metrics and the health checks."""

    listen: Listen = Field(
        default="127.0.0.1:8081",
        description="Where the admin API, /metrics, /healthz and /readyz are served.",
    )
    token_env: Variable | None = Field(
        default=None,
        description="The environment variable that holds the admin token. "
        "Needed when admin listens beyond loopback. It is the owner's.",
    )
    operator_token_env: Variable | None = Field(
        default=None,
        description="The variable of a token that may move traffic, but neither apply, dismiss nor "
        "promote --full.",
    )
    viewer_token_env: Variable | None = Field(
        default=None, description="The variable of a token that may only look."
    )


class ClientsSheet(Sheet):
    """The tokens that applications show."""

    tokens_env: Variable = Field(
        description="The environment variable that holds the clients' tokens, "
        "separated by commas or spaces."
    )


RedisUrl = Annotated[
    Text,
    AfterValidator(_redis),
    WithJsonSchema({"type": "string", "pattern": "^redis", "maxLength": 256}),
]


class RedisSheet(Sheet):
    """A Redis that any number of hosts share."""

    never: ClassVar[Mapping[str, str]] = {
        "password": "passwords never stand in this file: write password_env or password_file",
    }

    url: RedisUrl | None = Field(
        default=None, description=f"{FORMS}. A user's name may stand before the host: NAME@HOST."
    )
    url_env: Variable | None = Field(
        default=None,
        description="The environment variable that holds the URL, in which a password may stand.",
    )
    password_env: Variable | None = Field(
        default=None, description="The environment variable that holds the password."
    )
    password_file: Text | None = Field(
        default=None, description="A file that holds the password; a newline at its end is dropped."
    )
    sentinel_password_env: Variable | None = Field(
        default=None, description="The environment variable that holds the Sentinels' password."
    )
    ca_file: Text | None = Field(
        default=None, description="Certificates to trust in place of the system's."
    )
    cert_file: Text | None = Field(
        default=None, description="The certificate that crossfade shows, where Redis asks for one."
    )
    cert_key_file: Text | None = Field(default=None, description="The key of that certificate.")


Store = Annotated[
    Annotated[Literal["embedded"], Tag("<embedded>")]
    | Annotated[RedisUrl, BeforeValidator(_store), Tag("<url>")]
    | Annotated[RedisSheet, Tag("<redis>")],
    Discriminator(_store_form),
]


class LimitsSheet(Sheet):
    """Every bound on a request."""

    max_body: Size = Field(
        default="64MiB", validate_default=True, description="The largest request body; 413 above."
    )
    max_parse: Size = Field(
        default="8MiB",
        validate_default=True,
        description="The largest body that is read for routing; larger ones go as unmatched.",
    )
    max_buffered: Size = Field(
        default="512MiB",
        validate_default=True,
        description="All request bodies held at one time; 503 above.",
    )
    max_headers: Size = Field(
        default="64KiB", validate_default=True, description="The largest request head; 431 above."
    )
    max_streams: Count = Field(
        default=10_000, description="Requests under way at one time; 503 above."
    )
    header_timeout: Duration = Field(
        default="10s", validate_default=True, description="For a request's head to arrive."
    )
    body_timeout: Duration = Field(
        default="60s", validate_default=True, description="For a request's body to arrive."
    )
    connect_timeout: Duration = Field(
        default="5s", validate_default=True, description="For a connection to the upstream."
    )
    first_byte_timeout: Duration = Field(
        default="600s", validate_default=True, description="For the answer's first byte."
    )
    stream_idle_timeout: Duration = Field(
        default="300s", validate_default=True, description="Between two pieces of an answer."
    )
    write_stall_timeout: Duration = Field(
        default="60s",
        validate_default=True,
        description="For a reader that takes no byte at all before its stream is closed.",
    )
    client_keepalive: Duration = Field(
        default="75s", validate_default=True, description="An idle client connection is kept."
    )
    upstream_keepalive: Duration = Field(
        default="15s", validate_default=True, description="An idle upstream connection is kept."
    )
    total_timeout: Duration = Field(
        default="30m", validate_default=True, description="For one exchange from end to end."
    )
    drain_timeout: Duration = Field(
        default="60s", validate_default=True, description="For running streams after SIGTERM."
    )


class NotifierSheet(Sheet):
    """Where messages about migrations go."""

    never: ClassVar[Mapping[str, str]] = {
        "url": "whoever knows it can post there: write url_env",
        "secret": "secrets never stand in this file: write secret_env",
    }

    kind: Kind = Field(description="slack takes {text: ...}; webhook takes the whole message.")
    url_env: Variable = Field(description="The environment variable that holds its URL.")
    secret_env: Variable | None = Field(
        default=None,
        description="The environment variable of the secret that signs messages (HMAC-SHA256).",
    )


Clients = Annotated[
    Annotated[Literal["open"], BeforeValidator(_open), Tag("<open>")]
    | Annotated[ClientsSheet, Tag("<tokens>")],
    Discriminator(_clients_form),
]


class ConfigSheet(Sheet):
    """The local, trusted file of one host: listeners, upstreams, models, limits."""

    later: ClassVar[frozenset[str]] = frozenset({"telemetry"})
    stand_ins: ClassVar[Mapping[str, object]] = {
        "upstreams": {"unread": {"url": "http://127.0.0.1:9", "dialect": "openai"}}
    }

    environment: Text = Field(
        default="production", description="The name of this environment, shown everywhere."
    )
    listen: Listens = Field(
        default=["127.0.0.1:8080"],
        description="Where applications connect: HOST:PORT or unix:/PATH, or a list of them.",
    )
    admin: AdminSheet = Field(default=AdminSheet(), description="The admin listener.")
    clients: Clients | None = Field(
        default=None,
        description="open, or {tokens_env: VARIABLE}. Has to be spelt out when listening beyond "
        "loopback while any upstream has a key.",
    )
    store: Store = Field(
        default="embedded",
        description="Where migrations are kept: embedded (one host), or a Redis by its URL, or "
        "{url: ..., password_env: ...}.",
    )
    state_dir: Text = Field(
        default=".crossfade",
        description="The directory of the embedded store and the last good snapshot; relative to "
        "this file.",
    )
    workers: Annotated[int, BeforeValidator(_workers)] = Field(
        default=1,
        ge=1,
        le=MOST_WORKERS,
        description="Processes on this host that carry traffic; more than one needs a Redis store.",
    )
    limits: LimitsSheet = Field(default=LimitsSheet(), description="Bounds on requests.")
    upstreams: dict[Name, UpstreamSheet] = Field(
        min_length=1,
        description="Model APIs by name. The first of a dialect takes its unmatched requests.",
    )
    models: dict[ModelName, ModelSheet] = Field(
        default={}, description="The registry of models that migrations choose from."
    )
    notifiers: dict[Name, NotifierSheet] = Field(
        default={}, description="Where messages go, by the names that migrations call them."
    )
