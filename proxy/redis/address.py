"""Where a Redis is and how it is spoken to: the forms of its URL, with secrets kept apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from proxy.errors import Invalid
from proxy.policy import Secret

FORMS = (
    "redis://HOST:PORT/DB, rediss://HOST:PORT/DB, redis+unix:/PATH or "
    "redis+sentinel://HOST:PORT,HOST:PORT/MASTER/DB (rediss+sentinel:// with TLS)"
)
SCHEMES = ("redis://", "rediss://", "redis+unix:", "redis+sentinel://", "rediss+sentinel://")
PORT, SENTINEL_PORT = 6379, 26379

_HOST = re.compile(
    r"(?P<name>[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>\d{1,5}))?"
)
_MASTER = re.compile(r"[A-Za-z0-9_.-]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Certificates: whom to trust in place of the system's, and what to show when asked."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    cert_key_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One Redis. `hosts` are its Sentinels where it is named by its `master`."""

    hosts: tuple[tuple[str, int], ...] = ()
    socket: str | None = None
    master: str | None = None
    database: int = 0
    tls: bool = False
    username: str | None = None
    password: Secret | None = None
    sentinel_password: Secret | None = None
    trust: Trust = field(default_factory=Trust)


def parse(url: str) -> Address:
    """What a URL means. Raises Invalid, which never repeats it: it may hold a password."""
    if not re.fullmatch(r"[!-~]{1,2048}", url) or not url.startswith(SCHEMES):
        raise Invalid(f"is not a Redis URL: write {FORMS}")
    if url.startswith("redis+unix:"):
        return _unix(url.removeprefix("redis+unix:").removeprefix("//"))
    scheme, _, rest = url.partition("://")
    if "?" in rest or "#" in rest:
        raise Invalid("has a query or a fragment")
    authority, _, path = rest.partition("/")
    credentials, at, places = authority.rpartition("@")
    sentinels = scheme.endswith("+sentinel")
    address = Address(
        hosts=_hosts(places, SENTINEL_PORT if sentinels else PORT, many=sentinels),
        tls=scheme.startswith("rediss"),
    )
    if at:
        address = _with_credentials(address, credentials)
    if sentinels:
        master, _, path = path.partition("/")
        if not _MASTER.fullmatch(master):
            raise Invalid("does not name the Sentinels' master: redis+sentinel://HOST:PORT/MASTER")
        address = replace(address, master=master)
    return replace(address, database=_database(path))


def _unix(path: str) -> Address:
    if not path.startswith("/") or "?" in path or "@" in path or len(path) > 100:
        raise Invalid("is not an absolute path of at most 100 bytes")
    return Address(socket=path)


def _hosts(places: str, port: int, *, many: bool) -> tuple[tuple[str, int], ...]:
    listed = places.split(",")
    if len(listed) > 1 and not many:
        raise Invalid("names several hosts, which only Sentinels may be")
    return tuple(_host(place, port) for place in listed)


def _host(place: str, port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(place)
    if found is None:
        raise Invalid("has a host that is no name and no address")
    number = int(found["port"] or port)
    if not 0 < number <= 65_535:
        raise Invalid("has a port that is none")
    return found["name"].strip("[]"), number


def _with_credentials(address: Address, credentials: str) -> Address:
    name, colon, password = credentials.partition(":")
    return replace(
        address,
        username=unquote(name) or None,
        password=Secret(unquote(password)) if colon and password else None,
    )


def _database(path: str) -> int:
    if not path:
        return 0
    if not re.fullmatch(r"\d{1,4}", path):
        raise Invalid("names a database that is no number")
    return int(path)
