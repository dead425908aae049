"""The words of what to do: Upstream, Arm, Edits, Match, Split, Route, Snapshot."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from proxy import editable
from proxy.errors import Invalid

WHOLE = 10_000  # basis points: integers add up, floats drift
KIB = 1024
MIB = 1024 * 1024


class Dialect(StrEnum):
    """The shape of an API."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
    OLLAMA = "ollama"


class Auth(StrEnum):
    """The header that an upstream's own key is sent in."""

    BEARER = "bearer"
    X_API_KEY = "x-api-key"
    API_KEY = "api-key"
    X_GOOG_API_KEY = "x-goog-api-key"


class ArmName(StrEnum):
    """One side of a migration."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"


class Secret:
    """A key or a token; never shown, compared or stored by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that sends or compares it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a Secret cannot be serialised")


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """A model API, as the local file names it; it never crosses the store.

    `socket` is a unix socket's path and then `host` is only the Host header's name. `path` is put
    before every request's path and has no trailing slash. `ca_file` replaces the system's roots.
    """

    name: str
    dialect: Dialect
    host: str
    port: int
    tls: bool = False
    path: str = ""
    socket: str | None = None
    auth: Auth = Auth.BEARER
    key: Secret | None = None
    inject_usage: bool = False
    ca_file: str | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every bound on a request, in bytes, counts and seconds, with its default."""

    max_body: int = 64 * MIB
    max_parse: int = 8 * MIB
    max_buffered: int = 512 * MIB
    max_headers: int = 64 * KIB
    max_streams: int = 10_000
    header_timeout: float = 10.0
    body_timeout: float = 60.0
    connect_timeout: float = 5.0
    first_byte_timeout: float = 600.0
    stream_idle_timeout: float = 300.0
    write_stall_timeout: float = 60.0
    client_keepalive: float = 75.0
    upstream_keepalive: float = 15.0
    total_timeout: float = 1800.0
    drain_timeout: float = 60.0

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if getattr(self, name) <= 0:
                raise Invalid(f"limits.{name} must be more than 0")


class Placement(StrEnum):
    """Where a system prompt edit puts its text."""

    REPLACE = "replace"
    PREPEND = "prepend"
    APPEND = "append"


class SystemPrompt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A system prompt's text and where it goes."""

    text: str
    placement: Placement = Placement.REPLACE


class Edits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an arm changes in a request's body besides the model.

    `set` maps a member's name (dots reach into objects: `generationConfig.temperature`) to JSON
    text; `drop` lists members; `rename` maps an old top-level name to a new one. Refused: text that
    is not JSON, `model` and `stream` (the arm and the caller own them), and two edits of one
    member, so that the order of edits says nothing.
    """

    set: dict[str, str] = {}
    drop: tuple[str, ...] = ()
    rename: dict[str, str] = {}
    system_prompt: SystemPrompt | None = None

    def __post_init__(self) -> None:
        editable.check_values(self.set)
        editable.check_rename(self.rename)
        named = [*self.set, *self.drop, *self.rename, *self.rename.values()]
        editable.check_names(named, prompted=self.system_prompt is not None)

    def __bool__(self) -> bool:
        return bool(self.set or self.drop or self.rename or self.system_prompt)


class Arm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One side: its name in the registry of models, its upstream's name, the model asked for."""

    name: str
    upstream: str
    model: str
    edits: Edits = Edits()

    def __post_init__(self) -> None:
        if not (self.name and self.upstream and self.model):
            raise Invalid("an arm needs a name, an upstream and a model")
        if self.model in (".", ".."):
            raise Invalid("an arm's model is not a path segment that leads elsewhere")


class Match(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests belong: exact model; optionally exact path and headers (lower-case names)."""

    model: str
    path: str | None = None
    header: dict[str, str] = {}

    def __post_init__(self) -> None:
        if not self.model:
            raise Invalid("a match needs a model")
        if any(name != name.lower() for name in self.header):
            raise Invalid("header names of a match are lower case")


class Split(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a route's traffic is shared: `share` is the candidate's, in basis points.

    `since` is the document's version at which the share was set: it names the weight epoch that
    an exchange is booked to.
    """

    share: int = 0
    since: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.share <= WHOLE:
            raise Invalid(f"a share is 0 to {WHOLE} basis points")
        if self.since < 0:
            raise Invalid("a share was set at a version, which counts up from 0")


DEFAULT_STICKY = (
    "header:x-crossfade-key",
    "body:user",
    "body:safety_identifier",
    "body:metadata.user_id",
)


_SALT = re.compile(r"(?:[0-9a-fA-F]{2}){8,64}")  # BLAKE2b takes keys of up to 64 bytes


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A migration as the data plane sees it.

    `sticky` lists keys in order of precedence, each `header:NAME`, `body:DOTTED.NAME` or
    `credential`. `salt` is hex, drawn once per migration, and never changes.
    """

    name: str
    match: Match
    dialect: Dialect
    baseline: Arm
    candidate: Arm
    split: Split = Split()
    sticky: tuple[str, ...] = DEFAULT_STICKY
    salt: str
    allow_force: bool = False

    def __post_init__(self) -> None:
        if not self.name or self.name == "none":
            raise Invalid("a route needs a name other than 'none'")
        if not _SALT.fullmatch(self.salt):
            raise Invalid("a salt is hex, 8 to 64 bytes")
        for key in self.sticky:
            if key != "credential" and not key.startswith(("header:", "body:")):
                raise Invalid("a sticky key is header:NAME, body:NAME or credential")

    def arm(self, name: ArmName) -> Arm:
        return self.baseline if name is ArmName.BASELINE else self.candidate


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All routes at one version; swapped whole, never edited."""

    epoch: int
    version: int
    routes: tuple[Route, ...] = ()

    def __post_init__(self) -> None:
        if self.epoch < 0 or self.version < 0:
            raise Invalid("epoch and version count up from 0")
        names = [route.name for route in self.routes]
        if len(set(names)) != len(names):
            raise Invalid("two routes of one snapshot have the same name")
